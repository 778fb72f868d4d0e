/** What a contract pays by; each provider has one. */
export const CARD_KINDS = ['flat', 'tiers', 'split', 'hours', 'capped'] as const;
export type CardKind = (typeof CARD_KINDS)[number];

export interface ProviderPlan {
  /** From 0, over all of England. */
  readonly index: number;
  /** The place of its commissioner. */
  readonly commissioner: number;
  readonly code: string;
  readonly kind: CardKind;
  /** People who are referred to it each month. */
  readonly cohort: number;
}

/** England's year, or a share of it: all that follows is a function of this alone. */
export interface YearPlan {
  readonly seed: number;
  readonly share: number;
  /** Twelve, but for a test. */
  readonly months: number;
  /** How many people at sessions are to be expected, within a twentieth. */
  readonly expected: number;
  readonly commissioners: readonly string[];
  readonly providers: readonly ProviderPlan[];
}

export const MONTHS = 12;

/**
 * The size of a whole year. 42 integrated care boards; 1.3 million people referred by GPs, of whom 88 % are taken on (England,
 * 2023: medRxiv 2025.04.04.25325237), which is 1.14 million, with 6 to 12 contacts each (a link worker's guidance). Between 7 and
 * 23 million sessions follow; 10 million are taken. How many charities share them is not published: with 96 to a commissioner each is
 * paid for some 200 sessions a month.
 */
export const ENGLAND = { sessions: 10_000_000, commissioners: 42, providersEach: 96 } as const;

/** What a person's referral comes to within the year, on average: `sessionsPlanned`, less what falls after the last month. */
const SESSIONS_FOR_EACH = 8.4;

/** People in a group session. */
export const GROUP_SIZE = 8;

/** Commissioners and providers are as large as in the whole; there are fewer of them. Two commissioners and six providers at least. */
export function planOf(share: number, seed: number, months = MONTHS): YearPlan {
  const providerCount = Math.max(6, Math.round(ENGLAND.commissioners * ENGLAND.providersEach * share));
  const commissionerCount = Math.max(2, Math.round(ENGLAND.commissioners * share));
  const commissioners = Array.from({ length: commissionerCount }, (_, index) => `ICB${digits(index + 1, 2)}`);
  const people = (ENGLAND.sessions * share) / SESSIONS_FOR_EACH / MONTHS / providerCount;
  const providers = Array.from({ length: providerCount }, (_, index): ProviderPlan => {
    const kind = CARD_KINDS[index % CARD_KINDS.length] ?? 'flat';
    return {
      index,
      commissioner: Math.floor((index * commissionerCount) / providerCount),
      code: `P${digits(index + 1, 5)}`,
      kind,
      cohort: cohortOf(kind, people * sizeOf(seed, index)),
    };
  });
  const referred = providers.reduce((sum, { cohort }) => sum + cohort, 0) * months;
  return { seed, share, months, expected: Math.round(referred * SESSIONS_FOR_EACH), commissioners, providers };
}

/** Many are small and a few are large: a quarter to three times the average, which stays the average over each four. */
function sizeOf(seed: number, index: number): number {
  const turn = (index + mixed(seed, 17)) % SIZES.length;
  return SIZES[turn] ?? 1;
}

const SIZES = [0.25, 0.45, 0.3, 3] as const;

function cohortOf(kind: CardKind, people: number): number {
  if (kind !== 'split') return Math.max(2, Math.round(people));
  return GROUP_SIZE * Math.max(1, Math.round(people / GROUP_SIZE));
}

export function digits(number: number, length: number): string {
  return String(number).padStart(length, '0');
}

/** A number of 32 bits that depends on all that is given, and looks like chance. (Finaliser of MurmurHash3.) */
export function mixed(...numbers: readonly number[]): number {
  let hash = 0;
  for (const number of numbers) {
    hash = Math.imul(hash ^ number, 0x9e37_79b1);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
}
