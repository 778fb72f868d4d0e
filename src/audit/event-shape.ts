import { ByteView } from './byte-scan.js';
import { Uuid } from './uuid.rules.js';

/** What differs from event to event of one shape. Everything else of their bytes is the same. */
export const SLOT = { uuid: 0, text: 1, whole: 2, instant: 3 } as const;

/** A value of a shape: a slot, or what is always the same. */
export class ShapeNode {
  constructor(
    /** -1 for what is no slot. */
    readonly slot: number,
    readonly kind: number,
    /** Of a slot of that kind: filled by whoever reads an event. */
    readonly uuid: Uuid | null,
    /** `true`, `false` and `null` are always the same. */
    readonly constant: boolean | null | undefined,
    readonly names: ReadonlyMap<string, ShapeNode> | null,
    readonly items: readonly ShapeNode[] | null,
  ) {}
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const CONSTANTS = [
  ['true', true],
  ['false', false],
  ['null', null],
] as const;
const STRUCTURE_END = /[,\]}]/g;
/** An event has two instants among its columns, and these texts stay as they are. */
const INSTANTS = new Set(['occurredAt', 'recordedAt']);
const FIXED = new Set(['commissionerId', 'kind', 'type', 'v']);
/** The depth of what is neither a column nor one of the actor's. */
const WITHIN = Number.POSITIVE_INFINITY;

/**
 * The bytes that events of one type have in common, and the slots between them. Canonical JSON has one spelling, so that
 * whatever has these bytes, and in each slot a value that is spelled right, is canonical too, and has the same names.
 */
export class Shape {
  readonly literal: ByteView;
  /** Where in `literal` the bytes before each slot end. */
  readonly literalEnds: Int32Array;
  readonly kinds: Uint8Array;
  /** By slot. */
  readonly uuids: readonly Uuid[];

  private constructor(
    readonly root: ShapeNode,
    parts: readonly string[],
    slots: readonly ShapeNode[],
  ) {
    this.literal = new ByteView(Buffer.from(parts.join(''), 'latin1'));
    let end = 0;
    this.literalEnds = Int32Array.from(parts, (part) => (end += part.length));
    this.kinds = Uint8Array.from(slots, ({ kind }) => kind);
    this.uuids = slots.map(({ uuid }) => uuid ?? new Uuid());
  }

  /** @param text canonical JSON in ASCII without a backslash, which is an event */
  static of(text: string): Shape {
    const parser = new ShapeParser(text);
    const root = parser.value(0, '');
    return new Shape(root, parser.parts(), parser.slots);
  }
}

/** Goes through what is known to be well formed. */
class ShapeParser {
  readonly slots: ShapeNode[] = [];
  private readonly literals: string[] = [];
  private at = 0;
  private literalStart = 0;

  constructor(private readonly text: string) {}

  parts(): string[] {
    return [...this.literals, this.text.slice(this.literalStart)];
  }

  /** @param depth of a column 1, of one of the actor's 2, and `WITHIN` of all else */
  value(depth: number, name: string): ShapeNode {
    const first = this.text[this.at];
    if (first === '{') return this.object(depth, name);
    if (first === '[') return this.array();
    if (first === '"') return this.string(depth, name);
    const constant = CONSTANTS.find(([word]) => this.text.startsWith(word, this.at));
    if (!constant) return this.number(depth, name);
    this.at += constant[0].length;
    return new ShapeNode(-1, -1, null, constant[1], null, null);
  }

  private object(depth: number, within: string): ShapeNode {
    const names = new Map<string, ShapeNode>();
    const inside = depth === 0 || (depth === 1 && within === 'actor') ? depth + 1 : WITHIN;
    while (this.text[this.at++] !== '}') {
      if (this.text[this.at] === '}') continue; // it is empty
      const name = this.quoted();
      this.at++;
      names.set(name, this.value(inside, name));
    }
    return new ShapeNode(-1, -1, null, undefined, names, null);
  }

  private array(): ShapeNode {
    const items: ShapeNode[] = [];
    while (this.text[this.at++] !== ']') {
      if (this.text[this.at] === ']') continue; // it is empty
      items.push(this.value(WITHIN, ''));
    }
    return new ShapeNode(-1, -1, null, undefined, null, items);
  }

  private string(depth: number, name: string): ShapeNode {
    const start = this.at + 1;
    const value = this.quoted();
    const isColumn = Number.isFinite(depth);
    if (isColumn && FIXED.has(name)) return new ShapeNode(-1, -1, null, undefined, null, null);
    if (isColumn && INSTANTS.has(name)) return this.slot(SLOT.instant, start, this.at - 1);
    return this.slot(UUID.test(value) ? SLOT.uuid : SLOT.text, start, this.at - 1);
  }

  private number(depth: number, name: string): ShapeNode {
    const start = this.at;
    STRUCTURE_END.lastIndex = start;
    this.at = STRUCTURE_END.exec(this.text)?.index ?? this.text.length;
    if (Number.isFinite(depth) && FIXED.has(name)) return new ShapeNode(-1, -1, null, undefined, null, null);
    return this.slot(SLOT.whole, start, this.at);
  }

  private slot(kind: number, start: number, end: number): ShapeNode {
    this.literals.push(this.text.slice(this.literalStart, start));
    this.literalStart = end;
    const node = new ShapeNode(this.slots.length, kind, kind === SLOT.uuid ? new Uuid() : null, undefined, null, null);
    this.slots.push(node);
    return node;
  }

  private quoted(): string {
    const end = this.text.indexOf('"', this.at + 1);
    const value = this.text.slice(this.at + 1, end);
    this.at = end + 1;
    return value;
  }
}
