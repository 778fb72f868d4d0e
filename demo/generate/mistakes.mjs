import { dateText } from './sheets.mjs';

/** What goes wrong in a cell, by the code with which the import refuses it; `raw` is the cell as it stands in the file. */
const IN_PLACE = {
  unknown_referral: (row) => ({ referral: `${row.referral.slice(0, -1)}0X` }),
  invalid_date: (_row, { index }) => ({ date: ['Tuesday', '17 Sebt 2026', 'see diary'][index % 3] }),
  no_such_day: (_row, { index }) => ({ date: ['31/09/2026', '09/17/2026'][index % 2] }),
  date_too_late: () => ({ date: '12 Oct 2026' }),
  outside_contract: (row, { format, contract }) => ({
    date: dateText(contract === 'NM-DANCE' ? '2026-09-30' : '2026-03-28', format),
  }),
  missing_value: () => ({ outcome: '' }),
  unknown_word: () => ({ outcome: 'see notes' }),
  unknown_code: (_row, { index }) => ({ service: ['SIGN', 'CAFFE', 'WORKSHOP'][index % 3] }),
  invalid_amount: () => ({ amount: '8,5O' }),
  invalid_duration: () => ({ minutes: 'about an hour' }),
  invalid_count: () => ({ booked: 'most' }),
  minutes_needed: () => ({ minutes: '' }),
  not_cancelled: () => ({ outcome: 'Seen', notice: '4' }),
  nhs_number_in_reference: ({ person }) => ({ referral: person.nhs }),
  contact_in_reference: () => ({ referral: '020 7946 0999' }),
  ragged_row: () => ({ cut: true }),
};

/** Rows beside good ones, which contradict or repeat them. */
const BESIDE = {
  repeated_in_file: (row) => ({ ...row }),
  attendance_differs: (row) => ({
    ...row,
    amount: undefined,
    outcome: row.outcome === 'attended' ? 'did_not_attend' : 'attended',
    notice: undefined,
  }),
  session_differs: (row) => ({ ...row, minutes: row.minutes + 15 }),
};

/**
 * Spoils some rows. Gives all rows as they go into the file, the good versions of those that were spoilt in place, and how
 * many are expected to be refused with which code.
 */
export function withMistakes(plan, rows, random) {
  const { mistakes, contract, sheet } = plan;
  const format = sheet.columns.map((column) => /=date(?:time)?:(.*)$/.exec(column)?.[1]).find(Boolean);
  const plain = rows.filter((row) => !row.marked);
  const picked = random.some(
    plain,
    Object.values(mistakes).reduce((sum, count) => sum + count, 0),
  );
  const wanted = Object.entries(mistakes).flatMap(([code, count]) => Array.from({ length: count }, () => code));
  const spoilt = new Map();
  const beside = new Map();
  for (const [index, code] of wanted.entries()) {
    const row = picked.splice(random.below(picked.length), 1)[0];
    if (BESIDE[code]) beside.set(row, BESIDE[code](row));
    else spoilt.set(row, { ...row, raw: datedCells(IN_PLACE[code](row, { index, format, contract }), sheet) });
  }
  const written = rows.flatMap((row) => [spoilt.get(row) ?? row, ...(beside.has(row) ? [beside.get(row)] : [])]);
  const failed = wanted.length;
  const expected = { rows: written.length, good: rows.length - spoilt.size, failed, failures: mistakes };
  return { written, good: rows.filter((row) => !spoilt.has(row)), lost: [...spoilt.keys()], expected };
}

/** In a sheet that has day and time in one cell, a wrong day is a wrong cell. */
function datedCells(raw, { columns }) {
  const together = columns.some((column) => column.includes('=datetime'));
  return raw.date !== undefined && together ? { ...raw, datetime: `${raw.date} 10:00` } : raw;
}
