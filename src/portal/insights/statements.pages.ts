import { Controller, Get, Query } from '@nestjs/common';
import { DashboardsService, type ContractChoice } from '../../insights/index.js';
import { Clock } from '../../platform/clock.js';
import { StatementExportService, StatementQuery, type STATEMENT_PARTIES } from '../../statements/index.js';
import { addressOf } from '../page/address.rules.js';
import { download, seeOther, view, type PageAnswer } from '../page/answer.rules.js';
import { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { CurrentVisit, Page } from '../page/page.js';
import { hasRole, type Visit } from '../page/visit.rules.js';
import { commissionerChoices, contractChoices, providerChoices, type Choice } from './choices.rules.js';
import { FileAddress, StatementsAddress } from './insights.schemas.js';
import { rangeInWords, rangesForStatements } from './ranges.rules.js';

const READERS = {
  commissioner: ['finance', 'contract_manager', 'auditor'],
  provider: ['treasurer', 'coordinator', 'auditor'],
} as const;

type Party = (typeof STATEMENT_PARTIES)[number];

/** Statements of account to keep: of whom, and of which days. */
@Controller('statements')
export class StatementPages {
  constructor(
    private readonly dashboards: DashboardsService,
    private readonly exports: StatementExportService,
    private readonly clock: Clock,
  ) {}

  @Page({ permit: READERS })
  @Get()
  async choose(
    @CurrentVisit() visit: Visit,
    @Query({ schema: StatementsAddress }) address: StatementsAddress,
  ): Promise<PageAnswer> {
    const { t, actor } = visit;
    const today = this.clock.today();
    const contracts = await this.dashboards.choices(actor);
    const groups = accountsOf(visit, contracts);
    const accounts = groups.flatMap(({ items }) => items);
    const account = accounts.find(({ value }) => value === address.account) ?? accounts[0];
    const begins = contracts.map(({ startsOn }) => startsOn).toSorted()[0] ?? today;
    const ranges = rangesForStatements(today).filter(({ to }) => to >= begins);
    const form = new Form(t, new Fields(address));
    const own = address.own === undefined ? undefined : ownDays(form, today);
    const rows = account
      ? [...(own ? [{ ...own, value: 'own' }] : []), ...ranges].map((range) => ({
          text: range.value === 'own' ? t('statements.ownDays') : rangeInWords(t, range),
          from: range.from,
          to: range.to,
          files: filesOf(account.value, range),
        }))
      : [];
    return view(
      'insights/statements.njk',
      {
        groups,
        chosen: account,
        rows,
        today,
        isOwn: address.own !== undefined,
        mayBalance: actor.side === 'commissioner' && hasRole(visit, 'finance', 'auditor'),
      },
      { errors: form.errors, values: { ...address, account: account?.value } },
    );
  }

  /** One statement. That it was made, and of which bytes, is in the journal. */
  @Page({ permit: READERS })
  @Get('file')
  async file(@CurrentVisit() visit: Visit, @Query({ schema: FileAddress }) address: FileAddress): Promise<PageAnswer> {
    const query = StatementQuery.safeParse(address);
    if (!query.success) return seeOther('/statements');
    const { name, contentType, bytes } = await this.exports.export(visit.actor, query.data);
    return download(name, contentType, bytes);
  }
}

/** Whose statements there are to choose: for a commissioner all its providers, one, or a contract; for a provider its own. */
function accountsOf({ t, actor, membership }: Visit, contracts: readonly ContractChoice[]) {
  const ofParty = (party: Party, choices: readonly Choice[]) =>
    choices.map(({ value, text }) => ({ value: `${party}:${value}`, text }));
  const byContract = { name: t('statements.byContract'), items: ofParty('contract', contractChoices(contracts)) };
  if (contracts.length === 0) return [];
  if (actor.side === 'provider') {
    const commissioners = ofParty('commissioner', commissionerChoices(contracts));
    return [{ name: t('statements.byCommissioner'), items: commissioners }, byContract];
  }
  const all = { value: `commissioner:${actor.orgId}`, text: t('statements.all', { name: membership?.name, count: 2 }) };
  return [
    { name: t('statements.whole'), items: [all] },
    { name: t('statements.byProvider'), items: ofParty('provider', providerChoices(contracts)) },
    byContract,
  ];
}

function filesOf(account: string, { from, to }: { readonly from: string; readonly to: string }) {
  const [party = '', id = ''] = account.split(':');
  return (['pdf', 'csv', 'json'] as const).map((format) => ({
    format,
    href: addressOf('/statements/file', { party, id, from, to, format }),
  }));
}

/** Days of one's own, which are over. */
function ownDays(form: Form, today: string): { from: string; to: string } | undefined {
  const from = form.day('from', { missing: 'statements.fromMissing' });
  const to = form.day('to', { missing: 'statements.toMissing' });
  if (to !== undefined && to > today) form.refuse('to-day', 'statements.notOver');
  else if (from !== undefined && to !== undefined && to < from) form.refuse('to-day', 'statements.reversed');
  return form.ok && from !== undefined && to !== undefined ? { from, to } : undefined;
}
