import { Controller, Get, Query } from '@nestjs/common';
import { BATCH_STATES, BatchRegister, type BatchChoice } from '../../batches/index.js';
import { seeOther, view, type PageAnswer } from '../page/answer.rules.js';
import { CurrentVisit, Page } from '../page/page.js';
import { hasRole, type Visit } from '../page/visit.rules.js';
import { stateIn } from '../wording/state-words.rules.js';
import { addressOf } from '../page/address.rules.js';
import { BatchesAddress } from './batches.schemas.js';

const PAGE_ROWS = 50;

/** Batches: those that wait for a decision first. */
@Controller('batches')
export class BatchListPages {
  constructor(private readonly register: BatchRegister) {}

  @Page({ permit: { commissioner: 'any', provider: 'any' } })
  @Get()
  async list(
    @CurrentVisit() visit: Visit,
    @Query({ schema: BatchesAddress }) address: BatchesAddress,
  ): Promise<PageAnswer> {
    const { provider, contract, month, state, after } = address;
    const filter = { provider, contract, month, state };
    const choices = await this.register.choices(visit.actor);
    const { items, next, toReview, decided } = await this.register.list(visit.actor, {
      providerId: provider,
      contractId: contract,
      period: month === undefined ? undefined : `${month}-01`,
      state,
      after,
      limit: PAGE_ROWS,
    });
    if (after !== undefined && items.length === 0) return seeOther(addressOf('/batches', filter));
    return view(
      'batches/list.njk',
      {
        waiting: items.filter((batch) => batch.state === 'submitted'),
        finished: items.filter((batch) => batch.state !== 'submitted'),
        shown: items.length,
        toReview,
        decided,
        fields: fieldsOf(visit, choices),
        tags: tagsOf(visit, choices, address),
        isFirst: after === undefined,
        first: after === undefined ? undefined : addressOf('/batches', filter),
        next: next === null ? undefined : addressOf('/batches', { ...filter, after: next }),
        side: visit.membership?.kind,
        seesAdvances:
          visit.membership?.kind === 'commissioner' &&
          hasRole(visit, 'finance', 'contract_manager', 'approver', 'auditor'),
        mayMake: visit.membership?.kind === 'commissioner' && hasRole(visit, 'contract_manager'),
      },
      { values: filter },
    );
  }
}

interface Choice {
  readonly value: string;
  readonly text: string;
}

function fieldsOf({ t }: Visit, choices: readonly BatchChoice[]): Readonly<Record<string, Choice[]>> {
  const providers = new Map(choices.map(({ providerId, providerName }) => [providerId, providerName]));
  const months = [...new Set(choices.flatMap(({ periods }) => periods))].toSorted().toReversed();
  return {
    providers: [...providers].map(([value, text]) => ({ value, text })),
    contracts: choices.map(({ contractId: value, contractCode: text }) => ({ value, text })),
    months: months.map((period) => ({ value: period.slice(0, 7), text: t.month(period) })),
    states: BATCH_STATES.map((value) => ({ value, text: stateIn(t, 'batch', value).text })),
  };
}

/** What is filtered by, each with the list without it. */
function tagsOf(visit: Visit, choices: readonly BatchChoice[], { after: _after, ...filter }: BatchesAddress) {
  const { t } = visit;
  const { providers = [], contracts = [], months = [], states = [] } = fieldsOf(visit, choices);
  const parts = [
    { name: 'provider', label: t('batches.list.provider'), among: providers },
    { name: 'contract', label: t('batches.list.contract'), among: contracts },
    { name: 'month', label: t('batches.list.month'), among: months },
    { name: 'state', label: t('batches.list.state'), among: states },
  ] as const;
  return parts.flatMap(({ name, label, among }) => {
    const value = filter[name];
    if (value === undefined) return [];
    const text = among.find((one) => one.value === value)?.text ?? value;
    return [{ label, text, href: addressOf('/batches', { ...filter, [name]: undefined }) }];
  });
}
