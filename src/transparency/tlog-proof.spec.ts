import fc from 'fast-check';
import { formatTlogProof, leafHash, MalformedError, parseTlogProof } from './index.js';

/** Shaped as the example of C2SP tlog-proof. */
const CHECKPOINT = `example.com/fancylog
109482
sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=

— example.com/fancylog hI2DJwAA
`;
const TEXT = `c2sp.org/tlog-proof@v1
extra YWdl
index 73894
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=

${CHECKPOINT}`;
const PROOF = {
  index: 73_894,
  proof: [
    Buffer.from('gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=', 'base64'),
    Buffer.from('B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=', 'base64'),
  ],
  checkpoint: CHECKPOINT,
  extra: Buffer.from('age'),
};

describe('a tlog-proof', () => {
  it('is written as in C2SP', () => {
    expect(formatTlogProof(PROOF)).toBe(TEXT);
    expect(parseTlogProof(TEXT)).toEqual(PROOF);
  });

  it('needs neither extra data nor a path', () => {
    const text = formatTlogProof({ index: 0, proof: [], checkpoint: CHECKPOINT });
    expect(text).toBe(`c2sp.org/tlog-proof@v1\nindex 0\n\n${CHECKPOINT}`);
    expect(parseTlogProof(text)).toEqual({ index: 0, proof: [], checkpoint: CHECKPOINT });
    expect(formatTlogProof({ index: 0, proof: [], checkpoint: CHECKPOINT, extra: Buffer.alloc(0) })).toBe(text);
  });

  it('is read as it was written', () => {
    const hashes = fc.array(fc.uint8Array({ maxLength: 40 }).map(leafHash), { maxLength: 53 });
    fc.assert(
      fc.property(fc.maxSafeNat(), hashes, fc.uint8Array({ minLength: 1 }), (index, proof, extra) => {
        const written = { index, proof, checkpoint: CHECKPOINT, extra: Buffer.from(extra) };
        expect(parseTlogProof(formatTlogProof(written))).toEqual(written);
      }),
    );
  });

  it.each([
    ['another header', TEXT.replace('@v1', '@v2')],
    ['no empty line', TEXT.replaceAll('\n\n', '\n')],
    ['extra data that is not Base64', TEXT.replace('YWdl', '!!notbase64!!')],
    ['empty extra data', TEXT.replace('YWdl', '')],
    ['no index', TEXT.replace('index 73894\n', '')],
    ['an index in words', TEXT.replace('73894', 'notanumber')],
    ['a negative index', TEXT.replace('73894', '-5')],
    ['a leading zero', TEXT.replace('73894', '073894')],
    ['extra data in the wrong place', TEXT.replace('extra YWdl\nindex 73894', 'index 73894\nextra YWdl')],
    ['a hash that is not Base64', TEXT.replace('gSKyXoYZ', '!!notbas')],
    ['a hash of 64 bytes', TEXT.replace(/gSKy.*=/, Buffer.alloc(64).toString('base64'))],
    ['a path higher than any tree', TEXT.replace(/(gSKy.*=\n)/, '$1'.repeat(64))],
    ['no last newline before the checkpoint', 'c2sp.org/tlog-proof@v1\nindex 0'],
  ])('is not read with %s', (_, text) => {
    expect(() => parseTlogProof(text)).toThrow(MalformedError);
  });

  it.each([-1, 0.5, 2 ** 53])('is not written for leaf %d', (index) => {
    expect(() => formatTlogProof({ ...PROOF, index })).toThrow(RangeError);
  });
});
