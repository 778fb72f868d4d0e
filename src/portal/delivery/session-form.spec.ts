import type { Roll } from '../../delivery/index.js';
import type { Translate } from '../../words/index.js';
import { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { addressOf } from '../page/address.rules.js';
import { lastMonth, monthsUpTo } from './months.rules.js';
import { lastTimes, moreRows, placeRefusals, readSession } from './session-form.rules.js';

const t = Object.assign((key: string) => key, { has: () => true }) as unknown as Translate;
const person = { reference: 'EL-1', acceptedOn: '2026-09-02', planned: 6, attended: 0, cameLast: true };
const roll = {
  service: { contractId: 'c1', serviceCode: 'SING' },
  people: [
    { ...person, referralId: 'r1' },
    { ...person, referralId: 'r2' },
  ],
  isHourly: false,
} as unknown as Roll;

const GOOD = {
  'heldOn-day': '27',
  'heldOn-month': '10',
  'heldOn-year': '2026',
  start: '2pm',
  end: '15:30',
  mode: 'in_person',
  kind: 'group',
  'outcome-r1': 'attended',
  'outcome-r2': '',
};

function read(more: Record<string, string> = {}, of = roll) {
  const fields = new Fields({ ...GOOD, ...more });
  const form = new Form(t, fields);
  return { ...readSession(form, fields, of), errors: form.errors.map(({ field, text }) => `${field}: ${text}`) };
}

describe('the form of a session', () => {
  it('becomes the request of the API, without those who were not there', () => {
    expect(read().request).toEqual({
      contract: 'c1',
      service: 'SING',
      kind: 'group',
      date: '2026-10-27',
      start: '14:00',
      durationMinutes: 90,
      mode: 'in_person',
      attendances: [{ referralId: 'r1', outcome: 'attended', travel: false }],
    });
  });

  it('takes notice of those who cancelled only, and others by their reference', () => {
    const more = { 'outcome-r2': 'cancelled_late', 'notice-r1': '3', 'notice-r2': '3', 'travel-r1': '1' };
    const { request, places } = read({ ...more, 'more-4-reference': 'EL-9', 'more-4-outcome': 'attended' });
    expect(request?.attendances).toEqual([
      { referralId: 'r1', outcome: 'attended', travel: true },
      { referralId: 'r2', outcome: 'cancelled_late', travel: false, noticeMinutes: 180 },
      { referral: 'EL-9', outcome: 'attended', travel: false },
    ]);
    expect(places).toEqual(['outcome-r1', 'outcome-r2', 'more-4-reference']);
  });

  it.each<[Record<string, string>, string]>([
    [{ end: '13:30' }, 'end: sessions.new.endBeforeStart'],
    [{ start: '' }, 'start: sessions.new.startMissing'],
    [{ 'outcome-r1': '' }, 'outcome-r1: sessions.new.nobody'],
    [{ kind: 'one_to_one', 'outcome-r2': 'attended' }, 'kind: sessions.new.severalPeople'],
    [{ 'more-0-reference': 'EL-9' }, 'more-0-outcome: sessions.new.outcomeMissing'],
    [{ 'more-0-reference': '', 'more-0-outcome': 'attended' }, 'more-0-reference: sessions.new.referenceMissing'],
    [{ 'outcome-r2': 'cancelled', 'notice-r2': 'two' }, 'notice-r2: forms.notWhole'],
  ])('%j is to be mended', (more, error) => {
    expect(read(more)).toMatchObject({ request: undefined, errors: [error] });
  });

  it('needs the end where the hour is paid', () => {
    expect(read({ end: '' }).errors).toEqual([]);
    expect(read({ end: '' }, { ...roll, isHourly: true }).errors).toEqual(['end: sessions.new.endMissing']);
  });

  it('puts each refusal beside its row, and what is of the session beside its field, once', () => {
    const refusals = [
      { attendance: 0, code: 'in_future' },
      { attendance: 1, code: 'in_future' },
      { attendance: 1, code: 'unknown_referral' },
    ];
    expect(placeRefusals({ refusals }, ['outcome-r1', 'more-0-reference'])).toEqual([
      { field: 'heldOn', code: 'in_future' },
      { field: 'more-0-reference', code: 'unknown_referral' },
    ]);
    expect(placeRefusals({}, ['outcome-r1'])).toEqual([]);
  });

  it.each<[Record<string, string>, number[]]>([
    [{}, [0]],
    [{ 'more-0-reference': '' }, [0]],
    [{ 'more-0-reference': 'A', _add: '1' }, [0, 1]],
    [{ 'more-0-reference': 'A', 'more-3-reference': 'B', _add: '1' }, [0, 3, 4]],
    [{ 'more-0-reference': 'A', 'more-3-reference': 'B', _remove: '0' }, [3]],
    [{ 'more-3-reference': 'B', _remove: '3' }, [0]],
  ])('%j has the rows %j', (sent, rows) => {
    expect(moreRows(new Fields(sent))).toEqual(rows);
  });

  it('begins as the last session did, by the clocks of London', () => {
    const last = { startsAt: new Date('2026-10-05T13:00:00Z'), startRecorded: true, durationMinutes: 75 };
    expect(lastTimes({ last: last as NonNullable<Roll['last']> })).toMatchObject({ start: '14:00', end: '15:15' });
    expect(lastTimes({ last: null })).toBeUndefined();
  });
});

describe('months', () => {
  it('go back over the turn of a year', () => {
    expect(monthsUpTo('2027-02-14', 4)).toEqual(['2027-02', '2027-01', '2026-12', '2026-11']);
    expect(lastMonth('2026-01-31')).toBe('2025-12');
  });

  it('stand in an address with what else it says', () => {
    expect(addressOf('/claims', { month: '2026-10', contract: undefined })).toBe('/claims?month=2026-10');
    expect(addressOf('/claims', { id: ['a', 'b&c'] })).toBe('/claims?id=a&id=b%26c');
    expect(addressOf('/claims', {})).toBe('/claims');
  });
});
