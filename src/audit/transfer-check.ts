import { hash } from 'node:crypto';
import { LEAF_AT, LEAF_BYTES } from '../ledger/rules.js';
import { HASH_BYTES, MalformedError } from '../transparency/index.js';
import type { AccountList } from './account-list.js';
import type { Span } from './bundle-file.js';
import type { Finding } from './finding.js';
import type { LineReader } from './line-reader.js';
import type { ReadBody, SegmentTransfer } from './segment.js';
import { TransferLine } from './transfer-line.js';
import { UnreadableError } from './unreadable.js';
import { NO_ID, type Uuid } from './uuid.rules.js';

const WORD = 2 ** 32;
const NOTHING: readonly SegmentTransfer[] = [];
/** More than any batch has lines; a bundle that says otherwise would only take memory. */
const TRANSFERS_MAX = 4_000_000;

/** Hands out the transfers of one segment, event by event, and compares them with what the event binds. */
export class TransferCheck {
  count = 0;
  private readonly line = new TransferLine();
  private hasLine = false;
  /** Once a line cannot be read, what follows it is not known. */
  private isBroken = false;
  private leaves = Buffer.alloc(64 * HASH_BYTES);
  private readonly leaf = Buffer.alloc(LEAF_BYTES);
  private readonly leafView = new DataView(this.leaf.buffer, this.leaf.byteOffset, LEAF_BYTES);
  private member = '';
  private report: (finding: Finding) => void = () => undefined;

  constructor(
    private readonly lines: LineReader,
    private readonly accounts: AccountList,
  ) {}

  /** The transfers of the next segment. */
  begin(span: Span, member: string, report: (finding: Finding) => void): void {
    this.count = 0;
    this.isBroken = false;
    this.member = member;
    this.report = report;
    this.lines.begin(span);
    this.read();
  }

  /**
   * The transfers of the next event in order of their ids, or null when one of them is not well formed.
   *
   * @param body null when the event itself is not well formed, so that nothing says what it binds
   */
  take(index: number, body: ReadBody | null): readonly SegmentTransfer[] | null {
    if (!this.hasLine || this.line.eventIndex > index) {
      if (body?.transfers && !this.isBroken) this.compare(index, body, 0, 0);
      return NOTHING;
    }
    const { line } = this;
    const transfers: SegmentTransfer[] = [];
    let isWhole = true;
    let totalMinor = 0;
    let before: Uuid | null = null;
    for (; this.hasLine && line.eventIndex <= index; this.read()) {
      if (line.eventIndex < index || (before && !before.isBefore(line.id))) {
        this.found('transfers_out_of_order', 'does not stand in order of the events and ids');
        isWhole = false;
        continue;
      }
      before = line.id;
      const transfer = this.wellFormed();
      transfers.push(transfer);
      isWhole &&= !this.wrong(transfer);
      this.addLeaf(transfers.length);
      totalMinor += line.amountMinor;
      if (transfers.length > TRANSFERS_MAX) throw tooMany(index);
    }
    this.count += transfers.length;
    if (body && !this.isBroken) this.compare(index, body, transfers.length, totalMinor);
    return isWhole ? transfers : null;
  }

  /** Whatever is left belongs to no event of the segment. */
  finish(): void {
    if (this.hasLine) this.found('transfers_out_of_order', 'is of no event of its segment');
  }

  private compare(index: number, { id, transfers: said }: ReadBody, count: number, totalMinor: number): void {
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
      at: { index, eventId: id.toString(), member: this.member },
      what: `The event binds other transfers than it has: it binds ${bound}; there are ${count} of ${totalMinor} pence.`,
    });
  }

  private addLeaf(count: number): void {
    const end = count * HASH_BYTES;
    if (end > this.leaves.length) this.leaves = Buffer.concat([this.leaves], 2 * this.leaves.length);
    const { id, debit, credit, amountMinor, leafDay, claimId, reversesId } = this.line;
    this.putUuid(LEAF_AT.id, id);
    this.putUuid(LEAF_AT.debit, debit);
    this.putUuid(LEAF_AT.credit, credit);
    this.leafView.setUint32(LEAF_AT.amountMinor, Math.floor(amountMinor / WORD));
    this.leafView.setUint32(LEAF_AT.amountMinor + 4, amountMinor % WORD);
    this.leafView.setInt32(LEAF_AT.effectiveOn, leafDay);
    this.putUuid(LEAF_AT.claimId, claimId ?? NO_ID);
    this.putUuid(LEAF_AT.reversesId, reversesId ?? NO_ID);
    this.leaves.write(hash('sha256', this.leaf, 'binary'), end - HASH_BYTES, 'latin1');
  }

  private putUuid(at: number, { first, second, third, fourth }: Uuid): void {
    this.leafView.setInt32(at, first);
    this.leafView.setInt32(at + 4, second);
    this.leafView.setInt32(at + 8, third);
    this.leafView.setInt32(at + 12, fourth);
  }

  private wellFormed(): SegmentTransfer {
    const { id, debit, credit, amountMinor, effectiveOn, claimId, reversesId } = this.line;
    const { accounts } = this;
    return {
      id,
      debit: accounts.indexOf(debit),
      credit: accounts.indexOf(credit),
      amountMinor,
      effectiveOn,
      claimId,
      reversesId,
    };
  }

  private wrong({ debit, credit, effectiveOn }: SegmentTransfer): boolean {
    const wrong =
      this.accounts.whyNotBetween(debit, credit) ??
      (Number.isNaN(effectiveOn) ? `counts from ${this.line.day}, which is no day` : undefined);
    if (wrong !== undefined) this.found('transfer_malformed', wrong);
    return wrong !== undefined;
  }

  private read(): void {
    this.hasLine = false;
    try {
      if (!this.lines.next()) return;
      const { bytes, start, end } = this.lines;
      this.hasLine = this.line.read(bytes, start, end);
      if (!this.hasLine) throw new MalformedError('it has a line that is no transfer');
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      this.isBroken = true;
      this.report({
        code: 'transfers_malformed',
        at: { member: this.member },
        what: `The transfers cannot be read: ${error.message}.`,
      });
    }
  }

  private found(code: string, what: string): void {
    const { eventIndex, id } = this.line;
    const at = { index: eventIndex, member: this.member };
    this.report({ code, at, what: `The transfer ${id.toString()} ${what}.` });
  }
}

function tooMany(index: number): UnreadableError {
  return new UnreadableError(
    `The event at ${index} has more than ${TRANSFERS_MAX} transfers.`,
    'No instance of Wellpaid makes such an event; ask where the bundle comes from.',
  );
}
