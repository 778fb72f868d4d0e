import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { accounts, Commands, LedgerService } from '../ledger/index.js';
import { ContractsService, type RailKind } from '../pricing/index.js';
import { systemActor, type Actor } from '../platform/actor.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import { Database, type Reader } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { emit, type TopicData } from '../platform/events.js';
import { newId } from '../platform/ids.js';
import { Jobs, LOG } from '../platform/jobs.js';
import { pageOf, type Page } from '../platform/page.js';
import { planRecoveries } from './advance.rules.js';
import { readOpenAdvances, readPayableAdvances } from './advances.queries.js';
import { groupPayable, payableSums, type PayableGroup, type PayableSums } from './payable.rules.js';
import { progressOf, runStateOf, type RunProgress, type RunState } from './payment-run.rules.js';
import {
  DUE_RUNS,
  findRun,
  readPayable,
  readRuns,
  readWaits,
  type PayableInvoice,
  type PaymentRun,
  type Wait,
} from './payment-runs.queries.js';
import { readDestination } from './payout-account-changes.queries.js';
import { whyNotPayInto, type WaitReason } from './payout-account.rules.js';
import { PayoutStarter } from './payout-starter.service.js';
import { Payout } from './payout.entity.js';
import { runDayNotPossible, runNotCancellable } from './payouts.errors.js';
import { paymentRunMade } from './payouts.events.js';
import type { PaymentRunQuery } from './payouts.schemas.js';
import { RailReadings } from './rail-readings.service.js';

export interface PayablePreview extends PayableSums {
  readonly groups: readonly (PayableGroup<PayableInvoice> & { readonly waits: WaitReason | null })[];
  readonly fundsMinor: bigint;
}

export interface PaymentRunDetail {
  readonly run: PaymentRun;
  readonly state: RunState;
  readonly payouts: readonly Payout[];
  readonly waits: readonly Wait[];
}

const AHEAD_DAYS = 31;

/** Payment runs: what is payable, and the order to pay it. */
@Injectable()
export class PaymentRunsService implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly contracts: ContractsService,
    private readonly readings: RailReadings,
    private readonly starter: PayoutStarter,
    private readonly jobs: Jobs,
    private readonly clock: Clock,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  onModuleInit(): void {
    this.jobs.define({
      name: 'payment-run',
      on: [paymentRunMade],
      due: (reader) => reader.query<TopicData>(DUE_RUNS, [this.clock.today()]),
      run: ({ commissionerId, id }) => this.carryOut(commissionerId, id),
    });
  }

  /** What a run would pay now, and whom it would let wait. */
  preview(actor: Actor): Promise<PayablePreview> {
    return this.database.read(actor, async (reader) => {
      const groups = await this.payableGroups(reader, null);
      const fundsMinor = await this.ledger.balance(reader, actor.orgId, accounts.funds());
      const judged = [];
      let leftMinor = fundsMinor;
      for (const group of groups) {
        const why = (await this.accountReason(reader, group)) ?? whyNotAfford(group, leftMinor) ?? null;
        const waits = group.amountMinor === 0n ? null : why; // advances take all: nothing has to leave
        if (waits === null && group.rail === 'stripe') leftMinor -= group.amountMinor;
        judged.push({ ...group, waits });
      }
      return { groups: judged, fundsMinor, ...payableSums(judged, fundsMinor) };
    });
  }

  /** The days on which a run may pay. */
  possibleDays(): { readonly earliest: IsoDate; readonly latest: IsoDate } {
    const earliest = this.clock.today();
    return { earliest, latest: daysAfter(earliest, AHEAD_DAYS) };
  }

  /**
   * Orders a run for today or a later day. It pays what is payable when it is carried out, which background work does.
   *
   * @throws payment_run.day_not_possible
   */
  make(actor: Actor, paysOn: IsoDate | undefined): Promise<{ id: string }> {
    const [id, commissionerId] = [newId(), actor.orgId];
    return this.commands.run(actor, { name: 'payment_run.make', commissionerId, subjectId: id }, async (tx) => {
      const { earliest, latest } = this.possibleDays();
      const day = paysOn ?? earliest;
      if (day < earliest || day > latest) throw runDayNotPossible({ earliest, latest });
      const occurredAt = this.clock.now();
      const event = { type: 'payment_run.made', commissionerId, subjectId: id, actor, data: { paysOn: day } };
      const { id: eventId } = await this.ledger.record(tx, { ...event, occurredAt });
      await tx.execute(
        `insert into payment_run (commissioner_id, id, pays_on, made_by, made_at, event_id)
         values ($1, $2, $3, $4, $5, $6)`,
        [commissionerId, id, day, actor.memberId, occurredAt, eventId],
      );
      if (day === earliest) await emit(tx, commissionerId, paymentRunMade, { commissionerId, id });
      return { id };
    });
  }

  /** @throws payment_run.begun */
  cancel(actor: Actor, id: string): Promise<void> {
    const commissionerId = actor.orgId;
    return this.commands.run(actor, { name: 'payment_run.cancel', commissionerId, subjectId: id }, async (tx) => {
      const run = await findRun(tx, id);
      if (!run) throw notFound();
      const occurredAt = this.clock.now();
      const cancelled = await tx.execute(
        `update payment_run set cancelled_at = $3 where commissioner_id = $1 and id = $2
         and finished_at is null and cancelled_at is null and pays_on > $4`,
        [commissionerId, id, occurredAt, this.clock.today()],
      );
      if (cancelled !== 1) throw runNotCancellable();
      const event = { type: 'payment_run.cancelled', commissionerId, subjectId: id, actor, causeId: run.eventId };
      await this.ledger.record(tx, { ...event, occurredAt, data: {} });
    });
  }

  /** @throws not_found */
  read(actor: Actor, id: string): Promise<PaymentRunDetail> {
    return this.database.read(actor, async (reader) => {
      const run = await findRun(reader, id);
      if (!run) throw notFound();
      const payouts = await reader.find(Payout, { where: { runId: id }, order: { number: 'ASC' } });
      return { run, state: this.stateOf(run), payouts, waits: await readWaits(reader, id) };
    });
  }

  /** How far a run has come, to be asked again every second. @throws not_found */
  progress(actor: Actor, id: string): Promise<RunProgress> {
    return this.database.read(actor, async (reader) => {
      const run = await findRun(reader, id);
      if (!run) throw notFound();
      const state = this.stateOf(run);
      const payouts = await reader.find(Payout, { where: { runId: id } });
      const waits = await readWaits(reader, id);
      const left = state === 'running' ? await this.countLeft(reader, waits) : 0;
      return progressOf(state, payouts, { waiting: waits.length, left });
    });
  }

  list(actor: Actor, { limit, after, order }: PaymentRunQuery): Promise<Page<PaymentRun & { state: RunState }>> {
    return this.database.read(actor, async (reader) => {
      const runs = await readRuns(reader, limit + 1, after ?? null, order);
      return pageOf(
        runs.map((run) => ({ ...run, state: this.stateOf(run) })),
        limit,
      );
    });
  }

  /**
   * Pays each provider in a transaction of its own, so that one that cannot be paid holds nobody up. May run twice, also at
   * the same time, and may be cut off anywhere: what is left is found again.
   */
  async carryOut(commissionerId: string, id: string): Promise<void> {
    const actor = systemActor(commissionerId, id);
    const run = await this.database.read(actor, (reader) => findRun(reader, id));
    if (!run || run.finishedAt || run.cancelledAt || run.paysOn > this.clock.today()) return;
    const groups = await this.database.read(actor, (reader) => this.payableGroups(reader, null));
    const onPlatform = groups.filter(({ rail }) => rail === 'stripe').map(({ providerId }) => providerId);
    await this.readings.readBeforePaying(commissionerId, onPlatform);
    for (const { providerId, rail } of groups) {
      const payable = (reader: Reader) => this.payableGroup(reader, providerId, rail);
      await this.starter.start(commissionerId, run, { providerId, rail }, payable);
    }
    await this.finish(commissionerId, run);
  }

  private async finish(commissionerId: string, run: PaymentRun): Promise<void> {
    const actor = systemActor(commissionerId, run.id);
    await this.database.transaction(actor, async (tx) => {
      const occurredAt = this.clock.now();
      const finished = await tx.execute(
        'update payment_run set finished_at = $3 where commissioner_id = $1 and id = $2 and finished_at is null',
        [commissionerId, run.id, occurredAt],
      );
      if (finished !== 1) return;
      const payouts = await tx.countBy(Payout, { commissionerId, runId: run.id });
      const waits = (await readWaits(tx, run.id)).length;
      const event = { type: 'payment_run.finished', commissionerId, subjectId: run.id, actor, causeId: run.eventId };
      await this.ledger.record(tx, { ...event, occurredAt, data: { payouts, waits } });
      this.log.info({ runId: run.id, payouts, waits }, 'payment run finished');
    });
  }

  private stateOf(run: PaymentRun): RunState {
    return runStateOf(run, this.clock.today());
  }

  /** What is payable still and has not been put off by the run. */
  private async countLeft(reader: Reader, waits: readonly Wait[]): Promise<number> {
    const dealtWith = new Set(waits.map(({ providerId, rail }) => `${providerId} ${rail}`));
    const groups = await this.payableGroups(reader, null);
    return groups.filter(({ providerId, rail }) => !dealtWith.has(`${providerId} ${rail}`)).length;
  }

  private async payableGroup(reader: Reader, providerId: string, rail: RailKind) {
    const groups = await this.payableGroups(reader, providerId);
    return groups.find((group) => group.rail === rail);
  }

  private async payableGroups(reader: Reader, providerId: string | null): Promise<PayableGroup<PayableInvoice>[]> {
    const invoices = await readPayable(reader, providerId);
    const advances = await readPayableAdvances(reader, providerId);
    const rails = new Map<string, RailKind>();
    for (const contractId of new Set([...invoices, ...advances].map((one) => one.contractId))) {
      rails.set(contractId, (await this.contracts.get(reader, contractId, this.clock.today())).rail);
    }
    const recoverable = invoices.map((invoice) => ({ ...invoice, openMinor: invoice.amountMinor }));
    const recoveries = planRecoveries(await readOpenAdvances(reader, providerId), recoverable);
    return groupPayable(invoices, (contractId) => rails.get(contractId) ?? 'outside', { advances, recoveries });
  }

  private async accountReason(reader: Reader, { providerId, rail }: PayableGroup): Promise<WaitReason | undefined> {
    const { account, isChanging } = await readDestination(reader, { providerId, rail });
    return whyNotPayInto(rail, account, isChanging);
  }
}

function whyNotAfford({ rail, amountMinor }: PayableGroup, leftMinor: bigint): WaitReason | undefined {
  return rail === 'stripe' && amountMinor > leftMinor ? 'insufficient_funds' : undefined;
}

function daysAfter(day: IsoDate, days: number): IsoDate {
  const date = new Date(`${day}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}
