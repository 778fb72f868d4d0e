/**
 * Why a person is erased: UK GDPR article 17(1), (a) to (e); or because the time for which records are kept is over, which
 * is (a) found out by a calendar.
 */
export const ERASURE_GROUNDS = [
  'no_longer_needed',
  'consent_withdrawn',
  'objection',
  'unlawful',
  'legal_obligation',
  'retention_ended',
] as const;
export type ErasureGround = (typeof ERASURE_GROUNDS)[number];

/** Who asked for it. */
export const ERASURE_ASKERS = ['person', 'representative', 'commissioner', 'regulator', 'court'] as const;
export type ErasureAsker = (typeof ERASURE_ASKERS)[number];

/** Why nothing of a person may be destroyed now: UK GDPR article 17(3), (b) and (e). */
export const HOLD_REASONS = ['legal_claim', 'complaint', 'fraud', 'safeguarding', 'inquiry'] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

/**
 * Grounds that leave the controller no choice. For any other one open work is a reason to wait: article 17(3)(b) exempts
 * what a task in the public interest still needs.
 */
const COMPELLING: ReadonlySet<ErasureGround> = new Set(['unlawful', 'legal_obligation']);

export interface ErasureRequest {
  readonly ground: ErasureGround;
  readonly askedBy: ErasureAsker;
  /** Also with work that is open. */
  readonly force: boolean;
}

/** What there is of a person, counted. */
export interface PersonWork {
  readonly referrals: number;
  /** Not declined and not closed. */
  readonly openReferrals: number;
  readonly sessions: number;
  readonly claims: number;
  /** Neither approved nor rejected nor withdrawn. */
  readonly undecidedClaims: number;
}

export type ErasureRefusal =
  | { readonly why: 'erased' | 'held' | 'force_not_lawful' }
  | { readonly why: 'open_work'; readonly openReferrals: number; readonly undecidedClaims: number };

/** Why a person cannot be erased now; undefined when nothing stands in the way. A hold gives way to no ground. */
export function whyNotErase(
  person: { readonly erasedAt: Date | null; readonly heldAt: Date | null },
  { openReferrals, undecidedClaims }: Pick<PersonWork, 'openReferrals' | 'undecidedClaims'>,
  { ground, force }: Pick<ErasureRequest, 'ground' | 'force'>,
): ErasureRefusal | undefined {
  if (person.erasedAt !== null) return { why: 'erased' };
  if (person.heldAt !== null) return { why: 'held' };
  if (openReferrals + undecidedClaims === 0) return undefined;
  if (!force) return { why: 'open_work', openReferrals, undecidedClaims };
  return COMPELLING.has(ground) ? undefined : { why: 'force_not_lawful' };
}

/** What an erasure destroyed, counted: none of it can be made again. */
export interface Destroyed {
  readonly keys: number;
  readonly ciphertexts: number;
  /** A blind index, a pseudonym, or a reference that had not been moved to the vault. */
  readonly lookUps: number;
  /** Questions, answers and reasons about claims of the person, with the salts of their commitments. */
  readonly texts: number;
}

export const REMAINING = [
  'amounts',
  'journey',
  'journal',
  'hashes',
  'texts',
  'access_log',
  'passing',
  'backups',
] as const;

/** Something that an erasure leaves, and why. */
export interface Remaining {
  readonly what: (typeof REMAINING)[number];
  /** Null where it is not counted. */
  readonly count: number | null;
  readonly means: string;
  readonly why: string;
  readonly find: string;
}

const ACCOUNTING =
  'Accounting records are kept for six years after the end of the year: VAT Act 1994 schedule 11 paragraph 6(3) with ' +
  'HMRC Notice 700/21, Companies Act 2006 section 388, Charities Act 2011 section 131.';

const REMAINS: Record<Remaining['what'], Omit<Remaining, 'what' | 'count'>> = {
  amounts: {
    means: 'Claims with their prices, and the batches, invoices and payments that they are in: amounts and opaque ids.',
    why: ACCOUNTING,
    find: 'GET /v1/trace/{id of a referral}',
  },
  journey: {
    means:
      'Referrals under the reference of the system that they came from, with days, states and who came to which session.',
    why: `They are the evidence of the amounts. ${ACCOUNTING} Whom a reference is about is known to that system alone.`,
    find: 'GET /v1/referrals/{id}',
  },
  journal: {
    means:
      'Events that name the person by a random id, and a commitment that nobody can open without the salt that is gone.',
    why: 'The log is sealed, so that a removed event would show; nothing in it says who the person is.',
    find: 'GET /v1/events?subject={id of the person}',
  },
  hashes: {
    means:
      'In events of before texts were bound with a salt: a SHA-256 of each question, answer and reason about claims of the ' +
      'person. The texts are gone.',
    why: 'The log is sealed. Whoever guesses such a text in full can tell from the journal that it was written.',
    find: 'docs/privacy.md',
  },
  texts: {
    means:
      'What people wrote freely about batches, contracts and advances, and about sessions that are charged for as a whole: ' +
      'about no single person.',
    why:
      'It is what was decided and why; nothing that says who somebody is belongs there. Where something does, the text can ' +
      'be redacted by itself.',
    find: 'GET /v1/texts',
  },
  access_log: {
    means: 'Who read of the person, when, and through which route.',
    why: 'Whoever is accountable must be able to show it (UK GDPR article 5(2)); a row is deleted after 24 months.',
    find: 'GET /v1/access-log?subject={id of the person}',
  },
  passing: {
    means:
      'Answers kept under idempotency keys, and forms that somebody has begun: neither holds a number of the person, nor ' +
      'what was written about their claims.',
    why: 'They are deleted by themselves after 30 days.',
    find: 'docs/privacy.md',
  },
  backups: {
    means: 'Backups, write-ahead logs and standby servers hold the destroyed rows until they are rotated.',
    why: 'They are put beyond use until then; a restored backup must have its erasures made again.',
    find: 'docs/privacy.md, and the operator of the instance',
  },
};

/** What is left of a person who was erased, and why it is. */
export function remainsOf({
  referrals,
  claims,
  hashes,
}: Pick<PersonWork, 'referrals' | 'claims'> & { readonly hashes: number }): Remaining[] {
  const counts: Partial<Record<Remaining['what'], number>> = { amounts: claims, journey: referrals, hashes };
  return REMAINING.map((what) => ({ what, count: counts[what] ?? null, ...REMAINS[what] }));
}
