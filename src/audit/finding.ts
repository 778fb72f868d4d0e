/** Where something is wrong: an event of the log by its index and id, and the member of the bundle that holds it. */
export interface Place {
  /** Of the event's leaf, from 0. */
  readonly index?: number;
  readonly eventId?: string;
  readonly member?: string;
}

/** Something that is not as it must be. Codes are part of the JSON verdict and are never renamed. */
export interface Finding {
  /** `what_is_wrong`, such as `leaf_differs` or `floor_broken`. */
  readonly code: string;
  readonly at: Place;
  /** For people: one sentence, with the ids and amounts that it speaks of. */
  readonly what: string;
}

/** Keeps the first findings and counts the others, so that a bundle that is wrong throughout costs no memory. */
export class Findings {
  readonly kept: Finding[] = [];
  count = 0;

  constructor(private readonly keptMax = 100) {}

  add(...findings: readonly Finding[]): void {
    this.count += findings.length;
    const room = this.keptMax - this.kept.length;
    if (room > 0) this.kept.push(...findings.slice(0, room));
  }
}
