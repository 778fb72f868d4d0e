import { hash } from 'node:crypto';
import { LEAF_BYTES, type Transfer, transferLeafInput } from '../ledger/rules.js';
import { HASH_BYTES, MalformedError } from '../transparency/index.js';
import type { AccountList } from './account-list.js';
import type { Finding } from './finding.js';
import { type BundleTransfer, parseTransferLine } from './lines.js';
import type { EventBody, SegmentTransfer } from './segment.js';
import { UnreadableError } from './unreadable.js';

const DAY_MS = 86_400_000;
const DAY_ZERO_MS = Date.UTC(2000, 0, 1);
/** More than any batch has lines; a bundle that says otherwise would only take memory. */
const TRANSFERS_MAX = 4_000_000;

/** Hands out the transfers of one segment, event by event, and compares them with what the event binds. */
export class TransferCheck {
  count = 0;
  private ahead: BundleTransfer | null;
  /** Once a line cannot be read, what follows it is not known. */
  private isBroken = false;
  private leaves = Buffer.alloc(64 * HASH_BYTES);
  private readonly leaf = Buffer.alloc(LEAF_BYTES);

  constructor(
    private readonly lines: Iterator<string>,
    private readonly member: string,
    private readonly accounts: AccountList,
    private readonly report: (finding: Finding) => void,
  ) {
    this.ahead = this.read();
  }

  /**
   * The transfers of the next event in order of their ids, or null when one of them is not well formed.
   *
   * @param body null when the event itself is not well formed, so that nothing says what it binds
   */
  take(index: number, body: EventBody | null): SegmentTransfer[] | null {
    const transfers: SegmentTransfer[] = [];
    let isWhole = true;
    let totalMinor = 0;
    let before = '';
    for (let line = this.ahead; line && line.eventIndex <= index; line = this.ahead) {
      this.ahead = this.read();
      if (line.eventIndex < index || line.id <= before) {
        this.found('transfers_out_of_order', line, 'does not stand in order of the events and ids');
        isWhole = false;
        continue;
      }
      before = line.id;
      transfers.push(this.wellFormed(line));
      isWhole &&= !this.wrong(line, transfers.at(-1));
      this.addLeaf(line, transfers.length);
      totalMinor += Number(line.amountMinor);
      if (transfers.length > TRANSFERS_MAX) throw tooMany(index);
    }
    this.count += transfers.length;
    if (body && !this.isBroken) this.compare(index, body, transfers.length, totalMinor);
    return isWhole ? transfers : null;
  }

  /** Whatever is left belongs to no event of the segment. */
  finish(): void {
    if (this.ahead) this.found('transfers_out_of_order', this.ahead, 'is of no event of its segment');
  }

  private compare(index: number, { id, transfers: said }: EventBody, count: number, totalMinor: number): void {
    if (!said && count === 0) return;
    const leaves = this.leaves.subarray(0, count * HASH_BYTES);
    const isSame =
      said?.count === count &&
      Number.isSafeInteger(totalMinor) &&
      said.totalMinor === String(totalMinor) &&
      said.sha256 === hash('sha256', leaves, 'hex');
    if (isSame) return;
    const bound = said ? `${said.count} of ${said.totalMinor} pence, with the hash ${said.sha256}` : 'none';
    this.report({
      code: 'transfers_differ',
      at: { index, eventId: id, member: this.member },
      what: `The event binds other transfers than it has: it binds ${bound}; there are ${count} of ${totalMinor} pence.`,
    });
  }

  private addLeaf(line: BundleTransfer, count: number): void {
    const end = count * HASH_BYTES;
    if (end > this.leaves.length) this.leaves = Buffer.concat([this.leaves], 2 * this.leaves.length);
    const leaf = transferLeafInput(storedTransfer(line), this.leaf);
    this.leaves.write(hash('sha256', leaf, 'binary'), end - HASH_BYTES, 'latin1');
  }

  private wellFormed({
    id,
    debit,
    credit,
    amountMinor,
    effectiveOn,
    claimId,
    reversesId,
  }: BundleTransfer): SegmentTransfer {
    return {
      id,
      debit: this.accounts.indexOf(debit),
      credit: this.accounts.indexOf(credit),
      amountMinor: Number(amountMinor),
      effectiveOn: dayNumber(effectiveOn),
      claimId,
      reversesId,
    };
  }

  private wrong(line: BundleTransfer, transfer: SegmentTransfer | undefined): boolean {
    if (!transfer) return true;
    const wrong =
      this.accounts.whyNotBetween(transfer.debit, transfer.credit) ??
      (Number.isNaN(transfer.effectiveOn) ? `counts from ${line.effectiveOn}, which is no day` : undefined);
    if (wrong !== undefined) this.found('transfer_malformed', line, wrong);
    return wrong !== undefined;
  }

  private read(): BundleTransfer | null {
    try {
      const { done = false, value } = this.lines.next();
      if (done) return null;
      const line = parseTransferLine(value);
      if (line) return line;
      throw new MalformedError('it has a line that is no transfer');
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      this.isBroken = true;
      this.report({
        code: 'transfers_malformed',
        at: { member: this.member },
        what: `The transfers cannot be read: ${error.message}.`,
      });
      return null;
    }
  }

  private found(code: string, { eventIndex, id }: BundleTransfer, what: string): void {
    this.report({ code, at: { index: eventIndex, member: this.member }, what: `The transfer ${id} ${what}.` });
  }
}

function storedTransfer({
  id,
  debit,
  credit,
  amountMinor,
  effectiveOn,
  claimId,
  reversesId,
}: BundleTransfer): Transfer {
  const amount = BigInt(amountMinor);
  return { id, debitAccountId: debit, creditAccountId: credit, amountMinor: amount, effectiveOn, claimId, reversesId };
}

let lastDay = '';
let lastDayNumber = 0;

/** Days since 2000-01-01, or NaN for what no calendar has. Transfers of one event nearly always count from one day. */
function dayNumber(day: string): number {
  if (day === lastDay) return lastDayNumber;
  const ms = Date.parse(`${day}T00:00:00Z`);
  const isDay = !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
  lastDay = day;
  lastDayNumber = isDay ? (ms - DAY_ZERO_MS) / DAY_MS : Number.NaN;
  return lastDayNumber;
}

function tooMany(index: number): UnreadableError {
  return new UnreadableError(
    `The event at ${index} has more than ${TRANSFERS_MAX} transfers.`,
    'No instance of Wellpaid makes such an event; ask where the bundle comes from.',
  );
}
