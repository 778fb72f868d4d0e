import fc from 'fast-check';
import { rowsOf, spokenOf } from './session-rows.rules.js';
import { RecordSession } from './sessions.schemas.js';

const session = (more: Record<string, unknown> = {}): RecordSession =>
  RecordSession.parse({
    contract: 'C-1',
    service: 'SING',
    date: '2026-10-05',
    attendances: [{ referral: 'A', outcome: 'attended' }],
    ...more,
  });
const of = (...people: string[]) => people.map((referral) => ({ referral, outcome: 'attended' }));
const ID = '018f0000-0000-7000-8000-0000000000aa';

const mayMeet = (one: RecordSession, other: RecordSession) =>
  spokenOf(one).some((name) => spokenOf(other).includes(name));

describe('requests that may change what comes of each other', () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>, boolean]>([
    ['other people, no reference', {}, { attendances: of('B') }, false],
    ['the same person', {}, {}, true],
    ['the same person on another day, whose caps are counted', {}, { date: '2026-11-05' }, true],
    ['the same person in another service', {}, { service: 'WALK' }, true],
    ['the same person, written otherwise', {}, { attendances: of('a ') }, true],
    ['one of several', { attendances: of('A', 'B') }, { attendances: of('C', 'B') }, true],
    [
      'a person by id, whom nobody knows before both are looked up',
      {},
      { attendances: [{ referralId: ID, outcome: 'attended' }] },
      false,
    ],
    ['one reference on one day', { reference: 'MON' }, { reference: 'mon', attendances: of('B') }, true],
    [
      'one reference on two days',
      { reference: 'MON' },
      { reference: 'MON', date: '2026-10-12', attendances: of('B') },
      false,
    ],
    [
      'one reference in two services',
      { reference: 'MON' },
      { reference: 'MON', service: 'WALK', attendances: of('B') },
      false,
    ],
    ['two references', { reference: 'MON' }, { reference: 'TUE', attendances: of('B') }, false],
    ['a session as a whole, twice', { outcome: 'held', attendances: [] }, { outcome: 'held', attendances: [] }, true],
    ['a session as a whole, and a person', { outcome: 'held', attendances: [] }, { attendances: of('B') }, false],
    ['a session as a whole on another day', { outcome: 'held', attendances: [] }, { date: '2026-10-06' }, false],
  ])('%s', (_, one, other, met) => {
    expect(mayMeet(session(one), session(other))).toBe(met);
    expect(mayMeet(session(other), session(one))).toBe(met);
  });

  it('are all those of which two rows tell of one session or one person', () => {
    const day = fc.constantFrom('2026-10-05', '2026-10-06');
    const given = fc.record({
      date: day,
      people: fc.subarray(['A', 'B', 'C', 'D'], { minLength: 1 }),
      reference: fc.constantFrom(undefined, 'MON'),
    });
    fc.assert(
      fc.property(given, given, (first, second) => {
        const [one, other] = [first, second].map(({ date, people, reference }) =>
          session({ date, attendances: of(...people), ...(reference && { reference }) }),
        ) as [RecordSession, RecordSession];
        const names = (request: RecordSession) =>
          rowsOf(request, 'service').flatMap(({ referral, session: { reference, heldOn } }) => [
            ...(referral && 'reference' in referral ? [`person ${referral.reference}`] : []),
            ...(reference === null ? [] : [`session ${heldOn} ${reference}`]),
          ]);
        const shared = names(one).some((name) => names(other).includes(name));
        expect(mayMeet(one, other)).toBe(shared);
      }),
    );
  });
});
