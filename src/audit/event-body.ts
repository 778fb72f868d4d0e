import { type Canonical, canonicalJson } from '../platform/canonical-json.js';
import { isUuid } from '../platform/ids.js';
import { plainText, plainValueEnd } from './canonical-scan.js';
import { INSTANT, isDayOfMonth, isInstant } from './lines.js';
import type { EventBody } from './segment.js';

const LAYOUT = 1;
const TYPE = /^[a-z_]+(\.[a-z_]+)+$/;
const ACTOR_KINDS: readonly unknown[] = ['person', 'service', 'system'];
const SHA256 = /^[0-9a-f]{64}$/;
export const TOTAL = /^[1-9][0-9]{0,18}$/;

/** An event's body, or in one sentence what is wrong with its spelling or its columns. What `data` says is not looked at. */
export function readEventBody(bytes: Buffer, commissionerId: string): EventBody | string {
  return readPlain(bytes, commissionerId) ?? readAny(bytes, commissionerId);
}

const ID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const ID_OR_NONE = `(?:null|"(${ID})")`;

/** The columns before `data` in canonical order, and those behind it. */
const HEAD = new RegExp(
  `^{"actor":{"keyId":${ID_OR_NONE},"kind":"(person|service|system)","memberId":${ID_OR_NONE},"orgId":"(${ID})"},` +
    `"causeId":${ID_OR_NONE},"commissionerId":"(${ID})","data":(?={)`,
);
const TAIL = new RegExp(
  `,"id":"(${ID})","occurredAt":"(${INSTANT})","providerId":${ID_OR_NONE},"recordedAt":"(${INSTANT})",` +
    `"referrerId":${ID_OR_NONE},"subjectId":"(${ID})",` +
    `(?:"transfers":{"count":([1-9][0-9]{0,14}),"sha256":"([0-9a-f]{64})","totalMinor":"([1-9][0-9]{0,18})"},)?` +
    `"type":"([a-z_]+(?:[.][a-z_]+)+)","v":1}$`,
  'y',
);

/**
 * The quick way, which nearly every event goes: what stands before and behind `data` has one form, and `data` itself is
 * scanned once. Whatever is unusual is left to the long way, which tells what is wrong.
 */
export function readPlain(bytes: Buffer, commissionerId: string): EventBody | undefined {
  const text = plainText(bytes);
  const head = text === undefined ? null : HEAD.exec(text);
  if (text === undefined || head?.[6] !== commissionerId) return undefined;
  const start = head[0].length;
  const end = plainValueEnd(text, start);
  TAIL.lastIndex = end;
  const tail = end < 0 ? null : TAIL.exec(text);
  if (!tail || !isDayOfMonth(tail[2] ?? '') || !isDayOfMonth(tail[4] ?? '')) return undefined;
  const data = parsed(text.slice(start, end));
  if (!data) return undefined;
  const digest = tail[8] === undefined ? undefined : digestOf(tail);
  return {
    v: LAYOUT,
    id: tail[1] ?? '',
    commissionerId,
    type: tail[10] ?? '',
    subjectId: tail[6] ?? '',
    actor: {
      kind: head[2] as EventBody['actor']['kind'],
      orgId: head[4] ?? '',
      memberId: head[3] ?? null,
      keyId: head[1] ?? null,
    },
    providerId: tail[3] ?? null,
    referrerId: tail[5] ?? null,
    causeId: head[5] ?? null,
    occurredAt: tail[2] ?? '',
    recordedAt: tail[4] ?? '',
    data,
    ...(digest && { transfers: digest }),
  };
}

function parsed(json: string): EventBody['data'] | undefined {
  try {
    return JSON.parse(json) as EventBody['data'];
  } catch {
    return undefined; // a control character in a string, which the long way tells
  }
}

function digestOf(tail: RegExpExecArray): NonNullable<EventBody['transfers']> {
  return { count: Number(tail[7]), sha256: tail[8] ?? '', totalMinor: tail[9] ?? '' };
}

function readAny(bytes: Buffer, commissionerId: string): EventBody | string {
  try {
    const said: unknown = JSON.parse(bytes.toString('utf8'));
    if (!isCanonical(said, bytes)) return 'it is not spelled as canonical JSON (RFC 8785)';
    return wrongColumn(said as Record<string, unknown>, commissionerId) ?? (said as EventBody);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError || error instanceof TypeError) {
      return 'it is not JSON that can be read';
    }
    throw error;
  }
}

/** Whether bytes are the one spelling of a value, so that no two readers can take them for different things. */
function isCanonical(value: unknown, bytes: Buffer): boolean {
  return Buffer.from(canonicalJson(value as Canonical)).equals(bytes);
}

function wrongColumn(said: Record<string, unknown>, commissionerId: string): string | undefined {
  if (said.v !== LAYOUT) return `its layout is ${JSON.stringify(said.v)}, and version 1 of a bundle has layout 1`;
  if (said.commissionerId !== commissionerId) return 'it is an event of other books';
  const names = countNames(said) - (said.transfers === undefined ? 0 : 1);
  if (names !== 12) return 'it has other columns than an event has';
  if (!isId(said.id) || !isId(said.subjectId)) return 'its id or that of its subject is none';
  if (!isIdOrNone(said.providerId) || !isIdOrNone(said.referrerId) || !isIdOrNone(said.causeId)) {
    return 'its provider, referrer or cause is no id';
  }
  if (!isActor(said.actor)) return 'its actor is not one';
  if (typeof said.type !== 'string' || !TYPE.test(said.type)) return 'its type is not one';
  if (!isTime(said.occurredAt) || !isTime(said.recordedAt)) return 'its times are not instants';
  if (typeof said.data !== 'object' || said.data === null || Array.isArray(said.data)) return 'its data is no object';
  if (said.transfers !== undefined && !isDigest(said.transfers)) return 'what it says of its transfers is no digest';
  return undefined;
}

function isActor(said: unknown): boolean {
  if (typeof said !== 'object' || said === null || countNames(said) !== 4) return false;
  const { kind, orgId, memberId, keyId } = said as Record<string, unknown>;
  return ACTOR_KINDS.includes(kind) && isId(orgId) && isIdOrNone(memberId) && isIdOrNone(keyId);
}

function isDigest(said: unknown): boolean {
  if (typeof said !== 'object' || said === null || countNames(said) !== 3) return false;
  const { count, totalMinor, sha256 } = said as Record<string, unknown>;
  return (
    typeof count === 'number' &&
    count > 0 &&
    typeof totalMinor === 'string' &&
    TOTAL.test(totalMinor) &&
    typeof sha256 === 'string' &&
    SHA256.test(sha256)
  );
}

function isId(value: unknown): boolean {
  return typeof value === 'string' && isUuid(value);
}

function isIdOrNone(value: unknown): boolean {
  return value === null || isId(value);
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && isInstant(value);
}

function countNames(value: object): number {
  let count = 0;
  for (const name in value) if (name !== '') count++;
  return count;
}
