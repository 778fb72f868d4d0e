import { INSTANT_BYTES, instantAt, readUuid, textEnd, UUID_BYTES, wholeEnd } from './byte-scan.js';
import { TOTAL } from './event-body.js';
import { type Shape, type ShapeNode, SLOT } from './event-shape.js';
import type { EventBody, ReadBody } from './segment.js';
import { ShapedSaid } from './shaped-said.js';
import { SlotReader } from './slot-reader.js';
import { NO_ID, type Uuid } from './uuid.rules.js';

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
  read(bytes: Buffer, from: number, to: number): boolean {
    const { literal, literalEnds, kinds, uuids } = this.shape;
    const { starts, ends } = this.slots;
    this.slots.bytes = bytes;
    let at = from;
    let same = 0;
    for (let slot = 0; slot < kinds.length; slot++) {
      for (const end = literalEnds[slot] ?? 0; same < end; same++) if (literal[same] !== bytes[at++]) return false;
      starts[slot] = at;
      const kind = kinds[slot];
      if (kind === SLOT.uuid) {
        const uuid = uuids[slot];
        if (!uuid || !readUuid(bytes, at, uuid)) return false;
        at += UUID_BYTES;
      } else if (kind === SLOT.text) {
        at = textEnd(bytes, at, to);
      } else if (kind === SLOT.whole) {
        at = wholeEnd(bytes, at);
        if (at < 0) return false;
      } else {
        this.recordedAt = instantAt(bytes, at); // the later one of two is that of the record
        if (Number.isNaN(this.recordedAt)) return false;
        at += INSTANT_BYTES;
      }
      ends[slot] = at;
    }
    for (; same < literal.length; same++) if (literal[same] !== bytes[at++]) return false;
    this.said.missing.length = 0;
    return at === to && this.readDigest();
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
