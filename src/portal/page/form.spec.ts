import fc from 'fast-check';
import { z } from 'zod';
import { DomainError } from '../../platform/errors.js';
import type { Translate } from '../../words/index.js';
import { localPath } from './answer.rules.js';
import { Fields } from './fields.rules.js';
import { dayOf, Form, hourOf } from './form.js';
import { formToken, isFormToken } from './form-token.js';
import { keyOf, newOnce } from './once.js';

const t = Object.assign((key: string) => key, { has: () => true }) as unknown as Translate;
const form = (raw: Record<string, unknown>) => new Form(t, new Fields(raw));

describe('a day', () => {
  it.each([
    ['27', '9', '2026', '2026-09-27'],
    ['1', '02', '2026', '2026-02-01'],
    ['29', '2', '2028', '2028-02-29'],
    ['5', 'October', '2026', '2026-10-05'],
    ['5', ' sep ', '2026', '2026-09-05'],
    ['5', 'Hydref', '2026', '2026-10-05'],
  ])('%s %s %s is %s', (day, month, year, expected) => {
    expect(dayOf(day, month, year)).toBe(expected);
  });

  it.each([
    ['31', '9', '2026'],
    ['29', '2', '2026'],
    ['29', '2', '2100'],
    ['0', '1', '2026'],
    ['1', '13', '2026'],
    ['1', 'ma', '2026'],
    ['1', 'Juneteenth', '2026'],
    ['1', '1', '26'],
    ['1', '1', '1826'],
    ['1.5', '1', '2026'],
    ['', '1', '2026'],
  ])('%s %s %s is none', (day, month, year) => {
    expect(dayOf(day, month, year)).toBeUndefined();
  });

  it('is any that a calendar has', () => {
    const days = fc.date({ min: new Date('1900-01-01'), max: new Date('2199-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(days, (date) => {
        const day = date.toISOString().slice(0, 10);
        const [year = '', month = '', number = ''] = day.split('-');
        expect(dayOf(number, month, year)).toBe(day);
      }),
    );
  });

  it('asks for what is missing, and says where it is wrong', () => {
    const empty = form({ 'on-day': '', 'on-month': '', 'on-year': '' });
    expect(empty.day('on', { missing: 'when?' })).toBeUndefined();
    expect(empty.errors).toEqual([{ field: 'on', text: 'when?' }]);
    const wrong = form({ 'on-day': '31', 'on-month': '2', 'on-year': '2026' });
    expect(wrong.day('on', { missing: 'when?' })).toBeUndefined();
    expect(wrong.errors).toEqual([{ field: 'on', text: 'forms.notADay' }]);
    expect(form({}).day('on')).toBeUndefined();
  });
});

describe('a time of day', () => {
  it.each([
    ['9:30', '09:30'],
    ['0930', '09:30'],
    ['14.15', '14:15'],
    ['9am', '09:00'],
    ['12am', '00:00'],
    ['12:05 PM', '12:05'],
    ['1:15pm', '13:15'],
    ['1:15yp', '13:15'],
  ])('%s is %s', (text, expected) => expect(hourOf(text)).toBe(expected));

  it.each(['9', '24:00', '9:60', '13pm', '0am', 'noon', '', '-1:00', '9:5'])('%s is none', (text) =>
    expect(hourOf(text)).toBeUndefined(),
  );
});

describe('an amount', () => {
  it.each([
    ['£1,234.50', 123450n],
    ['32', 3200n],
    [' 32.00 ', 3200n],
    ['£ 5', 500n],
  ])('%s is %s pence', (text, expected) => {
    const typed = form({ amount: text });
    expect([typed.pounds('amount'), typed.ok]).toEqual([expected, true]);
  });

  it.each(['-5', '1.5', '1,23', 'five', '1e3'])('%s is none', (text) => {
    const typed = form({ amount: text });
    expect([typed.pounds('amount'), typed.errors]).toEqual([undefined, [{ field: 'amount', text: 'forms.notPounds' }]]);
  });
});

describe('a form', () => {
  it('shows again what was typed, but no token, password or code', () => {
    const raw = { name: ' a\r\nb ', kinds: ['x', 'y'], _csrf: 't', password: 'p', code: '123456', newPassword: 'q' };
    expect(new Fields(raw).values()).toEqual({ name: 'a\nb', kinds: ['x', 'y'] });
  });

  it('puts what a schema finds beside the field', () => {
    const typed = form({});
    const schema = z.strictObject({ amountMinor: z.string().min(1, 'too short') });
    expect(typed.as(schema, { amountMinor: '' }, { amountMinor: 'amount' })).toBeUndefined();
    expect(typed.errors).toEqual([{ field: 'amount', text: 'forms.wrong' }]);
    expect(form({}).as(schema, { amountMinor: '1' })).toEqual({ amountMinor: '1' });
  });

  it.each([
    ['7', 7],
    ['1,200', 1200],
  ])('reads the whole number %s', (text, expected) =>
    expect(form({ n: text }).whole('n', { min: 1, max: 2000 })).toBe(expected),
  );

  it.each(['0', '2001', '1.5', 'x', '-1'])('refuses %s as a number from 1 to 2,000', (text) => {
    const typed = form({ n: text });
    expect([typed.whole('n', { min: 1, max: 2000 }), typed.ok]).toEqual([undefined, false]);
  });

  it('words what a service refused, and lets what is no refusal through', () => {
    const typed = form({});
    typed.refused(new DomainError('conflict', 'batch.decided', 'Decided.'), 'batch');
    expect(typed.errors).toEqual([{ field: 'batch', text: 'errors.batch_decided' }]);
    const bug = new TypeError('a bug');
    expect(() => typed.refused(bug)).toThrow(bug);
  });

  it('takes one of the choices and nothing else', () => {
    expect(form({ rail: 'stripe' }).choice('rail', ['stripe', 'outside'], 'which?')).toBe('stripe');
    const typed = form({ rail: 'cash' });
    expect([typed.choice('rail', ['stripe', 'outside'], 'which?'), typed.errors.length]).toEqual([undefined, 1]);
  });
});

describe('the token of a form', () => {
  it('is another each time, and good for its browser only', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (mine, theirs) => {
        const token = formToken(mine);
        expect(isFormToken(mine, token)).toBe(true);
        expect(token).not.toBe(formToken(mine));
        if (mine !== theirs) expect(isFormToken(theirs, token)).toBe(false);
      }),
    );
  });

  it.each(['', 'x', 'A'.repeat(86), 'A'.repeat(85), 'é'])('is not %j', (token) => {
    expect(isFormToken('browser', token)).toBe(false);
  });

  it('makes one key for each command, and none without it', () => {
    const once = newOnce();
    expect(keyOf(once, 'approve')).toBe(`form:${once}:approve`);
    expect(keyOf('made up', 'approve')).toBeUndefined();
  });
});

describe('a path to go on to', () => {
  it.each(['/', '/batches/1?kept=1', '/a#b'])('%s stays', (path) => expect(localPath(path)).toBe(path));

  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '/a b', '', undefined])(
    '%s does not',
    (path) => expect(localPath(path)).toBe('/'),
  );
});
