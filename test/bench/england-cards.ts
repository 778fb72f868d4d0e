import type { CardKind } from './england-plan.js';

/** The rate card of each kind of contract, on the wire. */
export const CARDS: Readonly<Record<CardKind, Readonly<Record<string, unknown>>>> = {
  flat: {
    basis: 'attendance',
    priceMinor: '3200',
    didNotAttend: { basisPoints: 5_000, maximumPerReferral: 2 },
    lateCancel: { basisPoints: 2_500, noticeMinutes: 1_440 },
  },
  tiers: {
    basis: 'attendance',
    priceMinor: '3000',
    tiers: {
      mode: 'marginal',
      per: 'month',
      steps: [
        { above: 100, priceMinor: '2750' },
        { above: 250, priceMinor: '2499' },
      ],
    },
  },
  split: { basis: 'group_split', priceMinor: '16000', splitBy: 'present' },
  hours: {
    basis: 'hour',
    priceMinor: '4250',
    minuteStep: 15,
    minuteRounding: 'up',
    didNotAttend: { basisPoints: 3_333 },
  },
  capped: { basis: 'attendance', priceMinor: '2799', caps: { perReferral: 8 } },
};

/** Terms of the contract beside those that all have. */
export const CONTRACT_TERMS: Readonly<Record<CardKind, Readonly<Record<string, unknown>>>> = {
  flat: { documentMode: 'provider_issued', standingAuthority: true },
  tiers: { documentMode: 'self_billed' },
  split: { documentMode: 'provider_issued', standingAuthority: true },
  hours: { documentMode: 'grant_notice', regime: 'grant' },
  capped: { documentMode: 'self_billed' },
};

export const isSelfBilled = (kind: CardKind): boolean => CONTRACT_TERMS[kind].documentMode === 'self_billed';
/** A community interest company that is no charity, say: registered, and its service bears the standard rate. */
export const bearsVat = (kind: CardKind): boolean => kind === 'capped';

/** A well-formed VAT number: seven digits weighted 8 to 2, and the two that bring the sum to a multiple of 97. */
export function vatNumberOf(index: number): string {
  const seven = String(1_000_000 + index);
  const sum = seven.split('').reduce((total, digit, place) => total + Number(digit) * (8 - place), 0);
  return `GB${seven}${String((97 - (sum % 97)) % 97).padStart(2, '0')}`;
}
