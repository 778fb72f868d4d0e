import type { IsoDate } from '../platform/clock.js';
import { priceBlock } from './price-block.rules.js';
import { Counts, countedKinds } from './price-counts.rules.js';
import { priceDelivery, priceShare, recognise, type Price } from './price-delivered.calculator.js';
import { byServiceTimeThenId, draftOf, type Draft } from './price-draft.rules.js';
import { capFindings, missedMaximumFlags } from './price-limits.rules.js';
import type { CountedLines, PricedLine, PricingContext, PricingLine, Unit } from './price-line.rules.js';
import { priceMilestone, priceReferral } from './price-once.rules.js';
import type { Volume } from './price-tiers.rules.js';
import type { Basis, RateCardTerms, Tiers } from './rate-card.rules.js';

export type * from './price-line.rules.js';
export type * from './price-reasons.rules.js';
export { servedOnOf } from './price-draft.rules.js';

const UNITS: Readonly<Record<Basis, Unit>> = {
  session: 'session',
  hour: 'session',
  attendance: 'person',
  group_split: 'person',
  recognised: 'person',
  referral: 'referral',
  milestone: 'milestone',
  block: 'month',
};

interface Scene {
  /** Lines before this one. */
  readonly counts: Counts;
  /** Earlier lines and all that are priced now: the volume that whole-volume tiers go by. Counted when it is asked for. */
  readonly volumes: () => Counts;
  readonly bankHolidays: ReadonlySet<IsoDate>;
}

/**
 * Prices lines together, because caps, tiers and maxima depend on the others. Lines in the history keep their price and
 * their number; the lines given are numbered after them by service time, then id, whatever order they come in. Answers in
 * that order, one priced line for each.
 *
 * Nothing is dropped: a line that nothing can be paid for is nil, and says why. Throws RangeError when a claim comes twice.
 */
export function priceLines(lines: readonly PricingLine[], context: PricingContext): PricedLine[] {
  if (new Set(lines.map((line) => line.claimId)).size !== lines.length)
    throw new RangeError('a claim is priced once in a set');
  const history = context.history ?? [];
  const drafts = lines.map((line) => draftOf(line, context.cardOf(line))).sort(byServiceTimeThenId);
  let volumes: Counts | undefined;
  const scene: Scene = {
    counts: new Counts(history),
    volumes: () => (volumes ??= new Counts([...history, ...drafts.flatMap((draft) => draft.counted ?? [])])),
    bankHolidays: context.bankHolidays ?? new Set(),
  };
  return drafts.map((draft) => {
    const priced = priceDraft(draft, scene);
    if (draft.counted) scene.counts.add(draft.counted);
    return priced;
  });
}

/** The provisional price of one line, as if it came after everything in the history. */
export function priceLine(line: PricingLine, context: PricingContext): PricedLine {
  const [priced] = priceLines([line], context);
  if (!priced) throw new RangeError('a line has a price');
  return priced;
}

function priceDraft(draft: Draft, scene: Scene): PricedLine {
  const { line, card, counted, servedOn } = draft;
  const shell = { claimId: line.claimId, cardId: card?.id, servedOn, counted };
  if (!card) return { ...shell, ...NOTHING, flags: [{ code: 'no_rate_card' }] };
  const { terms } = card;
  const price = counted && priceByBasis(terms, draft, counted, scene);
  if (!price)
    return { ...shell, ...NOTHING, flags: [{ code: 'fact_does_not_earn', fact: line.fact, basis: terms.basis }] };

  const caps = terms.basis === 'block' ? undefined : capFindings(terms, counted, scene.counts);
  const missed = missedFlags(terms, counted, scene.counts);
  const { quantity, unit, unitPriceMinor } = quantityOf(terms.basis, price);
  return {
    claimId: line.claimId,
    cardId: card.id,
    servedOn,
    counted,
    netMinor: price.amountMinor,
    indicativeMinor: terms.basis === 'recognised' && counted.kind === 'delivered' ? terms.indicativeMinor : 0n,
    quantity,
    unit,
    unitPriceMinor,
    reasons: joined(price.reasons, caps?.reasons),
    flags: joined(joined(price.flags, missed), caps?.flags),
  };
}

/** The same list where nothing is added to it. */
function joined<T>(list: readonly T[], more: readonly T[] = []): readonly T[] {
  return more.length === 0 ? list : [...list, ...more];
}

const NOTHING = {
  netMinor: 0n,
  indicativeMinor: 0n,
  quantity: 1,
  unit: 'session',
  unitPriceMinor: 0n,
  reasons: [],
} as const;

/** Without tiers the volume makes no difference. */
const NO_VOLUME: Volume = { before: 0, total: 0 };

/** Undefined where the line's fact does not earn on the card's basis. */
function priceByBasis(terms: RateCardTerms, draft: Draft, counted: CountedLines, scene: Scene): Price | undefined {
  const { line, ending } = draft;
  if (terms.basis === 'block') return line.fact === 'period' ? priceBlock(terms, line) : undefined;
  if (terms.basis === 'milestone') return line.fact === 'milestone' ? priceMilestone(terms, line) : undefined;
  const volume = volumeOf(terms, counted, scene);
  if (terms.basis === 'referral') return priceReferral(terms, volume);
  if (!ending || (line.fact !== 'session' && line.fact !== 'attendance')) return undefined;
  if (terms.basis === 'recognised') return recognise(terms, ending);
  const delivery = { line, ending, volume, bankHolidays: scene.bankHolidays };
  if (terms.basis !== 'group_split') return priceDelivery(terms, delivery);
  return line.fact === 'attendance' ? priceShare(terms, line, delivery) : undefined;
}

function volumeOf(
  terms: Exclude<RateCardTerms, { basis: 'block' }> & { readonly tiers?: Tiers },
  { rateKey, month }: CountedLines,
  { counts, volumes }: Scene,
): Volume {
  if (!terms.tiers) return NO_VOLUME;
  const scope = terms.tiers.per === 'month' ? ({ of: 'month', month } as const) : ({ of: 'contract' } as const);
  const kinds = countedKinds(terms);
  return { before: counts.units(rateKey, scope, kinds), total: volumes().units(rateKey, scope, kinds) };
}

function missedFlags(terms: RateCardTerms, counted: CountedLines, counts: Counts) {
  if (terms.basis !== 'attendance' && terms.basis !== 'hour' && terms.basis !== 'session') return [];
  const didNotAttend = terms.basis === 'session' ? undefined : terms.didNotAttend;
  const missed = counted.kind === 'did_not_attend' ? didNotAttend : terms.lateCancel;
  return missed ? missedMaximumFlags(missed, counted, counts) : [];
}

/** Whole hours at one price are an invoice quantity of hours; everything else is one unit at its own price. */
function quantityOf(basis: Basis, price: Price): Pick<PricedLine, 'quantity' | 'unit' | 'unitPriceMinor'> {
  const hours = price.reasons.find((reason) => reason.code === 'hours');
  const [rate, ...others] = hours?.rates ?? [];
  if (hours && rate && others.length === 0 && hours.billedMinutes > 0 && hours.billedMinutes % 60 === 0) {
    const quantity = hours.billedMinutes / 60;
    const unitPriceMinor = BigInt(rate.hourMinor);
    if (unitPriceMinor * BigInt(quantity) === price.amountMinor) return { quantity, unit: 'hour', unitPriceMinor };
  }
  return { quantity: 1, unit: UNITS[basis], unitPriceMinor: price.amountMinor };
}
