import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { PassThrough, Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { pdfText } from '../../../test/support/pdf-text.js';
import { PdfTable, renderPdf, SANDBOX_NOTICE, streamPdf, type PdfCanvas, type PdfHead } from './index.js';

const HEAD: PdfHead = {
  title: 'Carers & Friends (A) \\ <b>',
  subject: 'A test of Tŷ Gŵyl',
  author: 'Carers & Friends',
  createdOn: '2026-11-05',
  rendererVersion: 'test 1',
  footer: 'Invoice RIV2026000001',
  sandbox: false,
  watermark: null,
};

function drawRows(canvas: PdfCanvas, count: number): void {
  const table = new PdfTable(canvas, [{ title: 'Service' }, { title: 'Net amount', width: 80, align: 'right' }]);
  for (let row = 1; row <= count; row += 1) table.row([{ text: `Row ${row}`, note: 'a note' }, `£${row}.00`]);
}

/** Every character of ASCII and Latin up to U+017F, in both weights. */
function drawAlphabet(canvas: PdfCanvas): void {
  for (let code = 0x21; code < 0x180; code += 1) {
    if (code > 0x7e && code < 0xa1) continue;
    canvas.text(`${String.fromCharCode(code)} ${code}`, { size: 6, weight: code % 2 === 0 ? 'bold' : 'regular' });
    if (code < 0x7f) canvas.text(String.fromCharCode(code), { size: 6, weight: code % 2 === 0 ? 'regular' : 'bold' });
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function collected(stream: PassThrough): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('pages', () => {
  it('repeats the table header and counts the pages on each of them, and loses no row', async () => {
    const { bytes, pages } = await renderPdf(HEAD, (canvas) => drawRows(canvas, 130));
    const text = await pdfText(bytes);
    expect(text).toHaveLength(pages);
    expect(pages).toBeGreaterThan(3);
    text.forEach((page, index) => {
      expect(page.split('\n')[0]).toBe('Service Net amount');
      expect(page).toContain(`Page ${index + 1} of ${pages} Invoice RIV2026000001`);
    });
    const rows = text.join('\n').match(/^Row \d+ £\d+\.00$/gm);
    expect(rows).toEqual(Array.from({ length: 130 }, (_, row) => `Row ${row + 1} £${row + 1}.00`));
  });

  it('says that no money moves on every page of a sandbox document, and only there', async () => {
    const draw = (canvas: PdfCanvas): void => drawRows(canvas, 60);
    const sandbox = await pdfText((await renderPdf({ ...HEAD, sandbox: true }, draw)).bytes);
    const live = await pdfText((await renderPdf(HEAD, draw)).bytes);
    expect(sandbox.length).toBeGreaterThan(1);
    expect(sandbox.every((page) => page.includes(SANDBOX_NOTICE))).toBe(true);
    expect(live.some((page) => page.includes(SANDBOX_NOTICE))).toBe(false);
  });

  it('carries a row that is taller than a page over to the next ones', async () => {
    const words = Array.from({ length: 3000 }, (_, index) => `w${index}`);
    const { bytes } = await renderPdf(HEAD, (canvas) => {
      new PdfTable(canvas, [{ title: 'Service' }, { title: 'Net', width: 80, align: 'right' }]).row([
        words.join(' '),
        '£1.00',
      ]);
    });
    const drawn = (await pdfText(bytes)).join(' ').match(/\bw\d+\b/g);
    expect(drawn).toEqual(words);
  });

  it('never breaks a figure, and breaks a word only where no line holds it', async () => {
    const { bytes } = await renderPdf(HEAD, (canvas) => {
      const table = new PdfTable(canvas, [
        { title: 'Service', width: 60 },
        { title: 'Net', width: 40, align: 'right' },
      ]);
      table.row(['Llanfairpwllgwyngyll group', '£1,234,567,890,123.00']);
    });
    const [page = ''] = await pdfText(bytes);
    expect(page).toContain('£1,234,567,890,123.00');
    expect(page.replaceAll(/\s|£[\d,.]+/g, '')).toContain('Llanfairpwllgwyngyllgroup');
  });

  it('refuses a row with a cell too few', async () => {
    const draw = (canvas: PdfCanvas): void =>
      new PdfTable(canvas, [{ title: 'A', width: 9 }, { title: 'B' }]).row(['a']);
    await expect(renderPdf(HEAD, draw)).rejects.toThrow('1 cells, 2 columns');
  });
});

describe('characters', () => {
  it('draws Welsh and European letters, composed from whatever they came as', async () => {
    const { bytes, replacedCharacters } = await renderPdf(HEAD, (canvas) =>
      canvas.text('Tŷ Gw\u0302yl, Łódź, naïve – “½” €5'),
    );
    expect(await pdfText(bytes)).toEqual([expect.stringContaining('Tŷ Gŵyl, Łódź, naïve – “½” €5')]);
    expect(replacedCharacters).toEqual([]);
  });

  it('replaces on purpose, and reports, whatever the font lacks or nobody can see', async () => {
    const hostile = 'A中B\u202EC\u0000D\u200BE\uD800F\u{1F600}G x\u0302';
    const { bytes, replacedCharacters } = await renderPdf(HEAD, (canvas) => canvas.text(hostile));
    const [page] = await pdfText(bytes);
    expect(page).toContain('A?B?C?D?E?F?G x?');
    expect(replacedCharacters).toEqual(['U+0000', 'U+0302', 'U+1F600', 'U+200B', 'U+202E', 'U+4E2D', 'U+D800']);
  });
});

describe('the file', () => {
  it('says what it is, with the metadata escaped in both places', async () => {
    const { bytes } = await renderPdf(HEAD, (canvas) => canvas.text('x'));
    const loading = getDocument({ data: new Uint8Array(bytes), verbosity: 0 });
    const { info, metadata } = await (await loading.promise).getMetadata();
    await loading.destroy();
    expect(info).toMatchObject({
      Title: HEAD.title,
      Author: HEAD.author,
      Subject: HEAD.subject,
      Producer: 'Wellpaid test 1',
      Language: 'en-GB',
      CreationDate: 'D:20261105000000Z',
    });
    expect(metadata.get('dc:title')).toBe(HEAD.title);
    expect(bytes.toString('latin1')).toContain('<rdf:li>Carers &amp; Friends</rdf:li>');
  });

  it('embeds its fonts and holds nothing that runs', async () => {
    const file = (await renderPdf(HEAD, (canvas) => drawRows(canvas, 3))).bytes.toString('latin1');
    expect(file.match(/\/FontFile2/g)).toHaveLength(2);
    expect(file).not.toMatch(/\/(?:JavaScript|OpenAction|Launch|URI)\b/);
  });

  it('is the same bytes twice, whatever was drawn before, and in another process', async () => {
    const first = await renderPdf(HEAD, drawAlphabet);
    const others = [':;…½', 'íìîïĵ', 'ŵŷẁÿ', '“”‘’„', 'Łłđħ', '÷±²³¼¾'];
    for (const text of others) await renderPdf(HEAD, (canvas) => canvas.text(text, { weight: 'bold' }));
    expect(sha256((await renderPdf(HEAD, drawAlphabet)).bytes)).toBe(sha256(first.bytes));
    const script = `
      import { createHash } from 'node:crypto';
      const { renderPdf } = await import(${JSON.stringify(new URL('./index.js', import.meta.url).href)});
      ${drawAlphabet.toString()}
      for (const text of ${JSON.stringify(others)}) await renderPdf(${JSON.stringify(HEAD)}, (canvas) => canvas.text(text));
      const { bytes } = await renderPdf(${JSON.stringify(HEAD)}, drawAlphabet);
      process.stdout.write(createHash('sha256').update(bytes).digest('hex'));`;
    const other = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(other).toBe(sha256(first.bytes));
  });

  it('says in its text layer what it shows, for every character', async () => {
    const { bytes } = await renderPdf(HEAD, drawAlphabet);
    const characters = (await pdfText(bytes)).join('').replaceAll(/\s/g, '');
    for (let code = 0x21; code < 0x7f; code += 1) expect(characters).toContain(String.fromCharCode(code));
    for (let code = 0xc0; code < 0x180; code += 1) expect(characters).toContain(String.fromCharCode(code));
  });
});

describe('streaming', () => {
  it('gives the bytes that drawing in memory gives', async () => {
    const out = new PassThrough();
    const [drawn, bytes] = await Promise.all([
      streamPdf(HEAD, out, async (canvas) => drawRows(canvas, 80)),
      collected(out),
    ]);
    const inMemory = await renderPdf(HEAD, (canvas) => drawRows(canvas, 80));
    expect(sha256(bytes)).toBe(sha256(inMemory.bytes));
    expect(drawn.pages).toBe(inMemory.pages);
  });

  it('stops drawing while the reader is not reading', async () => {
    let waiting: (() => void) | undefined;
    let reading = false;
    const reader = new Writable({
      highWaterMark: 1,
      write(_chunk, _encoding, done) {
        if (reading) done();
        else waiting = done;
      },
    });
    let rows = 0;
    const drawing = streamPdf(HEAD, reader, async (canvas, drained) => {
      const table = new PdfTable(canvas, [{ title: 'Row' }]);
      for (; rows < 1500; rows += 1) {
        table.row([`Row ${rows}`]);
        await drained();
      }
    });
    for (let turn = 0; turn < 200; turn += 1) await setImmediate();
    expect(rows).toBeLessThan(150);
    reading = true;
    waiting?.();
    await drawing;
    expect(rows).toBe(1500);
    expect(reader.writableFinished).toBe(true);
  });

  it('rejects and destroys the stream when the drawing fails', async () => {
    const out = new PassThrough();
    out.resume();
    const drawing = streamPdf(HEAD, out, async () => {
      throw new Error('does not add up');
    });
    await expect(drawing).rejects.toThrow('does not add up');
    expect(out.destroyed).toBe(true);
  });

  it('rejects when the reader goes away', async () => {
    const gone = new Writable({
      write(_chunk, _encoding, done) {
        done(new Error('reader gone'));
      },
    });
    const drawing = streamPdf(HEAD, gone, async (canvas, drained) => {
      for (let page = 0; page < 50; page += 1) {
        drawRows(canvas, 40);
        await drained();
      }
    });
    await expect(drawing).rejects.toThrow('reader gone');
  });
});
