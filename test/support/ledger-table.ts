/** Runs a statement and gives its rows: a Reader's `query`, or a plain client. */
type Query = (sql: string, parameters: unknown[]) => Promise<Record<string, unknown>[]>;

const ACCOUNTS = `
select a.book, a.code, a.normal, coalesce(d.minor, 0)::text as debits, coalesce(c.minor, 0)::text as credits
from ledger.account a
left join (select debit_account_id as id, sum(amount_minor) as minor from ledger.transfer where commissioner_id = $1 group by 1) d using (id)
left join (select credit_account_id as id, sum(amount_minor) as minor from ledger.transfer where commissioner_id = $1 group by 1) c using (id)
where a.commissioner_id = $1 order by a.book desc, a.code`;

interface AccountRow {
  readonly book: string;
  readonly code: string;
  readonly normal: string;
  readonly debits: string;
  readonly credits: string;
}

/**
 * The books of a commissioner as a trial balance that an accountant can read: for each account what was debited and
 * credited, and its balance on its normal side, in pounds. `names` says how to call the ids in the accounts' codes.
 */
export async function ledgerTable(
  query: Query,
  commissionerId: string,
  names: Readonly<Record<string, string>> = {},
): Promise<string> {
  const rows = (await query(ACCOUNTS, [commissionerId])) as unknown as AccountRow[];
  return ['money', 'budget']
    .map((book) => ({ book, lines: rows.filter((row) => row.book === book) }))
    .filter(({ lines }) => lines.length > 0)
    .map(({ book, lines }) => oneBook(book, lines, names))
    .join('\n\n');
}

function oneBook(book: string, rows: readonly AccountRow[], names: Readonly<Record<string, string>>): string {
  const lines = rows
    .map(({ code, normal, debits, credits }) => {
      const [debitMinor, creditMinor] = [BigInt(debits), BigInt(credits)];
      const balanceMinor = normal === 'D' ? debitMinor - creditMinor : creditMinor - debitMinor;
      return [named(code, names), pounds(debitMinor), pounds(creditMinor), `${pounds(balanceMinor)} ${normal}`];
    })
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  const total = (of: (row: AccountRow) => string) => pounds(rows.reduce((sum, row) => sum + BigInt(of(row)), 0n));
  const table = [[`${book} book`, 'debits', 'credits', 'balance'], ...lines];
  table.push(['total', total(({ debits }) => debits), total(({ credits }) => credits), '']);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)));
  return table
    .map(([account = '', ...amounts]) =>
      [account.padEnd(widths[0] ?? 0), ...amounts.map((text, index) => text.padStart(widths[index + 1] ?? 0))]
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function named(code: string, names: Readonly<Record<string, string>>): string {
  return code
    .split(':')
    .map((part) => names[part] ?? part)
    .join(':');
}

/** `-1,234.56`, or a dash for nothing. */
function pounds(minor: bigint): string {
  if (minor === 0n) return '-';
  const digits = (minor < 0n ? -minor : minor).toString().padStart(3, '0');
  const whole = digits.slice(0, -2).replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return `${minor < 0n ? '-' : ''}${whole}.${digits.slice(-2)}`;
}
