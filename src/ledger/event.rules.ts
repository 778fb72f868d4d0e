import { canonicalJson, type CanonicalObject } from '../platform/canonical-json.js';
import type { TransfersDigest } from './transfer.rules.js';

/** Who did it, in opaque ids: never a name, an address or a key. */
export interface EventActor {
  readonly kind: 'person' | 'service' | 'system';
  readonly orgId: string;
  readonly memberId: string | null;
  readonly keyId: string | null;
}

/** An event as it is stored. Every column of `ledger.event` that a writer may choose is here, and so in the body. */
export interface StoredEvent {
  readonly id: string;
  readonly commissionerId: string;
  /** `noun.past_participle`, such as `batch.approved`. Never renamed: it is hashed. */
  readonly type: string;
  readonly subjectId: string;
  readonly actor: EventActor;
  readonly providerId: string | null;
  readonly referrerId: string | null;
  readonly causeId: string | null;
  readonly occurredAt: Date;
  readonly recordedAt: Date;
  /** What else is to be remembered. No personal data; amounts in minor units as bigint. */
  readonly data: CanonicalObject;
  /** Absent when the event moves nothing. */
  readonly transfers?: TransfersDigest;
}

/** The version of the layout below; a changed layout is a new number, and old events keep theirs. */
const LAYOUT = 1;

/**
 * What is hashed of an event, before it is spelled as canonical JSON. It repeats every column, so that a column that was
 * changed later no longer matches, and binds the transfers by their digest.
 */
export function eventBody(event: StoredEvent): CanonicalObject {
  const { keyId, kind, memberId, orgId } = event.actor;
  // In the order of canonical JSON, so that nothing is left to sort: events are spelled by the thousand.
  return {
    actor: { keyId, kind, memberId, orgId },
    causeId: event.causeId,
    commissionerId: event.commissionerId,
    data: event.data,
    id: event.id,
    occurredAt: event.occurredAt.toISOString(),
    providerId: event.providerId,
    recordedAt: event.recordedAt.toISOString(),
    referrerId: event.referrerId,
    subjectId: event.subjectId,
    ...(event.transfers && { transfers: { ...event.transfers } }),
    type: event.type,
    v: LAYOUT,
  };
}

/**
 * Spells what is hashed of events: `canonicalJson(eventBody(event))`, put together from its parts. Events come by the million,
 * and most of what is the same in all of them is spelled once for those that are recorded together.
 */
export class BodySpeller {
  private readonly actor = new Latest(spelledActor, isSameActor);
  private readonly commissioner = new Latest(spelled, Object.is);
  private readonly provider = new Latest(spelled, Object.is);
  private readonly occurredAt = new Latest(spelledInstant, isSameInstant);
  private readonly recordedAt = new Latest(spelledInstant, isSameInstant);

  spell(event: StoredEvent): string {
    if (event.transfers) return canonicalJson(eventBody(event));
    return (
      `{"actor":${this.actor.of(event.actor)},"causeId":${spelled(event.causeId)},` +
      `"commissionerId":${this.commissioner.of(event.commissionerId)},"data":${canonicalJson(event.data)},` +
      `"id":${spelled(event.id)},"occurredAt":${this.occurredAt.of(event.occurredAt)},` +
      `"providerId":${this.provider.of(event.providerId)},"recordedAt":${this.recordedAt.of(event.recordedAt)},` +
      `"referrerId":${spelled(event.referrerId)},"subjectId":${spelled(event.subjectId)},"type":${spelled(event.type)},"v":${LAYOUT}}`
    );
  }
}

/** The spelling of the value that came last, for as long as it comes again. */
class Latest<Value> {
  private last: { readonly value: Value; readonly text: string } | undefined;

  constructor(
    private readonly spell: (value: Value) => string,
    private readonly isSame: (one: Value, other: Value) => boolean,
  ) {}

  of(value: Value): string {
    if (this.last === undefined || !this.isSame(this.last.value, value)) this.last = { value, text: this.spell(value) };
    return this.last.text;
  }
}

function spelledActor({ keyId, kind, memberId, orgId }: EventActor): string {
  return `{"keyId":${spelled(keyId)},"kind":${spelled(kind)},"memberId":${spelled(memberId)},"orgId":${spelled(orgId)}}`;
}

function isSameActor(one: EventActor, other: EventActor): boolean {
  return (
    one.keyId === other.keyId && one.kind === other.kind && one.memberId === other.memberId && one.orgId === other.orgId
  );
}

const spelledInstant = (instant: Date): string => `"${instant.toISOString()}"`;
const isSameInstant = (one: Date, other: Date): boolean => one.getTime() === other.getTime();

/** Ids and codes: they are spelled as they stand. */
const PLAIN = /^[\w.-]*$/;

function spelled(text: string | null): string {
  if (text === null) return 'null';
  return PLAIN.test(text) ? `"${text}"` : canonicalJson(text);
}

/** An RFC 6962 section 2.1 leaf: the hash of a zero byte and the entry. The database computes the same. */
export function leafInput(body: Uint8Array): Uint8Array {
  const input = new Uint8Array(body.length + 1);
  input.set(body, 1);
  return input;
}
