import type { Flag, MissedFigures, Reason } from './price-reasons.rules.js';
import { wordFlag, wordReason } from './reason.rules.js';

const HALF: MissedFigures = {
  basisPoints: 5_000,
  noticeMinutes: 180,
  requiredMinutes: 1_440,
  baseMinor: '3200',
  amountMinor: '1600',
};

it.each<[Reason, string]>([
  [{ code: 'unit_price', unit: 'session', unitMinor: '12000' }, 'Session: £120.00'],
  [{ code: 'unit_price', unit: 'person', unitMinor: '3200' }, 'Person who attended: £32.00'],
  [{ code: 'unit_price', unit: 'referral', unitMinor: '1500' }, 'Accepted referral: £15.00'],
  [
    {
      code: 'hours',
      elapsedMinutes: 50,
      billedMinutes: 60,
      rates: [{ minutes: 60, hourMinor: '3000' }],
      amountMinor: '3000',
    },
    '50 min, charged as 1 h: £30.00 an hour = £30.00',
  ],
  [
    {
      code: 'hours',
      elapsedMinutes: 90,
      billedMinutes: 90,
      rates: [
        { minutes: 30, hourMinor: '3000' },
        { minutes: 60, hourMinor: '2400' },
      ],
      amountMinor: '3900',
    },
    '1 h 30 min: 30 min at £30.00 an hour and 1 h at £24.00 an hour = £39.00',
  ],
  [
    { code: 'tier', mode: 'marginal', per: 'contract', above: 50, unitMinor: '3000' },
    'Above 50 over the contract the price is £30.00',
  ],
  [
    { code: 'tier', mode: 'whole_volume', per: 'month', above: 50, unitMinor: '3000' },
    'Above 50 in the month the price is £30.00, for the whole volume',
  ],
  [
    { code: 'group_share', splitBy: 'booked', people: 3, sessionMinor: '10000', amountMinor: '3334' },
    'Share of £100.00 between 3 people booked: £33.34',
  ],
  [
    { code: 'group_share', splitBy: 'present', people: 1, sessionMinor: '10000', amountMinor: '10000' },
    'Share of £100.00 between 1 person present: £100.00',
  ],
  [
    { code: 'absent_share', basisPoints: 1_250, shareMinor: '3200', amountMinor: '400' },
    'Absent: 12.5 % of £32.00 = £4.00',
  ],
  [{ code: 'did_not_attend', ...HALF }, 'Did not attend, notice 3 h of 24 h: 50 % of £32.00 = £16.00'],
  [{ code: 'did_not_attend', ...HALF, noticeMinutes: null }, 'Did not attend: 50 % of £32.00 = £16.00'],
  [{ code: 'cancelled_late', ...HALF }, 'Cancelled late, notice 3 h of 24 h: 50 % of £32.00 = £16.00'],
  [{ code: 'cancelled_late', ...HALF, noticeMinutes: -1 }, 'Cancelled late, after the start: 50 % of £32.00 = £16.00'],
  [
    { code: 'cancelled_in_time', noticeMinutes: 1_440, requiredMinutes: 1_440 },
    'Cancelled in time, notice 24 h of 24 h: nothing is due',
  ],
  [
    { code: 'cancelled_in_time', noticeMinutes: 45, requiredMinutes: null },
    'Cancelled in time, notice 45 min: nothing is due',
  ],
  [{ code: 'cancelled_in_time', noticeMinutes: null, requiredMinutes: 60 }, 'Cancelled in time: nothing is due'],
  [{ code: 'missed_not_paid', outcome: 'did_not_attend' }, 'Did not attend: the card pays nothing for it'],
  [
    { code: 'below_minimum', attended: 3, minimum: 4, basisPoints: 0, baseMinor: '12000', amountMinor: '0' },
    '3 attended, the minimum is 4: 0 % of £120.00 = £0.00',
  ],
  [{ code: 'minimum_charge', priceMinor: '3200', minimumMinor: '4000' }, 'Minimum charge of £40.00 instead of £32.00'],
  [
    { code: 'out_of_hours', when: 'weekend', basisPoints: 2_500, amountMinor: '800' },
    'Weekend supplement of 25 %: £8.00',
  ],
  [
    { code: 'out_of_hours', when: 'bank_holiday', basisPoints: null, amountMinor: '800' },
    'Bank holiday supplement: £8.00',
  ],
  [
    { code: 'out_of_hours', when: 'early_or_late', basisPoints: null, amountMinor: '800' },
    'Out of hours supplement: £8.00',
  ],
  [{ code: 'travel', basisPoints: null, amountMinor: '500' }, 'Travel supplement: £5.00'],
  [{ code: 'covered', cap: 'referral', unit: 'attendance', number: 6, limit: 6 }, '6th session; the card covers 6'],
  [
    { code: 'covered', cap: 'person_month', unit: 'session', number: 1, limit: 4 },
    '1st session in the month; the card covers 4',
  ],
  [
    { code: 'covered', cap: 'contract', unit: 'attendance', number: 112, limit: 200 },
    '112th attendance of the contract; the card covers 200',
  ],
  [
    { code: 'milestone', milestone: 'completed', name: 'Programme completed', amountMinor: '7500' },
    'Programme completed: £75.00',
  ],
  [
    { code: 'block_month', days: 30, daysInMonth: 30, monthlyMinor: '150000', amountMinor: '150000' },
    'Monthly amount: £1,500.00',
  ],
  [
    { code: 'block_month', days: 15, daysInMonth: 30, monthlyMinor: '150000', amountMinor: '75000' },
    '15 of the 30 days of a month at £1,500.00 = £750.00',
  ],
  [
    { code: 'block_in_proportion', bound: 'floor', activityUnits: 30, units: 40, amountMinor: '112500' },
    'Activity of 30 is below the floor of 40 a month: in proportion £1,125.00',
  ],
  [
    { code: 'block_in_proportion', bound: 'ceiling', activityUnits: 66, units: 60, amountMinor: '165000' },
    'Activity of 66 is above the ceiling of 60 a month: in proportion £1,650.00',
  ],
  [
    { code: 'block_further_units', furtherUnits: 3, unitMinor: '2000', amountMinor: '6000' },
    '3 above the ceiling at £20.00 each = £60.00',
  ],
  [{ code: 'recognised', indicativeMinor: '900' }, 'Recognised, not paid: worth £9.00'],
])('words the reason %j', (reason, words) => {
  expect(wordReason(reason)).toBe(words);
});

it.each<[Flag, string]>([
  [
    { code: 'over_cap', cap: 'referral', unit: 'attendance', number: 7, limit: 6 },
    'Over the cap: 7th session; the card covers 6',
  ],
  [
    { code: 'over_cap', cap: 'contract', unit: 'referral', number: 22, limit: 20 },
    'Over the cap: 22nd referral of the contract; the card covers 20',
  ],
  [
    { code: 'over_missed_maximum', outcome: 'did_not_attend', number: 3, maximum: 2 },
    'Did not attend for the 3rd time on this referral; the card pays for 2',
  ],
  [{ code: 'below_minimum_attendance', attended: 3, minimum: 4 }, 'Only 3 attended; the minimum is 4'],
  [{ code: 'nobody_to_split', splitBy: 'present' }, 'Nobody was present, so there is nobody to divide the price by'],
  [
    { code: 'limit_not_checked', missing: 'referral' },
    'The card has a limit for each referral, and the line names no referral',
  ],
  [{ code: 'notice_not_recorded' }, 'Cancelled late, but it is not recorded when'],
  [{ code: 'block_below_floor', activityUnits: 39, units: 40 }, 'Activity of 39 is below the floor of 40 a month'],
  [{ code: 'block_above_ceiling', activityUnits: 66, units: 60 }, 'Activity of 66 is above the ceiling of 60 a month'],
  [{ code: 'no_rate_card' }, 'No rate card was in force on the day'],
  [
    { code: 'fact_does_not_earn', fact: 'session', basis: 'group_split' },
    'A charge for a session has no price on a card by group split',
  ],
  [{ code: 'milestone_not_on_card', milestone: 'completed' }, 'The card has no milestone "completed"'],
])('words the flag %j', (flag, words) => {
  expect(wordFlag(flag)).toBe(words);
});
