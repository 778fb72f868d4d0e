import { type ByteView, INSTANT_BYTES, instantAt, isAt, readUuid, textEnd, UUID_BYTES, wholeEnd } from './byte-scan.js';
import { TOTAL } from './event-body.js';
import { type Shape, type ShapeNode, SLOT } from './event-shape.js';
import type { EventBody, ReadBody } from './segment.js';
import { ShapedSaid } from './shaped-said.js';
import { SlotReader } from './slot-reader.js';
import { NO_ID, type Uuid } from './uuid.rules.js';

/** What a slot of each kind has at the least. */
const FIXED_BYTES = Int32Array.of(UUID_BYTES, 0, 0, INSTANT_BYTES);
const SHA256 = /^[0-9a-f]{64}$/;

/** Events of one shape: the same one is filled again and again. */
export class ShapedBody implements ReadBody {
  readonly id: Uuid;
  readonly subjectId: Uuid;
  readonly orgId: Uuid;
  readonly memberId: Uuid | null;
  readonly providerId: Uuid | null;
  readonly referrerId: Uuid | null;
  readonly causeId: Uuid | null;
  readonly said: ShapedSaid;
  recordedAt = 0;
  transfers: EventBody['transfers'];
  private readonly slots: SlotReader;
  private readonly digest: ReadonlyMap<string, ShapeNode> | null;

  constructor(
    private readonly shape: Shape,
    readonly type: string,
  ) {
    const { names } = shape.root;
    const idOf = (node: ShapeNode | undefined) => node?.uuid ?? null;
    const actor = names?.get('actor')?.names;
    this.slots = new SlotReader(shape.kinds.length);
    this.id = idOf(names?.get('id')) ?? NO_ID;
    this.subjectId = idOf(names?.get('subjectId')) ?? NO_ID;
    this.orgId = idOf(actor?.get('orgId')) ?? NO_ID;
    this.memberId = idOf(actor?.get('memberId'));
    this.providerId = idOf(names?.get('providerId'));
    this.referrerId = idOf(names?.get('referrerId'));
    this.causeId = idOf(names?.get('causeId'));
    this.said = new ShapedSaid(this.slots, names?.get('data')?.names ?? new Map<string, ShapeNode>(), []);
    this.digest = names?.get('transfers')?.names ?? null;
  }

  /** Whether the bytes between two places are an event of this shape, which it then is. */
  read(view: ByteView, from: number, to: number): boolean {
    const { literal, literalEnds, kinds, uuids } = this.shape;
    const { starts, ends } = this.slots;
    const { bytes } = view;
    this.slots.bytes = bytes;
    let at = from;
    let same = 0;
    for (let slot = 0; slot < kinds.length; slot++) {
      const literalEnd = literalEnds[slot] ?? 0;
      const kind = kinds[slot];
      const start = at + literalEnd - same;
      if (start + (FIXED_BYTES[kind ?? 0] ?? 0) > to || !isAt(view, at, literal, same, literalEnd)) return false;
      same = literalEnd;
      at = start;
      if (kind === SLOT.uuid) {
        const uuid = uuids[slot];
        if (!uuid || !readUuid(view, at, uuid)) return false;
        at += UUID_BYTES;
      } else if (kind === SLOT.text) {
        at = textEnd(bytes, at, to);
      } else if (kind === SLOT.whole) {
        at = wholeEnd(bytes, at);
        if (at < 0) return false;
      } else {
        this.recordedAt = instantAt(view, at); // the later one of two is that of the record
        if (Number.isNaN(this.recordedAt)) return false;
        at += INSTANT_BYTES;
      }
      starts[slot] = start;
      ends[slot] = at;
    }
    const literalEnd = literal.bytes.length;
    if (this.said.missing.length > 0) this.said.missing.length = 0; // to set it takes long, whatever it was
    return at + literalEnd - same === to && isAt(view, at, literal, same, literalEnd) && this.readDigest();
  }

  private readDigest(): boolean {
    const { digest } = this;
    if (!digest) return true;
    const textOf = (name: string) => this.slots.text(digest.get(name)?.slot ?? -1);
    const [count, sha256, totalMinor] = [Number(textOf('count')), textOf('sha256'), textOf('totalMinor')];
    this.transfers = { count, totalMinor, sha256 };
    return count > 0 && SHA256.test(sha256) && TOTAL.test(totalMinor);
  }
}
