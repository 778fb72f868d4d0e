import type { Price } from './price-delivered.calculator.js';
import type { MilestoneLine } from './price-line.rules.js';
import { ratesOf, tierReasons, type Volume } from './price-tiers.rules.js';
import type { MilestoneTerms, ReferralTerms } from './rate-card-terms.rules.js';
import { sumMinor } from '../money/index.js';

/** A referral fee, once per accepted referral. */
export function priceReferral(terms: ReferralTerms, volume: Volume): Price {
  const rates = ratesOf(terms, volume, 1);
  const amountMinor = sumMinor(rates.map((rate) => rate.priceMinor));
  return {
    amountMinor,
    reasons: [
      { code: 'unit_price', unit: 'referral', unitMinor: amountMinor.toString() },
      ...tierReasons(terms.tiers, rates),
    ],
    flags: [],
  };
}

/** A named outcome. One that the card does not know is nil and flagged. */
export function priceMilestone(terms: MilestoneTerms, line: MilestoneLine): Price {
  const milestone = terms.milestones.find(({ code }) => code === line.milestone);
  if (!milestone)
    return { amountMinor: 0n, reasons: [], flags: [{ code: 'milestone_not_on_card', milestone: line.milestone }] };
  const { code, name, priceMinor } = milestone;
  return {
    amountMinor: priceMinor,
    reasons: [{ code: 'milestone', milestone: code, name, amountMinor: priceMinor.toString() }],
    flags: [],
  };
}
