import { Injectable } from '@nestjs/common';
import type { Reader } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { cardFor, priceLines, type ContractCard, type CountedLines, type PricedLine } from '../pricing/index.js';
import type { Charge, ClaimPrice } from './claim-charge.rules.js';
import { readHistory, readHistoryInBatches } from './claim-history.queries.js';
import { whatCounts, type HistoryRow } from './claim-history.rules.js';
import type { ClaimFlag } from './claim-flag.rules.js';
import { pricingLineOf, recordingFlags, type RecordedFacts } from './claim-line.rules.js';
import type { ClaimSetting } from './claim-setting.service.js';
import type { KeptHistory } from './kept-history.rules.js';
import { readFacts } from './recorded-facts.queries.js';

/** Which other claims of the contract come before those that are priced: all that stand, or those with a fixed place. */
export type Before = 'all' | 'in_batches';

/** The one way in which claims get a price: when they are submitted (provisional) and when a batch takes them (final). */
@Injectable()
export class ClaimPricer {
  /**
   * Prices charges of one contract together, by what is recorded now, with every reason and flag. Answers by claim id.
   *
   * @param before what counts before them; charges that are stored already must not be among it
   * @param supposed names of milestones that are not recorded yet, by the id that charges cite
   */
  async price(
    reader: Reader,
    setting: ClaimSetting,
    charges: readonly Charge[],
    before: Before,
    supposed: ReadonlyMap<string, string> = new Map(),
  ): Promise<Map<string, ClaimPrice>> {
    if (charges.length === 0) return new Map();
    const recorded = await readFacts(reader, setting, charges);
    const facts = { ...recorded, milestones: new Map([...recorded.milestones, ...supposed]) };
    return this.priceBy(setting, charges, facts, await this.readBefore(reader, setting, facts.referrals, before));
  }

  /**
   * What counts before claims about these referrals.
   *
   * @param kept what is known of it from other parts of the same file
   */
  readBefore(
    reader: Reader,
    setting: ClaimSetting,
    referrals: RecordedFacts['referrals'],
    before: Before,
    kept?: KeptHistory,
  ): Promise<CountedLines[]> {
    return before === 'all' ? readHistory(reader, setting, referrals, kept) : readHistoryInBatches(reader, setting);
  }

  /**
   * The same by facts that the caller has, all that the charges cite, and by what counts before them.
   *
   * @param kept to which they are added; the caller stores them
   */
  priceBy(
    setting: ClaimSetting,
    charges: readonly Charge[],
    facts: RecordedFacts,
    history: readonly CountedLines[],
    kept?: KeptHistory,
  ): Map<string, ClaimPrice> {
    if (charges.length === 0) return new Map();
    const lines = charges.map((charge) => pricingLineOf(charge, facts));
    const cards = new Map(charges.map((charge) => [charge.claimId, cardOf(charge, setting)]));
    const priced = priceLines(lines, {
      cardOf: ({ claimId }) => cards.get(claimId),
      history,
      bankHolidays: setting.bankHolidays,
    });
    const byId = new Map(priced.map((line) => [line.claimId, line]));
    const prices = new Map(
      charges.map((charge) => {
        const line = byId.get(charge.claimId);
        assert(line, 'every charge has a price');
        const flags = [...line.flags, ...chargeFlags(charge, line, setting, cards.get(charge.claimId), facts)];
        return [charge.claimId, claimPrice(line, flags)];
      }),
    );
    kept?.add(whatCounts(setting.cards), asHistory(charges, prices, facts));
    return prices;
  }
}

/** Claims that will stand, as they will be counted. */
function asHistory(
  charges: readonly Charge[],
  prices: ReadonlyMap<string, ClaimPrice>,
  { referrals }: RecordedFacts,
): HistoryRow[] {
  return charges.flatMap(({ claimId, referralId, servedOn }) => {
    const price = prices.get(claimId);
    const personId = referralId === null ? null : (referrals.get(referralId)?.personId ?? null);
    if (!price || price.rateCardId === null || price.lineKind === 'nil') return [];
    const { rateCardId, lineKind: kind, units } = price;
    return { rateCardId, month: servedOn.slice(0, 7), kind, referralId, personId, lines: 1, units };
  });
}

function cardOf(charge: Charge, { cards }: ClaimSetting): ContractCard | undefined {
  return cardFor(cards, charge.serviceId, charge.servedOn, charge.chargeKind);
}

function chargeFlags(
  charge: Charge,
  line: PricedLine,
  setting: ClaimSetting,
  card: ContractCard | undefined,
  facts: RecordedFacts,
): ClaimFlag[] {
  const flags: ClaimFlag[] = recordingFlags(charge, card, facts);
  const { expectedMinor, servedOn, submittedOn } = charge;
  if (expectedMinor !== null && expectedMinor !== line.netMinor) {
    const [expected, price] = [expectedMinor.toString(), line.netMinor.toString()];
    flags.push({ code: 'amount_differs', expectedMinor: expected, priceMinor: price });
  }
  const lastDay = setting.lastClaimDayOf(servedOn);
  if (submittedOn > lastDay) flags.push({ code: 'late_claim', lastDay, submittedOn });
  return flags;
}

function claimPrice(line: PricedLine, flags: readonly ClaimFlag[]): ClaimPrice {
  return {
    rateCardId: line.cardId ?? null,
    netMinor: line.netMinor,
    indicativeMinor: line.indicativeMinor,
    quantity: line.quantity,
    unit: line.unit,
    unitPriceMinor: line.unitPriceMinor,
    reasons: line.reasons,
    flags,
    lineKind: line.counted?.kind ?? 'nil',
    units: line.counted?.units ?? 0,
  };
}
