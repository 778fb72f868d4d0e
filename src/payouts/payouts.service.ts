import { Injectable } from '@nestjs/common';
import { LessThan, MoreThan } from 'typeorm';
import { Commands, LedgerService } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import { Database, type Reader, type Tx } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { emit } from '../platform/events.js';
import { pageOf, type Page } from '../platform/page.js';
import { PayoutAccount } from './payout-account.entity.js';
import { PayoutAttempt } from './payout-attempt.entity.js';
import { PayoutBooks } from './payout-books.service.js';
import { PayoutObserver } from './payout-observer.service.js';
import { attemptsOf, lockPayout } from './payout-rows.queries.js';
import { choicesOf, KEY_LIFE_MS, keyEndOf, latestOf, whyNotDecide, type PayoutChoices } from './payout-step.rules.js';
import { Payout } from './payout.entity.js';
import { lookUpContradicts, payoutStepNotPossible, railNoAnswer, tooEarlyToDecide } from './payouts.errors.js';
import { payoutDue } from './payouts.events.js';
import type { PayoutQuery } from './payouts.schemas.js';
import { RailCredentials } from './rail-credentials.service.js';
import type { RailPayout, RailTransfer } from './rail.js';

/** An invoice in a payout. */
export interface PayoutLine {
  readonly invoiceId: string;
  readonly number: string | null;
  readonly contractId: string;
  readonly amountMinor: bigint;
  /** False once the invoice is owed again. */
  readonly live: boolean;
}

/** An advance in a payout. */
export interface AdvanceLine {
  readonly advanceId: string;
  readonly reference: string;
  readonly contractId: string;
  readonly amountMinor: bigint;
  /** False once the advance is owed again. */
  readonly live: boolean;
}

export interface PayoutDetail {
  readonly payout: Payout;
  readonly items: readonly PayoutLine[];
  readonly advances: readonly AdvanceLine[];
  /** Calls to the rail; only the commissioner sees them. */
  readonly attempts: readonly PayoutAttempt[];
  /** What finance can do about it; null for the provider. */
  readonly choices: PayoutChoices | null;
}

/** How an invoice is being paid, or was. */
export interface PaymentOfInvoice {
  readonly invoiceId: string;
  readonly payoutId: string;
  readonly reference: string;
  readonly state: Payout['state'];
  readonly paidOn: IsoDate | null;
}

export type Decision = 'sent' | 'not_sent';

type Found =
  | { readonly step: 'transfer'; readonly object: RailTransfer | undefined }
  | { readonly step: 'bank_payout'; readonly object: RailPayout | undefined };

const LINES = `
select i.invoice_id as "invoiceId", v.number, i.contract_id as "contractId", i.amount_minor as "amountMinor", i.live
from payout_item i left join invoice v on v.commissioner_id = i.commissioner_id and v.id = i.invoice_id
where i.payout_id = $1 order by v.number, i.invoice_id`;

const ADVANCED = `
select i.advance_id as "advanceId", a.reference, i.contract_id as "contractId", i.amount_minor as "amountMinor", i.live
from payout_advance i join advance a on a.commissioner_id = i.commissioner_id and a.id = i.advance_id
where i.payout_id = $1 order by a.reference`;

/** The payout that may still pay each of some invoices, or has. $1 invoices. */
const OF_INVOICES = `
select i.invoice_id as "invoiceId", p.id as "payoutId", p.reference, p.state,
       case when p.state = 'paid'
         then coalesce(p.outside_paid_on, (p.settled_at at time zone 'Europe/London')::date) end as "paidOn"
from payout_item i join payout p on p.commissioner_id = i.commissioner_id and p.id = i.payout_id
where i.live and i.invoice_id = any ($1)`;

/** Payouts as people see them, and the few things that people decide about them. */
@Injectable()
export class PayoutsService {
  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly credentials: RailCredentials,
    private readonly books: PayoutBooks,
    private readonly observer: PayoutObserver,
    private readonly clock: Clock,
  ) {}

  list(actor: Actor, query: PayoutQuery): Promise<Page<Payout>> {
    const { limit, after, order, state, rail, providerId, runId } = query;
    const isLatest = order === 'latest';
    return this.database.read(actor, async (reader) => {
      const rows = await reader.find(Payout, {
        where: {
          ...(after !== undefined && { id: isLatest ? LessThan(after) : MoreThan(after) }),
          ...(state !== undefined && { state }),
          ...(rail !== undefined && { rail }),
          ...(providerId !== undefined && { providerId }),
          ...(runId !== undefined && { runId }),
        },
        order: { id: isLatest ? 'DESC' : 'ASC' },
        take: limit + 1,
      });
      return pageOf(rows, limit);
    });
  }

  /** @throws not_found */
  read(actor: Actor, id: string): Promise<PayoutDetail> {
    return this.database.read(actor, async (reader) => {
      const payout = await this.get(reader, id);
      const items = await reader.query<PayoutLine>(LINES, [id]);
      const advances = await reader.query<AdvanceLine>(ADVANCED, [id]);
      const attempts = actor.side === 'commissioner' ? await attemptsOf(reader, payout) : [];
      const choices = actor.side === 'commissioner' ? choicesOf(payout, attempts, this.clock.now()) : null;
      return { payout, items, advances, attempts, choices };
    });
  }

  /** How each of some invoices is being paid or was; those that no payout may pay are not among them. */
  async ofInvoices(actor: Actor, invoiceIds: readonly string[]): Promise<Map<string, PaymentOfInvoice>> {
    const rows = await this.database.read(actor, (reader) => reader.query<PaymentOfInvoice>(OF_INVOICES, [invoiceIds]));
    return new Map(rows.map((row) => [row.invoiceId, row]));
  }

  /** @throws not_found, also when it is somebody else's */
  async get(reader: Reader, id: string): Promise<Payout> {
    const payout = await reader.findOneBy(Payout, { id });
    if (!payout) throw notFound();
    return payout;
  }

  /**
   * Ends what is unknown, by what the rail shows now: a person says what was found there, and nothing else is accepted.
   *
   * @throws payout.step_not_possible, payout.look_up_contradicts, payout.too_early_to_decide, rail.no_answer
   */
  async decide(actor: Actor, id: string, decision: Decision): Promise<void> {
    const { payout, attempts } = await this.read(actor, id);
    const step = payout.transferId === null ? 'transfer' : 'bank_payout';
    const attempt = latestOf(attempts, step);
    const found = payout.state === 'unknown' && attempt ? await this.lookUp(payout, attempt) : null;
    const spec = { name: 'payout.decide', commissionerId: actor.orgId, subjectId: id, providerId: payout.providerId };
    await this.commands.run(actor, spec, async (tx) => {
      const locked = await lockPayout(tx, actor.orgId, id);
      if (locked.state !== 'unknown' || !found || !attempt) throw payoutStepNotPossible({ state: locked.state });
      const refusal = whyNotDecide(decision, found.object !== undefined, attempt.firstCalledAt, this.clock.now());
      const differs = found.object !== undefined && found.object.amountMinor !== locked.amountMinor;
      if (differs || refusal === 'contradicts') throw lookUpContradicts({ found: found.object !== undefined, differs });
      if (refusal === 'too_early') throw tooEarlyToDecide({ possibleAt: keyEnds(attempt) });
      await this.ledger.record(tx, {
        type: 'payout.decided',
        commissionerId: actor.orgId,
        subjectId: id,
        providerId: locked.providerId,
        causeId: locked.eventId,
        actor,
        data: { decision, step: attempt.step, attempt: attempt.attempt, key: attempt.key },
      });
      if (found.object === undefined) await this.settleAbsent(tx, locked, attempt, actor);
      else await this.books.store(tx, locked, { nextTryAt: this.clock.now() }); // found again, should this process end here
    });
    if (found?.object === undefined) return;
    if (found.step === 'transfer') await this.observer.observeTransfer(actor.orgId, found.object);
    else await this.observer.observeBankPayout(actor.orgId, found.object);
  }

  /**
   * Asks for money that a bank did not take to come home now, rather than after the days that are given for it.
   *
   * @throws payout.step_not_possible
   */
  askReturn(actor: Actor, id: string): Promise<void> {
    return this.inPayout(actor, 'payout.return', id, async (tx, payout) => {
      const attempts = await attemptsOf(tx, payout);
      const { askReturn } = choicesOf(payout, attempts, this.clock.now());
      if (!askReturn) throw payoutStepNotPossible({ state: payout.state });
      const reversal = latestOf(attempts, 'reversal');
      await this.ledger.record(tx, {
        type: 'payout.return_requested',
        commissionerId: actor.orgId,
        subjectId: id,
        providerId: payout.providerId,
        causeId: payout.eventId,
        actor,
        data: { reference: payout.reference, amountMinor: payout.amountMinor },
      });
      await this.books.plan(tx, payout, 'reversal', (reversal?.attempt ?? 0) + 1);
      await this.books.store(tx, payout, { nextTryAt: this.clock.now() });
      await emit(tx, actor.orgId, payoutDue, { commissionerId: actor.orgId, id });
    });
  }

  /** Runs a command of the commissioner on one of its payouts, which is locked. */
  async inPayout(
    actor: Actor,
    name: string,
    id: string,
    work: (tx: Tx, payout: Payout) => Promise<void>,
  ): Promise<void> {
    const { providerId } = await this.database.read(actor, (reader) => this.get(reader, id));
    const spec = { name, commissionerId: actor.orgId, subjectId: id, providerId };
    await this.commands.run(actor, spec, async (tx) => work(tx, await lockPayout(tx, actor.orgId, id)));
  }

  private async settleAbsent(tx: Tx, payout: Payout, { step, attempt }: PayoutAttempt, actor: Actor): Promise<void> {
    if (step === 'transfer') await this.books.apply(tx, payout, { kind: 'transfer_absent', attempt }, actor);
    else {
      const reasonCode = 'not_to_be_found';
      await this.books.apply(tx, payout, { kind: 'bank_failed', attempt, externalId: null, reasonCode }, actor);
    }
  }

  private async lookUp(payout: Payout, { step, attempt }: PayoutAttempt): Promise<Found> {
    const rail = await this.credentials.railOf(payout.commissionerId);
    const account = await this.database.read({ side: 'commissioner', orgId: payout.commissionerId }, (reader) =>
      reader.findOneBy(PayoutAccount, { id: payout.accountId ?? '' }),
    );
    const sought = { instructionId: payout.id, attempt, accountId: account?.externalId ?? '' };
    if (step === 'transfer') {
      const found = await rail.findTransfer({ ...sought, transferGroup: payout.runId });
      if (found.kind !== 'done') throw railNoAnswer();
      return { step, object: found.value };
    }
    const found = await rail.findPayout({ ...sought, since: new Date(payout.requestedAt.getTime() - KEY_LIFE_MS) });
    if (found.kind !== 'done') throw railNoAnswer();
    return { step: 'bank_payout', object: found.value };
  }
}

function keyEnds({ firstCalledAt }: PayoutAttempt): string | null {
  return firstCalledAt === null ? null : keyEndOf(firstCalledAt).toISOString();
}
