import fc from 'fast-check';
import { formatCheckpoint, leafHash, MalformedError, parseCheckpoint } from '../transparency/index.js';
import { NAMED_MAX, readReceipt, receiptText, SEALED_WITHIN_MS } from './receipt.document.js';

const AT = new Date('2026-11-25T10:00:00.123Z');
const NAME = 'log.example/receipts';
const originOf = (id: string) => `log.example/${id}`;
const rootOf = (hashes: readonly Uint8Array[]) => leafHash(Buffer.concat(hashes));
const textOf = (records: Parameters<typeof receiptText>[1]) => receiptText(NAME, records, originOf, rootOf);

const event = fc.record({
  id: fc.uuid(),
  leafHash: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
});
const record = fc.record({
  commissionerId: fc.uuid(),
  recordedAt: fc.date({ min: new Date('2020-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
  events: fc.array(event, { minLength: 1, maxLength: NAMED_MAX }),
});

describe('the text of a receipt', () => {
  it('is what people can read', () => {
    const leaf = Buffer.alloc(32, 1);
    const id = '01890a5d-ac96-774b-bcce-b302099a8057';
    expect(textOf([{ commissionerId: 'one', recordedAt: AT, events: [{ id, leafHash: leaf }] }])).toBe(
      `log.example/receipts
receipt of events, version 1
log log.example/one
recorded 2026-11-25T10:00:00.123Z
sealed by 2026-11-25T10:01:00.123Z
event ${id} ${leaf.toString('base64')}
`,
    );
  });

  it('says again all that it was made of', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 3 }), (records) => {
        expect(readReceipt(textOf(records))).toEqual(
          records.map(({ commissionerId, recordedAt, events }) => ({
            origin: originOf(commissionerId),
            recordedAt,
            sealedBy: new Date(recordedAt.getTime() + SEALED_WITHIN_MS),
            events,
          })),
        );
      }),
    );
  });

  it('has the tree hash of more than a header can name', () => {
    const events = Array.from({ length: NAMED_MAX + 1 }, (_, index) => ({
      id: `${index}`,
      leafHash: Buffer.alloc(32, index),
    }));
    const [log] = readReceipt(textOf([{ commissionerId: 'one', recordedAt: AT, events }])) ?? [];
    expect(log?.events).toEqual({ count: events.length, root: rootOf(events.map((one) => one.leafHash)) });
    const note = Buffer.from(textOf([{ commissionerId: 'one', recordedAt: AT, events: events.slice(1) }]));
    // Two signatures of 150 bytes more, and a third for base64: what a proxy takes for one header by default.
    expect(((note.length + 300) * 4) / 3).toBeLessThan(4_000);
  });

  it('cannot be taken for a checkpoint, nor a checkpoint for a receipt', () => {
    const [text] = fc.sample(record, 1).map((one) => textOf([one]));
    expect(() => parseCheckpoint(text ?? '')).toThrow(MalformedError);
    expect(readReceipt(formatCheckpoint({ origin: NAME, size: 3, root: Buffer.alloc(32) }))).toBeUndefined();
  });

  it.each([
    ['no log', (text: string) => text.replace(/^log .*\n/m, '')],
    ['another version', (text: string) => text.replace('version 1', 'version 2')],
    ['half a hash', (text: string) => text.replace(/.{5}=\n$/, '=\n')],
    ['more behind it', (text: string) => `${text}event x\n`],
    ['no end', (text: string) => text.trimEnd()],
  ])('is none with %s', (_, spoil) => {
    const [one] = fc.sample(record, 1);
    const text = textOf(one ? [one] : []);
    expect(readReceipt(text)).toBeDefined();
    expect(readReceipt(spoil(text))).toBeUndefined();
  });
});
