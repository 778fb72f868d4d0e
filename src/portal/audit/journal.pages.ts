import { Controller, Get, Param, Query } from '@nestjs/common';
import type { z } from 'zod';
import { JournalService, type JournalEntry, type JournalFilter } from '../../assurance/index.js';
import { IdParameter } from '../../organisations/index.js';
import { isUuid } from '../../platform/ids.js';
import { addressOf } from '../page/address.rules.js';
import { view, type PageAnswer } from '../page/answer.rules.js';
import { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { CurrentVisit, Page } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { wordActorIn, wordEventIn } from '../wording/event-words.rules.js';
import { JournalAddress } from './audit.schemas.js';
import { EVENT_TYPES } from './event-types.rules.js';
import { normalOf, proofPath } from './follow.pages.js';
import { wordMove } from './move-words.rules.js';
import { OpenPages } from './open-pages.service.js';

type Id = z.infer<typeof IdParameter>;

const READERS = { commissioner: ['auditor', 'finance', 'admin'], provider: ['auditor', 'admin'] } as const;
const ROWS = 25;

/** The journal: every event as it was recorded, with what was hashed. */
@Controller('journal')
export class JournalPages {
  constructor(
    private readonly journal: JournalService,
    private readonly open: OpenPages,
  ) {}

  @Page({ permit: READERS, sensitive: 'journal' })
  @Get()
  async browse(
    @CurrentVisit() visit: Visit,
    @Query({ schema: JournalAddress }) address: JournalAddress,
  ): Promise<PageAnswer> {
    const { before, after, ...typed } = address;
    const { form, filter } = filterOf(visit, typed);
    const { t } = visit;
    const types = EVENT_TYPES.map((type) => ({ value: type, text: wordEventIn(t, type) })).toSorted((a, b) =>
      a.text.localeCompare(b.text, t.locale),
    );
    const isFiltered = Object.values(typed).some((value) => value !== undefined && value !== '');
    const data = {
      types,
      isFiltered,
      mayCheck: this.open.may(visit, '/checks'),
      mayRead: this.open.may(visit, '/access-log'),
    };
    if (!form.ok) return view('audit/journal.njk', { ...data, items: null }, { errors: form.errors, values: typed });
    const place = before === undefined ? { after } : { before };
    const { items, newer, older } = await this.journal.browse(visit.actor, { ...filter, ...place, limit: ROWS });
    const shown = {
      ...data,
      items: items.map((event) => entryIn(visit, event)),
      tags: tagsOf(visit, typed, filter),
      newest: newer === null ? undefined : addressOf('/journal', typed),
      newer: newer === null ? undefined : addressOf('/journal', { ...typed, after: newer }),
      older: older === null ? undefined : addressOf('/journal', { ...typed, before: older }),
    };
    return view('audit/journal.njk', shown, { values: typed });
  }

  @Page({ permit: READERS, sensitive: 'journal' })
  @Get(':id')
  async read(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    const event = await this.journal.get(visit.actor, id);
    return view('audit/event.njk', { event: { ...entryIn(visit, event), proof: proofPath(event) } });
  }
}

type Typed = Omit<JournalAddress, 'before' | 'after'>;

/** What is asked for, as far as it can be understood. */
function filterOf({ t }: Visit, typed: Typed): { form: Form; filter: JournalFilter } {
  const form = new Form(t, new Fields(typed));
  const wanted = form.text('type');
  const type = EVENT_TYPES.find((one) => one === wanted);
  const subject = form.text('subject')?.toLowerCase();
  if (subject !== undefined && !isUuid(subject)) form.refuse('subject', 'audit.journal.subjectWrong');
  const [from, to] = [form.day('from'), form.day('to')];
  if (from !== undefined && to !== undefined && to < from) form.refuse('to-day', 'audit.journal.daysReversed');
  return { form, filter: { type, subject, from, to } };
}

/** What is applied, each with the address without it. */
function tagsOf({ t }: Visit, typed: Typed, { type, subject, from, to }: JournalFilter) {
  const without = (...names: (keyof Typed)[]) =>
    addressOf('/journal', { ...typed, ...Object.fromEntries(names.map((name) => [name, undefined])) });
  const day = (end: 'from' | 'to') => without(`${end}-day`, `${end}-month`, `${end}-year`);
  return [
    ...(type === undefined
      ? []
      : [{ text: wordEventIn(t, type), href: without('type'), label: t('audit.journal.type') }]),
    ...(subject === undefined ? [] : [{ text: subject, href: without('subject'), label: t('audit.journal.subject') }]),
    ...(from === undefined
      ? []
      : [{ text: t('audit.journal.since', { day: t.day(from) }), href: day('from'), label: '' }]),
    ...(to === undefined ? [] : [{ text: t('audit.journal.until', { day: t.day(to) }), href: day('to'), label: '' }]),
  ];
}

function entryIn({ t }: Visit, event: JournalEntry) {
  const { type, body, actorSide, moves, subjectId, subjectKind } = event;
  const kind = (body.actor as { kind?: string } | undefined)?.kind ?? 'system';
  return {
    ...event,
    title: wordEventIn(t, type),
    who: wordActorIn(t, { kind, side: actorSide }),
    json: JSON.stringify(body, null, 2),
    moves: moves.map((move) => ({ ...wordMove(t, move, normalOf), count: move.transferCount, on: move.effectiveOn })),
    follow: subjectKind === null ? null : `/follow/${subjectId}`,
    history: addressOf('/journal', { subject: subjectId }),
  };
}
