import { Controller, Get, Query } from '@nestjs/common';
import { isUuid } from '../../platform/ids.js';
import { ACCESS_KINDS } from '../../platform/access-log.js';
import { AccessRegister, type AccessEntry, type AccessFilter } from '../../privacy/index.js';
import { addressOf } from '../page/address.rules.js';
import { view, type PageAnswer } from '../page/answer.rules.js';
import { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { CurrentVisit, Page } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { stateIn } from '../wording/state-words.rules.js';
import { AccessAddress } from './audit.schemas.js';

const READERS = { commissioner: ['auditor', 'admin'], provider: ['auditor', 'admin'] } as const;
const ROWS = 50;

/** Who read of which person: for whoever checks that only those looked who had to. */
@Controller('access-log')
export class AccessLogPages {
  constructor(private readonly register: AccessRegister) {}

  @Page({ permit: READERS })
  @Get()
  async browse(
    @CurrentVisit() visit: Visit,
    @Query({ schema: AccessAddress }) { before, ...typed }: AccessAddress,
  ): Promise<PageAnswer> {
    const { t, actor } = visit;
    const { form, filter } = filterOf(visit, typed);
    const kinds = ACCESS_KINDS.map((kind) => ({ value: kind, text: stateIn(t, 'access_kind', kind).text }));
    const isFiltered = Object.values(typed).some((value) => value !== undefined && value !== '');
    const data = { kinds, isFiltered, side: actor.side };
    if (!form.ok) return view('audit/access-log.njk', { ...data, items: null }, { errors: form.errors, values: typed });
    const { items, next } = await this.register.page(actor, filter, { before, limit: ROWS });
    const shown = {
      ...data,
      items: items.map((entry) => entryIn(visit, entry)),
      tags: tagsOf(visit, typed, filter),
      newest: before === undefined ? undefined : addressOf('/access-log', typed),
      older: next === null ? undefined : addressOf('/access-log', { ...typed, before: next }),
    };
    return view('audit/access-log.njk', shown, { values: typed });
  }
}

type Typed = Omit<AccessAddress, 'before'>;

function filterOf({ t }: Visit, typed: Typed): { form: Form; filter: AccessFilter } {
  const form = new Form(t, new Fields(typed));
  const wanted = form.text('kind');
  const kind = ACCESS_KINDS.find((one) => one === wanted);
  const subject = form.text('subject')?.toLowerCase();
  if (subject !== undefined && !isUuid(subject)) form.refuse('subject', 'persons.access.subjectWrong');
  const [from, to] = [form.day('from'), form.day('to')];
  if (from !== undefined && to !== undefined && to < from) form.refuse('to-day', 'persons.access.daysReversed');
  return { form, filter: { kind, subject, from, to } };
}

/** What is applied, each with the address without it. */
function tagsOf({ t }: Visit, typed: Typed, { kind, subject, from, to }: AccessFilter) {
  const without = (...names: (keyof Typed)[]) =>
    addressOf('/access-log', { ...typed, ...Object.fromEntries(names.map((name) => [name, undefined])) });
  const day = (end: 'from' | 'to') => without(`${end}-day`, `${end}-month`, `${end}-year`);
  const tag = (text: string, href: string, label = '') => ({ text, href, label });
  return [
    ...(kind === undefined
      ? []
      : [tag(stateIn(t, 'access_kind', kind).text, without('kind'), t('persons.access.kind'))]),
    ...(subject === undefined ? [] : [tag(subject, without('subject'), t('persons.access.subject'))]),
    ...(from === undefined ? [] : [tag(t('persons.access.since', { day: t.day(from) }), day('from'))]),
    ...(to === undefined ? [] : [tag(t('persons.access.until', { day: t.day(to) }), day('to'))]),
  ];
}

function entryIn({ t }: Visit, entry: AccessEntry) {
  const { actorKind, actorOrgName: organisation, memberName: name, referralIds, personIds } = entry;
  const who =
    name !== null
      ? t('persons.access.member', { name, organisation })
      : t(actorKind === 'service' ? 'persons.access.program' : 'persons.access.somebody', { organisation });
  const about = [
    ...(personIds.length === 0 ? [] : [t('persons.access.people', { count: personIds.length })]),
    ...(referralIds.length === 0 ? [] : [t('persons.access.referralCount', { count: referralIds.length })]),
  ];
  return {
    ...entry,
    who,
    what: stateIn(t, 'access_kind', entry.kind).text,
    about: about.length === 0 ? t('persons.access.all') : about.join(', '),
    ids: [...personIds, ...referralIds],
  };
}
