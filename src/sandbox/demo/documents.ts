import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { formatPounds } from '../../money/index.js';
import { forEach } from './api.js';
import type { Balance, Books } from './figures.js';
import type { Stage } from './stage.js';
import { count } from './terminal.js';

/** 12 October: writes what people would download. An export of a statement is journalled, so it is not made twice. */
export async function writeDocuments(stage: Stage, books: Books): Promise<void> {
  await stage.progress.phase('Writing documents', async () => {
    // What a provider made in its own system, it keeps.
    const invoices = books.documents.filter(({ state, kind }) => state === 'issued' && kind !== 'provider_invoice');
    await forEach(invoices, async ({ id, number, commissioner }) => {
      const finance = await stage.as(commissioner, 'finance');
      stage.write(`invoices/${fileName(number ?? id)}.pdf`, await finance.bytes(`/v1/invoices/${id}.pdf`));
    });
    const paid = books.payouts.filter(({ state }) => state === 'paid');
    await forEach(paid, async ({ id, reference, commissioner }) => {
      const finance = await stage.as(commissioner, 'finance');
      stage.write(`remittances/${reference}.pdf`, await finance.bytes(`/v1/payouts/${id}/remittance.pdf`));
    });
    const statements = await exportStatements(stage);
    for (const [code, balances] of books.balances) stage.write(`ledger/${code}.txt`, trialBalance(code, balances));
    const outcome = `${count(invoices.length, 'invoice')}, ${count(paid.length, 'remittance advice', 'remittance advices')}, ${count(statements, 'statement')} in ${stage.outFolder}`;
    return { answer: undefined, outcome };
  });
}

/** One for each commissioner and each of its providers. Gives how many there are. */
async function exportStatements(stage: Stage): Promise<number> {
  const wanted: { path: string; name: string; by: string; role: 'finance' | 'treasurer' }[] = [];
  const period = `from=${stage.world.period}&to=${stage.today}`;
  for (const { code } of stage.world.commissioners) {
    const path = `/v1/statements?party=commissioner&id=${stage.idOf(code)}&${period}`;
    for (const format of ['csv', 'pdf'])
      wanted.push({ path: `${path}&format=${format}`, name: `${code}.${format}`, by: code, role: 'finance' });
  }
  for (const { code, provider } of stage.world.contracts) {
    const path = `/v1/statements?party=contract&id=${stage.idOf(code)}&${period}&format=pdf`;
    wanted.push({ path, name: `${code}.pdf`, by: provider, role: 'treasurer' });
  }
  const missing = wanted.filter(({ name }) => !existsSync(join(stage.outFolder, 'statements', name)));
  await forEach(missing, async ({ path, name, by, role }) => {
    const api = await stage.as(by, role);
    stage.write(`statements/${name}`, await api.bytes(path));
  });
  return wanted.length;
}

function trialBalance(code: string, balances: readonly Balance[]): string {
  const columns = (cells: readonly string[]) =>
    cells.map((cell, index) => (index === 0 ? cell.padEnd(18) : cell.padStart(16))).join('');
  const books = (['money', 'budget'] as const).map((book) => {
    const rows = balances.filter((balance) => balance.book === book);
    const sum = (of: (row: Balance) => string) =>
      formatPounds(rows.reduce((total, row) => total + BigInt(of(row)), 0n));
    const pounds = (text: string) => formatPounds(BigInt(text));
    return [
      columns([`${book} book`, 'debits', 'credits', 'balance']),
      ...rows.map(({ account, debitsMinor, creditsMinor, balanceMinor }) =>
        columns([account, pounds(debitsMinor), pounds(creditsMinor), pounds(balanceMinor)]),
      ),
      columns(['total', sum(({ debitsMinor }) => debitsMinor), sum(({ creditsMinor }) => creditsMinor)]),
    ].join('\n');
  });
  return `Trial balance of ${code}. Sandbox: no money moves.\n\n${books.join('\n\n')}\n`;
}

function fileName(number: string): string {
  return number.replaceAll(/[^A-Za-z0-9-]+/g, '-');
}
