import type { DeliveredRow } from './england-delivery.js';
import { type CardKind, GROUP_SIZE } from './england-plan.js';

/** What must have come of the work of a month, or of a year: counts and pence. */
export interface Tally {
  readonly referrals: bigint;
  readonly sessions: bigint;
  /** Rows of claim files; each is an attendance and a claim. */
  readonly claims: bigint;
  readonly flagged: bigint;
  readonly rejected: bigint;
  readonly batches: bigint;
  readonly claimedMinor: bigint;
  readonly approvedMinor: bigint;
  readonly vatMinor: bigint;
}

export const NOTHING: Tally = {
  referrals: 0n,
  sessions: 0n,
  claims: 0n,
  flagged: 0n,
  rejected: 0n,
  batches: 0n,
  claimedMinor: 0n,
  approvedMinor: 0n,
  vatMinor: 0n,
};

export function plus(one: Tally, other: Tally): Tally {
  const names = Object.keys(NOTHING) as (keyof Tally)[];
  return Object.fromEntries(names.map((name) => [name, one[name] + other[name]])) as unknown as Tally;
}

export const grossOf = ({ approvedMinor, vatMinor }: Tally): bigint => approvedMinor + vatMinor;

/**
 * What one contract comes to in one month, worked out from what its card says in words, and not by the product's prices: nothing
 * here is imported from it. A reviewer rejects one of the lines that are over a cap, and approves the others.
 */
export function tallyOf(kind: CardKind, rows: readonly DeliveredRow[]): Tally {
  const { minor, flagged, sessions } = RECKONED[kind](rows);
  const rejected = kind === 'capped' && flagged > 0 ? 1 : 0;
  const approvedMinor = minor - BigInt(rejected) * CAPPED_MINOR;
  return {
    referrals: 0n,
    sessions: BigInt(sessions ?? rows.length),
    claims: BigInt(rows.length),
    flagged: BigInt(flagged),
    rejected: BigInt(rejected),
    batches: rows.length > 0 ? 1n : 0n,
    claimedMinor: minor,
    approvedMinor,
    vatMinor: kind === 'capped' ? (approvedMinor * 20n + 50n) / 100n : 0n,
  };
}

interface Reckoned {
  readonly minor: bigint;
  readonly flagged: number;
  /** As many as there are rows unless given. */
  readonly sessions?: number;
}

/** £27.99 for each who came, VAT at 20 % on the invoice; from the ninth session of a referral on a person has to look. */
const CAPPED_MINOR = 2_799n;
const CAP = 8;
const MISSES_PAID = 2;

const RECKONED: Readonly<Record<CardKind, (rows: readonly DeliveredRow[]) => Reckoned>> = {
  /** £32 for each who came, half of it for one who did not, a quarter for one who called it off on the day. */
  flat: (rows) => ({
    minor: BigInt(count(rows, 'attended')) * 3_200n + BigInt(count(rows, 'missed')) * 1_600n + lateMinor(rows),
    flagged: rows.filter(({ outcome, missedSoFar }) => outcome === 'missed' && missedSoFar > MISSES_PAID).length,
  }),
  /** £30 for the first hundred of the month, £27.50 for the next hundred and fifty, £24.99 beyond. */
  tiers: (rows) => {
    const came = count(rows, 'attended');
    const [first, second] = [Math.min(came, 100), Math.min(Math.max(came - 100, 0), 150)];
    const third = came - first - second;
    return { minor: BigInt(first) * 3_000n + BigInt(second) * 2_750n + BigInt(third) * 2_499n, flagged: 0 };
  },
  /** £160 for a group session, whoever came: nothing, and a look, when nobody did. */
  split: (rows) => {
    const came = new Map<string, number>();
    for (const { session, outcome } of rows) {
      came.set(session ?? '', (came.get(session ?? '') ?? 0) + (outcome === 'attended' ? 1 : 0));
    }
    const empty = [...came.values()].filter((people) => people === 0).length;
    return { minor: BigInt(came.size - empty) * 16_000n, flagged: empty * GROUP_SIZE, sessions: came.size };
  },
  /** £42.50 an hour, to the nearest penny of each visit, and 33.33 % of it, to the nearest penny again, where nobody came. */
  hours: (rows) => ({
    minor: rows.reduce((sum, { outcome, minutes }) => {
      const visitMinor = (BigInt(minutes) * 4_250n + 30n) / 60n;
      return sum + (outcome === 'attended' ? visitMinor : (visitMinor * 3_333n + 5_000n) / 10_000n);
    }, 0n),
    flagged: 0,
  }),
  capped: (rows) => ({
    minor: BigInt(count(rows, 'attended')) * CAPPED_MINOR,
    flagged: rows.filter(({ outcome, attendedSoFar }) => outcome === 'attended' && attendedSoFar > CAP).length,
  }),
};

const lateMinor = (rows: readonly DeliveredRow[]) => BigInt(count(rows, 'cancelled_late')) * 800n;

function count(rows: readonly DeliveredRow[], outcome: DeliveredRow['outcome']): number {
  return rows.filter((row) => row.outcome === outcome).length;
}
