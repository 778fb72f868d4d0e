import type pg from 'pg';
import { CHART } from '../../src/ledger/index.js';
import { formatPounds } from '../../src/money/index.js';
import type { Stage } from './england-stage.js';
import { grossOf } from './england-tally.js';

/** A figure of the books beside that of the tally; without one it is shown, and nothing is held against it. */
export interface Figure {
  readonly name: string;
  readonly unit: 'number' | 'pence';
  readonly books: bigint;
  readonly tally?: bigint;
}

export const agrees = ({ books, tally }: Figure): boolean => tally === undefined || books === tally;

type Reading = readonly [name: string, unit: Figure['unit'], sql: string, tally?: bigint];

/** What accounts of some kinds hold together, on the side on which they grow. */
const balanceOf = (kinds: string, side: 'debit' | 'credit') => {
  const of = (column: string) => `(
  select coalesce(sum(t.amount_minor), 0) from ledger.transfer t
  join ledger.account a on a.commissioner_id = t.commissioner_id and a.id = t.${column}_account_id
  where a.kind in (${kinds}))`;
  return `select ${of(side)} - ${of(side === 'debit' ? 'credit' : 'debit')} as n`;
};

const ALL_KINDS = Object.keys(CHART);
const IN_MONEY = inSql(ALL_KINDS.filter((kind) => CHART[kind as keyof typeof CHART].book === 'money'));
const IN_BUDGETS = inSql(ALL_KINDS.filter((kind) => CHART[kind as keyof typeof CHART].book === 'budget'));

/** Everything of the year that both can say, as the tables have it and as the generator's own arithmetic does. */
function readingsOf({ tally, plan, files, payouts, arrivals }: Stage): readonly Reading[] {
  const grossMinor = grossOf(tally);
  const commissioners = BigInt(plan.commissioners.length);
  const providers = BigInt(plan.providers.length);
  const of = (table: string, where = 'true') => `select count(*) as n from ${table} where ${where}`;
  const sum = (column: string, table: string, where = 'true') =>
    `select coalesce(sum(${column}), 0) as n from ${table} where ${where}`;
  return [
    ['commissioners', 'number', of('organisation', `kind = 'commissioner'`), commissioners],
    ['providers, each with a contract', 'number', of('contract'), providers],
    ['referrals accepted', 'number', of('referral', `state = 'accepted'`), tally.referrals],
    ['sessions held', 'number', of('session'), tally.sessions],
    ['people who were to come to them', 'number', of('attendance'), tally.claims],
    ['claim files taken', 'number', of('claim_file', `state = 'received' and failed = 0`), BigInt(files)],
    ['claims', 'number', of('claim'), tally.claims],
    ['claims flagged', 'number', of('claim', 'cardinality(flags) > 0'), tally.flagged],
    ['claims rejected', 'number', of('claim', `state = 'rejected'`), tally.rejected],
    ['claimed', 'pence', sum('coalesce(price_minor, provisional_minor)', 'claim'), tally.claimedMinor],
    ['batches approved', 'number', of('batch', `state = 'approved'`), tally.batches],
    ['approved, by the batches', 'pence', sum('total_minor', 'batch', `state = 'approved'`), tally.approvedMinor],
    ['approved, by the ledger', 'pence', balanceOf(`'activity'`, 'debit'), tally.approvedMinor],
    ['spent of the budgets', 'pence', balanceOf(`'spent'`, 'credit'), tally.approvedMinor],
    ['documents issued', 'number', of('invoice', `state = 'issued' and file_id is not null`), tally.batches],
    ['invoiced, without VAT', 'pence', sum('net_minor', 'invoice'), tally.approvedMinor],
    ['VAT on invoices', 'pence', sum('vat_minor', 'invoice'), tally.vatMinor],
    ['VAT, by the ledger', 'pence', balanceOf(`'vat_input'`, 'debit'), tally.vatMinor],
    ['arrivals of funds', 'number', of('funding'), BigInt(arrivals)],
    ['funds received', 'pence', sum('amount_minor', 'funding', 'return_event_id is null'), grossMinor],
    ['payouts in the bank', 'number', of('payout', `state = 'paid'`), BigInt(payouts)],
    ['payouts that are not', 'number', of('payout', `state <> 'paid'`), 0n],
    ['paid', 'pence', sum('amount_minor', 'payout', `state = 'paid'`), grossMinor],
    ['left the commissioners’ banks, by the ledger', 'pence', balanceOf(`'bank'`, 'credit'), grossMinor],
    ['remittance advices', 'number', of('payout', 'remittance_id is not null'), BigInt(payouts)],
    ['still owed, or on its way', 'pence', balanceOf(`'accrued', 'owed', 'in_transit'`, 'credit'), 0n],
    ['still reserved, or at the platform', 'pence', balanceOf(`'funds_reserved', 'rail', 'funds'`, 'debit'), 0n],
    ['all accounts of money together', 'pence', balanceOf(IN_MONEY, 'debit'), 0n],
    ['all accounts of the budgets together', 'pence', balanceOf(IN_BUDGETS, 'debit'), 0n],
    ['jobs that failed for good', 'number', of('dead_letter'), 0n],
    ['events of the journal', 'number', of('ledger.event')],
    [
      'events sealed',
      'number',
      `select coalesce(sum(size), 0) as n from ledger.log_head h join organisation o on o.id = h.log_id`,
    ],
    ['transfers of the ledger', 'number', of('ledger.transfer')],
    ['checkpoints signed', 'number', of('ledger.checkpoint', 'note is not null')],
  ];
}

function inSql(kinds: readonly string[]): string {
  return kinds.map((kind) => `'${kind}'`).join(', ');
}

/** Reads all figures in one snapshot. */
export async function figuresOf(stage: Stage): Promise<Figure[]> {
  const { admin } = stage.app;
  await admin.query('begin transaction isolation level repeatable read, read only');
  try {
    const figures: Figure[] = [];
    for (const [name, unit, sql, tally] of readingsOf(stage)) {
      const books = await readOne(admin, sql);
      figures.push({ name, unit, books, ...(tally !== undefined && { tally }) });
    }
    figures.push(...(await figuresOfStripe(stage)));
    figures.push({ name: 'errors in the log', unit: 'number', books: BigInt(stage.app.errors()), tally: 0n });
    const events = figures.find(({ name }) => name === 'events of the journal')?.books ?? 0n;
    return figures.map((figure) => (figure.name === 'events sealed' ? { ...figure, tally: events } : figure));
  } finally {
    await admin.query('rollback');
  }
}

/** The same by the book of the double: whatever came to it has left it again, for the banks of the providers. */
async function figuresOfStripe({ app, desks }: Stage): Promise<Figure[]> {
  let [heldMinor, outsideMinor] = [0n, 0n];
  for (const { code } of desks) {
    const { balances, outside } = await app.stripe(code).ledger();
    heldMinor += balances.reduce((sum, { available, pending }) => sum + BigInt(available) + BigInt(pending), 0n);
    outsideMinor += BigInt(outside);
  }
  const impossible = await app.stripe(desks[0]?.code ?? '').violations(); // of all of them
  return [
    { name: 'left at Stripe, by its own book', unit: 'pence', books: heldMinor, tally: 0n },
    { name: 'left Stripe, less what came to it', unit: 'pence', books: outsideMinor, tally: 0n },
    { name: 'impossible things that Stripe did', unit: 'number', books: BigInt(impossible.length), tally: 0n },
  ];
}

async function readOne(admin: pg.Client, sql: string): Promise<bigint> {
  const { rows } = await admin.query<{ n: string }>(sql);
  return BigInt(rows[0]?.n ?? 'nothing');
}

export function inWords(unit: Figure['unit'], amount: bigint): string {
  return unit === 'pence' ? formatPounds(amount) : amount.toLocaleString('en-GB');
}
