import fc from 'fast-check';
import { EMPTY_ROOT, formatCheckpoint, MalformedError, parseCheckpoint } from './index.js';

/** The example of C2SP tlog-checkpoint. */
const ROOT = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';
const TEXT = `example.com/behind-the-sofa\n20852163\n${ROOT}\n`;
const CHECKPOINT = { origin: 'example.com/behind-the-sofa', size: 20_852_163, root: Buffer.from(ROOT, 'base64') };

describe('a checkpoint', () => {
  it('is written as in C2SP', () => {
    expect(formatCheckpoint(CHECKPOINT)).toBe(TEXT);
    expect(parseCheckpoint(TEXT)).toEqual({ ...CHECKPOINT, extensions: [] });
  });

  it('may carry lines that mean nothing to this program', () => {
    expect(parseCheckpoint(`${TEXT}one\ntwo\n`)).toEqual({ ...CHECKPOINT, extensions: ['one', 'two'] });
  });

  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.uint8Array({ minLength: 32, maxLength: 32 }), (size, root) => {
        const checkpoint = { origin: 'wellpaid.example/log', size, root: Buffer.from(root) };
        expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual({ ...checkpoint, extensions: [] });
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['no last newline', TEXT.slice(0, -1)],
    ['no origin', TEXT.replace('example.com/behind-the-sofa', '')],
    ['no root', 'origin\n5\n'],
    ['a leading zero', TEXT.replace('20852163', '020852163')],
    ['a plus', TEXT.replace('20852163', '+20852163')],
    ['a negative size', TEXT.replace('20852163', '-1')],
    ['an exponent', TEXT.replace('20852163', '2e3')],
    ['a size that is not safe', TEXT.replace('20852163', '9007199254740992')],
    ['a size of many digits', TEXT.replace('20852163', '9'.repeat(400))],
    ['a short root', TEXT.replace(ROOT, 'CsUYapGGPo4=')],
    ['a root without padding', TEXT.replace('q2I=', 'q2I')],
    ['a root of another spelling', TEXT.replace('q2I=', 'q2J=')],
    ['a root in the URL alphabet', TEXT.replace('m/X', 'm_X')],
    ['an empty line', `${TEXT}\n`],
    ['a signature', `${TEXT}\n— example.com/behind-the-sofa AAAAAAAA\n`],
  ])('is not read from %s', (_, text) => {
    expect(() => parseCheckpoint(text)).toThrow(MalformedError);
  });

  it.each([
    { ...CHECKPOINT, origin: '' },
    { ...CHECKPOINT, origin: 'two\nlines' },
    { ...CHECKPOINT, size: -1 },
    { ...CHECKPOINT, size: 2 ** 53 },
    { ...CHECKPOINT, root: EMPTY_ROOT.subarray(1) },
  ])('is not written from %j', (checkpoint) => {
    expect(() => formatCheckpoint(checkpoint)).toThrow(RangeError);
  });
});
