import { hash } from 'node:crypto';
import {
  type Account,
  accountCode,
  accountId,
  eventBody,
  type Sha256,
  type StoredEvent,
  type Transfer,
  transfersDigest,
} from '../../src/ledger/rules.js';
import { canonicalJson, type CanonicalObject } from '../../src/platform/canonical-json.js';

/** An event as a log has it, with what it moved in order of the transfers' ids. */
export interface MadeEvent {
  readonly id: string;
  readonly body: Buffer;
  readonly transfers: readonly Transfer[];
}

/** What a made event says beside its id and its times. */
export interface Said {
  readonly type: string;
  readonly subjectId: string;
  readonly by?: string;
  readonly memberId?: string;
  readonly providerId?: string | null;
  readonly causeId?: string | null;
  readonly occurredAt?: Date;
  readonly data: CanonicalObject;
  readonly lines?: readonly Line[];
  readonly effectiveOn?: string;
}

export interface Line {
  readonly debit: Account;
  readonly credit: Account;
  readonly amountMinor: bigint;
  readonly claimId?: string;
}

const sha256: Sha256 = (bytes) => hash('sha256', bytes, 'buffer');

/** Writes events as the ledger does, on a clock and with ids of its own: the same calls give the same bytes. */
export class MadeJournal {
  readonly commissionerId: string;
  readonly officer: string;
  private readonly ids = new Map<string, string>();
  private count = 0;
  private at = Date.UTC(2026, 2, 2, 9);

  constructor() {
    this.commissionerId = this.newId();
    this.officer = this.newId();
  }

  /** Time passes; it never goes back. */
  moveTo(ms: number): void {
    this.at = Math.max(this.at, ms);
  }

  made({
    type,
    subjectId,
    by,
    memberId = this.officer,
    providerId = null,
    causeId = null,
    data,
    lines = [],
    ...days
  }: Said): MadeEvent {
    this.at += 250;
    const recordedAt = new Date(this.at);
    const transfers = lines.map((line): Transfer => ({
      id: this.newId(),
      debitAccountId: this.idOf(line.debit),
      creditAccountId: this.idOf(line.credit),
      amountMinor: line.amountMinor,
      effectiveOn: days.effectiveOn ?? this.today(),
      claimId: line.claimId ?? null,
      reversesId: null,
    }));
    const event: StoredEvent = {
      id: this.newId(),
      commissionerId: this.commissionerId,
      type,
      subjectId,
      actor: { kind: 'person', orgId: by ?? this.commissionerId, memberId, keyId: null },
      providerId,
      referrerId: null,
      causeId,
      occurredAt: days.occurredAt ?? recordedAt,
      recordedAt,
      data,
      ...(transfers.length > 0 && { transfers: transfersDigest(transfers, sha256) }),
    };
    return { id: event.id, body: Buffer.from(canonicalJson(eventBody(event))), transfers };
  }

  idOf(account: Account): string {
    const code = accountCode(account);
    const known = this.ids.get(code) ?? accountId(this.commissionerId, account, sha256);
    this.ids.set(code, known);
    return known;
  }

  today(): string {
    return new Date(this.at).toISOString().slice(0, 10); // nine in the morning, which is the same day in London
  }

  /** As version 7 looks, in the order in which they are made. */
  newId(): string {
    const n = ++this.count;
    const spread = Math.imul(n, 0x9e3779b1) >>> 0;
    return [
      '01a20000',
      (n >>> 20).toString(16).padStart(4, '0'),
      `7${((n >>> 8) & 0xfff).toString(16).padStart(3, '0')}`,
      `8${(n & 0xff).toString(16).padStart(2, '0')}0`,
      `0000${spread.toString(16).padStart(8, '0')}`,
    ].join('-');
  }
}
