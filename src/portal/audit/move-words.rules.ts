import type { Translate } from '../../words/index.js';

/** What was moved between two kinds of account, as the ledger has it. */
export interface Moved {
  readonly debit: string;
  readonly credit: string;
  readonly amountMinor: bigint;
  readonly isReversal: boolean;
}

/** The side on which each kind of account grows, as the chart of accounts says: debit or credit. */
export type NormalOf = (account: string) => 'D' | 'C';

export interface MoveWords {
  readonly text: string;
  /** Says that it takes back what was moved before; null when it does not. */
  readonly note: string | null;
}

/**
 * A transfer as people see it. Between two accounts that grow on the same side the money moves from one to the other; where
 * they grow on different sides, as a cost and what is owed for it, both go up or both go down.
 */
export function wordMove(t: Translate, move: Moved, normalOf: NormalOf): MoveWords {
  const { debit, credit } = move;
  const amount = t.money(move.amountMinor);
  const [debitName, creditName] = [nameOf(t, debit), nameOf(t, credit)];
  const sides = `${normalOf(debit)}${normalOf(credit)}`;
  const note = move.isReversal ? t('audit.moves.reversal') : null;
  if (sides === 'CC') return { text: t('audit.moves.moved', { amount, from: debitName, to: creditName }), note };
  if (sides === 'DD') return { text: t('audit.moves.moved', { amount, from: creditName, to: debitName }), note };
  const key = sides === 'DC' ? 'audit.moves.grew' : 'audit.moves.shrank';
  return { text: t(key, { amount, one: debitName, other: creditName }), note };
}

function nameOf(t: Translate, account: string): string {
  const key = `accounts.${account}.name`;
  return t.has(key) ? t(key) : account;
}

/** Transfers between the same accounts as one, in the order in which they first come. */
export function summed<Move extends Moved>(moves: readonly Move[]): Move[] {
  const sums = new Map<string, Move>();
  for (const move of moves) {
    const key = `${move.debit} ${move.credit} ${move.isReversal}`;
    const known = sums.get(key);
    sums.set(key, known ? { ...known, amountMinor: known.amountMinor + move.amountMinor } : move);
  }
  return [...sums.values()];
}
