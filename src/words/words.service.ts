import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { formatPounds, type Minor } from '../money/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock, londonClock, type IsoDate } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { dayInWords, hourInWords, monthInWords, type Locale } from './calendar.rules.js';
import { fill, type Message, type Params, type Term } from './message.rules.js';
import { wordingInvalid } from './words.errors.js';
import { Wording } from './wording.entity.js';
import { whyNotWord } from './wording.rules.js';

/** Says things in one language, in one commissioner's words. */
export interface Translate {
  (key: string, params?: Params): string;
  readonly locale: Locale;
  /** Whether the key is in the catalogue. */
  has(key: string): boolean;
  /** `£1,234.50` */
  money(minor: Minor): string;
  /** `27 September 2026` */
  day(day: IsoDate): string;
  /** `September 2026` */
  month(day: IsoDate): string;
  /** `8 October 2026, 9:00am` in London. */
  time(at: Date): string;
  number(count: number | bigint): string;
}

export type Catalogue = ReadonlyMap<string, Message>;

const AUTH = { side: 'auth', orgId: null } as const;
const FRESH_MS = 10_000;
const PLURALS: Record<Locale, Intl.PluralRules> = { en: new Intl.PluralRules('en'), cy: new Intl.PluralRules('cy') };
const TERM = /^terms\.(\w+)\.(\w+)$/;

/** The catalogues of the product, and what each commissioner says instead. */
@Injectable()
export class WordsService {
  readonly catalogues: Readonly<Record<Locale, Catalogue>> = { en: readCatalogue('en'), cy: readCatalogue('cy') };
  /** Keys that somebody asked for and no catalogue has: a mistake, that tests look for. */
  readonly missing = new Set<string>();
  private readonly kept = new Map<string, { until: number; own: Promise<Wording[]> }>();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** How to say things in a language, in the words of a commissioner when one is given. */
  async in(locale: Locale, commissionerId: string | null = null): Promise<Translate> {
    const own = commissionerId === null ? [] : await this.ownOf(commissionerId);
    return this.translate(
      locale,
      own.filter((wording) => wording.locale === locale),
    );
  }

  /** What the commissioner words in its own way. */
  list(actor: Actor): Promise<Wording[]> {
    return this.database.read(actor, (reader) =>
      reader.find(Wording, { where: { commissionerId: actor.orgId }, order: { locale: 'ASC', key: 'ASC' } }),
    );
  }

  /**
   * Words a message or a form of a term in the commissioner's own way; an empty text goes back to the catalogue.
   *
   * @throws wording.invalid when there is no such message, or a place such as `{count}` is missing or unknown
   */
  async word(actor: Actor, locale: Locale, key: string, text: string): Promise<void> {
    const message = text.trim();
    const refusal = whyNotWord(this.catalogues[locale], key, message);
    if (refusal !== undefined) throw wordingInvalid({ key, ...refusal });
    await this.database.transaction(actor, async (tx) => {
      await tx.delete(Wording, { commissionerId: actor.orgId, locale, key });
      if (message === '') return;
      const changedBy = actor.memberId;
      await tx.insert(Wording, {
        commissionerId: actor.orgId,
        locale,
        key,
        message,
        changedBy,
        changedAt: this.clock.now(),
      });
    });
    this.kept.delete(actor.orgId);
  }

  private ownOf(commissionerId: string): Promise<Wording[]> {
    const now = this.clock.now().getTime();
    const known = this.kept.get(commissionerId);
    if (known && known.until > now) return known.own;
    const own = this.database.read(AUTH, (reader) => reader.findBy(Wording, { commissionerId }));
    this.kept.set(commissionerId, { until: now + FRESH_MS, own });
    own.catch(() => this.kept.delete(commissionerId));
    return own;
  }

  private translate(locale: Locale, own: readonly Wording[]): Translate {
    const catalogue = this.catalogues[locale];
    const overrides = new Map(own.map(({ key, message }) => [key, message]));
    const terms = termsOf(catalogue, overrides);
    const say = (key: string, params: Params = {}): string => {
      const message = overrides.get(key) ?? catalogue.get(key) ?? this.catalogues.en.get(key);
      if (message !== undefined) return fill(message, params, terms, PLURALS[locale]);
      this.missing.add(key);
      return key;
    };
    return Object.assign(say, {
      locale,
      has: (key: string) => catalogue.has(key),
      money: formatPounds,
      day: (day: IsoDate) => dayInWords(locale, day),
      month: (day: IsoDate) => monthInWords(locale, day),
      time: (at: Date) => {
        const { day, hour, minute } = londonClock(at);
        return `${dayInWords(locale, day)}, ${hourInWords(locale, hour, minute)}`;
      },
      number: (count: number | bigint) => count.toString().replace(/\B(?=(?:\d{3})+$)/g, ','),
    });
  }
}

function termsOf(catalogue: Catalogue, overrides: ReadonlyMap<string, string>): Map<string, Term> {
  const terms = new Map<string, Term>();
  for (const [key, message] of catalogue) {
    if (key.startsWith('terms.') && typeof message !== 'string') terms.set(key.slice('terms.'.length), message);
  }
  for (const [key, message] of overrides) {
    const [, name, form] = TERM.exec(key) ?? [];
    if (name !== undefined && form !== undefined) terms.set(name, { ...terms.get(name), [form]: message });
  }
  return terms;
}

/** Reads every file of a language; a key is the file's name and the path in it. */
export function readCatalogue(locale: Locale): Catalogue {
  const folder = join(import.meta.dirname, 'catalogue', locale);
  if (!existsSync(folder)) throw new Error(`The catalogue ${folder} is missing: build again`);
  const messages = new Map<string, Message>();
  for (const file of readdirSync(folder).toSorted()) {
    if (!file.endsWith('.json')) continue;
    const parsed: unknown = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    for (const [key, message] of messagesIn(file.slice(0, -'.json'.length), parsed)) messages.set(key, message);
  }
  return messages;
}

function messagesIn(key: string, node: unknown): [string, Message][] {
  if (typeof node === 'string') return [[key, node]];
  if (typeof node !== 'object' || node === null) throw new Error(`${key} is neither a message nor a group of them`);
  if (isPlural(node)) return [[key, node]];
  return Object.entries(node).flatMap(([name, child]) => messagesIn(`${key}.${name}`, child));
}

const PLURAL_FORMS: ReadonlySet<string> = new Set(['zero', 'one', 'two', 'few', 'many', 'other']);

/** A group whose values are named, one of them `other`, is no message. */
function isPlural(node: object): node is Exclude<Message, string> {
  return 'other' in node && Object.keys(node).every((form) => PLURAL_FORMS.has(form));
}
