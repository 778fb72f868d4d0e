import { ByteView } from './byte-scan.js';
import { readEventBody, readPlain } from './event-body.js';
import { plainText } from './canonical-scan.js';
import { Shape } from './event-shape.js';
import { SaidJson } from './replay-said.rules.js';
import type { EventBody, ReadBody } from './segment.js';
import { ShapedBody } from './shaped-body.js';
import { Uuid } from './uuid.rules.js';

/** What every event ends with, behind the name of its type. */
const ENDING = '","v":1}';
const QUOTE = 0x22;
/** An event that is larger has a long list, and hardly another one has as many items. */
const SHAPED_BYTES = 4_096;
const SHAPES_MAX = 8;
/** More are not learned, of one type and of all: whoever writes each event otherwise has them read the long way. */
const LEARNED_OF_TYPE_MAX = 64;
const LEARNED_MAX = 2_048;

interface Known {
  /** The one that was found last is the first. */
  readonly shapes: ShapedBody[];
  learned: number;
}

/**
 * Reads events. The first of its kind is parsed and held against the rules, and its shape is remembered; whatever has the
 * same bytes but for the values is then as well formed, and its values are found at once.
 */
export class EventReader {
  private readonly known = new Map<number, Known>();
  private learned = 0;
  private readonly view = new ByteView();

  constructor(private readonly commissionerId: string) {}

  /** The event between two places, until the next one is read; or in one sentence what is wrong with it. */
  read(bytes: Buffer, from: number, to: number): ReadBody | string {
    const { view } = this;
    view.see(bytes);
    const type = typeHash(bytes, from, to);
    const known = this.known.get(type);
    const first = known?.shapes[0];
    if (first?.read(view, from, to)) return first;
    const shaped = known?.shapes.find((one) => one !== first && one.read(view, from, to));
    if (known && shaped) {
      known.shapes.sort((a, b) => Number(b === shaped) - Number(a === shaped));
      return shaped;
    }
    const entry = bytes.subarray(from, to);
    const plain = readPlain(entry, this.commissionerId);
    if (plain) this.learn(entry, plain, type, known);
    const body = plain ?? readEventBody(entry, this.commissionerId);
    return typeof body === 'string' ? body : readBody(body);
  }

  private learn(
    entry: Buffer,
    { type }: EventBody,
    hashOfType: number,
    known: Known = { shapes: [], learned: 0 },
  ): void {
    const isWorth = entry.length <= SHAPED_BYTES && known.learned < LEARNED_OF_TYPE_MAX && this.learned < LEARNED_MAX;
    const text = isWorth ? plainText(entry) : undefined;
    if (text === undefined) return;
    known.learned++;
    this.learned++;
    known.shapes.unshift(new ShapedBody(Shape.of(text), type));
    known.shapes.splice(SHAPES_MAX);
    this.known.set(hashOfType, known);
  }
}

/** An event that was parsed, as the replay reads it. */
export function readBody(body: EventBody): ReadBody {
  const { type, actor, transfers } = body;
  const idOrNull = (id: string | null) => (id === null ? null : Uuid.of(id));
  return {
    type,
    id: Uuid.of(body.id),
    subjectId: Uuid.of(body.subjectId),
    orgId: Uuid.of(actor.orgId),
    memberId: idOrNull(actor.memberId),
    providerId: idOrNull(body.providerId),
    referrerId: idOrNull(body.referrerId),
    causeId: idOrNull(body.causeId),
    recordedAt: Date.parse(body.recordedAt),
    said: new SaidJson(body.data),
    transfers,
  };
}

/** A number for the name of the type that stands at the end. Two names may have the same: it only says where to look. */
function typeHash(bytes: Buffer, from: number, to: number): number {
  let hash = 0;
  for (let at = to - ENDING.length - 1; at > from; at--) {
    const byte = bytes[at] ?? QUOTE;
    if (byte === QUOTE) break;
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  return hash;
}
