import type { TemplateColumn } from '../platform/csv-template.rules.js';

export type ClaimColumn =
  | 'referral'
  | 'service'
  | 'date'
  | 'start'
  | 'minutes'
  | 'outcome'
  | 'notice'
  | 'cancelledAt'
  | 'session'
  | 'booked'
  | 'mode'
  | 'amount'
  | 'travel'
  | 'yourReference';

/** The columns of a claim file, in the order of the template. */
export const claimColumns: readonly TemplateColumn<ClaimColumn>[] = [
  {
    key: 'referral',
    title: 'referral',
    synonyms: [
      'referral reference',
      'referral ref',
      'referral id',
      'referral number',
      'referral no',
      'ref',
      'external reference',
      'case reference',
      'case ref',
      'case id',
      'case number',
    ],
    describes:
      'The reference of the referral in the system it came from. Needed, except in a row for a group session as a whole. Never an NHS number or a name.',
    example: 'SP-1042',
  },
  {
    key: 'service',
    title: 'service',
    synonyms: ['service code', 'activity', 'activity code', 'service id'],
    describes: 'The code of the service. May be left out when the contract has one service.',
    example: 'WALK',
  },
  {
    key: 'date',
    title: 'date',
    synonyms: [
      'session date',
      'date of session',
      'service date',
      'activity date',
      'delivered on',
      'date delivered',
      'attendance date',
      'appointment date',
      'served on',
    ],
    describes: 'The day of the session: 3/9/2026, 3 Sep 2026 or 2026-09-03. Day before month.',
    example: '03/09/2026',
    holdsDate: true,
  },
  {
    key: 'start',
    title: 'start',
    synonyms: ['start time', 'time', 'session time', 'started at', 'from', 'appointment time'],
    describes: 'When it started, in UK time: 14:00, 14.00 or 2pm. May be left out.',
    example: '14:00',
  },
  {
    key: 'minutes',
    title: 'minutes',
    synonyms: ['duration', 'duration minutes', 'duration mins', 'mins', 'length', 'session length', 'length minutes'],
    describes: 'How long it lasted: 60, 1h, 1h 30m or 1:30. May be left out unless the service is paid by the hour.',
    example: '60',
  },
  {
    key: 'outcome',
    title: 'outcome',
    synonyms: [
      'attendance',
      'attended',
      'status',
      'attendance status',
      'attendance outcome',
      'session outcome',
      'result',
    ],
    describes:
      'attended, did not attend (DNA), cancelled late or cancelled; Y and N will do. May be left out in a row for a group session as a whole.',
    example: 'attended',
  },
  {
    key: 'notice',
    title: 'notice hours',
    synonyms: [
      'notice',
      'hours notice',
      'hours of notice',
      'cancellation notice',
      'notice given',
      'notice given hours',
    ],
    describes: 'For a cancellation: how many hours before the start it was cancelled.',
    example: '',
  },
  {
    key: 'cancelledAt',
    title: 'cancelled at',
    synonyms: [
      'cancelled on',
      'cancellation time',
      'cancellation date',
      'date cancelled',
      'canceled at',
      'time cancelled',
    ],
    describes: 'Instead of the notice: the day and time of the cancellation, such as 02/09/2026 16:30.',
    example: '',
    holdsDate: true,
  },
  {
    key: 'session',
    title: 'session',
    synonyms: ['session reference', 'session ref', 'session id', 'group session', 'group', 'group reference', 'class'],
    describes:
      'Your reference for a group session: the same in each of its rows. May be left out for one-to-one sessions.',
    example: 'WALK-12',
  },
  {
    key: 'booked',
    title: 'booked',
    synonyms: ['number booked', 'people booked', 'bookings', 'places booked', 'group size', 'booked people'],
    describes: 'How many people were booked on the group session.',
    example: '8',
  },
  {
    key: 'mode',
    title: 'mode',
    synonyms: ['delivery mode', 'mode of delivery', 'contact type', 'contact method', 'how delivered'],
    describes: 'in person, phone, video or home. May be left out.',
    example: 'in person',
  },
  {
    key: 'amount',
    title: 'amount',
    synonyms: [
      'price',
      'cost',
      'charge',
      'fee',
      'value',
      'expected amount',
      'amount expected',
      'amount claimed',
      'amount gbp',
    ],
    describes:
      'What you expect to be paid for this row, in pounds, without VAT. Compared with the contract; may be left out.',
    example: '12.50',
  },
  {
    key: 'travel',
    title: 'travel',
    synonyms: ['travelled', 'travel supplement', 'travel claimed', 'travel yes no'],
    describes: 'yes when the contract pays a travel supplement and it applies. May be left out.',
    example: 'no',
  },
  {
    key: 'yourReference',
    title: 'your reference',
    synonyms: [
      'provider reference',
      'our reference',
      'row reference',
      'claim reference',
      'line reference',
      'row id',
      'unique id',
    ],
    describes: 'Your own reference for this row, given back to you in statements. May be left out.',
    example: 'R-0001',
  },
];
