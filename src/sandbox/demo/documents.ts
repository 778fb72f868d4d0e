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

interface Export {
  readonly of: string;
  readonly party: 'commissioner' | 'contract';
  readonly format: 'csv' | 'pdf';
  readonly by: string;
  readonly role: 'finance' | 'treasurer';
}

/** One for each commissioner and each contract. Gives how many there are. */
async function exportStatements(stage: Stage): Promise<number> {
  const { commissioners, contracts } = stage.world;
  const wanted: Export[] = [
    ...commissioners.flatMap(({ code: by }) =>
      (['csv', 'pdf'] as const).map((format) => ({
        of: by,
        party: 'commissioner' as const,
        format,
        by,
        role: 'finance' as const,
      })),
    ),
    ...contracts.map(({ code, provider }) => ({
      of: code,
      party: 'contract' as const,
      format: 'pdf' as const,
      by: provider,
      role: 'treasurer' as const,
    })),
  ];
  const exported = await exportedBefore(stage);
  const missing = wanted.filter(
    ({ of, format }) =>
      !exported.has(`${stage.idOf(of)} ${format}`) || !existsSync(join(stage.outFolder, nameOf(of, format))),
  );
  await forEach(missing, async ({ of, party, format, by, role }) => {
    const api = await stage.as(by, role);
    const period = `from=${stage.world.period}&to=${stage.today}`;
    const path = `/v1/statements?party=${party}&id=${stage.idOf(of)}&${period}&format=${format}`;
    stage.write(nameOf(of, format), await api.bytes(path));
  });
  return wanted.length;
}

function nameOf(code: string, format: string): string {
  return `statements/${code}.${format}`;
}

/** Whose statement in which format the journals say was given out. */
async function exportedBefore(stage: Stage): Promise<Set<string>> {
  const exported = new Set<string>();
  for (const { code } of stage.world.commissioners) {
    const auditor = await stage.as(code, 'auditor');
    const events = await auditor.list<{ subjectId: string; body: { data: { format: string } } }>(
      '/v1/events?type=statement.exported',
    );
    for (const { subjectId, body } of events) exported.add(`${subjectId} ${body.data.format}`);
  }
  return exported;
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
