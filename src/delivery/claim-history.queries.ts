import { uuidArray } from '../platform/binary-arrays.js';
import type { Reader } from '../platform/database.js';
import type { ContractCard, CountedLines, LineKind } from '../pricing/index.js';
import type { RecordedReferral } from './claim-line.rules.js';
import { restOf, whatCounts, type HistoryRow } from './claim-history.rules.js';

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
const OF_REFERRALS = `${COUNTED} where ${STANDING} and c.referral_id = any ($3::uuid[]) group by 1, 2, 3, 4, 5`;

/** Every referral of some persons. $1 commissioner, $2 person ids. */
const REFERRALS_OF = `select id from referral where commissioner_id = $1 and person_id = any ($2::uuid[])`;

/** $1 commissioner, $2 contract. */
const TALLIES = `
select rate_card_id as "rateCardId", to_char(month, 'YYYY-MM') as month, line_kind as kind, null as "referralId",
       null as "personId", lines::int, units::int
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
 */
export async function readHistory(
  reader: Reader,
  scope: HistoryScope,
  referrals: ReadonlyMap<string, RecordedReferral>,
): Promise<CountedLines[]> {
  const { commissionerId, contractId, cards } = scope;
  const counts = whatCounts(cards);
  const ids = counts.persons ? await referralsOf(reader, commissionerId, referrals) : [...referrals.keys()];
  const own =
    (counts.referrals || counts.persons) && ids.length > 0
      ? await reader.query<HistoryRow>(OF_REFERRALS, [commissionerId, contractId, uuidArray(ids, (id) => id)])
      : [];
  if (!counts.contract) return counted(scope, own);
  const tallies = await reader.query<HistoryRow>(TALLIES, [commissionerId, contractId]);
  return counted(scope, [...own, ...restOf(tallies, own)]);
}

async function referralsOf(
  reader: Reader,
  commissionerId: string,
  referrals: ReadonlyMap<string, RecordedReferral>,
): Promise<string[]> {
  const persons = [...new Set([...referrals.values()].map(({ personId }) => personId))];
  if (persons.length === 0) return [];
  const rows = await reader.query<{ id: string }>(REFERRALS_OF, [commissionerId, uuidArray(persons, (id) => id)]);
  return [...new Set([...referrals.keys(), ...rows.map(({ id }) => id)])];
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
