import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import {
  cosignatures,
  cosignatureSigner,
  NoteError,
  noteSigner,
  openNote,
  parseVerifierKey,
  signingKey,
  signNote,
  verifierKey,
} from './index.js';

/** The keys, text and signatures of golang.org/x/mod/sumdb/note/note_test.go. */
const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const ENOCH = 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop';
const PETER_SEED = Buffer.from('gQoUAtUUbI2E8kQzMPVAgOv5juF9nHT2JS/F1ccoMXM=', 'base64');
const TEXT = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.
`;
const PETER_LINE =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
const ENOCH_LINE =
  '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n';
const NOTE = `${TEXT}\n${PETER_LINE}`;

const peter = parseVerifierKey(PETER);
const enoch = parseVerifierKey(ENOCH);
const peterKey = signingKey(PETER_SEED);

describe('the keys of a note', () => {
  it('are written as Go writes them', () => {
    expect(verifierKey('PeterNeumann', peterKey)).toBe(PETER);
    expect(peter).toMatchObject({ name: 'PeterNeumann', keyId: 0xc74f20a3, type: 'ed25519' });
  });

  it('are not read from any part of one', () => {
    for (let from = 0; from <= PETER.length; from++) {
      for (let to = from; to <= PETER.length; to++) {
        if (from === 0 && to === PETER.length) continue;
        expect(() => parseVerifierKey(PETER.slice(from, to))).toThrow(NoteError);
      }
    }
  });

  it('are not read once a character is another', () => {
    for (let at = 0; at < PETER.length; at++) {
      const next = String.fromCharCode(PETER.charCodeAt(at) + 1);
      expect(() => parseVerifierKey(PETER.slice(0, at) + next + PETER.slice(at + 1))).toThrow(NoteError);
    }
  });

  it.each([
    ['of the wrong length', 'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=='],
    ['of an unknown type', 'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'],
    ['with its id in capitals', PETER.replace('c74f20a3', 'C74F20A3')],
  ])('are not read %s', (_, vkey) => {
    expect(() => parseVerifierKey(vkey)).toThrow(NoteError);
  });

  it.each([0, 31, 33])('are not read with %i bytes, though the id is right', (length) => {
    const typed = Buffer.concat([Buffer.of(1), Buffer.alloc(length, 9)]);
    const id = createHash('sha256').update('log\n').update(typed).digest('hex').slice(0, 8);
    expect(() => parseVerifierKey(`log+${id}+${typed.toString('base64')}`)).toThrow(NoteError);
  });

  it.each(['', 'two words', 'a+b', 'next\u0085line', 'new\nline', '\ud800'])('have no name like %j', (name) => {
    expect(() => noteSigner(name, peterKey)).toThrow(RangeError);
    expect(() => verifierKey(name, peterKey)).toThrow(RangeError);
  });

  it('are Ed25519 and have a seed of 32 bytes', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(() => noteSigner('name', privateKey)).toThrow(RangeError);
    expect(() => signingKey(PETER_SEED.subarray(1))).toThrow(RangeError);
  });
});

describe('signNote', () => {
  it('signs as Go signs', () => {
    expect(signNote(TEXT, [noteSigner('PeterNeumann', peterKey)])).toBe(NOTE);
  });

  it.each(['abc', '', '\n', 'tab\there\n', 'carriage\r\n', 'nul\u0000\n', '\ud800\n'])('refuses %j', (text) => {
    expect(() => signNote(text, [noteSigner('PeterNeumann', peterKey)])).toThrow(RangeError);
  });

  it('refuses to sign for nobody', () => {
    expect(() => signNote(TEXT, [])).toThrow(RangeError);
  });

  it('lets each of two keys of one name be enough while a log changes its key', () => {
    const next = signingKey(Buffer.alloc(32, 7));
    const note = signNote(TEXT, [noteSigner('log', peterKey), noteSigner('log', next)]);
    for (const key of [peterKey, next]) {
      expect(openNote(note, [parseVerifierKey(verifierKey('log', key))])).toEqual({ text: TEXT, signedBy: ['log'] });
    }
  });
});

describe('openNote', () => {
  it('names the known keys that signed, and ignores the others', () => {
    expect(openNote(NOTE + ENOCH_LINE, [peter])).toEqual({ text: TEXT, signedBy: ['PeterNeumann'] });
    expect(openNote(NOTE + ENOCH_LINE, [enoch, peter]).signedBy).toEqual(['PeterNeumann', 'EnochRoot']);
    expect(openNote(NOTE + PETER_LINE, [peter, peter]).signedBy).toEqual(['PeterNeumann']);
  });

  it('believes nothing that no known key has signed', () => {
    expect(() => openNote(NOTE, [])).toThrow('none of the known keys');
    expect(() => openNote(NOTE, [enoch])).toThrow('none of the known keys');
    expect(() => openNote(NOTE.replace('PeterNeumann', 'CarmenSandiego'), [peter])).toThrow('none of the known keys');
    expect(() => openNote(NOTE.replace('x08g', 'xxxx'), [peter])).toThrow('none of the known keys');
  });

  it('refuses the whole note when a known key did not sign what stands under its name', () => {
    const forged = `${PETER_LINE.slice(0, 60)}ABCD${PETER_LINE.slice(60)}`;
    expect(() => openNote(`${TEXT}\n${forged}`, [peter])).toThrow('is not its own');
    expect(() => openNote(`${TEXT}\n${ENOCH_LINE}${forged}`, [peter, enoch])).toThrow('is not its own');
    expect(() => openNote(NOTE.replace('problem is', 'problem was'), [peter])).toThrow('is not its own');
  });

  it('takes the text up to the last empty line', () => {
    const text = 'one\n\n— PeterNeumann AAAAAAAA\n\nthree\n';
    const note = signNote(text, [noteSigner('PeterNeumann', peterKey)]);
    expect(openNote(note, [peter]).text).toBe(text);
  });

  it.each([
    ['no signatures', TEXT],
    ['an empty line and no signatures', `${TEXT}\n`],
    ['no last newline', NOTE.slice(0, -1)],
    ['a control character', `\u0001${NOTE}`],
    ['half a character', `\ud800${NOTE}`],
    ['a name with a space', `${TEXT}\n${PETER_LINE.replace('PeterNeumann', 'Bad Name')}`],
    ['a name with a plus', `${TEXT}\n${PETER_LINE.replace('PeterNeumann', 'Bad+Name')}`],
    ['an unexpected line', `${NOTE}Unexpected line.\n`],
    ['a hyphen for a dash', NOTE.replace('—', '-')],
    ['a signature of nothing, if by somebody else', `${NOTE}— EnochRoot x08gow==\n`],
    ['Base64 of another spelling', `${TEXT}\n${PETER_LINE.replace('JnAM=', 'JnAN=')}`],
    ['more signatures than anyone reads', NOTE + PETER_LINE.repeat(100)],
    ['more text than anyone reads', `${'a'.repeat(1_000_000)}\n\n${PETER_LINE}`],
  ])('refuses a note with %s', (_, note) => {
    expect(() => openNote(note, [peter])).toThrow(NoteError);
    expect(() => openNote(note, [peter])).not.toThrow('none of the known keys');
  });

  it('accepts a hundred signatures', () => {
    expect(openNote(NOTE + ENOCH_LINE.repeat(99), [peter]).signedBy).toEqual(['PeterNeumann']);
  });

  it('opens what was signed and nothing that differs from it in one character', () => {
    const line = fc.string({ minLength: 1 }).filter((text) => !/[\p{Cc}]/u.test(text));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), fc.nat(), (lines, seed) => {
        const text = `${lines.join('\n')}\n`;
        const note = signNote(text, [noteSigner('PeterNeumann', peterKey)]);
        expect(openNote(note, [peter]).text).toBe(text);
        const at = seed % note.length;
        const other = note.slice(0, at) + (note[at] === 'x' ? 'y' : 'x') + note.slice(at + 1);
        expect(() => openNote(other, [peter])).toThrow(NoteError);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a cosignature', () => {
  const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
  const logKey = signingKey(Buffer.alloc(32, 1));
  const witnessKey = signingKey(Buffer.alloc(32, 2));
  const witness = parseVerifierKey(verifierKey('witness.example.com/w1', witnessKey, 'cosignature/v1'));
  const log = parseVerifierKey(verifierKey('example.com/behind-the-sofa', logKey));
  const cosignedAt = new Date('2023-03-20T12:25:47.900Z');
  const note = signNote(text, [
    noteSigner('example.com/behind-the-sofa', logKey),
    cosignatureSigner('witness.example.com/w1', witnessKey, cosignedAt),
  ]);

  /** The line of the witness, put together by hand from C2SP tlog-cosignature. */
  function lineByHand(seconds: bigint, message: string): string {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt32BE(witness.keyId);
    bytes.writeBigUInt64BE(seconds, 4);
    const signature = sign(null, Buffer.from(message), witnessKey);
    return `— witness.example.com/w1 ${Buffer.concat([bytes, signature]).toString('base64')}\n`;
  }

  it('covers the time and the whole text', () => {
    expect(note.endsWith(lineByHand(1_679_315_147n, `cosignature/v1\ntime 1679315147\n${text}`))).toBe(true);
  });

  it('tells when the witness saw the checkpoint', () => {
    const seen = { name: 'witness.example.com/w1', cosignedAt: new Date('2023-03-20T12:25:47Z') };
    expect(cosignatures(note, [witness])).toEqual([seen]);
    expect(cosignatures(note, [log, witness])).toEqual([seen]);
    expect(openNote(note, [log, witness]).signedBy).toEqual(['example.com/behind-the-sofa', 'witness.example.com/w1']);
  });

  it('is of no account from a witness that is not known, and may be missing', () => {
    expect(cosignatures(note, [])).toEqual([]);
    expect(cosignatures(note, [log])).toEqual([]);
    expect(cosignatures(signNote(text, [noteSigner('log', logKey)]), [witness])).toEqual([]);
  });

  it.each([
    ['another time', lineByHand(1_679_315_148n, `cosignature/v1\ntime 1679315147\n${text}`)],
    ['no header', lineByHand(1_679_315_147n, text)],
    ['a time that no calendar has', lineByHand(2n ** 63n, `cosignature/v1\ntime ${2n ** 63n}\n${text}`)],
    [
      'nothing but a time',
      `— witness.example.com/w1 ${Buffer.concat([keyIdBytes(), Buffer.alloc(8)]).toString('base64')}\n`,
    ],
  ])('is refused with %s', (_, line) => {
    const forged = signNote(text, [noteSigner('log', logKey)]) + line;
    expect(() => cosignatures(forged, [witness])).toThrow(NoteError);
  });

  function keyIdBytes(): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(witness.keyId);
    return bytes;
  }

  it('does not pass for a signature of the log by the same key', () => {
    const sameKey = parseVerifierKey(verifierKey('witness.example.com/w1', witnessKey));
    expect(sameKey.keyId).not.toBe(witness.keyId);
    expect(() => openNote(note, [sameKey])).toThrow('none of the known keys');
  });
});
