import { Injectable } from '@nestjs/common';
import { LedgerService } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock, londonDay, type IsoDate } from '../platform/clock.js';
import { foldReference, readReference } from '../platform/csv-cells.rules.js';
import { readCsv } from '../platform/csv-reader.js';
import {
  cellOf,
  matchHeader,
  missingColumn,
  openRow,
  type MatchedHeader,
  type RowProblem,
} from '../platform/csv-template.rules.js';
import { Database } from '../platform/database.js';
import { assert, DomainError } from '../platform/errors.js';
import { outsidePaymentColumns, readOutsidePayment, type OutsidePaymentColumn } from './outside-payment-file.rules.js';
import { PayoutBooks, sha256 } from './payout-books.service.js';
import { Payout } from './payout.entity.js';
import {
  outsideFileHeading,
  ownConfirmation,
  paymentDayNotPossible,
  paymentNotEntered,
  paymentReferenceNotOpaque,
  payoutStepNotPossible,
} from './payouts.errors.js';
import { PayoutsService } from './payouts.service.js';

export interface OutsidePayment {
  readonly reference: string;
  readonly paidOn: IsoDate;
}

export interface OutsideFileResult {
  readonly rows: number;
  readonly entered: number;
  readonly failed: number;
  /** Rows that say neither a payment nor a day: not paid yet. */
  readonly skipped: number;
  readonly failures: readonly (RowProblem & { readonly row: number })[];
}

/**
 * Payments that accounts payable makes: the run has moved what is owed into `in_transit`, where it stays until one person
 * in finance has entered what the bank did and another has confirmed it.
 */
@Injectable()
export class OutsidePaymentsService {
  constructor(
    private readonly database: Database,
    private readonly payouts: PayoutsService,
    private readonly books: PayoutBooks,
    private readonly ledger: LedgerService,
    private readonly clock: Clock,
  ) {}

  /**
   * Enters what was paid. Until it is confirmed it may be entered again, by anyone in finance: the last entry counts.
   *
   * @throws payout.step_not_possible, payout.payment_day_not_possible, payout.reference_not_possible
   */
  enter(actor: Actor, id: string, payment: OutsidePayment): Promise<void> {
    const reference = readReference(payment.reference);
    if (!('ok' in reference)) throw paymentReferenceNotOpaque({}, reference.howToFix);
    return this.payouts.inPayout(actor, 'payout.enter_payment', id, async (tx, payout) => {
      assertOpen(payout);
      const { paidOn } = payment;
      const [earliest, latest] = [londonDay(payout.requestedAt), this.clock.today()];
      if (paidOn < earliest || paidOn > latest) throw paymentDayNotPossible({ earliest, latest });
      const enteredAt = this.clock.now();
      await this.books.store(tx, payout, {
        outsideReference: reference.ok,
        outsidePaidOn: paidOn,
        enteredBy: actor.memberId,
        enteredAt,
      });
      await this.ledger.record(tx, {
        type: 'payout.payment_entered',
        commissionerId: actor.orgId,
        subjectId: id,
        providerId: payout.providerId,
        causeId: payout.eventId,
        actor,
        occurredAt: enteredAt,
        data: { paidOn, referenceSha256: sha256(reference.ok).toString('hex') },
      });
    });
  }

  /**
   * Confirms, as a second person, that the payment was made. `seen` is the reference that this person has checked.
   *
   * @throws payout.own_confirmation, payout.payment_not_entered, payout.step_not_possible
   */
  confirm(actor: Actor, id: string, seen: string | undefined): Promise<void> {
    return this.payouts.inPayout(actor, 'payout.confirm', id, async (tx, payout) => {
      assertOpen(payout);
      const { memberId } = actor;
      if (payout.enteredBy === null || payout.outsidePaidOn === null) throw paymentNotEntered();
      if (payout.enteredBy === memberId) throw ownConfirmation();
      if (seen !== undefined && seen !== payout.outsideReference) throw paymentNotEntered({ reference: 'another' });
      assert(memberId !== null, 'a person confirms');
      await this.books.apply(tx, payout, { kind: 'confirmed', confirmedBy: memberId }, actor);
    });
  }

  /**
   * Accounts payable will not pay this: its invoices are owed again, for a next run.
   *
   * @throws payout.step_not_possible
   */
  withdraw(actor: Actor, id: string): Promise<void> {
    return this.payouts.inPayout(actor, 'payout.withdraw', id, async (tx, payout) => {
      assertOpen(payout);
      await this.books.apply(tx, payout, { kind: 'withdrawn' }, actor);
    });
  }

  /**
   * Enters what the bank's or the accounts package's file says. Good rows are entered, each by itself; bad ones come back.
   *
   * @throws outside_payment_file.heading and the errors of reading CSV
   */
  async importFile(actor: Actor, bytes: AsyncIterable<Buffer>): Promise<OutsideFileResult> {
    const failures: (RowProblem & { row: number })[] = [];
    const { idempotencyKey: _key, ...plain } = actor; // each row is a command of its own, and repeats without harm
    let header: MatchedHeader<OutsidePaymentColumn> | undefined;
    let [rows, entered, skipped] = [0, 0, 0];
    for await (const item of readCsv(bytes)) {
      if (item.kind === 'header') header = headerOf(item.cells);
      if (item.kind === 'refused') failures.push({ row: item.row, ...item.problem });
      if (item.kind !== 'row' || !header) continue;
      rows += 1;
      if (!item.problem && isUnpaid(header, item.cells)) {
        skipped += 1;
        continue;
      }
      const problems = item.problem ? [item.problem] : await this.enterRow(plain, header, item.cells);
      if (problems.length === 0) entered += 1;
      failures.push(...problems.map((problem) => ({ row: item.row, ...problem })));
    }
    return { rows, entered, failed: rows - entered - skipped, skipped, failures };
  }

  private async enterRow(
    actor: Actor,
    header: MatchedHeader<OutsidePaymentColumn>,
    cells: readonly string[],
  ): Promise<RowProblem[]> {
    const row = openRow(outsidePaymentColumns, header, cells);
    const payment = readOutsidePayment(row, this.clock.today());
    if (!payment) return row.problems;
    const reference = foldReference(payment.payout);
    const payout = await this.database.read(actor, (reader) =>
      reader.findOneBy(Payout, { reference, rail: 'outside' }),
    );
    try {
      if (!payout) row.refuse('payout', 'unknown_payout', 'No payout outside of the platform has this reference.');
      else if (!isSame(payout, payment)) await this.enter(actor, payout.id, payment);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      row.refuse('payout', error.code, error.message);
    }
    return row.problems;
  }
}

function assertOpen({ rail, state }: Payout): void {
  if (rail !== 'outside' || state !== 'requested') throw payoutStepNotPossible({ rail, state });
}

/** The list of payments to make is such a file: what is not paid yet stays blank in it. */
function isUnpaid(header: MatchedHeader<OutsidePaymentColumn>, cells: readonly string[]): boolean {
  return cellOf(header, cells, 'reference') === '' && cellOf(header, cells, 'paidOn') === '';
}

/** The same file sent twice has no effect, whoever sends it. */
function isSame(payout: Payout, { reference, paidOn }: OutsidePayment): boolean {
  return payout.outsideReference === reference && payout.outsidePaidOn === paidOn;
}

function headerOf(cells: readonly string[]): MatchedHeader<OutsidePaymentColumn> {
  const { header, problems } = matchHeader(outsidePaymentColumns, cells);
  const missing = outsidePaymentColumns.filter(({ key }) => !header.positions.has(key));
  const all = [...problems, ...missing.map(({ title }) => missingColumn(outsidePaymentColumns, header, title))];
  if (all.length === 0) return header;
  throw outsideFileHeading({ errors: all.map(({ column, howToFix }) => ({ path: column, message: howToFix })) });
}
