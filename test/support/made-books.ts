import { hash } from 'node:crypto';
import type { BundleAccount } from '../../src/audit/index.js';
import { accounts, CURRENCY } from '../../src/ledger/rules.js';
import { leafHash } from '../../src/transparency/index.js';
import { CARD, CLAIM, PRICE_MINOR, REFERRAL, SESSION, SHA, TERMS } from './made-data.js';
import { type MadeEvent, MadeJournal } from './made-journal.js';
import { type MadeContract, MadePayments } from './made-payments.js';

const BUDGET_MINOR = 10n ** 12n;
const FUNDS_MINOR = 10n ** 13n;
const CLAIMS_OF_ONE_REFERRAL = 8;

export interface BooksSetting {
  /** Contracts, each of a provider of its own. */
  readonly contracts: number;
  /** Sessions of one person that each contract has in a month, each claimed. */
  readonly sessions: number;
}

interface MadeClaim {
  readonly id: string;
  readonly leaf: Buffer;
}

/**
 * The books of one commissioner, as the services write them but without a database: it contracts, people are referred and
 * come, and each month is claimed, submitted, approved, invoiced and paid, and so on without an end. The same setting
 * gives the same events, byte for byte.
 */
export class MadeBooks {
  private readonly journal = new MadeJournal();
  private readonly approver = this.journal.newId();
  private readonly contracts: MadeContract[] = [];
  private readonly payments = new MadePayments(this.journal);

  constructor(private readonly setting: BooksSetting) {}

  get commissionerId(): string {
    return this.journal.commissionerId;
  }

  /** Every account that will ever be posted to, in order of their ids. */
  accounts(): BundleAccount[] {
    const shared = [accounts.funds(), accounts.fundsReserved(), accounts.bank(), accounts.activity()];
    const keyed = this.setUp().flatMap(({ providerId, id }) =>
      (['authorised', 'budget', 'committed', 'spent', 'accrued', 'owed', 'inTransit', 'rail'] as const).map((name) =>
        accounts[name](providerId, id),
      ),
    );
    return [...shared, ...keyed]
      .map((account) => ({ id: this.journal.idOf(account), ...account, currency: CURRENCY }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  *events(): Generator<MadeEvent> {
    for (const contract of this.setUp()) yield* this.authorise(contract);
    yield this.journal.made({
      type: 'funds.received',
      subjectId: this.journal.newId(),
      data: { rail: 'stripe', railId: 'tu_made', amountMinor: FUNDS_MINOR, receivedOn: this.journal.today() },
      lines: [{ debit: accounts.funds(), credit: accounts.bank(), amountMinor: FUNDS_MINOR }],
    });
    for (let month = 3; ; month++) {
      this.journal.moveTo(Date.UTC(2026, month, 1, 9));
      for (const contract of this.contracts) yield* this.month(contract, month);
    }
  }

  private setUp(): readonly MadeContract[] {
    for (let n = this.contracts.length; n < this.setting.contracts; n++) {
      const [id, providerId, serviceId, cardId] = [
        this.journal.newId(),
        this.journal.newId(),
        this.journal.newId(),
        this.journal.newId(),
      ];
      this.contracts.push({
        id,
        providerId,
        serviceId,
        cardId,
        payoutAccountId: this.journal.newId(),
        code: `SP-${n + 1}`,
        referralId: '',
        numbers: { year: 0, count: 0 },
      });
    }
    return this.contracts;
  }

  private *authorise({ id, providerId, serviceId, cardId, payoutAccountId, code }: MadeContract): Generator<MadeEvent> {
    const registered = { code: `PROV${code}`, entrySha256: SHA, kind: 'provider' };
    yield this.journal.made({ type: 'organisation.registered', subjectId: providerId, providerId, data: registered });
    const service = { code: 'SING', kind: 'activity', nameSha256: SHA };
    yield this.journal.made({ type: 'service.added', subjectId: serviceId, providerId, data: service });
    yield this.journal.made({ type: 'contract.authorised', subjectId: id, providerId, data: { ...TERMS, code } });
    yield this.journal.made({
      type: 'rate_card.published',
      subjectId: cardId,
      providerId,
      data: { ...CARD, contractId: id, serviceId, terms: { basis: 'attendance', priceMinor: PRICE_MINOR } },
    });
    yield this.journal.made({
      type: 'contract.authorised',
      subjectId: id,
      providerId,
      data: { amountMinor: BUDGET_MINOR, budgetChangeId: this.journal.newId(), effectiveOn: '2026-04-01', version: 1 },
      lines: [
        {
          debit: accounts.authorised(providerId, id),
          credit: accounts.budget(providerId, id),
          amountMinor: BUDGET_MINOR,
        },
      ],
      effectiveOn: '2026-04-01',
    });
    const opened = { detailsSha256: SHA, rail: 'stripe', state: 'pending' };
    yield this.journal.made({
      type: 'payout_account.opened',
      subjectId: payoutAccountId,
      by: providerId,
      providerId,
      data: opened,
    });
    yield this.journal.made({
      type: 'payout_account.activated',
      subjectId: payoutAccountId,
      providerId,
      data: { payouts: 'active', rail: 'stripe', railId: `acct_${code}`, transfers: 'active' },
    });
  }

  /** One month of one contract, recorded and paid in the next. */
  private *month(contract: MadeContract, month: number): Generator<MadeEvent> {
    const period = new Date(Date.UTC(2026, month - 1, 1)).toISOString().slice(0, 10);
    const claims: MadeClaim[] = [];
    for (let session = 0; session < this.setting.sessions; session++) {
      if (session % CLAIMS_OF_ONE_REFERRAL === 0) yield* this.refer(contract, period);
      yield* this.attend(contract, period, 1 + (session % 28), claims);
    }
    const [batchId, totalMinor] = [this.journal.newId(), PRICE_MINOR * BigInt(claims.length)];
    const approved = yield* this.approve(contract, batchId, period, claims, totalMinor);
    yield* this.payments.pay(contract, { batchId, approved, amountMinor: totalMinor });
  }

  private *refer(contract: MadeContract, madeOn: string): Generator<MadeEvent> {
    const { id, providerId, serviceId } = contract;
    contract.referralId = this.journal.newId();
    const data = { ...REFERRAL, contractId: id, serviceId, madeOn, respondBy: madeOn, personId: this.journal.newId() };
    const made = { subjectId: contract.referralId, providerId };
    yield this.journal.made({ ...made, type: 'referral.made', data });
    yield this.journal.made({ ...made, type: 'referral.accepted', by: providerId, data: { acceptedOn: madeOn } });
  }

  private *attend(contract: MadeContract, period: string, day: number, claims: MadeClaim[]): Generator<MadeEvent> {
    const { id: contractId, providerId, serviceId, cardId, referralId } = contract;
    const servedOn = `${period.slice(0, 8)}${String(day).padStart(2, '0')}`;
    const attendanceId = this.journal.newId();
    const session = this.journal.made({
      type: 'session.recorded',
      subjectId: this.journal.newId(),
      by: providerId,
      providerId,
      occurredAt: new Date(`${servedOn}T13:00:00Z`),
      data: {
        ...SESSION,
        attendances: [{ attendanceId, outcome: 'attended', referralId }],
        contractId,
        heldOn: servedOn,
        naturalKey: hash('sha256', attendanceId),
        serviceId,
      },
    });
    yield session;
    const claimId = this.journal.newId();
    const claim = this.journal.made({
      type: 'claim.submitted',
      subjectId: claimId,
      by: providerId,
      providerId,
      causeId: session.id,
      data: {
        ...CLAIM,
        contractId,
        deliveredBy: providerId,
        fact: { id: attendanceId, kind: 'attendance' },
        forPeriod: period,
        paidTo: providerId,
        rateCardId: cardId,
        servedOn,
        serviceId,
      },
    });
    yield claim;
    claims.push({ id: claimId, leaf: leafHash(claim.body) });
  }

  private *approve(
    { id: contractId, providerId, code }: MadeContract,
    batchId: string,
    period: string,
    claims: readonly MadeClaim[],
    totalMinor: bigint,
  ): Generator<MadeEvent, MadeEvent> {
    const lines = { chargeCount: claims.length, contractId, digest: digestOf(claims), lineCount: claims.length };
    const sums = { indicativeMinor: 0n, pricingSha256: SHA, totalMinor, vatMinor: 0n };
    const [budget, committed] = [accounts.budget(providerId, contractId), accounts.committed(providerId, contractId)];
    const submitted = this.journal.made({
      type: 'batch.submitted',
      subjectId: batchId,
      providerId,
      data: {
        ...lines,
        ...sums,
        code: `${code}-${period.slice(0, 7).replace('-', '')}-1`,
        committedMinor: totalMinor,
        contractVersion: 1,
        period,
        purchaseOrderNumber: null,
        uncommittedMinor: 0n,
      },
      lines: [{ debit: budget, credit: committed, amountMinor: totalMinor }],
    });
    yield submitted;
    const accrued = accounts.accrued(providerId, contractId);
    const approved = this.journal.made({
      type: 'batch.approved',
      subjectId: batchId,
      providerId,
      causeId: submitted.id,
      memberId: this.approver,
      data: { ...lines, ...sums, flaggedCount: 0, flagsReasonSha256: null },
      lines: [
        ...claims.map(({ id }) => ({
          debit: accounts.activity(),
          credit: accrued,
          amountMinor: PRICE_MINOR,
          claimId: id,
        })),
        { debit: committed, credit: accounts.spent(providerId, contractId), amountMinor: totalMinor },
      ],
    });
    yield approved;
    return approved;
  }
}

/** As a batch binds its lines: claim, leaf of the event that submitted it, price; in order of the claims' ids. */
function digestOf(claims: readonly MadeClaim[]): string {
  const price = Buffer.alloc(8);
  price.writeBigInt64BE(PRICE_MINOR);
  const lines = claims.flatMap(({ id, leaf }) => [Buffer.from(id.replaceAll('-', ''), 'hex'), leaf, price]);
  return hash('sha256', Buffer.concat(lines));
}
