import { Injectable } from '@nestjs/common';
import type { Actor } from '../platform/actor.js';
import type { Locale } from './calendar.rules.js';
import { fill, type Params } from './message.rules.js';
import {
  entriesOf,
  entryOf,
  matching,
  samplesOf,
  withExamples,
  withTerms,
  type FoundEntry,
  type WordingEntry,
} from './wording-search.rules.js';
import { inOwnWords, termsIn } from './wording.rules.js';
import { PLURALS, WordsService } from './words.service.js';

/** What terms are called in a language: `{ session: { one: 'class', other: 'classes' } }`. */
export type TermForms = Readonly<Record<string, Readonly<Partial<Record<'one' | 'other', string>>>>>;

/** Looking through the catalogue, for a commissioner that words things in its own way. */
@Injectable()
export class WordingsService {
  constructor(private readonly words: WordsService) {}

  /**
   * Messages in which every word that was asked for stands, as they are written or as people read them.
   *
   * @param limit of those that are given; `found` says how many there are
   */
  async search(
    actor: Actor,
    locale: Locale,
    asked: string,
    limit: number,
  ): Promise<{ found: number; items: FoundEntry[] }> {
    const own = await this.ownOf(actor, locale);
    const terms = termsIn(inOwnWords(this.words.catalogues[locale], own));
    const entries = entriesOf(this.words.catalogues[locale], own).map((entry) => ({
      ...entry,
      reads: withTerms(entry, terms, PLURALS[locale]),
    }));
    const all = matching(entries, asked);
    return { found: all.length, items: all.slice(0, limit) };
  }

  /** A message, or a form of one or of a term, by its key. */
  async find(actor: Actor, locale: Locale, key: string): Promise<WordingEntry | null> {
    return entryOf(this.words.catalogues[locale], await this.ownOf(actor, locale), key) ?? null;
  }

  /** Those of the actor's own messages, besides terms, that stand for something in the catalogue. */
  async listOwn(actor: Actor): Promise<(WordingEntry & { locale: Locale })[]> {
    const all = await this.words.list(actor);
    return all.flatMap(({ locale, key, message }) => {
      const entry = entryOf(this.words.catalogues[locale], new Map([[key, message]]), key);
      return entry && !entry.isTerm ? [{ ...entry, locale }] : [];
    });
  }

  /** Names of the terms, in the order of the catalogue. */
  listTerms(): string[] {
    return [...termsIn(this.words.catalogues.en).keys()];
  }

  /** What the catalogue calls a term, or what the actor's organisation does. */
  async termForms(actor: Actor, locale: Locale): Promise<{ original: TermForms; own: TermForms }> {
    const original = Object.fromEntries(termsIn(this.words.catalogues[locale]));
    const own: Record<string, Partial<Record<'one' | 'other', string>>> = {};
    for (const [key, message] of await this.ownOf(actor, locale)) {
      const [, name, form] = /^terms\.(\w+)\.(one|other)$/.exec(key) ?? [];
      if (name !== undefined) own[name] = { ...own[name], [form as 'one' | 'other']: message };
    }
    return { original, own };
  }

  /** How a text would read for a message, with examples in its places. */
  async preview(actor: Actor, locale: Locale, key: string, text: string, examples: Params): Promise<string> {
    const own = await this.ownOf(actor, locale);
    const terms = termsIn(inOwnWords(this.words.catalogues[locale], own));
    const entry = entryOf(this.words.catalogues[locale], own, key);
    return withExamples(text, entry?.form ?? null, terms, PLURALS[locale], examples);
  }

  /** Sentences of the portal that say a term, as they would read with these forms of it. */
  async previewTerm(actor: Actor, locale: Locale, term: string, forms: TermForms[string]): Promise<string[]> {
    const own = await this.ownOf(actor, locale);
    const catalogue = this.words.catalogues[locale];
    const given = Object.entries(forms).map(([form, text]) => [`terms.${term}.${form}`, text] as const);
    const before = [...own].filter(([key]) => !key.startsWith(`terms.${term}.`));
    const terms = termsIn(inOwnWords(catalogue, [...before, ...given]));
    return samplesOf(catalogue, term, 4).map(({ message, count }) => fill(message, { count }, terms, PLURALS[locale]));
  }

  private async ownOf(actor: Actor, locale: Locale): Promise<Map<string, string>> {
    const all = await this.words.list(actor);
    return new Map(all.filter((one) => one.locale === locale).map(({ key, message }) => [key, message]));
  }
}
