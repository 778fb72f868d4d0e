import { hash } from 'node:crypto';
import { ClaimSlots, NO_SLOT, OPEN, QUERIED } from './journey-claim-slots.js';
import type { Contracts } from './journey-contracts.js';
import { type Delivery, putFact } from './journey-delivery.js';
import type { Chapter, ReadSaid, Reading, WriteSaid } from './journey-reading.js';
import { stateCode } from './journey-steps.rules.js';
import { Key, putUuid } from './replay-head.js';
import { ABSENT, KeyMap } from './replay-key-map.js';
import { takeCard, takeCharge, takeMonth } from './replay-keys.js';
import { NO_ROW, Rows } from './replay-rows.js';
import { dayOf, monthOf, readAnyText } from './replay-said.rules.js';
import type { TapeReader } from './segment.js';
import type { Uuid } from './uuid.rules.js';

const FACT_KINDS = ['session', 'attendance', 'milestone', 'referral', 'period'];
const REFERRAL = 3;
const PERIOD = 4;

export const CLAIM_WRITERS: Readonly<Record<string, WriteSaid>> = {
  'claim.answered': (said) => readAnyText(said, 'answer'),
  'claim.submitted': (said, { body, leaf }, tape, tell) => {
    const contractId = said.id('contractId');
    const fact = said.inside('fact');
    const [factId, kind, chargeKind] = [fact.id('id'), FACT_KINDS.indexOf(fact.text('kind')), said.text('chargeKind')];
    if (kind === -1) said.missing.push('fact.kind');
    tape.putId(contractId);
    tape.put(kind);
    if (kind === REFERRAL || kind === PERIOD) tape.putId(factId);
    else putFact(tape, FACT_KINDS[kind] ?? '', factId, contractId);
    takeCharge(tape.ids, factId, contractId, chargeKind);
    tape.putKey();
    takeCard(tape.ids, said.id('rateCardId'), contractId, said.id('serviceId'), chargeKind);
    tape.putKey();
    tape.put(monthOf(said.day('forPeriod')));
    tape.put(said.minor('provisionalMinor'));
    tape.putId(said.has('claimFile') ? said.inside('claimFile').id('id') : null);
    putUuid(tape, body.subjectId);
    for (let word = 0; word < 8; word++) tape.put(wordOf(leaf, 4 * word));
    if (monthOf(said.day('servedOn')) !== monthOf(said.day('forPeriod'))) {
      tell('other_month', `It is served on ${dayOf(said.day('servedOn'))}, in another month than it is for.`);
    }
    if (
      kind === PERIOD &&
      factId.toString() !== periodId(contractId, said.id('serviceId'), dayOf(said.day('servedOn')))
    ) {
      tell('fact_missing', `The period ${factId.toString()} is not that of its contract, service and first day.`);
    }
  },
  'claim.nil_declared': (said, _event, tape) => {
    tape.putId(said.id('contractId'));
    tape.put(monthOf(said.day('forPeriod')));
  },
  'claim.month_completed': (said, _event, tape) => {
    tape.putId(said.id('contractId'));
    tape.put(monthOf(said.day('forPeriod')));
    tape.put(said.count('claimCount'));
  },
  'claim_file.received': (said, _event, tape) => tape.put(said.minor('totalMinor')),
  'claim_file.refused': (said, _event, tape) => tape.put(said.minor('totalMinor')),
  'claim_file.cancelled': (said, _event, tape) => tape.put(said.minor('totalMinor')),
};

function wordOf(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  return (a << 24) | (b << 16) | (c << 8) | d;
}

/** A period is recorded nowhere else: its id is a UUID version 8 of SHA-256 over contract, service and first day. */
function periodId(contractId: Uuid, serviceId: Uuid, firstDay: string): string {
  const digits = hash('sha256', `period/1 ${contractId.toString()} ${serviceId.toString()} ${firstDay}`);
  const [second, third] = [`8${digits.slice(13, 16)}`, `a${digits.slice(17, 20)}`];
  return [digits.slice(0, 8), digits.slice(8, 12), second, third, digits.slice(20, 32)].join('-');
}

/** A claim that is decided is kept as the code of its state, one that is not as its slot behind all codes. */
const FIRST_SLOT = 8;
const NONE = stateCode('claim', 'none');
const OPEN_STATE = stateCode('claim', 'open');
const QUERIED_STATE = stateCode('claim', 'queried');
const HELD_STATE = stateCode('claim', 'in a batch');
const FREE = 0;
const CHARGED = 1;
const FILE = { total: 0, done: 1 };

/** Claims: each for a fact that was recorded, once for each contract and kind while it stands. */
export class Claims implements Chapter {
  readonly reads: Readonly<Record<string, ReadSaid>> = {
    'claim.submitted': (tape) => this.submit(tape),
    'claim.withdrawn': () => {
      if (this.reading.step('claim', this.stateOf(this.reading.head.subject)) !== undefined) this.end('withdrawn');
    },
    'claim.answered': () => {
      if (this.reading.step('claim', this.stateOf(this.reading.head.subject)) !== undefined) {
        this.open(this.slotOf(this.reading.head.subject));
      }
    },
    'claim.nil_declared': (tape) => {
      const contract = this.contracts.require(this.key.read(tape));
      const month = tape.next();
      const live = this.liveIn(contract, month);
      if (live > 0) this.reading.tell('nil_though_claimed', `${live} claims of that month stand.`);
    },
    'claim.month_completed': (tape) => {
      const contract = this.contracts.require(this.key.read(tape));
      const [month, said] = [tape.next(), tape.next()];
      const { length } = this.openOf(contract, month);
      if (length !== said) this.reading.tell('lines_differ', `It says ${said} claims, and ${length} wait for a batch.`);
    },
    'claim_file.received': (tape) => this.endFile(tape.next(), true),
    // What broke a file off may have hidden that its last rows were taken.
    'claim_file.refused': (tape) => this.endFile(tape.next(), false),
    'claim_file.cancelled': (tape) => this.endFile(tape.next(), false),
  };

  readonly slots = new ClaimSlots();
  private readonly key = new Key();
  private readonly charge = new Key();
  private readonly card = new Key();
  private readonly words = new Int32Array(12);
  private readonly known = new KeyMap('values');
  private readonly charges = new KeyMap('keys');
  /** Of the charges those that were free again once: whether they are now. */
  private readonly freed = new KeyMap('values');
  private readonly live = new KeyMap('values');
  private readonly files = new KeyMap('values');
  private readonly fileRows = new Rows(2);

  constructor(
    private readonly reading: Reading,
    private readonly contracts: Contracts,
    private readonly delivery: Delivery,
  ) {}

  stateOf(claim: Key): number {
    const kept = this.known.get(claim.high, claim.low);
    if (kept === ABSENT) return NONE;
    if (kept < FIRST_SLOT) return kept;
    const holder = this.slots.holder(kept - FIRST_SLOT);
    if (holder === OPEN) return OPEN_STATE;
    return holder === QUERIED ? QUERIED_STATE : HELD_STATE;
  }

  /** The slot of a claim that is not decided; `NO_SLOT` of any other. */
  slotOf(claim: Key): number {
    const kept = this.known.get(claim.high, claim.low);
    return kept < FIRST_SLOT ? NO_SLOT : kept - FIRST_SLOT;
  }

  /** The claims of a contract that wait for a batch, up to a month. */
  openOf(contract: number, month: number): number[] {
    const found: number[] = [];
    if (contract === NO_ROW) return found;
    for (let slot = this.contracts.openClaim(contract); slot !== NO_SLOT; slot = this.slots.next(slot)) {
      if (this.slots.month(slot) <= month) found.push(slot);
    }
    return found;
  }

  /** Puts a claim, which stands in no chain, among those that wait for a batch. */
  open(slot: number): void {
    const contract = this.slots.contract(slot);
    this.slots.setHolder(slot, OPEN);
    if (contract !== NO_ROW)
      this.contracts.setOpenClaim(contract, this.slots.link(slot, this.contracts.openClaim(contract)));
  }

  /** Takes a claim from among those that wait for a batch. */
  close(slot: number): void {
    const contract = this.slots.contract(slot);
    if (contract !== NO_ROW)
      this.contracts.setOpenClaim(contract, this.slots.unlink(slot, this.contracts.openClaim(contract)));
  }

  /** A claim of a batch is approved: of it nothing stays but its state. */
  approve(slot: number): void {
    const { ids } = this.reading;
    ids.takeWords(this.slots.words(slot));
    this.known.set(ids.high, ids.low, stateCode('claim', 'approved'));
    this.slots.release(slot);
  }

  /** The claim that the event is about is rejected or withdrawn, and what it charged for is free again. */
  end(state: 'rejected' | 'withdrawn'): void {
    const { subject } = this.reading.head;
    const slot = this.slotOf(subject);
    if (this.slots.holder(slot) === OPEN) this.close(slot);
    this.freed.set(this.slots.chargeHigh(slot), this.slots.chargeLow(slot), FREE);
    this.countLive(this.slots.contract(slot), this.slots.month(slot), -1);
    this.known.set(subject.high, subject.low, stateCode('claim', state));
    this.slots.release(slot);
  }

  private submit(tape: TapeReader): void {
    const { head } = this.reading;
    const contract = this.contracts.require(this.key.read(tape));
    this.requireFact(tape.next(), this.key.read(tape), contract);
    this.charge.read(tape);
    this.card.read(tape);
    const [month, provisional] = [tape.next(), tape.next()];
    this.addToFile(this.key.read(tape), provisional);
    for (let word = 0; word < 12; word++) this.words[word] = tape.next();
    if (this.reading.step('claim', this.stateOf(head.subject)) === undefined) return;
    const { high, low } = this.charge;
    if (!this.takeCharge(high, low)) {
      this.reading.tell('fact_charged_twice', 'What it charges for is charged by another claim that stands.');
    }
    if (!this.contracts.hasCard(this.card)) {
      this.reading.tell(
        'card_missing',
        'The rate card that it names was not published before for its contract, service and kind.',
      );
    }
    const slot = this.slots.take(this.words, high, low, contract, month);
    this.known.set(head.subject.high, head.subject.low, slot + FIRST_SLOT);
    this.countLive(contract, month, 1);
    this.open(slot);
  }

  /** Charges something from now on; false where it was charged already. */
  private takeCharge(high: number, low: number): boolean {
    if (this.charges.add(high, low)) return true;
    const isFree = this.freed.get(high, low) === FREE;
    if (isFree) this.freed.set(high, low, CHARGED);
    return isFree;
  }

  private requireFact(kind: number, fact: Key, contract: number): void {
    if (kind === PERIOD) return;
    if (kind === REFERRAL) this.delivery.requireReferral(fact, contract);
    else if (!this.delivery.hasFact(fact)) {
      const which = FACT_KINDS[kind] ?? 'fact';
      this.reading.tell('fact_missing', `The ${which} that it charges for was not recorded before on its contract.`);
    }
  }

  private addToFile(file: Key, minor: number): void {
    if (file.isNone) return;
    let row = this.files.get(file.high, file.low);
    if (row === ABSENT) {
      row = this.fileRows.add();
      this.files.set(file.high, file.low, row);
    }
    this.fileRows.addTo(row, FILE.total, minor);
    if (this.fileRows.get(row, FILE.done) === 1)
      this.reading.tell('file_ended', 'The claim file that it names was read before.');
  }

  private endFile(said: number, isWhole: boolean): void {
    const { high, low } = this.reading.head.subject;
    const known = this.files.get(high, low);
    const row = known === ABSENT ? this.fileRows.add() : known;
    if (known === ABSENT) this.files.set(high, low, row);
    const total = this.fileRows.get(row, FILE.total);
    if (this.fileRows.get(row, FILE.done) === 1) this.reading.tell('file_ended', 'The claim file was read before.');
    if (isWhole ? total !== said : total < said)
      this.reading.tell('total_differs', `It says ${said} for the file, and its claims come to ${total}.`);
    this.fileRows.set(row, FILE.done, 1);
  }

  private liveIn(contract: number, month: number): number {
    takeMonth(this.reading.ids, contract, month);
    return Math.max(this.live.get(this.reading.ids.high, this.reading.ids.low), 0);
  }

  private countLive(contract: number, month: number, change: number): void {
    const count = this.liveIn(contract, month) + change;
    this.live.set(this.reading.ids.high, this.reading.ids.low, count);
  }
}
