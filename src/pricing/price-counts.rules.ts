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

/** Lines and volume counted so far. A rejected or withdrawn line was never counted; a flagged one is. */
export class Counts {
  private readonly tallies = new Map<string, Tally>();

  constructor(history: readonly CountedLines[] = []) {
    for (const entry of history) this.add(entry);
  }

  add(entry: CountedLines): void {
    const { kind } = entry;
    if (kind === 'nil' || entry.standing !== 'standing') return;
    for (const scope of scopesOf(entry)) {
      const tally = this.tallyOf(entry.rateKey, scope);
      tally[kind].lines += entry.lines;
      tally[kind].units += entry.units;
    }
  }

  lines(rateKey: string, scope: Scope, kinds: readonly CountedKind[]): number {
    const tally = this.tallyOf(rateKey, scope);
    return kinds.reduce((sum, kind) => sum + tally[kind].lines, 0);
  }

  units(rateKey: string, scope: Scope, kinds: readonly CountedKind[]): number {
    const tally = this.tallyOf(rateKey, scope);
    return kinds.reduce((sum, kind) => sum + tally[kind].units, 0);
  }

  private tallyOf(rateKey: string, scope: Scope): Tally {
    const key = keyOf(rateKey, scope);
    const found = this.tallies.get(key);
    if (found) return found;
    const tally: Tally = {
      delivered: { lines: 0, units: 0 },
      did_not_attend: { lines: 0, units: 0 },
      cancelled_late: { lines: 0, units: 0 },
    };
    this.tallies.set(key, tally);
    return tally;
  }
}

/** The kinds of line that a card counts towards its caps and tiers: missed ones only if it says so. */
export function countedKinds({ countMissed }: Counted): readonly CountedKind[] {
  return countMissed ? ['delivered', 'did_not_attend', 'cancelled_late'] : ['delivered'];
}

export function isCounted(kind: LineKind, terms: Counted): boolean {
  return kind !== 'nil' && countedKinds(terms).includes(kind);
}

function scopesOf({ referralId, personId, month }: CountedLines): Scope[] {
  const scopes: Scope[] = [{ of: 'contract' }, { of: 'month', month }];
  if (referralId !== undefined) scopes.push({ of: 'referral', referralId });
  if (personId !== undefined) scopes.push({ of: 'person_month', personId, month });
  return scopes;
}

function keyOf(rateKey: string, scope: Scope): string {
  switch (scope.of) {
    case 'month':
      return JSON.stringify([rateKey, scope.of, scope.month]);
    case 'referral':
      return JSON.stringify([rateKey, scope.of, scope.referralId]);
    case 'person_month':
      return JSON.stringify([rateKey, scope.of, scope.personId, scope.month]);
    default:
      return JSON.stringify([rateKey, scope.of]);
  }
}
