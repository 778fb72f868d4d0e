import type { AccountKind } from '../ledger/index.js';
import type { IsoDate } from '../platform/clock.js';

export const MONEY_STAGES = ['claimed', 'in_review', 'approved', 'invoiced', 'on_its_way', 'paid'] as const;
export type MoneyStage = (typeof MONEY_STAGES)[number];

/**
 * What money at one stage did in some days. Where it is kept in the ledger, opening + in − out = closing to the penny, and
 * closing is what the accounts hold at the end of the last day.
 */
export interface StageOfMoney {
  readonly stage: MoneyStage;
  /** Kinds of account that hold it; empty for claims, which are no money yet. */
  readonly accounts: readonly AccountKind[];
  /**
   * What the amounts are: `net` prices; `cost`, with VAT that the commissioner does not get back; `gross`, with all VAT.
   */
  readonly basis: 'net' | 'cost' | 'gross';
  /** At the beginning of the first day; null of claims, which are known as they stand now. */
  readonly openingMinor: bigint | null;
  /** What came to this stage, also when it came back to it. */
  readonly inMinor: bigint;
  /** What went on, or back; null of claims. */
  readonly outMinor: bigint | null;
  /** At the end of the last day; of claims, those that wait now. */
  readonly closingMinor: bigint;
}

/** Transfers of the accounts of a stage, added up. */
export interface Flow {
  readonly kind: AccountKind;
  /** Whether the other side is what is owed: between the two, nothing reaches or leaves a bank. */
  readonly withOwed: boolean;
  readonly direction: 'in' | 'out';
  /** Before the first day. */
  readonly beforeMinor: bigint;
  /** On the days themselves. */
  readonly withinMinor: bigint;
}

/** Net values of claims that were neither rejected nor withdrawn. */
export interface ClaimedMoney {
  /** Submitted on the days. */
  readonly submittedMinor: bigint;
  /** In no batch, whenever they were submitted up to the last day. */
  readonly waitingMinor: bigint;
}

const OF_ACCOUNT: readonly (Pick<StageOfMoney, 'stage' | 'basis'> & { readonly kind: AccountKind })[] = [
  { stage: 'in_review', basis: 'cost', kind: 'committed' },
  { stage: 'approved', basis: 'net', kind: 'accrued' },
  { stage: 'invoiced', basis: 'gross', kind: 'owed' },
  { stage: 'on_its_way', basis: 'gross', kind: 'in_transit' },
];

/** What each stage did, in the order in which money goes through them. */
export function moneyByStage(flows: readonly Flow[], claimed: ClaimedMoney): StageOfMoney[] {
  return [
    {
      stage: 'claimed',
      accounts: [],
      basis: 'net',
      openingMinor: null,
      inMinor: claimed.submittedMinor,
      outMinor: null,
      closingMinor: claimed.waitingMinor,
    },
    ...OF_ACCOUNT.map(({ kind, ...stage }) =>
      stageOf(
        { ...stage, accounts: [kind] },
        flows.filter((flow) => flow.kind === kind),
        'in',
      ),
    ),
    // What leaves for a bank has arrived; what the bank gives back goes on its way again.
    stageOf(
      { stage: 'paid', basis: 'gross', accounts: ['in_transit', 'rail', 'bank'] },
      flows.filter(({ kind, withOwed }) => kind === 'in_transit' && !withOwed),
      'out',
    ),
  ];
}

function stageOf(
  stage: Pick<StageOfMoney, 'stage' | 'basis' | 'accounts'>,
  flows: readonly Flow[],
  grows: Flow['direction'],
): StageOfMoney {
  const sum = (of: readonly Flow[], minor: (flow: Flow) => bigint) =>
    of.reduce((total, flow) => total + minor(flow), 0n);
  const more = flows.filter(({ direction }) => direction === grows);
  const less = flows.filter(({ direction }) => direction !== grows);
  const before = ({ beforeMinor }: Flow) => beforeMinor;
  const within = ({ withinMinor }: Flow) => withinMinor;
  const openingMinor = sum(more, before) - sum(less, before);
  const [inMinor, outMinor] = [sum(more, within), sum(less, within)];
  return { ...stage, openingMinor, inMinor, outMinor, closingMinor: openingMinor + inMinor - outMinor };
}

/** What was spent of a contract by the end of a month. */
export interface SpentByMonth {
  /** The first day of the month. */
  readonly month: IsoDate;
  readonly spentMinor: bigint;
}

/** Adds up what each month spent, every month from the first to the last, also those in which nothing was. */
export function runningTotals(
  months: readonly { readonly month: IsoDate; readonly minor: bigint }[],
  from: IsoDate,
  to: IsoDate,
): SpentByMonth[] {
  const totals: SpentByMonth[] = [];
  let spentMinor = months.filter(({ month }) => month < monthOf(from)).reduce((sum, { minor }) => sum + minor, 0n);
  for (let month = monthOf(from); month <= monthOf(to); month = monthAfter(month)) {
    spentMinor += months.find((one) => one.month === month)?.minor ?? 0n;
    totals.push({ month, spentMinor });
  }
  return totals;
}

const DAY_MS = 86_400_000;
const WHOLE = 10_000;

/** How much of the days from the first to the last is over at the end of a day, in hundredths of a per cent. */
export function shareGone({ startsOn, endsOn }: { startsOn: IsoDate; endsOn: IsoDate }, day: IsoDate): number {
  const [first, last, at] = [startsOn, endsOn, day].map((one) => Date.parse(one) / DAY_MS) as [number, number, number];
  if (at >= last) return WHOLE;
  return Math.max(Math.floor(((at - first + 1) * WHOLE) / (last - first + 1)), 0);
}

/** A part of an amount in hundredths of a per cent, rounded down; null of nothing. */
export function shareOfMinor(partMinor: bigint, wholeMinor: bigint): number | null {
  return wholeMinor > 0n ? Number((partMinor * BigInt(WHOLE)) / wholeMinor) : null;
}

function monthOf(day: IsoDate): IsoDate {
  return `${day.slice(0, 7)}-01`;
}

function monthAfter(month: IsoDate): IsoDate {
  const next = new Date(`${month}T00:00:00Z`);
  next.setUTCMonth(next.getUTCMonth() + 1);
  return next.toISOString().slice(0, 10);
}
