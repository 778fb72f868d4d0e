import type { Reader } from '../platform/database.js';
import type { TraceKind } from './trace.rules.js';

/** A thing that is known by what was looked for. */
export interface Match {
  readonly id: string;
  readonly kind: TraceKind;
  readonly commissionerId: string;
}

/** What people call a thing, by its kind. Of attendances and milestones nobody knows a reference. */
const KNOWN_BY: readonly (readonly [TraceKind, readonly string[]])[] = [
  ['payout', ['reference']],
  ['invoice', ['number', 'own_number']],
  ['batch', ['code']],
  ['referral', ['reference']],
  ['session', ['reference']],
  ['claim', ['your_reference']],
];

/** Each column by itself, so that each finds its index. $1 spellings, $2 how many of a kind. */
const matchesOf = ([kind, columns]: (typeof KNOWN_BY)[number]) =>
  columns.map(
    (column) => `
(select '${kind}' as kind, id, commissioner_id as "commissionerId" from ${kind}
 where ${column} = any ($1::text[]) order by id desc limit $2)`,
  );

const unionOf = (known: typeof KNOWN_BY) => known.flatMap(matchesOf).join('\nunion\n');

const OF_REFERRER = unionOf(KNOWN_BY.filter(([kind]) => kind === 'referral'));
const OF_OTHERS = unionOf(KNOWN_BY);

/** Things that have one of these references or numbers, of all that the reader sees; a referrer sees referrals only. */
export function findByReference(
  reader: Reader,
  side: string,
  spellings: readonly string[],
  limit: number,
): Promise<Match[]> {
  return reader.query<Match>(side === 'referrer' ? OF_REFERRER : OF_OTHERS, [spellings, limit]);
}
