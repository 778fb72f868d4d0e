import { claim, sendCorrections } from './claim-steps.js';
import { writeDocuments } from './documents.js';
import { countCodes, readBooks } from './figures.js';
import { publish } from './listings.js';
import { issueDocuments, openAccounts, pay } from './payment-steps.js';
import { traceOnePenny } from './penny.js';
import { proveBooks } from './proof-steps.js';
import { referAndAnswer } from './referral-steps.js';
import { report } from './report.js';
import { approve, review } from './review-steps.js';
import { setUp } from './set-up.js';
import { Stage, type Theatre } from './stage.js';
import { number } from './terminal.js';

/** The instant at which the demo begins: Monday, 5 October 2026, the third working day after the month that is claimed. */
export const DEMO_START = '2026-10-05T07:00:00Z';

/** Its provider has not pressed Issue when the demo ends. */
const LEFT_WAITING = ['HB-TALK'];

/** What a run of the demo did. */
export interface Played {
  /** The lines of the report. */
  readonly lines: readonly string[];
  /** Events in the journals before and after. */
  readonly events: { readonly before: number; readonly after: number };
}

/**
 * Plays the month from referral to statement, through the API. Each step looks first at what is there: a second run finds
 * everything done, and a run that was cut off is taken up where it ended.
 *
 * @throws Error that says what was not as it should be
 */
export async function playDemo(theatre: Theatre): Promise<Played> {
  const stage = new Stage(theatre);
  const before = await stage.countEvents();
  if (before === 0) stage.clearDocuments();
  await setUp(stage);
  await publish(stage);
  const { open: openReferrals } = await referAndAnswer(stage);
  const claimed = await claim(stage);
  await stage.advanceTo('2026-10-06T08:00:00Z');
  const corrected = await sendCorrections(stage);
  await openAccounts(stage);
  await review(stage);
  await stage.advanceTo('2026-10-07T08:00:00Z');
  await approve(stage);
  await issueDocuments(stage, LEFT_WAITING);
  await pay(stage);
  await stage.advanceTo('2026-10-12T08:00:00Z');
  const books = await readBooks(stage);
  await writeDocuments(stage, books);
  await proveBooks(stage);
  const penny = await traceOnePenny(stage, books);
  const codes = await countCodes(stage, books);
  const lines = report(stage, books, { claimed, corrected, openReferrals, codes, penny });
  const after = await stage.countEvents();
  for (const line of ['', ...lines, '', changes(before, after)]) stage.progress.line(line);
  return { lines, events: { before, after } };
}

function changes(before: number, after: number): string {
  if (before === after) return `Nothing was changed: the journals hold ${number(after)} events, as before.`;
  return `The journals hold ${number(after)} events${before === 0 ? '' : `, ${number(after - before)} more than before`}. Sandbox: no money moves.`;
}
