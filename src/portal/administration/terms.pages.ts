import { Controller, Get, Post, Query } from '@nestjs/common';
import { DomainError, notFound } from '../../platform/errors.js';
import { WordingsService, WordsService, type TermForms } from '../../words/index.js';
import { seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { TermAddress, WORDERS } from './administration.schemas.js';
import { TERM_FIELDS, TERM_HINTS } from './term-words.rules.js';

const FORM_MAX = 60;

/** What a commissioner calls things: on every page of its own people and of those whom it works with. */
@Controller('words')
export class TermPages {
  constructor(
    private readonly words: WordsService,
    private readonly wordings: WordingsService,
  ) {}

  @Page({ permit: WORDERS })
  @Get()
  async list(@CurrentVisit() { t, actor }: Visit): Promise<PageAnswer> {
    const en = await this.wordings.termForms(actor, 'en');
    const cy = await this.wordings.termForms(actor, 'cy');
    return view('administration/words.njk', {
      terms: this.wordings.listTerms().map((name) => ({
        name,
        meaning: t(hintsOf(name).meaning),
        en: { ...en.original[name], ...en.own[name] },
        cy: { ...cy.original[name], ...cy.own[name] },
        isOwn: name in en.own || name in cy.own,
      })),
      messages: await this.wordings.listOwn(actor),
    });
  }

  @Page({ permit: WORDERS })
  @Get('term')
  async ask(@CurrentVisit() visit: Visit, @Query({ schema: TermAddress }) { term }: TermAddress): Promise<PageAnswer> {
    if (term === undefined) return seeOther('/words');
    return this.page(visit, this.known(term));
  }

  @Action({ permit: WORDERS })
  @Post('term')
  async change(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const term = this.known(fields.text('term'));
    const form = new Form(visit.t, fields);
    const isBack = fields.has('original');
    const wordings = TERM_FIELDS.map(({ name, locale, form: plural }) => ({
      locale,
      key: `terms.${term}.${plural}`,
      text: isBack ? '' : (form.text(name, { max: FORM_MAX }) ?? ''),
    }));
    if (form.ok) {
      try {
        await this.words.wordAll(visit.actor, wordings);
        return seeOther('/words', isBack ? 'wording.term.back' : 'wording.term.done');
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        refuseTerm(form, fields, error);
      }
    }
    return this.page(visit, term, form);
  }

  /** How some sentences would read: asked for by a script while somebody types. */
  @Action({ permit: WORDERS })
  @Post('term/preview')
  async preview(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const term = this.known(fields.text('term'));
    const typed = Object.fromEntries(TERM_FIELDS.map(({ name }) => [name, fields.text(name)]));
    return view('administration/term-preview.njk', { sentences: await this.sentences(visit, term, typed) });
  }

  private async page(visit: Visit, term: string, form?: Form): Promise<View> {
    const { t, actor } = visit;
    const known = { en: await this.wordings.termForms(actor, 'en'), cy: await this.wordings.termForms(actor, 'cy') };
    const fields = TERM_FIELDS.map(({ name, locale, form: plural }) => ({
      name,
      locale,
      plural,
      original: known[locale].original[term]?.[plural],
      own: known[locale].own[term]?.[plural] ?? '',
    }));
    const own = Object.fromEntries(fields.map((field) => [field.name, field.own]));
    const values = form?.values ?? own;
    const { meaning, examples } = hintsOf(term);
    const data = {
      term,
      fields,
      meaning: t(meaning),
      examples: t(examples),
      isOwn: Object.values(own).some((text) => text !== ''),
      sentences: await this.sentences(visit, term, values),
    };
    return view('administration/term.njk', data, { errors: form?.errors ?? [], values });
  }

  private async sentences({ t, actor }: Visit, term: string, typed: Readonly<Record<string, unknown>>) {
    const forms: Record<string, string> = {};
    for (const { name, locale, form } of TERM_FIELDS) {
      const text = typed[name];
      if (locale === t.locale && typeof text === 'string' && text !== '') forms[form] = text;
    }
    return this.wordings.previewTerm(actor, t.locale, term, forms satisfies TermForms[string]);
  }

  private known(term: string): string {
    if (!this.wordings.listTerms().includes(term)) throw notFound();
    return term;
  }
}

/** Only places in braces can be wrong with a term: it has none. */
function refuseTerm(form: Form, fields: Fields, error: DomainError): void {
  const wrong = TERM_FIELDS.filter(({ name }) => /\{@?\w+\}/.test(fields.text(name)));
  for (const { name } of wrong) form.refuse(name, 'wording.term.places');
  if (wrong.length === 0) form.refused(error);
}

function hintsOf(term: string) {
  const hints = TERM_HINTS[term];
  if (!hints) throw new Error(`Nobody has said what the term ${term} means`);
  return hints;
}
