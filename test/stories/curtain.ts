import { checkInvariants } from '../../src/ledger/index.js';
import type { TestApp } from '../support/app.js';
import { ledgerTable } from '../support/ledger-table.js';
import { expectReplayed } from '../support/replayed.js';

/**
 * How a story ends: the books of every commissioner in it are printed as an accountant reads them, their debits equal
 * their credits, every invariant of every module holds, and an auditor who replays the journals finds nothing.
 */
export async function curtain(app: TestApp): Promise<void> {
  const query = async (sql: string, parameters: unknown[] = []) =>
    (await app.admin.query<Record<string, unknown>>(sql, parameters)).rows;
  const findings = await checkInvariants(query);
  expect(findings.length).toBeGreaterThan(20);
  expect(findings.filter(({ violations }) => violations.length > 0)).toEqual([]);
  await expectReplayed(app);

  const names = Object.fromEntries(
    (await query('select id, code from organisation union all select id, code from contract')).map(({ id, code }) => [
      String(id),
      String(code),
    ]),
  );
  const books = await query('select distinct commissioner_id as id from ledger.account');
  expect(books.length).toBeGreaterThan(0);
  for (const { id } of books) {
    const table = await ledgerTable(query, String(id), names);
    process.stdout.write(`\n${names[String(id)]}\n${table}\n`);
    for (const total of table.split('\n').filter((line) => line.startsWith('total'))) {
      const [, debits, credits] = total.split(/\s+/);
      expect(credits).toBe(debits);
    }
  }
}
