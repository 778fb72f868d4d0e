import { type ShapeNode, SLOT } from './event-shape.js';
import { isSha256, isUuidText, type Said } from './replay-said.rules.js';
import type { SlotReader } from './slot-reader.js';
import { NO_ID, Uuid } from './uuid.rules.js';

const NOTHING: ReadonlyMap<string, ShapeNode> = new Map();

/** What events of one shape say, as `SaidJson` would say it of each. */
export class ShapedSaid implements Said {
  private readonly within = new Map<string, ShapedSaid>();
  private readonly lists = new Map<string, readonly (ShapedSaid | null)[]>();

  constructor(
    private readonly slots: SlotReader,
    private readonly names: ReadonlyMap<string, ShapeNode>,
    readonly missing: string[],
  ) {
    const said = (inside: ReadonlyMap<string, ShapeNode>) => new ShapedSaid(slots, inside, missing);
    for (const [name, node] of names) {
      if (node.names) this.within.set(name, said(node.names));
      if (node.items)
        this.lists.set(
          name,
          node.items.map((item) => (item.names ? said(item.names) : null)),
        );
    }
  }

  has(name: string): boolean {
    const node = this.names.get(name);
    return node !== undefined && node.constant !== null;
  }

  minor(name: string): number {
    const node = this.textNode(name);
    return (node && this.slots.minor(node.slot)) ?? this.miss(name, 0);
  }

  count(name: string): number {
    const node = this.names.get(name);
    return node?.kind === SLOT.whole ? this.slots.whole(node.slot) : this.miss(name, 0);
  }

  id(name: string): Uuid {
    const node = this.textNode(name);
    if (node?.uuid) return node.uuid;
    const text = node && this.slots.text(node.slot);
    return text !== undefined && isUuidText(text) ? Uuid.of(text) : this.miss(name, NO_ID);
  }

  idOrNull(name: string): Uuid | null {
    return this.names.get(name)?.constant === null ? null : this.id(name);
  }

  text(name: string): string {
    const node = this.textNode(name);
    return node ? this.slots.text(node.slot) : this.miss(name, '');
  }

  flag(name: string): boolean {
    const constant = this.names.get(name)?.constant;
    return typeof constant === 'boolean' ? constant : this.miss(name, false);
  }

  sha256(name: string): string {
    const node = this.textNode(name);
    const text = node && this.slots.text(node.slot);
    return text !== undefined && isSha256(text) ? text : this.miss(name, '');
  }

  day(name: string): number {
    const node = this.textNode(name);
    return (node && this.slots.day(node.slot)) ?? this.miss(name, 0);
  }

  instant(name: string): number {
    const node = this.textNode(name);
    const ms = node ? Date.parse(this.slots.text(node.slot)) : Number.NaN;
    return Number.isNaN(ms) ? this.miss(name, 0) : ms;
  }

  inside(name: string): ShapedSaid {
    return this.within.get(name) ?? this.miss(name, this.nothing());
  }

  list(name: string): readonly ShapedSaid[] {
    const items = this.lists.get(name);
    if (!items) return this.miss(name, []);
    return items.map((item) => item ?? this.miss(name, this.nothing()));
  }

  private nothing(): ShapedSaid {
    return new ShapedSaid(this.slots, NOTHING, this.missing);
  }

  private textNode(name: string): ShapeNode | undefined {
    const node = this.names.get(name);
    return node && (node.kind === SLOT.uuid || node.kind === SLOT.text) ? node : undefined;
  }

  private miss<T>(name: string, nothing: T): T {
    this.missing.push(name);
    return nothing;
  }
}
