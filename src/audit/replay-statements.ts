import type { Chapter, ReadSaid, Reading, WriteSaid } from './journey-reading.js';
import type { KnownAccount } from './replay-accounts.js';
import { Key } from './replay-head.js';
import { Rows } from './replay-rows.js';
import type { IdHash } from './id-hash.js';
import type { TapeReader } from './segment.js';

const PARTIES = ['commissioner', 'provider', 'contract'];
const PROVIDER = 1;
const CONTRACT = 2;

export const STATEMENT_WRITERS: Readonly<Record<string, WriteSaid>> = {
  'statement.exported': (said, _event, tape) => {
    tape.put(PARTIES.indexOf(said.text('party')));
    tape.put(said.day('from'));
    tape.put(said.day('to'));
    tape.put(said.minor('openingMinor'));
    tape.put(said.minor('closingMinor'));
    said.sha256('sha256');
    const isBooked = said.has('checkpointSize');
    tape.put(isBooked ? said.count('checkpointSize') : 0);
  },
};

/** What a statement is made of: what is owed and on its way, less what the provider was paid ahead or owes back. */
const SIGNS: Readonly<Record<string, 1 | -1>> = { owed: 1, in_transit: 1, advance: -1, recoverable: -1 };

/** The columns of a movement: in which event, on which day, in which account, and what a statement grows by. */
const INDEX = 0;
const DAY = 1;
const ACCOUNT = 2;
const EFFECT = 3;

/**
 * Statements made again: their opening and closing balances as of the checkpoint that they are booked in, whoever had
 * them made. A statement that was made before anything was sealed names no checkpoint, and cannot be.
 */
export class Statements implements Chapter {
  readonly reads: Readonly<Record<string, ReadSaid>> = { 'statement.exported': (tape) => this.judge(tape) };

  private readonly movements = new Rows(4);
  private readonly effects = new Map<number, { account: number; day: number; minor: number }>();
  private readonly providers: readonly Key[];
  private sealed = 0;
  private judged = 0;

  constructor(
    private readonly reading: Reading,
    private readonly accounts: readonly (KnownAccount | undefined)[],
    ids: IdHash,
  ) {
    this.providers = accounts.map((account) => {
      const key = new Key();
      if (account && account.providerId !== null) {
        ids.take(account.providerId);
        [key.high, key.low] = [ids.high, ids.low];
      }
      return key;
    });
  }

  /** How many statements were made again. */
  get count(): number {
    return this.judged;
  }

  /** Keeps what the event that is being read moves in and out of statements: what only changes its place in one is none. */
  read(): void {
    const { legs } = this.reading.money;
    if (legs.length === 0) return;
    this.effects.clear();
    for (let at = 0; at < legs.length; at += 3) this.gather(legs[at] ?? 0, legs[at + 1] ?? 0, legs[at + 2] ?? 0);
    for (const { account, day, minor } of this.effects.values()) {
      if (minor !== 0) this.movements.add(this.reading.head.index, day, account, minor);
    }
  }

  atCheckpoint(size: number): void {
    this.sealed = size;
  }

  private judge(tape: TapeReader): void {
    const [party, from, to] = [tape.next(), tape.next(), tape.next()];
    const [opening, closing, size] = [tape.next(), tape.next(), tape.next()];
    if (size === 0) return;
    if (size > this.sealed) {
      this.reading.tell(
        'statement_differs',
        `It is booked in ${size} events, and ${this.sealed} were sealed before it.`,
      );
      return;
    }
    const [wasOpening, wasClosing] = this.balances(party, from, to, size);
    this.judged++;
    if (opening === wasOpening && closing === wasClosing) return;
    const says = `It says ${opening} at the beginning and ${closing} at the end`;
    this.reading.tell(
      'statement_differs',
      `${says}, and of ${size} events it comes to ${wasOpening} and ${wasClosing}.`,
    );
  }

  private balances(party: number, from: number, to: number, size: number): [opening: number, closing: number] {
    let [opening, closing] = [0, 0];
    for (let row = 1; row <= this.movements.last && this.movements.get(row, INDEX) < size; row++) {
      const day = this.movements.get(row, DAY);
      if (day > to || !this.concerns(party, this.movements.get(row, ACCOUNT))) continue;
      const effect = this.movements.get(row, EFFECT);
      closing += effect;
      if (day < from) opening += effect;
    }
    return [opening, closing];
  }

  /** Of the party that the statement is about; a provider's own is of its accounts alone, whatever it is about. */
  private concerns(party: number, account: number): boolean {
    const { subject, provider } = this.reading.head;
    const known = this.accounts[account];
    const owner = this.providers[account];
    if (!known || !owner) return false;
    if (party === CONTRACT) return subject.is(known.contractHigh, known.contractLow);
    if (party === PROVIDER) return owner.is(subject.high, subject.low);
    return provider.isNone || owner.is(provider.high, provider.low);
  }

  private gather(account: number, day: number, change: number): void {
    const known = this.accounts[account];
    const sign = SIGNS[known?.kind ?? ''];
    if (!known || sign === undefined) return;
    const minor = sign * known.sign * change;
    for (const effect of this.effects.values()) {
      const other = this.accounts[effect.account];
      const isSame = other?.contractHigh === known.contractHigh && other.contractLow === known.contractLow;
      if (!isSame || effect.day !== day) continue;
      effect.minor += minor;
      return;
    }
    this.effects.set(account, { account, day, minor });
  }
}
