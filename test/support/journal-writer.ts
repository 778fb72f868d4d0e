import type { EventBody } from '../../src/audit/segment.js';
import type { Account } from '../../src/ledger/rules.js';
import { canonicalJson, type CanonicalObject } from '../../src/platform/canonical-json.js';
import { londonDay } from '../../src/platform/clock.js';
import { leafHash } from '../../src/transparency/index.js';

/** A transfer of a journal: whoever lies may change it. */
export interface JournalTransfer {
  id: string;
  debit: Account;
  credit: Account;
  amountMinor: number;
  day: string;
  claimId: string | null;
  reversesId: string | null;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** An event of a journal: whoever lies may change it. Its leaf stays the one with which it was written. */
export interface JournalEvent {
  body: Omit<Writable<EventBody>, 'data' | 'actor'> & {
    data: Record<string, unknown>;
    actor: Writable<EventBody['actor']>;
  };
  transfers: JournalTransfer[];
  leaf: Uint8Array;
}

export interface Told {
  readonly by?: 'provider' | 'system';
  readonly providerId?: string | null;
  readonly member?: string;
  readonly causeId?: string | null;
  readonly data?: Record<string, unknown>;
  readonly lines?: readonly (readonly [debit: Account, credit: Account, minor: number, claimId?: string])[];
  readonly reverses?: JournalEvent;
  readonly day?: string;
}

const HOUR_MS = 3_600_000;

/** Events of one commissioner, one after the other, with what they move. The same calls give the same journal. */
export class JournalWriter {
  readonly events: JournalEvent[] = [];
  /** Sizes at which a pass of the sealer has ended. */
  readonly cuts: number[] = [];
  readonly commissionerId: string;
  readonly people: Readonly<Record<'maker' | 'approver' | 'finance' | 'second' | 'coordinator' | 'treasurer', string>>;
  protected ids = 0;

  constructor(private at = Date.UTC(2026, 10, 2, 9)) {
    this.commissionerId = this.newId();
    const names = ['maker', 'approver', 'finance', 'second', 'coordinator', 'treasurer'] as const;
    this.people = Object.fromEntries(names.map((name) => [name, this.newId()])) as JournalWriter['people'];
  }

  newId(): string {
    return `01a20000-0000-7000-8000-${(++this.ids).toString(16).padStart(12, '0')}`;
  }

  today(): string {
    return londonDay(new Date(this.at));
  }

  wait(hours: number): void {
    this.at += hours * HOUR_MS;
  }

  /** A pass of the sealer ends here. */
  seal(): void {
    if (this.cuts.at(-1) !== this.events.length) this.cuts.push(this.events.length);
  }

  tell(type: string, subjectId: string, said: Told = {}): JournalEvent {
    const { by, providerId = null, causeId = null, data = {}, lines = [], reverses, day = this.today() } = said;
    this.at += HOUR_MS / 60;
    const instant = new Date(this.at).toISOString();
    const orgId = by === 'provider' ? (providerId ?? '') : this.commissionerId;
    const memberId = by === 'system' ? null : (said.member ?? this.people[by === 'provider' ? 'coordinator' : 'maker']);
    const body: JournalEvent['body'] = {
      v: 1,
      id: this.newId(),
      commissionerId: this.commissionerId,
      type,
      subjectId,
      actor: { kind: by === 'system' ? 'system' : 'person', orgId, memberId, keyId: null },
      providerId,
      referrerId: null,
      causeId,
      occurredAt: instant,
      recordedAt: instant,
      data,
    };
    const posted = lines.flatMap(([debit, credit, amountMinor, claimId = null]): JournalTransfer[] =>
      amountMinor === 0
        ? []
        : [{ id: this.newId(), debit, credit, amountMinor, day, claimId: claimId ?? null, reversesId: null }],
    );
    const undone = (reverses?.transfers ?? []).map((one) => ({
      ...one,
      id: this.newId(),
      debit: one.credit,
      credit: one.debit,
      day,
      reversesId: one.id,
    }));
    const leaf = leafHash(Buffer.from(canonicalJson(body as unknown as CanonicalObject)));
    const event = { body, transfers: [...posted, ...undone], leaf };
    this.events.push(event);
    return event;
  }

  /** The event of this type, counted from 0. */
  find(type: string, nth = 0): JournalEvent {
    const event = this.events.filter(({ body }) => body.type === type)[nth];
    if (!event) throw new Error(`no ${type} was told`);
    return event;
  }

  /** Takes an event out, as if it had never been. */
  forget(event: JournalEvent): void {
    const at = this.events.indexOf(event);
    this.events.splice(at, 1);
    for (const [place, size] of this.cuts.entries()) if (size > at) this.cuts[place] = size - 1;
  }

  /** Puts an event before another, in the same pass. */
  moveBefore(event: JournalEvent, other: JournalEvent): void {
    this.forget(event);
    const at = this.events.indexOf(other);
    this.events.splice(at, 0, event);
    for (const [place, size] of this.cuts.entries()) if (size > at) this.cuts[place] = size + 1;
  }
}
