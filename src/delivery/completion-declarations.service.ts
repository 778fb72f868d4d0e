import { Injectable } from '@nestjs/common';
import { Commands, LedgerService } from '../ledger/index.js';
import { sumMinor, type Minor } from '../money/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock, londonDay, type IsoDate } from '../platform/clock.js';
import { Database, type Reader } from '../platform/database.js';
import { newId } from '../platform/ids.js';
import { pageOf, type Page } from '../platform/page.js';
import { ContractsService } from '../pricing/index.js';
import type { ClaimMonth } from './claim-months.rules.js';
import { ClaimMonths } from './claim-months.service.js';
import { ClaimSettings } from './claim-setting.service.js';
import { lastDayOfMonth, periodOf } from './claim-window.rules.js';
import { ClaimsService, type OpenClaim } from './claims.service.js';
import { CompletionDeclaration } from './completion-declaration.entity.js';
import {
  countDeclarations,
  findContractsToSend,
  findDeclarations,
  findLatestDeclarations,
  type ContractToSend,
  type DeclaredMonth,
} from './completion-declarations.queries.js';
import type { CompletionQuery, DeclareCompletion } from './completion-declarations.schemas.js';
import { completionNothingNew, periodNotOver } from './delivery.errors.js';
import { expectedPayment, type ExpectedPayment } from './expected-payment.rules.js';
import { findServices, type ContractService } from './session-list.queries.js';
import { findUnclaimed } from './unclaimed-delivery.queries.js';
import { lookedBackTo } from './unclaimed-delivery.rules.js';
import { UnclaimedDelivery } from './unclaimed-delivery.service.js';

/** What waits for review under a contract. */
export interface WaitingClaims {
  readonly claimCount: number;
  readonly flaggedCount: number;
  /** Of months before. */
  readonly earlierCount: number;
  /** Net of VAT, at the prices that a batch would fix now. */
  readonly totalMinor: Minor;
  readonly indicativeMinor: Minor;
}

/** A month of a contract before it is sent for review, with what its sender should know. */
export interface MonthToSend extends ContractToSend, WaitingClaims, ExpectedPayment {
  readonly period: IsoDate;
  readonly isOver: boolean;
  /** Sessions up to the end of the month that are recorded and not claimed, and what they would come to. */
  readonly unclaimedSessions: number;
  readonly unclaimedMinor: Minor;
}

/** A month of a contract as it was sent, with when it can be expected to be paid. */
export type MonthSent = DeclaredMonth & ExpectedPayment;

/** A provider's word that all of a month is claimed: from then on the commissioner can review it. */
@Injectable()
export class CompletionDeclarations {
  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly contracts: ContractsService,
    private readonly settings: ClaimSettings,
    private readonly claims: ClaimsService,
    private readonly months: ClaimMonths,
    private readonly delivery: UnclaimedDelivery,
    private readonly clock: Clock,
  ) {}

  /** Contracts with claims that no batch holds, of a month (`YYYY-MM`) and of those before it. */
  preview(actor: Actor, month: string): Promise<MonthToSend[]> {
    const period = `${month}-01`;
    return this.database.read(actor, async (reader) => {
      const months: MonthToSend[] = [];
      for (const contract of await findContractsToSend(reader, period)) {
        const waiting = summed(await this.claims.openClaims(reader, contract.contractId, period), period);
        const unclaimed = await this.unclaimed(reader, contract.contractId, period);
        const today = this.clock.today();
        const isOver = lastDayOfMonth(period) < today;
        const expected = await this.expected(reader, contract.contractId, period, isOver ? today : undefined);
        months.push({ ...contract, ...waiting, ...unclaimed, ...expected, period, isOver });
      }
      return months;
    });
  }

  /** The same contracts for whoever makes batches, without what their claims come to. `period` is the first day of a month. */
  waiting(reader: Reader, period: IsoDate): Promise<ContractToSend[]> {
    return findContractsToSend(reader, period);
  }

  /**
   * Declares that all of a month that is over is claimed. May be declared again once there is something new to review.
   *
   * @throws not_found, claim.period_not_over, completion_declaration.nothing_new
   */
  async declare(actor: Actor, request: DeclareCompletion): Promise<CompletionDeclaration> {
    const period = `${request.period}-01`;
    const { commissionerId, contractId, providerId } = await this.database.read(actor, (reader) =>
      this.settings.loadNamed(reader, request.contract),
    );
    return this.commands.run(actor, { name: 'claim.complete_month', commissionerId }, async (tx) => {
      const lastDay = lastDayOfMonth(period);
      if (lastDay >= this.clock.today()) throw periodNotOver({ lastDay });
      const open = await this.claims.lockForBatch(tx, { id: contractId }, period);
      const [contract] = (await findContractsToSend(tx, period)).filter((one) => one.contractId === contractId);
      if (!contract || contract.newCount === 0) throw completionNothingNew({ period: request.period });
      const { earlierCount: _earlier, ...waiting } = summed(open, period);
      const count = await countDeclarations(tx, contractId, period);
      const id = newId();
      const code = `${contract.contractCode}-${request.period.replace('-', '')}-M${count + 1}`;
      const by = { declaredAt: this.clock.now(), declaredBy: actor.memberId };
      const declaration = { commissionerId, id, providerId, contractId, code, period, ...waiting, ...by };
      await tx.insert(CompletionDeclaration, declaration);
      await this.ledger.record(tx, {
        type: 'claim.month_completed',
        commissionerId,
        subjectId: id,
        actor,
        providerId,
        occurredAt: by.declaredAt,
        data: { contractId, forPeriod: period, code, ...waiting },
      });
      return declaration;
    });
  }

  /** Those of the ids that the actor may see, with when each can be expected to be paid. */
  sent(actor: Actor, ids: readonly string[]): Promise<MonthSent[]> {
    return this.database.read(actor, async (reader) => {
      const sent: MonthSent[] = [];
      for (const month of await findDeclarations(reader, ids)) {
        const sentOn = londonDay(month.declaredAt);
        sent.push({ ...month, ...(await this.expected(reader, month.contractId, month.period, sentOn)) });
      }
      return sent;
    });
  }

  /** The latest first. */
  list(actor: Actor, { contract, after, limit }: CompletionQuery): Promise<Page<DeclaredMonth>> {
    return this.database.read(actor, async (reader) => {
      const setting = contract === undefined ? null : await this.settings.loadNamed(reader, contract);
      const rows = await findLatestDeclarations(reader, setting?.contractId ?? null, after ?? null, limit + 1);
      return pageOf(rows, limit);
    });
  }

  /** When claims of months can be expected to be paid. `period` is the first day of a month. */
  expectations<M extends { readonly contractId: string; readonly period: IsoDate }>(
    actor: Actor,
    months: readonly M[],
  ): Promise<(M & ExpectedPayment)[]> {
    return this.database.read(actor, async (reader) => {
      const expected: (M & ExpectedPayment)[] = [];
      for (const month of months) {
        expected.push({ ...month, ...(await this.expected(reader, month.contractId, month.period)) });
      }
      return expected;
    });
  }

  /** Months that can still be claimed and of which nothing was heard, with the names of their contracts. */
  silent(actor: Actor): Promise<(ClaimMonth & Pick<ContractService, 'contractCode' | 'commissionerName'>)[]> {
    return this.database.read(actor, async (reader) => {
      const services = await findServices(reader);
      return (await this.months.nilDue(reader, this.clock.today())).flatMap((month) => {
        const contract = services.find(({ contractId }) => contractId === month.contractId);
        return contract
          ? { ...month, contractCode: contract.contractCode, commissionerName: contract.commissionerName }
          : [];
      });
    });
  }

  private async expected(
    reader: Reader,
    contractId: string,
    period: IsoDate,
    sentOn?: IsoDate,
  ): Promise<ExpectedPayment> {
    const terms = await this.contracts.get(reader, contractId, lastDayOfMonth(period));
    const bankHolidays = await this.contracts.bankHolidays(reader);
    const days = { today: this.clock.today(), ...(sentOn !== undefined && { sentOn }) };
    return expectedPayment(period, terms, bankHolidays, days);
  }

  private async unclaimed(reader: Reader, contractId: string, period: IsoDate) {
    const setting = await this.settings.load(reader, contractId);
    const rows = await findUnclaimed(reader, { since: lookedBackTo(this.clock.today()), contractId });
    const due = rows.filter(({ heldOn }) => periodOf(heldOn) <= period);
    const sessions = await this.delivery.priced(reader, setting, due);
    const worth = sessions.filter(({ netMinor, indicativeMinor }) => netMinor > 0n || indicativeMinor > 0n);
    return { unclaimedSessions: worth.length, unclaimedMinor: sumMinor(worth.map(({ netMinor }) => netMinor)) };
  }
}

function summed(open: readonly OpenClaim[], period: IsoDate): WaitingClaims {
  return {
    claimCount: open.length,
    flaggedCount: open.filter(({ price }) => price.flags.length > 0).length,
    earlierCount: open.filter(({ forPeriod }) => forPeriod < period).length,
    totalMinor: sumMinor(open.map(({ price }) => price.netMinor)),
    indicativeMinor: sumMinor(open.map(({ price }) => price.indicativeMinor)),
  };
}
