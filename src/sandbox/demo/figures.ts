import { CODES } from './codes.js';
import { documentsOf, payoutsOf, type Invoice, type Payout } from './payment-steps.js';
import { batchesOf, type Batch } from './review-steps.js';
import type { Stage } from './stage.js';

interface Worded {
  code: string;
  text: string;
}

interface Claim {
  id: string;
  contractId: string;
  providerId: string;
  batchId: string | null;
  servedOn: string;
  priceMinor: string | null;
  yourReference: string | null;
  indicativeMinor: string;
  fact: { kind: string; id: string };
  reasons: Worded[];
  flags: Worded[];
}

export interface Balance {
  account: string;
  book: 'money' | 'budget';
  side: 'debit' | 'credit';
  debitsMinor: string;
  creditsMinor: string;
  balanceMinor: string;
}

interface Check {
  holds: boolean;
  sentences: { sentence: string; violations: number }[];
}

/** What the books say once the month is over, read through the API. */
export interface Books {
  claims: (Claim & { commissioner: string })[];
  batches: Batch[];
  documents: (Invoice & { commissioner: string })[];
  payouts: (Payout & { commissioner: string })[];
  /** By the code of the commissioner. */
  balances: Map<string, Balance[]>;
  checks: Check[];
  refusals: { commissioner: string; code: string; command: string }[];
}

export async function readBooks(stage: Stage): Promise<Books> {
  const books: Books = {
    claims: [],
    batches: await batchesOf(stage),
    documents: await documentsOf(stage),
    payouts: await payoutsOf(stage),
    balances: new Map(),
    checks: [],
    refusals: [],
  };
  for (const { code: commissioner } of stage.world.commissioners) {
    const auditor = await stage.as(commissioner, 'auditor');
    const finance = await stage.as(commissioner, 'finance');
    const claims = await auditor.list<Claim>('/v1/claims');
    books.claims.push(...claims.map((claim) => ({ ...claim, commissioner })));
    books.balances.set(commissioner, (await finance.get<{ items: Balance[] }>('/v1/ledger/balances')).items);
    books.checks.push(await auditor.get<Check>('/v1/assurance/invariants'));
    const refused = await auditor.list<{ body: { data: { code: string; command: string } } }>(
      '/v1/events?type=command.refused',
    );
    books.refusals.push(...refused.map(({ body }) => ({ commissioner, ...body.data })));
  }
  return books;
}

/**
 * Which reasons and flags were met, in the claims and in a quote.
 *
 * @throws Error that names those that were not
 */
export async function countCodes(stage: Stage, { claims }: Books): Promise<{ reasons: number; flags: number }> {
  const contractManager = await stage.as('NMICB', 'contract_manager');
  const quote = await contractManager.post<{ flags: Worded[] }>('/v1/quotes', {
    contractCode: 'NM-SING',
    serviceCode: 'SING',
    chargeKind: 'concert',
    servedAt: '2026-09-10T14:00:00+01:00',
  });
  const met = new Set(
    [...claims.flatMap(({ reasons, flags }) => [...reasons, ...flags]), ...quote.flags].map(({ code }) => code),
  );
  const missing = [...CODES.reasons, ...CODES.flags].filter((code) => !met.has(code));
  if (missing.length > 0) throw new Error(`The demo has no row for ${missing.join(', ')}`);
  return { reasons: CODES.reasons.length, flags: CODES.flags.length };
}

export function sumOf<Row>(rows: readonly Row[], amount: (row: Row) => string): bigint {
  return rows.reduce((sum, row) => sum + BigInt(amount(row)), 0n);
}

/** All debits less all credits of a book, which must be nought. */
export function outOfBalance(balances: readonly Balance[], book: Balance['book']): bigint {
  const accounts = balances.filter((balance) => balance.book === book);
  return sumOf(accounts, ({ debitsMinor }) => debitsMinor) - sumOf(accounts, ({ creditsMinor }) => creditsMinor);
}
