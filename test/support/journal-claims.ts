import { batchDigest } from '../../src/audit/journey-digest.js';
import { Uuid } from '../../src/audit/uuid.rules.js';
import { accounts } from '../../src/ledger/rules.js';
import { type JournalEvent, JournalWriter } from './journal-writer.js';

export interface JournalContract {
  readonly id: string;
  readonly providerId: string;
  readonly serviceId: string;
  readonly cardId: string;
  readonly terms: Record<string, unknown>;
  readonly open: JournalClaim[];
  readonly accountId: string;
}

export interface JournalClaim {
  readonly id: string;
  readonly contract: JournalContract;
  readonly event: JournalEvent;
  readonly month: string;
  readonly minor: number;
}

export interface JournalBatch {
  readonly id: string;
  readonly contract: JournalContract;
  readonly event: JournalEvent;
  lines: JournalClaim[];
  vat: number;
  uncommitted: number;
  approval?: JournalEvent;
}

/** From a contract to a batch that is decided. What is told is the caller's to keep true. */
export class ClaimsJournal extends JournalWriter {
  contract(terms: Record<string, unknown> = {}, budget = 1_000_000, providerId = this.newId()): JournalContract {
    const [id, serviceId, cardId, accountId] = [this.newId(), this.newId(), this.newId(), this.newId()];
    const contract = { id, providerId, serviceId, cardId, accountId, terms: { ...TERMS, ...terms }, open: [] };
    this.tell('contract.authorised', id, { providerId, data: { ...contract.terms, code: 'SP-1' } });
    this.tell('rate_card.published', cardId, {
      providerId,
      data: { contractId: id, serviceId, chargeKind: 'primary', basis: 'attendance' },
    });
    if (budget !== 0) this.budget(contract, budget);
    this.tell('payout_account.opened', accountId, {
      by: 'provider',
      providerId,
      data: { rail: 'stripe', state: 'pending' },
    });
    this.tell('payout_account.activated', accountId, { by: 'system', providerId, data: {} });
    return contract;
  }

  budget({ id, providerId }: JournalContract, minor: number): JournalEvent {
    const [authorised, budget] = [accounts.authorised(providerId, id), accounts.budget(providerId, id)];
    return this.tell('contract.authorised', id, {
      providerId,
      data: { budgetChangeId: this.newId(), amountMinor: String(minor), effectiveOn: '2026-04-01', version: 1 },
      lines: [minor > 0 ? [authorised, budget, minor] : [budget, authorised, -minor]],
      day: '2026-04-01',
    });
  }

  referral({ id: contractId, providerId, serviceId }: JournalContract): string {
    const id = this.newId();
    const data = { contractId, serviceId, madeOn: '2026-09-01', unconfirmed: false };
    this.tell('referral.made', id, { providerId, data });
    this.tell('referral.accepted', id, { by: 'provider', providerId, data: { acceptedOn: '2026-09-02' } });
    return id;
  }

  session({ id: contractId, providerId, serviceId }: JournalContract, referralId: string, heldOn: string) {
    const attendanceId = this.newId();
    const attendances = [{ attendanceId, referralId, outcome: 'attended' }];
    const data = { contractId, serviceId, heldOn, attendances };
    const event = this.tell('session.recorded', this.newId(), { by: 'provider', providerId, data });
    return { event, attendanceId };
  }

  /** Claims what a session earned. */
  claim(
    contract: JournalContract,
    minor: number,
    servedOn = '2026-10-06',
    more: Record<string, unknown> = {},
  ): JournalClaim {
    const { event, attendanceId } = this.session(contract, this.referral(contract), servedOn);
    return this.charge(contract, { kind: 'attendance', id: attendanceId }, minor, { servedOn, cause: event, more });
  }

  charge(
    contract: JournalContract,
    fact: { kind: string; id: string },
    minor: number,
    {
      servedOn = '2026-10-06',
      cause,
      more = {},
    }: { servedOn?: string; cause?: JournalEvent; more?: Record<string, unknown> } = {},
  ): JournalClaim {
    const { id: contractId, serviceId, cardId: rateCardId, providerId } = contract;
    const id = this.newId();
    const forPeriod = `${servedOn.slice(0, 7)}-01`;
    const event = this.tell('claim.submitted', id, {
      by: 'provider',
      providerId,
      causeId: cause?.body.id ?? null,
      data: {
        contractId,
        serviceId,
        rateCardId,
        fact,
        chargeKind: 'primary',
        servedOn,
        forPeriod,
        provisionalMinor: String(minor),
        ...more,
      },
    });
    const claim = { id, contract, event, month: forPeriod, minor };
    contract.open.push(claim);
    return claim;
  }

  /** Submits all open claims of the contract, of October and before. */
  submit(
    contract: JournalContract,
    { vat = 0, lacking = 0, more = {} }: { vat?: number; lacking?: number; more?: Record<string, unknown> } = {},
  ): JournalBatch {
    const { id: contractId, providerId } = contract;
    const lines = contract.open.splice(0);
    const id = this.newId();
    const committed = totalOf(lines) + vat - lacking;
    const event = this.tell('batch.submitted', id, {
      providerId,
      data: {
        contractId,
        contractVersion: 1,
        code: 'SP-1-202610-1',
        period: '2026-10-01',
        purchaseOrderNumber: null,
        ...sumsOf(lines),
        vatMinor: String(vat),
        committedMinor: String(committed),
        uncommittedMinor: String(lacking),
        ...more,
      },
      lines: [[accounts.budget(providerId, contractId), accounts.committed(providerId, contractId), committed]],
    });
    return { id, contract, event, lines, vat, uncommitted: lacking };
  }

  /** Takes a line out of a batch under review. */
  review(batch: JournalBatch, claim: JournalClaim, what: 'queried' | 'rejected', vat = batch.vat): JournalEvent {
    const { id: contractId, providerId } = batch.contract;
    const before = totalOf(batch.lines) + batch.vat - batch.uncommitted;
    batch.lines = batch.lines.filter((one) => one !== claim);
    batch.vat = vat;
    const cost = totalOf(batch.lines) + vat;
    batch.uncommitted = cost - Math.min(cost, before);
    const [committed, budget] = [accounts.committed(providerId, contractId), accounts.budget(providerId, contractId)];
    return this.tell(`claim.${what}`, claim.id, {
      providerId,
      causeId: batch.event.body.id,
      data: { batchId: batch.id, ...sumsOf(batch.lines), vatMinor: String(vat) },
      lines: [[committed, budget, before - Math.min(cost, before), claim.id]],
    });
  }

  answer(batch: JournalBatch, claim: JournalClaim): void {
    const { providerId } = batch.contract;
    this.tell('claim.answered', claim.id, { by: 'provider', providerId, data: { batchId: batch.id } });
    batch.contract.open.push(claim);
  }

  approve(batch: JournalBatch, member = this.people.approver): JournalEvent {
    const { id: contractId, providerId } = batch.contract;
    const total = totalOf(batch.lines);
    const [budget, committed] = [accounts.budget(providerId, contractId), accounts.committed(providerId, contractId)];
    batch.approval = this.tell('batch.approved', batch.id, {
      providerId,
      member,
      causeId: batch.event.body.id,
      data: { contractId, ...sumsOf(batch.lines), vatMinor: String(batch.vat) },
      lines: [
        ...batch.lines.map(
          ({ id, minor }) => [accounts.activity(), accounts.accrued(providerId, contractId), minor, id] as const,
        ),
        [budget, committed, batch.uncommitted],
        [committed, accounts.spent(providerId, contractId), total + batch.vat],
      ],
    });
    return batch.approval;
  }

  rejectBatch(batch: JournalBatch): JournalEvent {
    const { id: contractId, providerId } = batch.contract;
    const taken = totalOf(batch.lines) + batch.vat - batch.uncommitted;
    batch.contract.open.push(...batch.lines);
    return this.tell('batch.rejected', batch.id, {
      providerId,
      causeId: batch.event.body.id,
      data: { contractId, ...sumsOf(batch.lines) },
      lines: [[accounts.committed(providerId, contractId), accounts.budget(providerId, contractId), taken]],
    });
  }
}

export function totalOf(lines: readonly JournalClaim[]): number {
  return lines.reduce((sum, { minor }) => sum + minor, 0);
}

/** What a batch says of its lines. */
export function sumsOf(lines: readonly JournalClaim[]) {
  return { lineCount: lines.length, totalMinor: String(totalOf(lines)), digest: batchDigest(lines.map(digestLine)) };
}

function digestLine({ id, event: { leaf }, minor }: JournalClaim) {
  const { first, second, third, fourth } = Uuid.of(id);
  const words = [first, second, third, fourth].map((word) => word >>> 0);
  const view = Buffer.from(leaf);
  return { words: [...words, ...[0, 1, 2, 3, 4, 5, 6, 7].map((word) => view.readUInt32BE(4 * word))], minor };
}

const TERMS = {
  version: 1,
  effectiveFrom: '2026-04-01',
  vatRecoverable: true,
  standingAuthority: true,
  budgetRule: 'refuse',
  poRequired: false,
  documentMode: 'provider_issued',
};
