import { countedKinds, isCounted, type Counts, type Scope } from './price-counts.rules.js';
import type { CountedLines } from './price-line.rules.js';
import type { Cap, CountedUnit, Flag, Reason } from './price-reasons.rules.js';
import type { MissedTerms, RateCardTerms } from './rate-card.rules.js';

const UNITS: Readonly<Record<CappedTerms['basis'], CountedUnit>> = {
  session: 'session',
  hour: 'session',
  attendance: 'attendance',
  group_split: 'attendance',
  recognised: 'attendance',
  referral: 'referral',
  milestone: 'milestone',
};

type CappedTerms = Exclude<RateCardTerms, { readonly basis: 'block' }>;

export interface Findings {
  readonly reasons: Reason[];
  readonly flags: Flag[];
}

/**
 * A line's number within each cap of its card. Number 6 of 6 is covered, number 7 is flagged. A line that the card does not
 * count has no number; a line without the referral or person that a cap is about is flagged rather than let through.
 */
export function capFindings(terms: CappedTerms, counted: CountedLines, counts: Counts): Findings {
  const reasons: Reason[] = [];
  const flags: Flag[] = [];
  const { caps } = terms;
  const unit = UNITS[terms.basis];
  if (!caps || !isCounted(counted.kind, terms)) return { reasons, flags };

  const check = (cap: Cap, limit: number | undefined, scope: Scope | 'referral' | 'person') => {
    if (limit === undefined) return;
    if (typeof scope === 'string') {
      flags.push({ code: 'limit_not_checked', missing: scope });
      return;
    }
    const number = counts.lines(counted.rateKey, scope, countedKinds(terms)) + 1;
    reasons.push({ cap, code: 'covered', limit, number, unit });
    if (number > limit) flags.push({ cap, code: 'over_cap', limit, number, unit });
  };

  const { referralId, personId, month } = counted;
  check('referral', caps.perReferral, referralId === undefined ? 'referral' : { of: 'referral', referralId });
  check(
    'person_month',
    caps.perPersonPerMonth,
    personId === undefined ? 'person' : { of: 'person_month', personId, month },
  );
  check('contract', caps.perContract, { of: 'contract' });
  return { reasons, flags };
}

/** Did-not-attend and late-cancel have each their own maximum per referral; beyond it the line is priced and flagged. */
export function missedMaximumFlags(terms: MissedTerms, counted: CountedLines, counts: Counts): Flag[] {
  const { kind, referralId, rateKey } = counted;
  const maximum = terms.maximumPerReferral;
  if (maximum === undefined || (kind !== 'did_not_attend' && kind !== 'cancelled_late')) return [];
  if (referralId === undefined) return [{ code: 'limit_not_checked', missing: 'referral' }];
  const number = counts.lines(rateKey, { of: 'referral', referralId }, [kind]) + 1;
  return number > maximum ? [{ code: 'over_missed_maximum', outcome: kind, number, maximum }] : [];
}
