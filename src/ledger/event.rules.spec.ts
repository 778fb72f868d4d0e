import fc from 'fast-check';
import { canonicalJson } from '../platform/canonical-json.js';
import { BodySpeller, eventBody, leafInput, type StoredEvent } from './event.rules.js';

const EVENT: StoredEvent = {
  id: 'e',
  commissionerId: 'c',
  type: 'batch.approved',
  subjectId: 's',
  actor: { kind: 'person', orgId: 'c', memberId: 'm', keyId: null },
  providerId: 'p',
  referrerId: null,
  causeId: 'before',
  occurredAt: new Date('2026-11-25T10:00:00.001Z'),
  recordedAt: new Date('2026-11-25T10:00:01.000Z'),
  data: { amountMinor: 1250n, lines: 1 },
};

describe('eventBody', () => {
  it('is spelled like this for ever: stored events are hashed', () => {
    expect(canonicalJson(eventBody(EVENT))).toBe(
      '{"actor":{"keyId":null,"kind":"person","memberId":"m","orgId":"c"},"causeId":"before","commissionerId":"c",' +
        '"data":{"amountMinor":"1250","lines":1},"id":"e","occurredAt":"2026-11-25T10:00:00.001Z","providerId":"p",' +
        '"recordedAt":"2026-11-25T10:00:01.000Z","referrerId":null,"subjectId":"s","type":"batch.approved","v":1}',
    );
  });

  it('binds the transfers when it moves something', () => {
    const transfers = { count: 2, totalMinor: 300n, sha256: 'ab' };
    expect(canonicalJson(eventBody({ ...EVENT, transfers }))).toContain(
      '"transfers":{"count":2,"sha256":"ab","totalMinor":"300"}',
    );
  });
});

describe('BodySpeller', () => {
  it('spells each of several events as canonical JSON does', () => {
    // Few, so that events have parts in common with those before them.
    const text = fc.oneof(
      { arbitrary: fc.constantFrom('a', 'b'), weight: 4 },
      fc.uuid(),
      fc.string({ unit: 'grapheme', maxLength: 8 }),
      fc.constantFrom('"', '\\\\', '\\n', 'é'),
    );
    const maybe = fc.option(text);
    const instant = fc.oneof(fc.constantFrom(new Date(0), new Date(1)), fc.date({ noInvalidDate: true }));
    const event = fc.record({
      id: text,
      commissionerId: text,
      type: text,
      subjectId: text,
      actor: fc.record({
        kind: fc.constantFrom('person', 'service', 'system'),
        orgId: text,
        memberId: maybe,
        keyId: maybe,
      }),
      providerId: maybe,
      referrerId: maybe,
      causeId: maybe,
      occurredAt: instant,
      recordedAt: instant,
      data: fc.dictionary(text, fc.oneof(text, fc.integer(), fc.bigInt(), fc.boolean(), fc.constant(null))),
    });
    const transfers = fc.option(fc.constant({ count: 2, totalMinor: 300n, sha256: 'ab' }), { nil: undefined });
    fc.assert(
      fc.property(fc.array(fc.tuple(event, transfers), { maxLength: 6 }), (given) => {
        const speller = new BodySpeller();
        for (const [facts, moved] of given) {
          const stored = { ...facts, ...(moved && { transfers: moved }) } as StoredEvent;
          expect(speller.spell(stored)).toBe(canonicalJson(eventBody(stored)));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('leafInput', () => {
  it('puts a zero byte before the entry', () => {
    expect(Buffer.from(leafInput(Buffer.from('ab'))).toString('hex')).toBe('006162');
    expect(leafInput(new Uint8Array())).toHaveLength(1);
  });
});
