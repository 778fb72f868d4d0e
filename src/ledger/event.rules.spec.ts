import { canonicalJson } from '../platform/canonical-json.js';
import { eventBody, leafInput, type StoredEvent } from './event.rules.js';

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

describe('leafInput', () => {
  it('puts a zero byte before the entry', () => {
    expect(Buffer.from(leafInput(Buffer.from('ab'))).toString('hex')).toBe('006162');
    expect(leafInput(new Uint8Array())).toHaveLength(1);
  });
});
