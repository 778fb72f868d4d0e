// What was delivered under each contract of world.json in September 2026, and how each provider's program exports it.

const MON = 1, TUE = 2, WED = 3, THU = 4, FRI = 5, SAT = 6;

/** How the three commissioners' systems export referrals. */
export const REFERRAL_SHEETS = {
  NMICB: {
    columns: ['Patient Name=surnameFirst', 'DOB=born:dd/mm/yyyy', 'NHS Number=nhs', 'Referral ID=reference', 'Referred to=service', 'Date of referral=madeOn:dd/mm/yyyy', 'Source=source', 'Legal basis=basis', 'Sessions agreed=sessionsPlanned'],
    sources: ['GP practice', 'Link Worker', 'Hospital', 'GP', 'Self referral', 'CMHT'],
  },
  HBPCN: {
    separator: ';', encoding: 'windows-1252',
    columns: ['referral_ref=reference', 'activity_code=service', 'client_id=client:HB-C', 'client_name=name', 'date_of_birth=born:iso', 'referred_on=madeOn:iso', 'respond_by=respondBy', 'referred_by=source', 'planned_sessions=sessionsPlanned', 'notes=note'],
    sources: ['splw', 'social prescriber', 'gp practice', 'charity', 'self'],
  },
  SALTMERE: {
    separator: '\t', encoding: 'utf-16le',
    columns: ['Ref=reference', 'Service Code=service', 'Client Ref=client:SMB/', 'Full name=name', 'Born=born:d mmm yyyy', 'Referral date=madeOn:d mmm yyyy', 'Referred by=source', 'DSA=agreement', 'Sessions=sessionsPlanned'],
    sources: ['Adult Social Care', 'Community Connector', 'Housing', 'Council', 'Self-referral', 'Community group'],
  },
};

const USUAL = { attended: 85, did_not_attend: 8, cancelled_late: 4, cancelled: 3 };

/**
 * `services`: how many referrals each has. `group`: people in one, weekly slots, the share that is booked on a given day.
 * `oneToOne`: appointments of each person. `feeOnly`: people who were accepted and not yet seen. `selfRecorded`: referrals
 * that only the provider knows of. `mistakes`: rows to be refused, by code. `events`: what reviewers should find, see delivery.mjs.
 */
export const PLANS = [
  {
    contract: 'NM-SING', prefix: 'SP-1', services: { SING: 160 }, outcomes: USUAL, notice: true, price: 850, minutes: [60],
    group: { size: 14, share: 0.8, slots: [[TUE, '14:00'], [THU, '10:30'], [FRI, '11:00']] },
    mistakes: { unknown_referral: 2, invalid_date: 1, no_such_day: 2, missing_value: 3, nhs_number_in_reference: 2, repeated_in_file: 3, attendance_differs: 2, invalid_amount: 1 },
    events: ['missed_maximum', 'another_day', 'amount_differs'],
    sheet: {
      encoding: 'utf-8 bom',
      columns: ['Unique ID=yourReference', 'Participant=name', 'Session date=date:dd/mm/yyyy', 'Start time=start:hh:mm', 'Group=session', 'Referral ref=referral', 'Attended?=outcome', 'Notice given (hours)=notice', 'Price=amount:£', 'Duration (mins)=minutes:n'],
      words: { outcome: { attended: 'Y', did_not_attend: 'N', cancelled_late: 'Late cancellation', cancelled: 'Cancelled' } },
    },
  },
  {
    contract: 'NM-GROW', prefix: 'SP-2', services: { GROW: 130 }, outcomes: { ...USUAL, cancelled_late: 0 }, price: 2400,
    group: { size: 13, share: 0.77, slots: [[TUE, '09:30'], [THU, '09:30'], [SAT, '10:00']] },
    mistakes: { unknown_referral: 3, invalid_date: 1, missing_value: 1, repeated_in_file: 2, outside_contract: 1, ragged_row: 1 },
    events: ['amount_differs'],
    sheet: {
      encoding: 'windows-1252', words: { outcome: { attended: 'Present', did_not_attend: 'Absent', cancelled: 'Cancelled' } },
      columns: ['Date=date:d/m/yyyy', 'Session=session', 'Ref=referral', 'Participant=name', 'Status=outcome', 'Charge=amount:£', 'Notes=note'],
    },
  },
  {
    contract: 'NM-DEBT', prefix: 'SP-3', services: { DEBT: 110 }, outcomes: USUAL, notice: true, minutes: [12, 30, 45, 50, 60, 75, 90, 105],
    oneToOne: { visits: [1, 2, 2, 3] },
    mistakes: { unknown_referral: 2, invalid_duration: 1, unknown_code: 1, nhs_number_in_reference: 1, date_too_late: 1 },
    events: ['service_differs', 'no_notice'],
    sheet: {
      encoding: 'utf-16le', separator: ';', words: { outcome: { attended: 'Attended', did_not_attend: 'DNA', cancelled_late: 'Cancelled - short notice', cancelled: 'Cancelled' } },
      columns: ['Our reference=yourReference', 'Client=surnameFirst', 'D.O.B.=born:d mmm yyyy', 'Referral number=referral', 'Activity=service', 'Appointment date=date:d mmm yyyy', 'Appointment time=start:12h', 'Length=minutes:h m', 'Attendance status=outcome', 'Notice given=notice', 'Contact type=mode'],
    },
  },
  {
    contract: 'SB-WALK', prefix: 'SM-4', services: { WALK: 120 }, outcomes: { ...USUAL, cancelled_late: 0 }, minutes: [90],
    group: { size: 10, share: 0.78, slots: [[WED, '10:00'], [SAT, '09:30'], [MON, '13:00']] },
    mistakes: { unknown_referral: 2, invalid_date: 2, missing_value: 1, repeated_in_file: 1, session_differs: 1 },
    events: ['thin_sessions', 'late_claim'],
    sheet: {
      blankRows: 25, eol: '\n', words: { outcome: { attended: ' yes', did_not_attend: 'NO ', cancelled: 'cancelled' } },
      columns: ['DATE=date:dd-mm-yy', 'Walk=blank', 'group=session', 'time=start:hh.mm', 'mins=minutes:n', 'referral no.=referral', 'who=name', 'ATTENDED=outcome', '=blank'],
    },
  },
  {
    contract: 'NM-PILATES', prefix: 'SP-5', services: { PILATES: 90 }, outcomes: USUAL, notice: true, booked: true, minutes: [55],
    group: { size: 9, share: 0.85, slots: [[MON, '18:30'], [WED, '12:00'], [THU, '17:15'], [SAT, '09:00']] },
    mistakes: { unknown_referral: 2, invalid_count: 1, missing_value: 1, attendance_differs: 1, nhs_number_in_reference: 1 },
    events: ['roll_incomplete'],
    sheet: {
      separator: '\t', words: { outcome: { attended: 'Completed', did_not_attend: 'No-show', cancelled_late: 'Late cancel', cancelled: 'Cancelled' } },
      columns: ['Unique ID=yourReference', 'Member=name', 'Member NHS=nhs', 'Session date=datetime:offset', 'Class=session', 'Duration=minutes:n min', 'Places booked=booked', 'External reference=referral', 'Status=outcome', 'Cancellation notice=notice'],
    },
  },
  {
    contract: 'HB-ART', prefix: 'HB-6', services: { ART: 70 }, outcomes: { ...USUAL, cancelled_late: 0 }, minutes: [120],
    group: { size: 12, share: 0.65, slots: [[MON, '13:30'], [WED, '13:30'], [FRI, '10:00']] },
    mistakes: { unknown_referral: 1, no_such_day: 1, missing_value: 1 },
    events: ['session_called_off'],
    sheet: {
      columns: ['Timestamp=blank', 'Date of session=date:ddd d mmmm yyyy', 'From=start:12h', 'Workshop=blank', 'Group reference=session', 'Referral=referral', 'First name & surname=name', 'Attendance=outcome', 'Cancellation notice=notice'],
    },
  },
  {
    contract: 'HB-BEFRIEND', prefix: 'HB-7', services: { BEFRIEND: 120 }, outcomes: { attended: 92, did_not_attend: 5, cancelled: 3 }, minutes: [60, 90], travel: 0.3, feeOnly: 3,
    oneToOne: { visits: [2, 3, 3, 4] },
    mistakes: { unknown_referral: 3, invalid_date: 1, missing_value: 2, repeated_in_file: 3, contact_in_reference: 1 },
    events: ['before_acceptance'],
    sheet: {
      words: { outcome: { attended: 'true', did_not_attend: 'false', cancelled: 'cancelled' } },
      columns: ['unique_id=yourReference', 'referral_id=referral', 'contact_name=name', 'contact_phone_notes=note', 'session_date=date:iso', 'start_time=start:hh:mm', 'duration_minutes=minutes:n', 'outcome=outcome', 'travel=travel', 'delivery_mode=mode'],
    },
  },
  {
    contract: 'SB-CAFE', prefix: 'SM-8', services: { CAFE: 95, MEND: 16, COOK: 24, KNIT: 15 }, outcomes: { attended: 93, did_not_attend: 7 },
    group: { size: 24, share: 0.82, slots: [[TUE, '12:00'], [WED, '12:00'], [FRI, '12:00']] },
    mistakes: { unknown_referral: 3, unknown_code: 3, invalid_date: 1, repeated_in_file: 2 },
    events: [],
    sheet: {
      encoding: 'windows-1252', quoteAll: true, words: { outcome: { attended: 'yes', did_not_attend: 'no show' } },
      columns: ['Activity code=service', 'Session ref=session', 'Delivered on=date:dd-mm-yy', 'Name on the day=name', 'Referral Ref=referral', 'Result=outcome', 'Said=note'],
    },
  },
  {
    contract: 'NM-WILD', prefix: 'SP-9', services: { WILD: 130 }, outcomes: { ...USUAL, cancelled_late: 2 }, minutes: [180], selfRecorded: 6,
    group: { size: 13, share: 0.76, slots: [[WED, '10:00'], [FRI, '10:00'], [SAT, '10:00']] },
    mistakes: { unknown_referral: 3, invalid_date: 2, missing_value: 1, repeated_in_file: 1, nhs_number_in_reference: 1 },
    events: ['no_notice'],
    sheet: {
      separator: ';', words: { outcome: { attended: '1', did_not_attend: '0', cancelled_late: 'cancelled late', cancelled: 'cancelled' } },
      columns: ['Datum=blank', 'Date=date:dd.mm.yyyy', 'Session ID=session', 'Start=start:hh:mm', 'Minutes=minutes:h:mm', 'Referral=referral', 'Forename Surname=name', 'Outcome=outcome'],
    },
  },
  {
    contract: 'SB-KIND', prefix: 'SM-0', services: { NEIGHBR: 60 }, outcomes: { attended: 100 },
    oneToOne: { visits: [2, 3, 4] },
    mistakes: { unknown_referral: 2, invalid_date: 1, missing_value: 1 },
    events: [],
    sheet: { eol: '\n', columns: ['Date=date:d/m/yyyy', 'Ref=referral', 'Neighbour=name', 'Attended=outcome'], words: { outcome: { attended: 'yes' } } },
  },
  {
    contract: 'HB-TALK', prefix: 'HB-11', services: { TALK: 90 }, outcomes: USUAL, notice: true, minutes: [50, 50, 60], oneToOne: { visits: [2, 2, 3, 4] },
    mistakes: { unknown_referral: 2, missing_value: 1, nhs_number_in_reference: 2, minutes_needed: 1, not_cancelled: 1 },
    events: ['missed_maximum'],
    sheet: {
      separator: '\t', encoding: 'utf-16be', words: { outcome: { attended: 'Seen', did_not_attend: 'Did not attend', cancelled_late: 'Late cancelled', cancelled: 'Cancelled with notice' }, mode: { in_person: 'F2F', phone: 'Telephone', video: 'Teams' } },
      columns: ['NHS No=nhsPlain', 'Patient=surnameFirst', 'Date of birth=born:dd/mm/yyyy', 'Referral ID=referral', 'Appointment date=datetime:dd/mm/yyyy', 'Duration=minutes:h:mm', 'Attendance outcome=outcome', 'Hours notice=notice', 'Contact method=mode'],
    },
  },
  {
    contract: 'SB-SWIM', prefix: 'SM-12', services: { SWIM: 80 }, outcomes: { ...USUAL, cancelled_late: 0 }, minutes: [40],
    group: { size: 8, share: 0.82, slots: [[TUE, '07:30'], [WED, '20:00'], [THU, '07:30']] },
    mistakes: { unknown_referral: 2, invalid_date: 1, repeated_in_file: 1, missing_value: 1 },
    events: ['nobody_came'],
    sheet: {
      eol: '\r', words: { outcome: { attended: 'ARRIVED', did_not_attend: 'NO SHOW', cancelled: 'CANCELLED' } },
      columns: ['CLASS=session', 'SESSION_DATE=date:iso', 'SESSION_TIME=start:hh:mm', 'CUSTOMER=surnameFirst', 'CUSTOMER_DOB=born:iso', 'EXTERNAL_REFERENCE=referral', 'STATUS=outcome'],
    },
  },
  {
    contract: 'NM-DANCE', prefix: 'SP-13', services: { DANCE: 70 }, outcomes: { ...USUAL, cancelled_late: 0 }, minutes: [45],
    group: { size: 11, share: 0.8, slots: [[MON, '11:00'], [TUE, '11:00'], [THU, '14:00'], [FRI, '15:00'], [MON, '15:00'], [TUE, '16:00'], [FRI, '10:00']] },
    mistakes: { unknown_referral: 2, outside_contract: 2, missing_value: 1 },
    events: ['thin_sessions'],
    sheet: {
      quoteAll: true, words: { outcome: { attended: 'came', did_not_attend: 'absent', cancelled: 'canceled' } },
      columns: ['Session Date=date:d mmm yyyy', 'Started at=start:hh.mm', 'Class=session', 'Referral Reference=referral', 'Dancer=name', 'Result=outcome', 'Length (minutes)=minutes:n'],
    },
  },
  {
    contract: 'HB-LINK', prefix: 'HB-14', services: { LINK: 60 }, outcomes: { attended: 88, cancelled_late: 7, cancelled: 5 }, notice: true, minutes: [35, 50, 75, 100, 140], travel: 0.6,
    oneToOne: { visits: [2, 2, 3] },
    mistakes: { unknown_referral: 1, invalid_duration: 1, invalid_date: 1, unknown_word: 1 },
    events: ['no_notice'],
    sheet: {
      columns: ['Row ID=yourReference', 'When=blank', 'Activity date=datetime:dd/mm/yyyy', 'Mins=minutes:n', 'Referral number=referral', 'Person=name', 'Outcome=outcome', 'Notice=notice', 'Travelled=travel', 'Mode of delivery=mode'],
      words: { outcome: { attended: 'Attended', cancelled_late: 'Late cancellation', cancelled: 'Cancelled' }, mode: { in_person: 'In person' } },
    },
  },
  {
    contract: 'HB-SING', prefix: 'HB-15', services: { SING: 40 }, outcomes: USUAL, minutes: [60],
    group: { size: 20, share: 0.85, slots: [[MON, '15:00'], [THU, '15:00']] },
    mistakes: { unknown_referral: 1, missing_value: 1 },
    events: [],
    sheet: {
      encoding: 'utf-8 bom', words: { outcome: { attended: 'Y', did_not_attend: 'N', cancelled_late: 'Late cancellation', cancelled: 'Cancelled' } },
      columns: ['Unique ID=yourReference', 'Participant=name', 'Session date=date:dd/mm/yyyy', 'Start time=start:hh:mm', 'Group=session', 'Referral ref=referral', 'Attended?=outcome'],
    },
  },
  {
    contract: 'SB-GROW', prefix: 'SM-16', services: { GROW: 56, SEEDS: 4 }, outcomes: { attended: 94, did_not_attend: 6 }, price: 2200, prices: { SEEDS: 600 },
    group: { size: 14, share: 0.78, slots: [[WED, '13:30'], [FRI, '13:30']] },
    mistakes: { unknown_referral: 2, unknown_code: 1, invalid_amount: 1, repeated_in_file: 1 },
    events: ['closed'],
    sheet: {
      encoding: 'windows-1252', words: { outcome: { attended: 'Present', did_not_attend: 'Absent' } },
      columns: ['Date=date:d/m/yyyy', 'Service=service', 'Session=session', 'Ref=referral', 'Participant=name', 'Status=outcome', 'Charge=amount:£', 'Notes=note'],
    },
  },
];
