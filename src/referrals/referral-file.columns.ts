import type { TemplateColumn } from '../platform/csv-template.rules.js';

export type ReferralColumn =
  | 'reference'
  | 'service'
  | 'source'
  | 'madeOn'
  | 'respondBy'
  | 'person'
  | 'nhsNumber'
  | 'lawfulBasis'
  | 'sharingAgreement'
  | 'sessionsPlanned';

/** The columns of a referral file, in the order of the template. */
export const referralColumns: readonly TemplateColumn<ReferralColumn>[] = [
  {
    key: 'reference',
    title: 'reference',
    synonyms: [
      'referral',
      'referral reference',
      'referral ref',
      'referral id',
      'referral number',
      'external reference',
      'ref',
      'id',
    ],
    describes: 'The reference of the referral in the system it comes from. Never an NHS number or a name.',
    example: 'SP-1042',
  },
  {
    key: 'service',
    title: 'service',
    synonyms: ['service code', 'activity', 'activity code', 'referred to', 'service id'],
    describes: 'The code of the service that the person is referred to.',
    example: 'WALK',
  },
  {
    key: 'source',
    title: 'source',
    synonyms: ['referral source', 'source of referral', 'referred by', 'referrer', 'referrer type', 'origin'],
    describes: 'Where it comes from: NHS (a GP or link worker, say), local authority, voluntary sector, self or other.',
    example: 'NHS',
  },
  {
    key: 'madeOn',
    title: 'made on',
    synonyms: [
      'date',
      'referral date',
      'date of referral',
      'referred on',
      'date referred',
      'made',
      'created',
      'created on',
    ],
    describes: 'The day it was made: 3/9/2026, 3 Sep 2026 or 2026-09-03. Day before month.',
    example: '03/09/2026',
    holdsDate: true,
  },
  {
    key: 'respondBy',
    title: 'respond by',
    synonyms: ['response due', 'reply by', 'due', 'due date', 'accept by', 'respond before', 'deadline'],
    describes: 'The last day for the provider to accept or decline. May be left out.',
    example: '10/09/2026',
    holdsDate: true,
  },
  {
    key: 'person',
    title: 'person reference',
    synonyms: [
      'person',
      'person id',
      'person ref',
      'client id',
      'client reference',
      'client ref',
      'patient id',
      'patient reference',
      'service user id',
    ],
    describes:
      'A reference of the person that means nothing outside the system it comes from. Either this or the NHS number, or neither.',
    example: 'P-7731',
  },
  {
    key: 'nhsNumber',
    title: 'NHS number',
    synonyms: ['nhs no', 'nhs', 'nhs num', 'patient nhs number'],
    describes: 'Turned into a pseudonym at once and not kept; left empty in files that are given back.',
    example: '',
    isSecret: true,
  },
  {
    key: 'lawfulBasis',
    title: 'lawful basis',
    synonyms: ['legal basis', 'basis', 'gdpr basis', 'lawful basis for sharing', 'consent basis'],
    describes: 'Why the data may be shared (UK GDPR article 6): consent, public task, legitimate interests.',
    example: 'consent',
  },
  {
    key: 'sharingAgreement',
    title: 'sharing agreement',
    synonyms: [
      'data sharing agreement',
      'dsa',
      'sharing agreement reference',
      'dsa reference',
      'information sharing agreement',
      'isa',
    ],
    describes: 'The reference of the data sharing agreement. May be left out.',
    example: 'DSA-2026-04',
  },
  {
    key: 'sessionsPlanned',
    title: 'sessions planned',
    synonyms: ['planned sessions', 'sessions', 'number of sessions', 'sessions agreed', 'no of sessions'],
    describes: 'How many sessions are planned. May be left out.',
    example: '6',
  },
];
