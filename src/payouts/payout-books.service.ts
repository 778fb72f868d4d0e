import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { accounts, LedgerService, type NewEvent, type NewTransfer } from '../ledger/index.js';
import { systemActor, type Actor } from '../platform/actor.js';
import type { Canonical } from '../platform/canonical-json.js';
import { Clock } from '../platform/clock.js';
import type { Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { emit, type Topic } from '../platform/events.js';
import { PayoutAccount } from './payout-account.entity.js';
import { PayoutAttempt } from './payout-attempt.entity.js';
import {
  consequenceOf,
  outcomeOf,
  stepOf,
  verdictOn,
  type Consequence,
  type Happening,
  type Movement,
} from './payout-consequence.rules.js';
import { keyOf, orderOf, orderText } from './payout-orders.rules.js';
import { attemptsOf, release, sharesOf, type ContractShare } from './payout-rows.queries.js';
import type { PayoutState } from './payout-state.rules.js';
import type { AttemptStep } from './payout-step.rules.js';
import { Payout } from './payout.entity.js';
import { payoutDue, payoutFailed, payoutPaid, payoutReturned } from './payouts.events.js';

const TOPICS: Readonly<Record<'paid' | 'failed' | 'returned', Topic>> = {
  paid: payoutPaid,
  failed: payoutFailed,
  returned: payoutReturned,
};

/** Carries what has happened into the books: one place where a payout changes its state, and money moves with it. */
@Injectable()
export class PayoutBooks {
  constructor(
    private readonly ledger: LedgerService,
    private readonly clock: Clock,
  ) {}

  /**
   * Applies a happening to a payout that `tx` has locked: state, money, event and what is to be done next, or nothing at
   * all when it is known already or cannot be. What the rail says is a fact: no floor refuses it.
   */
  async apply(tx: Tx, payout: Payout, happening: Happening, actor?: Actor): Promise<'moved' | 'known' | 'unexpected'> {
    const attempts = await attemptsOf(tx, payout);
    const verdict = verdictOn(payout, attempts, happening);
    if (verdict.kind !== 'moves') return verdict.kind;
    const now = this.clock.now();
    const consequence = consequenceOf(payout, happening, now);
    const event = this.eventOf(payout, happening, { ...consequence, to: verdict.to, now }, attempts, actor);
    await this.move(tx, payout, consequence.movement, event);
    await this.settleAttempt(tx, payout, happening);
    const change = { ...consequence.change, state: verdict.to, reasonCode: reasonOf(happening) };
    await this.store(tx, payout, change);
    if (happening.kind === 'transfer_done') await this.plan(tx, payout, 'bank_payout', 1);
    if (happening.kind === 'bank_retried') await this.plan(tx, payout, 'bank_payout', happening.attempt);
    await this.tell(tx, payout, consequence, verdict.to);
    return 'moved';
  }

  /** Stores an attempt with its key and the hash of its body, before anything is called. */
  async plan(tx: Tx, payout: Payout, step: AttemptStep, attempt: number): Promise<void> {
    const railAccountId = await railAccountOf(tx, payout);
    await tx.insert(PayoutAttempt, {
      commissionerId: payout.commissionerId,
      payoutId: payout.id,
      providerId: payout.providerId,
      step,
      attempt,
      key: keyOf(payout.id, step, attempt),
      requestSha256: sha256(orderText(orderOf(payout, railAccountId, step, attempt))),
      outcome: 'planned',
      externalId: null,
      reasonCode: null,
      calls: 0,
      firstCalledAt: null,
      answeredAt: null,
    });
  }

  /** Changes the row, and the object that was read from it. */
  async store(tx: Tx, payout: Payout, change: Partial<Payout>): Promise<void> {
    await tx.update(Payout, { commissionerId: payout.commissionerId, id: payout.id }, change);
    Object.assign(payout, change);
  }

  private eventOf(
    payout: Payout,
    happening: Happening,
    { eventType, to, now }: Consequence & { readonly to: PayoutState; readonly now: Date },
    attempts: readonly PayoutAttempt[],
    actor: Actor | undefined,
  ): NewEvent {
    const step = stepOf(happening);
    const number = 'attempt' in happening ? happening.attempt : null;
    const attempt = attempts.find((one) => one.step === step && one.attempt === number);
    const { reference, amountMinor } = payout;
    const data: Record<string, Canonical> = { reference, amountMinor, state: to };
    if (step !== undefined) data['step'] = step;
    if (number !== null) data['attempt'] = number;
    if (attempt) Object.assign(data, { key: attempt.key, requestSha256: attempt.requestSha256.toString('hex') });
    if ('externalId' in happening && happening.externalId !== null) data['railId'] = happening.externalId;
    const reasonCode = reasonOf(happening);
    if (reasonCode !== null) data['reasonCode'] = reasonCode;
    if (happening.kind === 'confirmed') Object.assign(data, confirmedData(payout));
    return {
      type: eventType,
      commissionerId: payout.commissionerId,
      subjectId: payout.id,
      providerId: payout.providerId,
      causeId: payout.eventId,
      actor: actor ?? systemActor(payout.commissionerId, payout.id),
      occurredAt: now,
      data,
    };
  }

  private async move(tx: Tx, payout: Payout, movement: Movement | null, event: NewEvent): Promise<void> {
    if (movement === null) {
      await this.ledger.record(tx, event);
      return;
    }
    if (movement === 'released') await this.ledger.reverse(tx, { eventId: payout.eventId }, { event, fact: true });
    else {
      const shares = await sharesOf(tx, payout);
      const transfers = shares.flatMap((share) => linesOf(movement, payout.providerId, share));
      // Accounts payable paid on a day of its own, which is the day on which it counts.
      const paidOn = movement === 'confirmed' ? payout.outsidePaidOn : null;
      await this.ledger.post(tx, { event, transfers, fact: true, ...(paidOn !== null && { effectiveOn: paidOn }) });
    }
    if (movement === 'released' || movement === 'returned') await release(tx, payout);
  }

  /** Final answers are final: an attempt that has one changes only from done to failed. */
  private async settleAttempt(tx: Tx, payout: Payout, happening: Happening): Promise<void> {
    const settled = outcomeOf(happening);
    const attempt = 'attempt' in happening ? happening.attempt : null;
    if (!settled || attempt === null) return;
    const externalId = 'externalId' in happening ? happening.externalId : null;
    await tx.execute(
      `update payout_attempt set outcome = $5, reason_code = $6, external_id = coalesce(external_id, $7),
              answered_at = $8, first_called_at = coalesce(first_called_at, $8)
       where commissioner_id = $1 and payout_id = $2 and step = $3 and attempt = $4
         and (outcome in ('planned', 'calling', 'unknown') or (outcome = 'done' and $5 = 'failed'))`,
      [
        payout.commissionerId,
        payout.id,
        stepOf(happening),
        attempt,
        settled.outcome,
        settled.reasonCode,
        externalId,
        this.clock.now(),
      ],
    );
  }

  private async tell(tx: Tx, payout: Payout, { topic, change }: Consequence, to: PayoutState): Promise<void> {
    const data = { commissionerId: payout.commissionerId, id: payout.id };
    if (topic !== null) await emit(tx, payout.commissionerId, TOPICS[topic], data);
    const due = change.nextTryAt ?? null;
    if (to !== 'paid' && due !== null && due <= this.clock.now())
      await emit(tx, payout.commissionerId, payoutDue, data);
  }
}

/** The account at the rail that a payout goes to. It never changes: an instruction is immutable. */
export async function railAccountOf(tx: Tx, { commissionerId, accountId }: Payout): Promise<string> {
  assert(accountId !== null, 'a payout through the platform has an account');
  const account = await tx.findOneBy(PayoutAccount, { commissionerId, id: accountId });
  assert(account?.externalId, 'only accounts that the platform has made are paid');
  return account.externalId;
}

export function sha256(bytes: string | Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function linesOf(movement: Exclude<Movement, 'released'>, providerId: string, share: ContractShare): NewTransfer[] {
  const { contractId, amountMinor } = share;
  const inTransit = accounts.inTransit(providerId, contractId);
  const rail = accounts.rail(providerId, contractId);
  switch (movement) {
    case 'sent':
      return [{ debit: rail, credit: accounts.fundsReserved(), amountMinor }];
    case 'paid':
      return [{ debit: inTransit, credit: rail, amountMinor }];
    case 'unpaid':
      return [{ debit: rail, credit: inTransit, amountMinor }];
    case 'confirmed':
      return [{ debit: inTransit, credit: accounts.bank(), amountMinor }];
    default:
      return [
        { debit: accounts.funds(), credit: rail, amountMinor },
        { debit: inTransit, credit: accounts.owed(providerId, contractId), amountMinor },
      ];
  }
}

function reasonOf(happening: Happening): string | null {
  return outcomeOf(happening)?.reasonCode ?? null;
}

/** A person's words are bound by their hash. */
function confirmedData(payout: Payout): Record<string, Canonical> {
  const { outsideReference, outsidePaidOn, enteredBy } = payout;
  return { referenceSha256: sha256(outsideReference ?? '').toString('hex'), paidOn: outsidePaidOn, enteredBy };
}
