import { dueDays, type DueDaysInput } from './payment-terms.rules.js';

const TERMS: DueDaysInput = {
  paymentDays: 14,
  regime: 'procurement_act',
  customerIsPublicAuthority: true,
  receivedOn: '2026-11-05',
  issuedOn: '2026-11-05',
  performedOn: '2026-10-31',
};

describe('dueDays', () => {
  it.each<[string, Partial<DueDaysInput>, [string, string | null, string | null]]>([
    ['thirty days of s68 begin with the due day when that is later', {}, ['2026-11-19', '2026-12-18', '2026-11-19']],
    ['and with receipt when that is later', { receivedOn: '2026-12-01' }, ['2026-11-19', '2026-12-30', '2026-11-19']],
    ['receipt is day one', { paymentDays: 0 }, ['2026-11-05', '2026-12-04', '2026-11-05']],
    ['no receipt, no clock for an authority', { receivedOn: null }, ['2026-11-19', null, null]],
    [
      'the Provider Selection Regime is outside s68',
      { regime: 'provider_selection' },
      ['2026-11-19', null, '2026-11-19'],
    ],
    [
      'an authority cannot agree to more than thirty days',
      { paymentDays: 60 },
      ['2027-01-04', '2027-02-02', '2026-12-04'],
    ],
    [
      'thirty days from performance when that is later',
      { paymentDays: 60, performedOn: '2026-11-30' },
      ['2027-01-04', '2027-02-02', '2026-12-29'],
    ],
    [
      'others pay on the agreed day',
      { paymentDays: 60, customerIsPublicAuthority: false, receivedOn: null },
      ['2027-01-04', null, '2027-01-04'],
    ],
    [
      'over a leap day',
      { issuedOn: '2028-02-20', receivedOn: '2028-02-20' },
      ['2028-03-05', '2028-04-03', '2028-03-05'],
    ],
  ])('%s', (_name, differs, [dueOn, section68On, latePaymentActOn]) => {
    expect(dueDays({ ...TERMS, ...differs })).toEqual({ dueOn, section68On, latePaymentActOn });
  });
});
