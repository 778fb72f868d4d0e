import { uuidArray } from '../platform/binary-arrays.js';
import type { Reader } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import type { ContractCard, CountedLines, LineKind } from '../pricing/index.js';
import type { RecordedReferral } from './claim-line.rules.js';
import { countsOwn, restOf, whatCounts, type HistoryRow, type WhatCounts } from './claim-history.rules.js';
import { KeptHistory } from './kept-history.rules.js';

export interface HistoryScope {
  readonly commissionerId: string;
  readonly contractId: string;
  readonly cards: readonly ContractCard[];
}

const COUNTED = `
select c.rate_card_id as "rateCardId", to_char(c.served_on, 'YYYY-MM') as month, c.line_kind as kind,
       c.referral_id as "referralId", c.person_id as "personId", count(*)::int as lines, sum(c.units)::int as units
from claim c`;

const STANDING = `
c.commissioner_id = $1 and c.contract_id = $2 and c.line_kind <> 'nil' and c.state in ('submitted', 'queried')`;

/** Claims with a fixed place: held by a batch, or waiting for an answer. $1 commissioner, $2 contract. */
const IN_BATCHES = `
${COUNTED} where ${STANDING} and (c.batch_id is not null or c.state = 'queried') group by 1, 2, 3, 4, 5`;

/** $1 commissioner, $2 contract, $3 referral ids. */
const OF_REFERRALS = `
select h.rate_card_id as "rateCardId", to_char(h.month, 'YYYY-MM') as month, h.line_kind as kind,
       w.id as "referralId", h.person_id as "personId", h.lines, h.units
from unnest($3::uuid[]) as w(id)
cross join lateral (
  select c.rate_card_id, date_trunc('month', c.served_on) as month, c.line_kind, c.person_id, count(*)::int as lines,
         sum(c.units)::int as units
  from (select * from claim where commissioner_id = $1 and referral_id = w.id offset 0) c
  where ${STANDING} group by 1, 2, 3, 4) h`;

/** Every referral of some persons. $1 commissioner, $2 person ids. */
const REFERRALS_OF = `select id from referral where commissioner_id = $1 and person_id = any ($2::uuid[])`;

/** $1 commissioner, $2 contract. */
const TALLIES = `
select rate_card_id as "rateCardId", to_char(month, 'YYYY-MM') as month, line_kind as kind, null as "referralId",
       null as "personId", lines::int, units::int
from claim_tally where commissioner_id = $1 and contract_id = $2`;

/**
 * Every change of the claims of a contract that count writes to a tally, and each writer leaves its own mark: the same as
 * long as there was none. $1 commissioner, $2 contract.
 */
const STAMP = `
select coalesce(string_agg(concat_ws(' ', rate_card_id, month, line_kind, xmin), ',' order by rate_card_id, month, line_kind), '')
       as stamp
from claim_tally where commissioner_id = $1 and contract_id = $2`;

/** The claims that have their place in a batch, or keep it while they are asked about. */
export async function readHistoryInBatches(reader: Reader, scope: HistoryScope): Promise<CountedLines[]> {
  if (whatCounts(scope.cards).nothing) return [];
  return counted(scope, await reader.query<HistoryRow>(IN_BATCHES, [scope.commissionerId, scope.contractId]));
}

/**
 * All claims of the contract that stand, as far as the price of claims about these referrals depends on them: those of the
 * referrals and their persons by themselves where a card has a cap of that kind, all others in sums where one counts the
 * contract or the month.
 *
 * @param kept of the same file, under the contract's lock; what is not in it is read, and put there
 */
export async function readHistory(
  reader: Reader,
  scope: HistoryScope,
  referrals: ReadonlyMap<string, RecordedReferral>,
  kept?: KeptHistory,
): Promise<CountedLines[]> {
  const { commissionerId, contractId, cards } = scope;
  const counts = whatCounts(cards);
  const own = counts.referrals || counts.persons ? await readOwn(reader, scope, counts, referrals, kept) : [];
  if (!counts.contract) return counted(scope, own);
  const tallies = await reader.query<HistoryRow>(TALLIES, [commissionerId, contractId]);
  return counted(scope, [...own, ...restOf(tallies, own)]);
}

/** Whether what is counted before claims is counted over the whole contract, by what is stored of it. */
export function countsStored({ cards }: HistoryScope): boolean {
  return whatCounts(cards).contract;
}

/** Under the contract's lock: what is kept holds for the next chunk, unless somebody else changes a claim before it. */
export async function closeHistory(reader: Reader, scope: HistoryScope, kept: KeptHistory): Promise<void> {
  if (countsOwn(scope.cards)) kept.close(await readStamp(reader, scope));
}

async function readOwn(
  reader: Reader,
  scope: HistoryScope,
  counts: WhatCounts,
  referrals: ReadonlyMap<string, RecordedReferral>,
  known: KeptHistory | undefined,
): Promise<HistoryRow[]> {
  const { commissionerId, contractId } = scope;
  const kept = known ?? new KeptHistory();
  // Where nothing was kept there is nothing that a stamp could be of.
  if (known && !known.isOpen) known.open(await readStamp(reader, scope));
  const groups = new Set(Array.from(referrals.values(), ({ id, personId }) => (counts.persons ? personId : id)));
  const unknown = [...groups].filter((group) => !kept.has(group));
  if (unknown.length > 0) {
    const ids = counts.persons ? await referralsOf(reader, commissionerId, unknown) : unknown;
    const rows = await reader.query<HistoryRow>(OF_REFERRALS, [commissionerId, contractId, uuidArray(ids, (id) => id)]);
    kept.learn(counts, unknown, rows);
  }
  return Array.from(groups, (group) => kept.of(group)).flat();
}

async function readStamp(reader: Reader, { commissionerId, contractId }: HistoryScope): Promise<string> {
  const [row] = await reader.query<{ stamp: string }>(STAMP, [commissionerId, contractId]);
  assert(row, 'an aggregate has one row');
  return row.stamp;
}

async function referralsOf(reader: Reader, commissionerId: string, persons: readonly string[]): Promise<string[]> {
  const rows = await reader.query<{ id: string }>(REFERRALS_OF, [commissionerId, uuidArray(persons, (id) => id)]);
  return rows.map(({ id }) => id);
}

function counted({ cards }: HistoryScope, rows: readonly HistoryRow[]): CountedLines[] {
  const rateKeys = new Map(cards.map(({ id, rateKey }) => [id, rateKey]));
  return rows.map(({ rateCardId, referralId, personId, month, kind, lines, units }) => ({
    rateKey: rateKeys.get(rateCardId) ?? '',
    month,
    kind: kind as LineKind,
    lines,
    units,
    ...(referralId !== null && { referralId }),
    ...(personId !== null && { personId }),
    standing: 'standing',
  }));
}
