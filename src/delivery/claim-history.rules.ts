import type { ContractCard, LineKind } from '../pricing/index.js';

/** Claims that stand, counted by what caps and tiers go by. */
export interface HistoryRow {
  readonly rateCardId: string;
  /** `YYYY-MM`. */
  readonly month: string;
  readonly kind: Exclude<LineKind, 'nil'>;
  readonly referralId: string | null;
  readonly personId: string | null;
  readonly lines: number;
  readonly units: number;
}

/** Of what the price of a claim depends on the claims before it. */
export interface WhatCounts {
  /** Of the same referral: a cap for each, or a maximum of missed lines. */
  readonly referrals: boolean;
  /** Of the same person in a month. */
  readonly persons: boolean;
  /** Of all in the contract or the month: its cap, or tiers. */
  readonly contract: boolean;
  readonly nothing: boolean;
}

export function whatCounts(cards: readonly Pick<ContractCard, 'terms'>[]): WhatCounts {
  let [referrals, persons, contract] = [false, false, false];
  for (const { terms } of cards) {
    const caps = 'caps' in terms ? terms.caps : undefined;
    const missed = [
      'didNotAttend' in terms ? terms.didNotAttend : undefined,
      'lateCancel' in terms ? terms.lateCancel : undefined,
    ];
    referrals ||= caps?.perReferral !== undefined || missed.some((one) => one?.maximumPerReferral !== undefined);
    persons ||= caps?.perPersonPerMonth !== undefined;
    contract ||= caps?.perContract !== undefined || ('tiers' in terms && terms.tiers !== undefined);
  }
  return { referrals, persons, contract, nothing: !referrals && !persons && !contract };
}

/** Whether claims of the same referral or person are counted by themselves. */
export function countsOwn(cards: readonly Pick<ContractCard, 'terms'>[]): boolean {
  const { referrals, persons } = whatCounts(cards);
  return referrals || persons;
}

/** What is left of the sums when the claims that are counted by themselves are taken out: nothing is counted twice. */
export function restOf(sums: readonly HistoryRow[], own: readonly HistoryRow[]): HistoryRow[] {
  const taken = new Map<string, { lines: number; units: number }>();
  for (const row of own) {
    const sum = taken.get(keyOf(row)) ?? { lines: 0, units: 0 };
    taken.set(keyOf(row), { lines: sum.lines + row.lines, units: sum.units + row.units });
  }
  return sums
    .map((sum) => {
      const { lines = 0, units = 0 } = taken.get(keyOf(sum)) ?? {};
      return { ...sum, lines: sum.lines - lines, units: sum.units - units };
    })
    .filter(({ lines, units }) => lines !== 0 || units !== 0);
}

const keyOf = ({ rateCardId, month, kind }: HistoryRow): string => `${rateCardId} ${month} ${kind}`;
