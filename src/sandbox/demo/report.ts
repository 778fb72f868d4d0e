import { formatPounds } from '../../money/index.js';
import type { ClaimFigures } from './claim-steps.js';
import { outOfBalance, sumOf, type Books } from './figures.js';
import type { Stage } from './stage.js';
import { count, number } from './terminal.js';

export interface Told {
  readonly claimed: ClaimFigures;
  readonly corrected: number;
  readonly openReferrals: number;
  readonly codes: { readonly reasons: number; readonly flags: number };
  readonly penny: string;
}

/** What a finance person wants to know of the month, one line for each question. */
export function report(stage: Stage, books: Books, told: Told): string[] {
  const lines: [string, string][] = [
    ['Received', received(told)],
    [
      'Sent again',
      `${count(told.claimed.resent, 'file')} a second time: ${told.claimed.newInResent === 0 ? 'nothing new' : `${told.claimed.newInResent} rows new`}`,
    ],
    ['Flagged', flagged(books)],
    ['Approved', approved(stage, books)],
    ['Documents', documents(stage, books)],
    ['Paid', paid(books)],
    ['Owed', owed(stage, books)],
    ['Not funded', recognised(stage, books)],
    ['One penny', `${told.penny}  (trace.txt)`],
    ['Ledger', ledger(books)],
    ['Rules', `all ${told.codes.reasons} reasons and ${told.codes.flags} flags that a claim can have were met`],
  ];
  return lines.map(([title, text]) => `${title.padEnd(11)} ${text}`);
}

function received({ claimed, corrected, openReferrals }: Told): string {
  const { rows, accepted, failed } = claimed;
  return `${number(rows)} rows for ${number(openReferrals)} open referrals: ${number(accepted)} accepted, ${number(failed)} to correct (${corrected} came back corrected)`;
}

function flagged({ claims }: Books): string {
  const marked = claims.filter(({ flags }) => flags.length > 0);
  const example = marked.flatMap(({ flags }) => flags).find(({ code }) => code === 'over_missed_maximum');
  return `${number(marked.length)} of ${number(claims.length)} claims, such as “${example?.text}”`;
}

function approved(stage: Stage, { batches, refusals }: Books): string {
  const done = batches.filter(({ state }) => state === 'approved');
  const people = new Map<string, number>();
  for (const { decidedBy } of done) {
    const name = stage.nameOf(decidedBy ?? '');
    people.set(name, (people.get(name) ?? 0) + 1);
  }
  const own = refusals.filter(({ code }) => code === 'batch.own').length;
  const by = [...people].map(([name, times]) => `${name} (${times})`).join(', ');
  return `${count(done.length, 'batch', 'batches')}, ${pounds(sumOf(done, ({ totalMinor }) => totalMinor))} net, by ${by}; ${count(own, 'approval')} of one’s own refused and recorded`;
}

function documents(stage: Stage, { documents: all }: Books): string {
  const issued = all.filter(({ state }) => state === 'issued');
  const drafts = all.filter(({ state }) => state === 'draft');
  const waiting = drafts.map(({ providerId }) => stage.nameOf(providerId)).join(', ');
  const gross = sumOf(issued, ({ grossMinor }) => grossMinor);
  return `${number(issued.length)} issued, ${pounds(gross)} with VAT; ${count(drafts.length, 'draft')} waiting (${waiting})`;
}

function paid({ payouts }: Books): string {
  const of = (rail: string) => payouts.filter((payout) => payout.rail === rail && payout.state === 'paid');
  const returned = payouts.filter(({ state }) => state === 'returned');
  const words = (list: Books['payouts']) =>
    `${number(list.length)} for ${pounds(sumOf(list, ({ amountMinor }) => amountMinor))}`;
  return `through Stripe ${words(of('stripe'))}, outside ${words(of('outside'))}; ${words(returned)} sent back by the bank and owed again`;
}

function owed(stage: Stage, { balances, payouts }: Books): string {
  const of = (account: string) =>
    [...balances.values()]
      .flat()
      .filter((balance) => balance.account === account)
      .reduce((sum, { balanceMinor }) => sum + BigInt(balanceMinor), 0n);
  const back = payouts.filter(({ state }) => state === 'returned').map(({ providerId }) => stage.nameOf(providerId));
  const late = stage.world.providers.filter(({ stripe }) => stripe === 'unfinished').map(({ name }) => name);
  return `${pounds(of('owed'))}: ${back.join(', ')} (sent back), ${late.join(', ')} (no payout account yet); approved and not invoiced ${pounds(of('accrued'))}`;
}

function recognised(stage: Stage, { claims }: Books): string {
  const unpaid = claims.filter(({ indicativeMinor }) => indicativeMinor !== '0');
  const names = [...new Set(unpaid.map(({ providerId }) => stage.nameOf(providerId)))].join(', ');
  const worth = sumOf(unpaid, ({ indicativeMinor }) => indicativeMinor);
  return `${count(unpaid.length, 'visit')} of ${names} recognised, worth ${pounds(worth)}, paid nothing`;
}

/** @throws Error when the books are out of balance or an invariant is broken */
function ledger({ balances, checks }: Books): string {
  const differences = [...balances.values()].flatMap((book) => [
    outOfBalance(book, 'money'),
    outOfBalance(book, 'budget'),
  ]);
  const broken = checks.flatMap(({ sentences }) => sentences).filter(({ violations }) => violations > 0);
  if (differences.some((difference) => difference !== 0n) || broken.length > 0)
    throw new Error(
      `The books do not add up: ${differences.join(', ')} pence; ${broken.map(({ sentence }) => sentence).join('; ')}`,
    );
  const sentences = checks[0]?.sentences.length ?? 0;
  return `the ${balances.size} ledgers sum to £0.00, and all ${sentences} invariants hold`;
}

function pounds(minor: bigint): string {
  return formatPounds(minor);
}
