import { Controller, Get, Post, Query } from '@nestjs/common';
import { DomainError, notFound } from '../../platform/errors.js';
import { LOCALES, WordingsService, WordsService, type Locale, type WordingEntry } from '../../words/index.js';
import { seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { MessageAddress, SearchAddress, WORDERS } from './administration.schemas.js';
import { FORM_KEYS, placeKey } from './term-words.rules.js';

const FOUND_MAX = 50;
const TEXT_MAX = 1000;

/** Messages of the portal that a commissioner says in its own way. */
@Controller('words')
export class MessagePages {
  constructor(
    private readonly words: WordsService,
    private readonly wordings: WordingsService,
  ) {}

  @Page({ permit: WORDERS })
  @Get('messages')
  async search(
    @CurrentVisit() { t, actor }: Visit,
    @Query({ schema: SearchAddress }) { language = t.locale, q = '' }: SearchAddress,
  ): Promise<PageAnswer> {
    const { found, items } = await this.wordings.search(actor, language, q, FOUND_MAX);
    const data = { language, languageChoices: languageChoicesIn(t), asked: q.trim(), found, items };
    return view('administration/messages.njk', data, { values: { language, q } });
  }

  @Page({ permit: WORDERS })
  @Get('message')
  async ask(
    @CurrentVisit() visit: Visit,
    @Query({ schema: MessageAddress }) { language, key }: MessageAddress,
  ): Promise<PageAnswer> {
    if (language === undefined || key === undefined) return seeOther('/words/messages');
    return this.page(visit, language, await this.known(visit, language, key));
  }

  @Action({ permit: WORDERS })
  @Post('message')
  async change(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const { language, entry } = await this.sent(visit, fields);
    const form = new Form(visit.t, fields);
    const isBack = fields.has('original');
    const text = isBack ? '' : form.text('text', { missing: 'wording.message.missing', max: TEXT_MAX });
    if (text === undefined || fields.has('preview')) return this.page(visit, language, entry, form);
    try {
      await this.words.word(visit.actor, language, entry.key, text === entry.text ? '' : text);
      return seeOther('/words', isBack ? 'wording.message.back' : 'wording.message.done');
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      if (error.details.reason === 'places') form.refuse('text', 'wording.message.places');
      else form.refused(error, 'text');
      return this.page(visit, language, entry, form);
    }
  }

  /** How it would read: asked for by a script while somebody types. */
  @Action({ permit: WORDERS })
  @Post('message/preview')
  async preview(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const { language, entry } = await this.sent(visit, fields);
    const sentence = await this.sentence(visit, language, entry, fields.text('text'));
    return view('administration/message-preview.njk', { sentence, language });
  }

  private async page(visit: Visit, language: Locale, entry: WordingEntry, form?: Form): Promise<View> {
    const { t } = visit;
    const values = form?.values ?? { text: entry.own ?? entry.text };
    const data = {
      language,
      languageName: t(`states.language.${language}`),
      entry,
      formName: entry.form === null ? undefined : t(FORM_KEYS[entry.form]),
      textMax: TEXT_MAX,
      places: entry.places.map((place) => ({ place, meaning: t(placeKey(place)) })),
      sentence: await this.sentence(visit, language, entry, typeof values.text === 'string' ? values.text : ''),
      original: await this.sentence(visit, language, entry, entry.text),
    };
    return view('administration/message.njk', data, { errors: form?.errors ?? [], values });
  }

  /** Examples are figures and days as the language writes them; a name stands in square brackets. */
  private sentence({ t, actor }: Visit, language: Locale, { key }: WordingEntry, text: string): Promise<string> {
    const amount = t.money(43_200n);
    const day = t.day('2026-09-27');
    const examples = { amount, total: amount, price: t.money(3_200n), day, month: t.month('2026-09-01') };
    return this.wordings.preview(actor, language, key, text, examples);
  }

  private async sent(visit: Visit, fields: Fields): Promise<{ language: Locale; entry: WordingEntry }> {
    const language = LOCALES.find((locale) => locale === fields.text('language'));
    if (language === undefined) throw notFound();
    return { language, entry: await this.known(visit, language, fields.text('key')) };
  }

  private async known({ actor }: Visit, language: Locale, key: string): Promise<WordingEntry> {
    const entry = await this.wordings.find(actor, language, key);
    if (!entry || entry.isTerm) throw notFound();
    return entry;
  }
}

function languageChoicesIn(t: Visit['t']) {
  return LOCALES.map((locale) => ({ value: locale, text: t(`states.language.${locale}`) }));
}
