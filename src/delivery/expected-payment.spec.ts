import { expectedPayment } from './expected-payment.rules.js';

const PACE = { claimDay: 5, decideDays: 5, paymentDays: 30 };
const CHRISTMAS = new Set(['2026-12-25', '2026-12-28']);

describe('when claims of a month are paid', () => {
  it.each([
    ['before the month is over', { today: '2026-10-29' }, ['2026-11-06', '2026-11-13', '2026-12-13']],
    [
      'sent before its claim day',
      { today: '2026-11-03', sentOn: '2026-11-03' },
      ['2026-11-06', '2026-11-10', '2026-12-10'],
    ],
    ['not sent in time', { today: '2026-11-20' }, ['2026-11-06', '2026-11-27', '2026-12-27']],
    ['over Christmas', { today: '2026-12-24', sentOn: '2026-12-24' }, ['2026-11-06', '2027-01-05', '2027-02-04']],
  ])('%s', (_, days, [claimBy, decideBy, payBy]) => {
    const bankHolidays = new Set([...CHRISTMAS, '2027-01-01']);
    expect(expectedPayment('2026-10-01', PACE, bankHolidays, days)).toEqual({ claimBy, decideBy, payBy });
  });
});
