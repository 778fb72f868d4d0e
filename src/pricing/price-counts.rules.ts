import type { CountedLines, LineKind } from './price-line.rules.js';
import type { Counted } from './rate-card-terms.rules.js';

type CountedKind = Exclude<LineKind, 'nil'>;
type Tally = Record<CountedKind, { lines: number; units: number }>;

/** What lines are counted within: a whole contract, a month, a referral, or a person's month. All within one rate. */
export type Scope =
  | { readonly of: 'contract' }
  | { readonly of: 'month'; readonly month: string }
  | { readonly of: 'referral'; readonly referralId: string }
  | { readonly of: 'person_month'; readonly personId: string; readonly month: string };

/** The tallies of one rate. */
interface Tallies {
  readonly contract: Tally;
  readonly months: Map<string, Tally>;
  readonly referrals: Map<string, Tally>;
  /** By month, then person. */
  readonly personMonths: Map<string, Map<string, Tally>>;
}

/** Lines and volume counted so far. A rejected or withdrawn line was never counted; a flagged one is. */
export class Counts {
  private readonly rates = new Map<string, Tallies>();

  constructor(history: readonly CountedLines[] = []) {
    for (const entry of history) this.add(entry);
  }

  add({ rateKey, referralId, personId, month, kind, standing, lines, units }: CountedLines): void {
    if (kind === 'nil' || standing !== 'standing') return;
    const count = (tally: Tally) => {
      tally[kind].lines += lines;
      tally[kind].units += units;
    };
    const { contract, months, referrals, personMonths } = this.ofRate(rateKey);
    count(contract);
    count(tallyIn(months, month));
    if (referralId !== undefined) count(tallyIn(referrals, referralId));
    if (personId !== undefined) count(tallyIn(inMap(personMonths, month, newTallies), personId));
  }

  lines(rateKey: string, scope: Scope, kinds: readonly CountedKind[]): number {
    const tally = this.tallyOf(rateKey, scope);
    return kinds.reduce((sum, kind) => sum + (tally?.[kind].lines ?? 0), 0);
  }

  units(rateKey: string, scope: Scope, kinds: readonly CountedKind[]): number {
    const tally = this.tallyOf(rateKey, scope);
    return kinds.reduce((sum, kind) => sum + (tally?.[kind].units ?? 0), 0);
  }

  private ofRate(rateKey: string): Tallies {
    return inMap(this.rates, rateKey, () => ({
      contract: newTally(),
      months: new Map(),
      referrals: new Map(),
      personMonths: new Map(),
    }));
  }

  private tallyOf(rateKey: string, scope: Scope): Tally | undefined {
    const rate = this.rates.get(rateKey);
    switch (scope.of) {
      case 'month':
        return rate?.months.get(scope.month);
      case 'referral':
        return rate?.referrals.get(scope.referralId);
      case 'person_month':
        return rate?.personMonths.get(scope.month)?.get(scope.personId);
      default:
        return rate?.contract;
    }
  }
}

const newTally = (): Tally => ({
  delivered: { lines: 0, units: 0 },
  did_not_attend: { lines: 0, units: 0 },
  cancelled_late: { lines: 0, units: 0 },
});

const newTallies = () => new Map<string, Tally>();

const tallyIn = (tallies: Map<string, Tally>, key: string): Tally => inMap(tallies, key, newTally);

function inMap<T>(map: Map<string, T>, key: string, make: () => T): T {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

/** The kinds of line that a card counts towards its caps and tiers: missed ones only if it says so. */
export function countedKinds({ countMissed }: Counted): readonly CountedKind[] {
  return countMissed ? ['delivered', 'did_not_attend', 'cancelled_late'] : ['delivered'];
}

export function isCounted(kind: LineKind, terms: Counted): boolean {
  return kind !== 'nil' && countedKinds(terms).includes(kind);
}
