import { Parser } from 'csv-parse';
import fc from 'fast-check';
import { CsvTable, type CsvSeparator, type TableRow } from './csv-table.js';

const LONGEST = 9_000;

/** What csv-parse reads of a text, and whether it reads to the end. */
async function asCsvParse(text: string, delimiter: CsvSeparator): Promise<{ rows: string[][]; isBroken: boolean }> {
  const rows: string[][] = [];
  const parser = new Parser({
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    trim: true,
    max_record_size: LONGEST,
    on_record: (cells: string[]) => {
      rows.push(cells);
      return null;
    },
  });
  const isBroken = await new Promise<boolean>((resolve) => {
    parser.on('error', () => resolve(true));
    parser.write(text, (error) => {
      if (error) resolve(true);
      else parser.end((failure?: Error | null) => resolve(failure !== undefined && failure !== null));
    });
  });
  return { rows, isBroken };
}

async function asTable(pieces: readonly string[], separator: CsvSeparator) {
  const table = new CsvTable(separator, LONGEST);
  const rows: TableRow[] = [];
  for (const piece of pieces) rows.push(...(await table.write(piece)));
  rows.push(...(await table.end()));
  expect(rows.map(({ row }) => row)).toEqual(rows.map((_row, index) => index + 1));
  return { rows: rows.map(({ cells }) => cells), isBroken: table.broken !== null };
}

const separator = fc.constantFrom<CsvSeparator>(',', ';', '\t');
const pieces = (signs: fc.Arbitrary<string>, maxLength: number) =>
  fc.array(
    fc.array(signs, { maxLength }).map((some) => some.join('')),
    { maxLength: 6 },
  );

describe('a table that is read line by line', () => {
  const plain = [
    'a',
    'b',
    'é',
    ' ',
    ',',
    ';',
    '\t',
    '\n',
    '\r',
    '\r\n',
    '\f',
    '\v',
    '\u00A0',
    '\uFEFF',
    '\u2028',
    '\u0085',
  ];

  it('has the rows that csv-parse reads, wherever it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(pieces(fc.constantFrom(...plain), 12), separator, async (cut, by) => {
        expect(await asTable(cut, by)).toEqual(await asCsvParse(cut.join(''), by));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is read by csv-parse from the row of its first quotation mark on', async () => {
    const signs = fc.constantFrom(...plain, '"', '"', '""', '"a"');
    await fc.assert(
      fc.asyncProperty(pieces(signs, 12), separator, async (cut, by) => {
        expect(await asTable(cut, by)).toEqual(await asCsvParse(cut.join(''), by));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([2_250, 2_251, 4_096, 5_000, 8_998, 9_000, 9_001, 20_000])(
    'reads, or does not, a line of %i characters',
    async (length) => {
      const text = `a,b\r\nc,${'x'.repeat(length - 2)}\r\nd,e\r\n`;
      for (const cut of [[text], [text.slice(0, 7), text.slice(7, 4_000), text.slice(4_000)]])
        expect(await asTable(cut, ',')).toEqual(await asCsvParse(text, ','));
    },
  );
});
