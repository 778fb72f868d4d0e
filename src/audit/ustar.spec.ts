import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { archiveOf, codesOf, verdictOf } from '../../test/support/bundle-tamper.js';
import { madeBundle } from '../../test/support/bundle-maker.js';
import { BLOCK_BYTES, padding, parseUstarHeader, ustarHeader } from './ustar.js';

const MADE_AT = new Date('2026-11-25T09:00:00Z');
const header = (name = 'keys', size = 5) => ustarHeader({ name, size }, MADE_AT);

/** A header in which a field says something else, with the checksum that it then needs. */
function withField(offset: number, bytes: string | Buffer, block = header()): Buffer {
  Buffer.from(bytes as string, 'latin1').copy(block, offset);
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

describe('a header', () => {
  it('is read as it was written', () => {
    const names = fc.stringMatching(/^[a-z0-9/.]{1,100}$/);
    fc.assert(
      fc.property(names, fc.nat({ max: 8 ** 11 - 1 }), (name, size) => {
        expect(parseUstarHeader(ustarHeader({ name, size }, MADE_AT), 0)).toEqual({ name, size });
      }),
    );
  });

  it('of which any byte is another is damaged', () => {
    fc.assert(
      fc.property(fc.nat({ max: BLOCK_BYTES - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const block = header();
        block[at] = (block[at] ?? 0) ^ change;
        expect(() => parseUstarHeader(block, 0)).toThrow(/damaged|no bundle holds/);
      }),
    );
  });

  it.each<[string, Buffer]>([
    ['a link', withField(156, '2')],
    ['a folder', withField(156, '5')],
    ['a header of pax', withField(156, 'x')],
    ['a name in two parts', withField(345, 'etc')],
    ['a name of nothing', withField(0, '\0\0\0\0')],
    ['a name with something behind its end', withField(0, 'keys\0more')],
    ['a name with a newline', withField(0, 'ke\ny')],
    ['a size in binary', withField(124, Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5]))],
    ['a size below nought', withField(124, '-0000000005\0')],
    ['a size that is no octal', withField(124, '00000000009\0')],
    ['a size of nothing', withField(124, ' '.repeat(12))],
  ])('of %s is none of a bundle', (_, block) => {
    expect(() => parseUstarHeader(block, 0)).toThrow('no bundle holds');
  });

  it.each([
    ['x'.repeat(101), 0],
    ['x', 8 ** 11],
    ['x', -1],
    ['x', 0.5],
  ])('cannot be written for %p of %p bytes', (name, size) => {
    expect(() => header(name, size)).toThrow(RangeError);
  });
});

describe('a file whose headers lie', () => {
  it.each<[string, (bundle: Buffer) => Buffer]>([
    ['a member that is longer than the file', (bundle) => withField(124, '77777777777\0', bundle.subarray(0, 512))],
    ['a manifest that is longer than any', () => withField(124, '00017777777\0', header('bundle.json'))],
    ['a log that is longer than any file', (bundle) => resized(bundle, Number.MAX_SAFE_INTEGER)],
    ['a log that is longer than its events', (bundle) => resized(bundle, 51)],
    ['a log that is shorter than its events', (bundle) => resized(bundle, 49)],
  ])('is seen at once: %s', async (_, change) => {
    const bundle = await madeBundle({ events: 50 });
    const first = change(Buffer.from(bundle));
    const bytes = first.length > BLOCK_BYTES ? first : Buffer.concat([first, bundle.subarray(BLOCK_BYTES)]);
    const verdict = await verdictOf(bytes);
    expect(codesOf(verdict)[0]).toMatch(/^unreadable: The file ends too early|^member_(missing|too_long)/);
  });

  function resized(bundle: Buffer, size: number): Buffer {
    const text = bundle.toString('latin1', BLOCK_BYTES, BLOCK_BYTES + 512).replace(/\0+$/, '');
    const content = Buffer.from(text.replace('"size":50', `"size":${size}`));
    const rest = bundle.subarray(2 * BLOCK_BYTES);
    return Buffer.concat([
      ustarHeader({ name: 'bundle.json', size: content.length }, MADE_AT),
      content,
      padding(content.length),
      rest,
    ]);
  }
});

it('an archive is one that tar opens', () => {
  const archive = archiveOf([
    { name: 'keys', content: Buffer.from('a\n') },
    { name: 'tile/entries/x001/234.p/5', content: Buffer.alloc(1_000, 'b') },
  ]);
  const { status, stdout, error } = spawnSync('tar', ['-tvf', '-'], { input: archive, encoding: 'utf8' });
  if (error) return; // a machine without tar
  expect(status).toBe(0);
  expect(stdout).toMatch(/ 2 .* keys\n.* 1000 .* tile\/entries\/x001\/234\.p\/5\n/);
});
