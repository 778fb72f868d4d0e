import type { Contracts } from './journey-contracts.js';
import type { Chapter, ReadSaid, Reading, WriteSaid } from './journey-reading.js';
import { stateName } from './journey-steps.rules.js';
import { Key } from './replay-head.js';
import { ABSENT, KeyMap } from './replay-key-map.js';
import { takeFact } from './replay-keys.js';
import { NO_ROW } from './replay-rows.js';
import type { Said } from './replay-said.rules.js';
import type { TapeReader, TapeWriter } from './segment.js';
import type { Uuid } from './uuid.rules.js';

/** A fact of a contract: what a claim can charge for. */
export function putFact(tape: TapeWriter, kind: string, id: Uuid, contractId: Uuid): void {
  takeFact(tape.ids, kind, id, contractId);
  tape.putKey();
}

function putAttendance(tape: TapeWriter, said: Said, id: Uuid, contractId: Uuid): void {
  putFact(tape, 'attendance', id, contractId);
  tape.putId(said.id('referralId'));
}

export const DELIVERY_WRITERS: Readonly<Record<string, WriteSaid>> = {
  'referral.made': (said, _event, tape) => {
    tape.putId(said.id('contractId'));
    tape.put(said.flag('unconfirmed') ? 1 : 0);
  },
  'session.recorded': (said, { body }, tape) => {
    const contractId = said.id('contractId');
    const roll = said.list('attendances');
    tape.putId(contractId);
    putFact(tape, 'session', body.subjectId, contractId);
    tape.put(roll.length);
    for (const one of roll) putAttendance(tape, one, one.id('attendanceId'), contractId);
  },
  'attendance.recorded': (said, { body }, tape) => {
    const contractId = said.id('contractId');
    tape.putId(contractId);
    putFact(tape, 'session', said.id('sessionId'), contractId);
    putAttendance(tape, said, body.subjectId, contractId);
  },
  'milestone.recorded': (said, { body }, tape) => {
    const contractId = said.id('contractId');
    tape.putId(contractId);
    putFact(tape, 'milestone', body.subjectId, contractId);
    tape.putId(said.id('referralId'));
  },
};

/** A referral is kept as one number: its contract, its state, and whether somebody has yet to confirm it. */
const STATES = 8;
const UNCONFIRMED = 2;
const NO_REFERRAL = 0;

/** Referrals, and the facts of delivery that are recorded of them: what claims charge for. */
export class Delivery implements Chapter {
  readonly reads: Readonly<Record<string, ReadSaid>> = {
    'referral.made': (tape) => {
      const contract = this.contracts.require(this.key.read(tape));
      const unconfirmed = tape.next();
      const state = this.reading.step('referral', this.stateOf(this.reading.head.subject));
      if (state !== undefined) this.keep(contract, state, unconfirmed);
    },
    'referral.accepted': () => this.stepReferral(),
    'referral.declined': () => this.stepReferral(),
    'referral.closed': () => this.stepReferral(),
    'referral.confirmed': () => this.confirm(),
    'session.recorded': (tape) => {
      const contract = this.contracts.require(this.key.read(tape));
      this.record(this.key.read(tape), 'session');
      const roll = tape.next();
      for (let place = 0; place < roll; place++) this.recordAttendance(tape, contract);
    },
    'attendance.recorded': (tape) => {
      const contract = this.contracts.require(this.key.read(tape));
      if (!this.hasFact(this.key.read(tape))) {
        this.reading.tell('session_missing', 'The session that it names was not recorded before on its contract.');
      }
      this.recordAttendance(tape, contract);
    },
    'milestone.recorded': (tape) => {
      const contract = this.contracts.require(this.key.read(tape));
      this.record(this.key.read(tape), 'milestone');
      this.requireReferral(this.key.read(tape), contract);
    },
  };

  private readonly key = new Key();
  private readonly referrals = new KeyMap('values');
  private readonly facts = new KeyMap('keys');

  constructor(
    private readonly reading: Reading,
    private readonly contracts: Contracts,
  ) {}

  /** Whether a fact was recorded: one of `putFact`. */
  hasFact(fact: Key): boolean {
    return this.facts.has(fact.high, fact.low);
  }

  /** The referral that an event cites: accepted, whatever became of it since, and of the same contract. */
  requireReferral(referral: Key, contract: number): void {
    const kept = this.kept(referral);
    const state = stateName('referral', (kept >> 1) % STATES);
    if (state !== 'accepted' && state !== 'closed') {
      const which = kept === NO_REFERRAL ? 'was not made before' : `is ${state}, and was never accepted`;
      this.reading.tell('referral_missing', `A referral that it names ${which}.`);
    } else if (contract !== NO_ROW && Math.floor(kept / (2 * STATES)) !== contract) {
      this.reading.tell('referral_of_other_contract', 'A referral that it names is of another contract.');
    }
  }

  private recordAttendance(tape: TapeReader, contract: number): void {
    this.record(this.key.read(tape), 'attendance');
    this.requireReferral(this.key.read(tape), contract);
  }

  private record(fact: Key, kind: string): void {
    if (!this.facts.add(fact.high, fact.low))
      this.reading.tell('recorded_twice', `The same ${kind} was recorded before.`);
  }

  private stepReferral(): void {
    const { subject } = this.reading.head;
    const state = this.reading.step('referral', this.stateOf(subject));
    if (state === undefined) return;
    const kept = this.kept(subject);
    this.keep(Math.floor(kept / (2 * STATES)), state, kept & 1);
  }

  private confirm(): void {
    const { subject } = this.reading.head;
    const kept = this.kept(subject);
    if (this.reading.step('referral', this.stateOf(subject)) === undefined) return;
    if ((kept & 1) === 0)
      this.reading.tell('confirmed_twice', `The referral ${this.reading.head.subjectId()} needed nobody.`);
    this.referrals.set(subject.high, subject.low, kept & ~1);
  }

  private stateOf(referral: Key): number {
    return (this.kept(referral) >> 1) % STATES;
  }

  private kept(referral: Key): number {
    const kept = this.referrals.get(referral.high, referral.low);
    return kept === ABSENT ? NO_REFERRAL : kept;
  }

  private keep(contract: number, state: number, unconfirmed: number): void {
    const { subject } = this.reading.head;
    this.referrals.set(subject.high, subject.low, contract * 2 * STATES + state * UNCONFIRMED + unconfirmed);
  }
}
