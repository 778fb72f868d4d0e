import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { CSV_LIMITS, readCsv, type CsvItem, type CsvLimits } from './csv-reader.js';
import { DomainError } from './errors.js';

async function* chunksOf(bytes: Uint8Array, sizes: readonly number[] = [bytes.length]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function read(
  content: string | Uint8Array,
  { sizes, limits }: { sizes?: readonly number[]; limits?: Partial<CsvLimits> } = {},
): Promise<CsvItem[]> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const items: CsvItem[] = [];
  for await (const item of readCsv(chunksOf(bytes, sizes), { ...CSV_LIMITS, ...limits })) items.push(item);
  return items;
}

const rowsOf = (items: readonly CsvItem[]): [number, string[]][] =>
  items.flatMap((item): [number, string[]][] => (item.kind === 'row' ? [[item.row, item.cells]] : []));
const headerOf = (items: readonly CsvItem[]): string[] =>
  items.flatMap((item) => (item.kind === 'header' ? item.cells : []));
const endOf = (items: readonly CsvItem[]) => items.find((item) => item.kind === 'end');
const problemsOf = (items: readonly CsvItem[]): [number, string][] =>
  items.flatMap((item): [number, string][] =>
    item.kind === 'row' && item.problem !== null ? [[item.row, item.problem.code]] : [],
  );
const refusedOf = (items: readonly CsvItem[]) => items.find((item) => item.kind === 'refused');

async function codeOf(reading: Promise<unknown>): Promise<string> {
  const error: unknown = await reading.then(
    () => 'nothing was thrown',
    (thrown: unknown) => thrown,
  );
  return error instanceof DomainError ? error.code : String(error);
}

/** £ is A3 and é is E9 in Windows-1252. */
const cp1252 = (text: string): Buffer => Buffer.from(text, 'latin1');
const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

describe('the text of a file', () => {
  const text = 'ref,note\r\nA,café £5\r\n';
  it.each<[string, Uint8Array, string]>([
    ['UTF-8', Buffer.from(text), 'utf-8'],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${text}`), 'utf-8'],
    ['Windows-1252', cp1252(text), 'windows-1252'],
    ['UTF-16 little end first', Buffer.from(`\uFEFF${text}`, 'utf16le'), 'utf-16le'],
    ['UTF-16 big end first', utf16be(`\uFEFF${text}`), 'utf-16be'],
  ])('is read from %s, however it is cut', async (_, bytes, encoding) => {
    for (const size of [1, 2, 3, 7, bytes.length]) {
      const items = await read(bytes, { sizes: [size] });
      expect(headerOf(items)).toEqual(['ref', 'note']);
      expect(rowsOf(items)).toEqual([[2, ['A', 'café £5']]]);
      expect(endOf(items)).toMatchObject({ encoding, rows: 1, bytes: bytes.length });
    }
  });

  it('is ASCII when nothing says more', async () => {
    expect(endOf(await read('a,b\n1,2\n'))).toMatchObject({ encoding: 'ascii' });
  });

  it('is Windows-1252 as a whole although its first signs could be UTF-8', async () => {
    const rows = rowsOf(await read(cp1252('n\n\xc9\x92\n\xa35\n'), { sizes: [4] }));
    expect(rows).toEqual([
      [2, ['É’']],
      [3, ['£5']],
    ]);
  });

  it('keeps what was decoded and loses no sign when the encoding changes far below', async () => {
    const good = 'café,1\n'.repeat(20_000);
    const bytes = Buffer.concat([Buffer.from(`name,n\n${good}`), cp1252('caf\xe9,2\n'), Buffer.from('café,3\n')]);
    const rows = rowsOf(await read(bytes, { sizes: [1000] }));
    expect(rows).toHaveLength(20_002);
    expect(rows.every(([, [name]]) => name === 'café')).toBe(true);
  });

  it('does not break a sign at the edge of the window', async () => {
    for (const shift of [0, 1, 2]) {
      const row = `${'€'.repeat(2000)}\n`;
      const bytes = Buffer.from(`${'x'.repeat(shift + 1)}\n€${'y'.repeat(shift)}\n${row.repeat(15)}`);
      const items = await read(bytes, { sizes: [64 * 1024, 1] });
      expect(rowsOf(items).filter(([, [cell]]) => cell === '€'.repeat(2000))).toHaveLength(15);
    }
  });

  it.each([
    ['a workbook', Buffer.from('PK\x03\x04\0\0\x08\0')],
    ['UTF-16 without a mark', Buffer.from('a,b\n', 'utf16le')],
  ])('is refused when it is %s', async (_, bytes) => {
    expect(await codeOf(read(bytes))).toBe('csv.not_text');
  });
});

describe('the shape of a table', () => {
  it.each([
    [',', 'a,b;x\n1,2\n'],
    [';', 'a;b,x;c\n1;2;3\n'],
    ['\t', 'a\tb\n1\t2\n'],
    [';', '"a, b, c, d";b\n1;2\n'],
    [',', 'one\n1\n'],
  ])('has %j between cells', async (separator, text) => {
    expect((await read(text))[0]).toMatchObject({ kind: 'header', separator });
  });

  it('has one row for each line, though the first is cut at its end', async () => {
    expect(rowsOf(await read('a\rb', { sizes: [1] }))).toEqual([[2, ['b']]]);
    expect(rowsOf(await read('a\r', { sizes: [1] }))).toEqual([]);
  });

  it('mixes line ends', async () => {
    expect(rowsOf(await read('a,b\r\n1,2\n3,4\r5,6', { sizes: [1] }))).toEqual([
      [2, ['1', '2']],
      [3, ['3', '4']],
      [4, ['5', '6']],
    ]);
  });

  it('numbers rows as a spreadsheet does: blank ones count, line breaks in quotes do not', async () => {
    const items = await read('\n,,\na,b,c\n\n"x\ny",2,3\n,,\n"say ""hi""",5,6\n');
    expect(items[0]).toMatchObject({ kind: 'header', row: 3 });
    expect(rowsOf(items)).toEqual([
      [5, ['x\ny', '2', '3']],
      [7, ['say "hi"', '5', '6']],
    ]);
  });

  it('reports rows with too few or too many cells, and drops blank cells at the end', async () => {
    const items = await read('a,b,,\n1,2,,,,\n1\n1,2,3\n');
    expect(headerOf(items)).toEqual(['a', 'b']);
    expect(problemsOf(items)).toEqual([
      [3, 'ragged_row'],
      [4, 'ragged_row'],
    ]);
  });

  it('gives the heading __proto__ like any other', async () => {
    const items = await read('__proto__,constructor,__proto__\nx,y,z\n');
    expect(headerOf(items)).toEqual(['__proto__', 'constructor', '__proto__']);
    expect(rowsOf(items)).toEqual([[2, ['x', 'y', 'z']]]);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  it.each(['', ' \n\n', ',,,\n'])('needs a heading: %j', async (text) => {
    expect(await codeOf(read(text))).toBe('csv.empty');
  });
});

describe('a quotation mark', () => {
  it.each([
    ['never closed', 'a,b\n1,2\n3,"x\n5,6\n'],
    ['closed by that of a later row', 'a,b\n1,2\n3,"x\n5,"y",7\n'],
    ['never closed in a long file', `a,b\n1,2\n3,"x\n${'5,6\n'.repeat(50_000)}`],
  ])('that is %s refuses from its row on and says where', async (_, text) => {
    for (const sizes of [[1024], [1_000_000]]) {
      const items = await read(text, { sizes });
      expect(rowsOf(items)).toEqual([[2, ['1', '2']]]);
      expect(refusedOf(items)).toMatchObject({ row: 3, problem: { code: 'unclosed_quote', column: 'column 2' } });
      expect(refusedOf(items)?.problem.howToFix).toContain('row 3, column 2');
      expect(endOf(items)).toMatchObject({
        bytes: text.length,
        sha256: createHash('sha256').update(text).digest('hex'),
      });
    }
  });

  it('in the middle of a cell is told apart, without what the cell holds', async () => {
    const refused = refusedOf(await read('a,b\n1,2\nJo 5" tall,4\n'));
    expect(refused).toMatchObject({ row: 3, problem: { code: 'stray_quote', column: 'column 1' } });
    expect(JSON.stringify(refused)).not.toContain('Jo');
  });

  it('may have blanks around it', async () => {
    expect(rowsOf(await read('a,b\n1, "x, y" \n'))).toEqual([[2, ['1', 'x, y']]]);
  });

  it('in the heading refuses the file', async () => {
    expect(await codeOf(read('a,"b\n1,2\n'))).toBe('csv.unreadable_heading');
  });
});

describe('limits', () => {
  it.each<[string, string, Partial<CsvLimits>, string]>([
    ['bytes', 'a\n123456\n', { bytes: 8 }, 'csv.too_large'],
    ['rows', 'a\n1\n\n2\n3\n', { rows: 2 }, 'csv.too_large'],
    ['columns', 'a,b,c\n', { columns: 2 }, 'csv.too_large'],
  ])('of %s refuse the file', async (name, text, limits, code) => {
    expect(await codeOf(read(text, { limits }))).toBe(code);
    const exact = { bytes: 9, rows: 3, columns: 3 };
    expect(await codeOf(read(text, { limits: { [name]: exact[name as keyof typeof exact] } }))).toBe(
      'nothing was thrown',
    );
  });

  it('of a cell refuse the row, whose long cell is not kept', async () => {
    const items = await read(`a,b\n${'x'.repeat(9)},2\n1,2\n`, { limits: { cellLength: 8 } });
    expect(problemsOf(items)).toEqual([[2, 'cell_too_long']]);
    expect(rowsOf(items)).toEqual([
      [2, ['', '2']],
      [3, ['1', '2']],
    ]);
  });

  it('of a row refuse from there on', async () => {
    const items = await read(`a,b\n1,2\n${'x'.repeat(70)},2\n`, { limits: { rowLength: 64 } });
    expect(refusedOf(items)).toMatchObject({ row: 3, problem: { code: 'row_too_long' } });
  });
});

const cell = fc.stringMatching(/^[a-zé£,;\t"\n ]{0,8}$/).map((text) => text.trim());
const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;

describe('whatever arrives', () => {
  it('a well-formed table comes back cell for cell, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constant('k'), cell, cell), { maxLength: 8 }),
        fc.constantFrom(',', ';', '\t'),
        fc.constantFrom('\r\n', '\n', '\r'),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
        async (table, separator, lineEnd, sizes) => {
          const lines = [['a', 'b', 'c'], ...table].map((row) => row.map(quote).join(separator));
          const items = await read(lines.join(lineEnd), { sizes });
          expect(rowsOf(items)).toEqual(table.map((row, index) => [index + 2, row]));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('bytes never crash it, and where they are cut never matters', async () => {
    const outcome = async (bytes: Uint8Array, sizes: number[]) => {
      try {
        return await read(bytes, { sizes, limits: { rowLength: 40, columns: 5 } });
      } catch (error) {
        if (error instanceof DomainError) return error.code;
        throw error;
      }
    };
    const signs = fc.oneof(
      fc.constantFrom(0x22, 0x2c, 0x3b, 0x0a, 0x0d, 0x61, 0xe9, 0xc3, 0xa9),
      fc.integer({ min: 1, max: 255 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(signs, { maxLength: 80 }), fc.integer({ min: 1, max: 7 }), async (list, size) => {
        const bytes = Uint8Array.from(list);
        expect(await outcome(bytes, [size])).toEqual(await outcome(bytes, [bytes.length]));
      }),
      { numRuns: 300 },
    );
  });
});
