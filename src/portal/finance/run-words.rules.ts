import type { RunProgress } from '../../payouts/index.js';
import type { Translate } from '../../words/index.js';

/** How far a run is, as the scripts of the progress bar take it. */
export function progressIn(t: Translate, progress: RunProgress) {
  const { value, max, done, payments, amountMinor } = progress;
  const figures = { count: payments, amount: t.money(amountMinor) };
  const text = done ? t('finance.run.done', figures) : t('finance.run.soFar', { count: max, value });
  // A bar without a length cannot be drawn.
  return { value: max === 0 && done ? 1 : value, max: max === 0 ? 1 : max, text, done };
}
