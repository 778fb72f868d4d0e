import { parse } from 'csv-parse';
import fc from 'fast-check';
import { parsePounds } from '../money/index.js';
import { csvText, type CsvColumn } from './csv-writer.js';

interface Row {
  readonly name: string | null;
  readonly net: bigint | null;
  readonly count: number | null;
}

const COLUMNS: readonly CsvColumn<Row>[] = [
  { header: 'Name', text: (row) => row.name },
  { header: 'Net', pounds: (row) => row.net },
  { header: 'Count', integer: (row) => row.count },
];

async function written(rows: Iterable<Row> | AsyncIterable<Row>): Promise<string> {
  let text = '';
  for await (const chunk of csvText(COLUMNS, rows)) text += chunk;
  return text;
}

const cellsOf = async (csv: string): Promise<string[][]> => (await parse(csv).toArray()) as string[][];

const named = (name: string): Row => ({ name, net: null, count: null });

describe('csvText', () => {
  it('writes the header and one CRLF line for each row, figures bare', async () => {
    const text = await written([
      { name: 'Singing, group', net: 123456789n, count: 12 },
      { name: 'Say "hi"', net: -500n, count: 0 },
      { name: null, net: null, count: null },
    ]);
    expect(text).toBe('Name,Net,Count\r\n"Singing, group",1234567.89,12\r\n"Say ""hi""",-5.00,0\r\n,,\r\n');
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['+44', "'+44"],
    ['-5.00', "'-5.00"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', `"'\t=1"`],
    ['\rx', `"'\rx"`],
    ['\nx', `"'\nx"`],
    ['\0x', "'\0x"],
    [' =1', "' =1"],
    ['\u200B=1', "'\u200B=1"],
    ['＝1', "'＝1"],
    ['＋1', "'＋1"],
    ['－1', "'－1"],
    ['＠1', "'＠1"],
    ['a=1', 'a=1'],
    ['Tŷ', 'Tŷ'],
    [' padded ', '" padded "'],
    ['a;b', '"a;b"'],
    ["'quoted", "'quoted"],
  ])('writes %j as %j', async (text, cell) => {
    expect(await written([named(text)])).toBe(`Name,Net,Count\r\n${cell},,\r\n`);
  });

  it('guards a header too', async () => {
    const columns: CsvColumn<Row>[] = [{ header: '=1', text: (row) => row.name }];
    for await (const chunk of csvText(columns, [])) expect(chunk).toBe("'=1\r\n");
  });

  it('reads back as it was, whatever the text, and no cell of it starts a formula', async () => {
    const payload = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.constantFrom('=', '+', '-', '@', '"', ',', '\r', '\n', '\t', "'", ' ', 'a', '＝', ';') }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(payload, { maxLength: 5 }), async (names) => {
        const rows = await cellsOf(await written(names.map(named)));
        expect(rows).toHaveLength(names.length + 1);
        rows.slice(1).forEach(([cell = ''], index) => {
          const name = names[index] ?? '';
          expect([name, `'${name}`]).toContain(cell);
          expect(cell).not.toMatch(/^\s*[=+\-@＝＋－＠]|^[\t\r\n\0]/);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('brings every amount back to the penny', async () => {
    await fc.assert(
      fc.asyncProperty(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), async (net) => {
        const [, cells = []] = await cellsOf(await written([{ name: 'a', net, count: 1 }]));
        expect(parsePounds(cells[1] ?? '')).toBe(net);
      }),
    );
  });

  it('writes in pieces while rows arrive', async () => {
    let made = 0;
    async function* rows(): AsyncGenerator<Row> {
      for (; made < 5000; made += 1) yield { name: `Row ${made}`, net: 1n, count: made };
    }
    const pieces = csvText(COLUMNS, rows());
    const first = await pieces.next();
    expect(made).toBeLessThan(2000);
    let text = String(first.value);
    for await (const piece of pieces) text += piece;
    expect(text.split('\r\n')).toHaveLength(5002);
  });

  it('refuses a fraction in a column of integers', async () => {
    await expect(written([{ name: 'a', net: 0n, count: 1.5 }])).rejects.toThrow('Not an integer: 1.5');
  });
});
