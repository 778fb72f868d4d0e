import { wordClaimFlag, type ClaimFlag } from '../delivery/index.js';
import type { Minor } from '../money/index.js';
import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';
import { wordReason, type LineKind, type Reason } from '../pricing/index.js';
import { lineState, type BatchState, type LineState } from './batch.rules.js';
import { LINE_PLACE } from './review-line.queries.js';

export interface FlagInWords {
  readonly code: string;
  readonly text: string;
}

/** A line as a reviewer reads it. */
export interface BatchLine {
  readonly claimId: string;
  readonly service: string;
  readonly chargeKind: string;
  readonly kind: LineKind;
  readonly servedOn: IsoDate;
  readonly forPeriod: IsoDate;
  readonly state: LineState;
  readonly priceMinor: Minor;
  readonly provisionalMinor: Minor;
  readonly expectedMinor: Minor | null;
  readonly indicativeMinor: Minor;
  readonly yourReference: string | null;
  readonly referralId: string | null;
  readonly sessionId: string | null;
  readonly reasons: readonly string[];
  readonly flags: readonly FlagInWords[];
}

type LineRow = Omit<BatchLine, 'state' | 'reasons' | 'flags'> & {
  readonly claimState: 'submitted' | 'queried' | 'rejected' | 'withdrawn';
  readonly batchState: BatchState;
  readonly period: IsoDate;
  readonly pricing: { readonly reasons: readonly Reason[]; readonly flags: readonly ClaimFlag[] };
};

/** $1 batch, $2 the claim after which to go on, $3 how many, $4 only flagged ones. */
const LINES = `
select c.id as "claimId", s.code as service, c.charge_kind as "chargeKind", c.line_kind as kind, c.served_on as "servedOn",
       c.for_period as "forPeriod", c.state as "claimState", b.state as "batchState", b.period, c.price_minor as "priceMinor",
       c.provisional_minor as "provisionalMinor", c.expected_minor as "expectedMinor",
       c.indicative_minor as "indicativeMinor", c.your_reference as "yourReference", c.referral_id as "referralId",
       c.session_id as "sessionId", c.pricing
from batch b
join claim c on c.commissioner_id = b.commissioner_id and c.batch_id = b.id
join service s on s.commissioner_id = c.commissioner_id and s.id = c.service_id
where b.id = $1 and (not $4 or cardinality(c.flags) > 0)
  and ($2::uuid is null or (${LINE_PLACE}) > (select ${LINE_PLACE} from claim c where c.batch_id = b.id and c.id = $2))
order by ${LINE_PLACE} limit $3`;

export interface LinePage {
  readonly limit: number;
  readonly after?: string | undefined;
  readonly flaggedOnly?: boolean;
}

/** The lines of a batch with reasons in words, flagged ones first. */
export async function readLines(reader: Reader, batchId: string, page: LinePage): Promise<BatchLine[]> {
  const { limit, after = null, flaggedOnly = false } = page;
  const rows = await reader.query<LineRow>(LINES, [batchId, after, limit, flaggedOnly]);
  return rows.map(({ claimState, batchState, period, pricing, ...line }) => ({
    ...line,
    state: lineState(claimState, batchState),
    reasons: pricing.reasons.map(wordReason),
    flags: flagsInWords(pricing.flags, line.forPeriod, period),
  }));
}

/** What to look at, in words: what was flagged, and that a line is of an earlier month than its batch. */
export function flagsInWords(flags: readonly ClaimFlag[], forPeriod: IsoDate, period: IsoDate): FlagInWords[] {
  const said = flags.map((flag) => ({ code: flag.code as string, text: wordClaimFlag(flag) }));
  if (forPeriod >= period) return said;
  const text = `Of ${forPeriod.slice(0, 7)}, an earlier month than that of the batch`;
  return [...said, { code: 'earlier_period', text }];
}
