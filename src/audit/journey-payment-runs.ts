import type { Chapter, ReadSaid, Reading, WriteSaid } from './journey-reading.js';
import { Key } from './replay-head.js';
import { ABSENT, KeyMap } from './replay-key-map.js';
import { takeText } from './replay-keys.js';
import { NO_ROW, Rows } from './replay-rows.js';
import type { TapeReader } from './segment.js';

const DAY_MS = 86_400_000;
const DAY_ZERO_MS = Date.UTC(2000, 0, 1);
/** In London it is never more than an hour later than in UTC. */
const SUMMER_TIME_MS = 3_600_000;

export const RUN_WRITERS: Readonly<Record<string, WriteSaid>> = {
  'payment_run.made': (said, _event, tape) => tape.put(said.day('paysOn')),
  'payment_run.finished': (said, _event, tape) => {
    tape.put(said.count('payouts'));
    tape.put(said.count('waits'));
  },
  'payout.deferred': (said, _event, tape) => tape.putId(said.id('runId')),
  'funds.received': (said, _event, tape) => {
    takeText(tape.ids, said.text('railId'));
    tape.putKey();
  },
  'funds.returned': (said, _event, tape) => {
    takeText(tape.ids, said.text('railId'));
    tape.putKey();
  },
};

/** The columns of a run, and of what came in. */
const STATE = 0;
const PAYS_ON = 1;
const PAYOUTS = 2;
const WAITS = 3;
const EVENT = 4; // two words
const ARRIVED = 1; // two words: the event that booked it
const RAIL_ID = 3; // two words
const MIRRORS = 5; // count and two words

/** Payment runs, which order payouts, and the funds that they are paid from. */
export class PaymentRuns implements Chapter {
  readonly reads: Readonly<Record<string, ReadSaid>> = {
    'payment_run.made': (tape) => {
      const paysOn = tape.next();
      const state = this.stepRun(this.reading.head.subject);
      const { subject, event } = this.reading.head;
      if (state !== undefined)
        this.runs.set(subject.high, subject.low, this.rows.add(state, paysOn, 0, 0, event.high, event.low));
    },
    'payment_run.cancelled': () => this.end(),
    'payment_run.finished': (tape) => {
      const said = [tape.next(), tape.next()];
      const row = this.end();
      if (row === NO_ROW) return;
      const counted = [this.rows.get(row, PAYOUTS), this.rows.get(row, WAITS)];
      // Another worker's payout may be on record already that this one did not see yet, and never the other way round.
      if (said.some((count, place) => count > (counted[place] ?? 0))) {
        this.reading.tell(
          'lines_differ',
          `It says ${said.join(' and ')} payouts and waits, and ${counted.join(' and ')} are on record.`,
        );
      }
    },
    'payout.deferred': (tape) => {
      const row = this.take(this.key.read(tape));
      if (row !== NO_ROW) this.rows.addTo(row, WAITS, 1);
    },
    'funds.received': (tape) => this.receive(tape),
    'funds.returned': (tape) => this.giveBack(tape),
  };

  private readonly key = new Key();
  private readonly runs = new KeyMap('values');
  private readonly rows = new Rows(6);
  private readonly fundings = new KeyMap('values');
  private readonly fundingRows = new Rows(8);
  private readonly railIds = new KeyMap('keys');

  constructor(private readonly reading: Reading) {}

  /** A payout is asked for by a run that was made and not cancelled, on its day or later. */
  request(run: Key): void {
    const row = this.take(run);
    if (row !== NO_ROW) this.rows.addTo(row, PAYOUTS, 1);
  }

  private take(run: Key): number {
    const row = this.find(run);
    if (row === NO_ROW) this.reading.tell('run_missing', 'No payment run was made before of the one that it names.');
    if (row === NO_ROW || this.stepRun(run, 'that it names') === undefined) return NO_ROW;
    this.reading.causedBy(this.rows.get(row, EVENT), this.rows.get(row, EVENT + 1), 'the order of the payment run');
    const latestDay = Math.floor((this.reading.head.recordedAt + SUMMER_TIME_MS - DAY_ZERO_MS) / DAY_MS);
    if (latestDay < this.rows.get(row, PAYS_ON))
      this.reading.tell('run_too_early', 'Its payment run pays on a later day.');
    return row;
  }

  private end(): number {
    const { subject } = this.reading.head;
    const state = this.stepRun(subject);
    if (state === undefined) return NO_ROW;
    const row = this.find(subject);
    this.reading.causedBy(this.rows.get(row, EVENT), this.rows.get(row, EVENT + 1), 'the order of the payment run');
    this.rows.set(row, STATE, state);
    return row;
  }

  private receive(tape: TapeReader): void {
    const { high, low } = this.key.read(tape);
    const { head, money } = this.reading;
    const { count, high: mirrorHigh, low: mirrorLow } = money.standingSum;
    const state = this.stepFunding();
    if (!this.railIds.add(high, low)) this.reading.tell('arrived_twice', 'The same arrival was booked before.');
    if (state === undefined) return;
    const row = this.fundingRows.add(state, head.event.high, head.event.low, high, low, count, mirrorHigh, mirrorLow);
    this.fundings.set(head.subject.high, head.subject.low, row);
  }

  private giveBack(tape: TapeReader): void {
    const { high, low } = this.key.read(tape);
    const state = this.stepFunding();
    if (state === undefined) return;
    const { subject } = this.reading.head;
    const row = this.fundings.get(subject.high, subject.low);
    const at = (column: number) => this.fundingRows.get(row, column);
    this.reading.causedBy(at(ARRIVED), at(ARRIVED + 1), 'the arrival');
    if (high !== at(RAIL_ID) || low !== at(RAIL_ID + 1))
      this.reading.tell('other_reference', 'It has another id at the rail than what arrived.');
    const { count, high: mirrorHigh, low: mirrorLow } = this.reading.money.reversedSum;
    if (count !== at(MIRRORS) || mirrorHigh !== at(MIRRORS + 1) || mirrorLow !== at(MIRRORS + 2)) {
      this.reading.tell('reversal_bent', 'It does not take back what arrived.');
    }
    this.fundingRows.set(row, STATE, state);
  }

  private stepFunding(): number | undefined {
    const { subject } = this.reading.head;
    const row = this.fundings.get(subject.high, subject.low);
    return this.reading.step('funding', row === ABSENT ? 0 : this.fundingRows.get(row, STATE));
  }

  private stepRun(run: Key, which?: string): number | undefined {
    const row = this.find(run);
    return this.reading.step('payment run', row === NO_ROW ? 0 : this.rows.get(row, STATE), which);
  }

  private find(run: Key): number {
    return Math.max(this.runs.get(run.high, run.low), NO_ROW);
  }
}
