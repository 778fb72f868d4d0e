import { ByteView, isAt, isTextAt, readUuid, UUID_BYTES } from './byte-scan.js';
import { Uuid } from './uuid.rules.js';

const [QUOTE, ZERO, NINE] = [0x22, 0x30, 0x39];
const DAY_BYTES = 10;
const DAY_MS = 86_400_000;
const DAY_ZERO_MS = Date.UTC(2000, 0, 1);
const AMOUNT_DIGITS_MAX = 15;
const INDEX_DIGITS_MAX = 16;
const DASHES = [4, 7];

const bytesOf = (text: string) => new ByteView(Buffer.from(text, 'latin1'));
const AMOUNT = bytesOf('{"amountMinor":"');
const CLAIM = bytesOf('","claimId":"');
const CREDIT = bytesOf('","credit":"');
const DEBIT = bytesOf('","debit":"');
const DAY = bytesOf('","effectiveOn":"');
const INDEX = bytesOf('","eventIndex":');
const ID = bytesOf(',"id":"');
const REVERSES = bytesOf('","reversesId":"');
const END = bytesOf('"}');

/** A transfer as a line of a bundle spells it (`transferLine`): there is one of these, and it is filled again and again. */
export class TransferLine {
  /** The leaf of the event that binds it. */
  eventIndex = 0;
  id = new Uuid();
  readonly debit = new Uuid();
  readonly credit = new Uuid();
  /** Whole pence above zero: at most fifteen digits, so that a double holds it exactly. */
  amountMinor = 0;
  /** Days since 2000-01-01; NaN for what no calendar has. */
  effectiveOn = Number.NaN;
  /** The same as a transfer's leaf has it, whatever the day is. */
  leafDay = 0;
  /** As it is spelled. */
  day = '';
  claimId: Uuid | null = null;
  reversesId: Uuid | null = null;
  private readonly view = new ByteView();
  private at = 0;
  private end = 0;

  /** Reads the line between two places, without its newline. False when it is not spelled as it must be. */
  read(bytes: Buffer, start: number, end: number): boolean {
    this.view.see(bytes);
    this.at = start;
    this.end = end;
    this.id = new Uuid();
    this.claimId = this.reversesId = null;
    if (!this.has(AMOUNT)) return false;
    this.amountMinor = this.whole(bytes, AMOUNT_DIGITS_MAX);
    if (!(this.amountMinor > 0)) return false;
    if (this.has(CLAIM)) {
      this.claimId = new Uuid();
      if (!this.uuid(this.claimId)) return false;
    }
    if (!this.has(CREDIT) || !this.uuid(this.credit)) return false;
    if (!this.has(DEBIT) || !this.uuid(this.debit)) return false;
    if (!this.has(DAY) || !this.readDay(bytes)) return false;
    if (!this.has(INDEX)) return false;
    this.eventIndex = this.whole(bytes, INDEX_DIGITS_MAX);
    if (!(this.eventIndex >= 0) || !this.has(ID) || !this.uuid(this.id)) return false;
    if (this.has(REVERSES)) {
      this.reversesId = new Uuid();
      if (!this.uuid(this.reversesId)) return false;
    }
    return this.has(END) && this.at === end;
  }

  private has(expected: ByteView): boolean {
    const to = this.at + expected.bytes.length;
    if (to > this.end || !isAt(this.view, this.at, expected)) return false;
    this.at = to;
    return true;
  }

  private uuid(into: Uuid): boolean {
    const from = this.at;
    this.at += UUID_BYTES;
    return this.at <= this.end && readUuid(this.view, from, into);
  }

  /** NaN for what is no number, has more digits, or begins with a nought that is not all of it. */
  private whole(bytes: Buffer, digitsMax: number): number {
    const first = this.at;
    let value = 0;
    for (let digit = bytes[this.at] ?? QUOTE; digit >= ZERO && digit <= NINE; digit = bytes[++this.at] ?? QUOTE) {
      value = 10 * value + (digit - ZERO);
    }
    const digits = this.at - first;
    const isPlain = digits > 0 && digits <= digitsMax && (digits === 1 || bytes[first] !== ZERO);
    return isPlain ? value : Number.NaN;
  }

  /** Transfers of one event nearly always count from one day. */
  private readDay(bytes: Buffer): boolean {
    const from = this.at;
    this.at += DAY_BYTES;
    if (this.day !== '' && isTextAt(bytes, from, this.day)) return true;
    for (let place = 0; place < DAY_BYTES; place++) {
      const byte = bytes[from + place] ?? QUOTE;
      if (DASHES.includes(place) ? byte !== 0x2d : byte < ZERO || byte > NINE) return false;
    }
    this.day = bytes.toString('latin1', from, this.at);
    const ms = Date.parse(this.day);
    const isDay = !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(this.day);
    this.leafDay = (ms - DAY_ZERO_MS) / DAY_MS;
    this.effectiveOn = isDay ? this.leafDay : Number.NaN;
    return true;
  }
}
