import { Injectable } from '@nestjs/common';
import type { Actor } from '../platform/actor.js';
import type { IsoDate } from '../platform/clock.js';
import { Database, type Reader } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { readOrders } from '../pricing/index.js';
import { readBeyondBudget, readRecognised, readReferralFigures, type ReferralFigures } from './activity.queries.js';
import { readContractsWithOrders } from './commissioner-tasks.queries.js';
import {
  readContractChoices,
  readContractsOn,
  type ContractChoice,
  type ContractNow,
} from './contracts-now.queries.js';
import {
  moneyByStage,
  runningTotals,
  shareGone,
  shareOfMinor,
  type SpentByMonth,
  type StageOfMoney,
} from './dashboard.rules.js';
import {
  readBudgetsAt,
  readClaimed,
  readDaysToPaid,
  readFlows,
  readSpent,
  type DaysToPaid,
  type Selection,
} from './dashboards.queries.js';

export interface DashboardQuery {
  /** The first day, included. */
  readonly from: IsoDate;
  /** The last day, included. */
  readonly to: IsoDate;
  readonly providerId?: string | undefined;
  readonly contractId?: string | undefined;
}

type ContractName = Pick<ContractNow, 'code' | 'title' | 'providerId'> & { readonly contractId: string };

/** How the budget of a contract burns: authorised = left + committed + spent. */
export interface BudgetBurn extends ContractName {
  readonly startsOn: IsoDate;
  readonly endsOn: IsoDate;
  readonly authorisedMinor: bigint;
  readonly committedMinor: bigint;
  readonly spentMinor: bigint;
  readonly leftMinor: bigint;
  /** Spent and committed of what is authorised, in hundredths of a per cent; null where nothing is authorised. */
  readonly usedBasisPoints: number | null;
  /** Of the days of the contract, in hundredths of a per cent. */
  readonly goneBasisPoints: number;
  /** Each month of the contract up to the last day, with all that was spent by its end. */
  readonly spentByMonth: readonly SpentByMonth[];
}

/** What a contract's provider did, or claimed, without money for it. */
export interface UnfundedActivity extends ContractName {
  /** Recognised claims of the days, which are paid nothing. */
  readonly recognisedCount: number;
  readonly indicativeMinor: bigint;
  /** What batches under review now cost beyond the budget. */
  readonly beyondBudgetMinor: bigint;
  /** What batches now cost beyond the purchase orders that they are charged to. */
  readonly beyondOrderMinor: bigint;
}

export interface Dashboard {
  readonly from: IsoDate;
  readonly to: IsoDate;
  readonly money: readonly StageOfMoney[];
  readonly daysToPaid: readonly DaysToPaid[];
  /** By code. */
  readonly budgets: readonly BudgetBurn[];
  readonly referrals: ReferralFigures;
  /** Contracts with any such activity, by code. */
  readonly unfunded: readonly UnfundedActivity[];
}

/** What happened to money and referrals over some days: for a commissioner with all its providers, or for a provider. */
@Injectable()
export class DashboardsService {
  constructor(private readonly database: Database) {}

  /** The contracts that an actor can choose figures and statements of, by code. */
  choices(actor: Actor): Promise<ContractChoice[]> {
    return this.database.read(actor, readContractChoices);
  }

  /**
   * On one snapshot. Sums of the ledger are those of the days on which its transfers count; of claims, batches and referrals
   * as they stand now.
   *
   * @throws not_found for a provider or contract that is not the actor's to see
   */
  of(actor: Actor, query: DashboardQuery, today: IsoDate): Promise<Dashboard> {
    const { from, to, providerId = null, contractId = null } = query;
    const selection = { from, to, providerId, contractId };
    return this.database.read(actor, async (reader) => {
      const contracts = (await readContractsOn(reader, to < today ? to : today)).filter(
        (contract) =>
          (providerId === null || contract.providerId === providerId) &&
          (contractId === null || contract.id === contractId),
      );
      if (contracts.length === 0 && (providerId ?? contractId) !== null) throw notFound();
      return {
        from,
        to,
        money: moneyByStage(await readFlows(reader, selection), await readClaimed(reader, selection)),
        daysToPaid: await readDaysToPaid(reader, selection),
        budgets: await burnOf(reader, selection, contracts, today),
        referrals: await readReferralFigures(reader, selection),
        unfunded: await unfundedOf(reader, selection, contracts),
      };
    });
  }
}

async function burnOf(
  reader: Reader,
  selection: Selection,
  contracts: readonly ContractNow[],
  today: IsoDate,
): Promise<BudgetBurn[]> {
  const { to } = selection;
  const day = to < today ? to : today;
  const budgets = new Map(
    (await readBudgetsAt(reader, to < today ? to : null, selection)).map((budget) => [budget.contractId, budget]),
  );
  const spent = await readSpent(reader, selection);
  return contracts.map((contract) => {
    const { startsOn, endsOn } = contract;
    const none = { authorisedMinor: 0n, committedMinor: 0n, spentMinor: 0n, leftMinor: 0n };
    const { authorisedMinor, committedMinor, spentMinor, leftMinor } = budgets.get(contract.id) ?? none;
    const own = spent.filter(({ contractId }) => contractId === contract.id);
    return {
      ...named(contract),
      startsOn,
      endsOn,
      authorisedMinor,
      committedMinor,
      spentMinor,
      leftMinor,
      usedBasisPoints: shareOfMinor(committedMinor + spentMinor, authorisedMinor),
      goneBasisPoints: shareGone(contract, day),
      spentByMonth: runningTotals(own, startsOn, day < startsOn ? startsOn : day),
    };
  });
}

async function unfundedOf(
  reader: Reader,
  selection: Selection,
  contracts: readonly ContractNow[],
): Promise<UnfundedActivity[]> {
  const recognised = new Map((await readRecognised(reader, selection)).map((row) => [row.contractId, row]));
  const beyond = new Map(
    (await readBeyondBudget(reader, selection)).map((row) => [row.contractId, row.beyondBudgetMinor]),
  );
  const withOrders = new Set(await readContractsWithOrders(reader));
  const unfunded: UnfundedActivity[] = [];
  for (const contract of contracts) {
    const { claimCount: recognisedCount = 0, indicativeMinor = 0n } = recognised.get(contract.id) ?? {};
    const beyondBudgetMinor = beyond.get(contract.id) ?? 0n;
    const orders = withOrders.has(contract.id) ? await readOrders(reader, contract.id) : [];
    const beyondOrderMinor = orders.reduce((sum, { leftMinor }) => (leftMinor < 0n ? sum - leftMinor : sum), 0n);
    if (recognisedCount === 0 && beyondBudgetMinor === 0n && beyondOrderMinor === 0n) continue;
    unfunded.push({ ...named(contract), recognisedCount, indicativeMinor, beyondBudgetMinor, beyondOrderMinor });
  }
  return unfunded;
}

function named({ id: contractId, code, title, providerId }: ContractNow): ContractName {
  return { contractId, code, title, providerId };
}
