import { addDays, septemberDays } from './random.mjs';

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
const DAY_STARTS = ['09:00', '09:45', '10:30', '11:15', '13:00', '13:45', '14:30', '15:15', '16:30'];

/** The rows of September: who was booked when, and how it went. Sorted by day, as an export is. */
export function deliveredRows(plan, referrals, random) {
  const rows = plan.group ? groupRows(plan, referrals, random) : appointmentRows(plan, referrals, random);
  rows.sort((one, other) => sortKey(one).localeCompare(sortKey(other)));
  for (const [index, row] of rows.entries()) row.yourReference = `${plan.prefix.slice(0, 2)}${index + 10001}`;
  return rows;
}

const sortKey = ({ date, start, session = '' }) => `${date} ${start} ${session}`;

function groupRows(plan, referrals, random) {
  const { size, share, slots } = plan.group;
  const rows = [];
  let group = 0;
  for (const service of Object.keys(plan.services)) {
    const members = referrals.filter((referral) => referral.service === service);
    for (let from = 0; from < members.length; from += size) {
      const [weekday, start] = slots[group % slots.length];
      const name = `${service}-${LETTERS[group % LETTERS.length]}${group >= LETTERS.length ? group : ''}`;
      group += 1;
      for (const date of septemberDays(weekday)) {
        const present = members.slice(from, from + size).filter((member) => member.acceptedOn <= date);
        const booked = present.filter(() => random.happens(share));
        const session = { date, start, session: `${name}/${date.slice(8)}`, minutes: random.one(plan.minutes ?? [60]) };
        for (const referral of booked) {
          const row = { ...session, ...attendanceOf(plan, referral, random) };
          if (plan.booked) row.booked = booked.length;
          rows.push(row);
        }
      }
    }
  }
  return rows;
}

function appointmentRows(plan, referrals, random) {
  return referrals.slice(plan.feeOnly ?? 0).flatMap((referral) => {
    const first = referral.acceptedOn < '2026-09-01' ? '2026-09-01' : referral.acceptedOn;
    const days = Array.from({ length: 30 }, (_, index) => addDays('2026-09-01', index)).filter((day) => {
      const weekday = new Date(day).getUTCDay();
      return day >= first && weekday > 0 && weekday < 6;
    });
    return random.some(days, Math.min(random.one(plan.oneToOne.visits), days.length)).map((date) => ({
      date,
      start: random.one(DAY_STARTS),
      minutes: random.one(plan.minutes ?? [60]),
      mode: random.one(['in_person', 'in_person', 'phone', 'video']),
      ...attendanceOf(plan, referral, random),
    }));
  });
}

function attendanceOf(plan, referral, random) {
  const { reference, service, person } = referral;
  const outcome = random.weighted(plan.outcomes);
  const row = { referral: reference, service, person, outcome };
  const price = plan.prices?.[service] ?? plan.price;
  if (price && outcome === 'attended') row.amount = price;
  if (plan.notice && outcome === 'cancelled_late') row.notice = random.one([1, 2, 3, 6, 8]);
  if (plan.notice && outcome === 'cancelled') row.notice = random.one([48, 72]);
  if (plan.travel && outcome === 'attended') row.travel = random.happens(plan.travel);
  return row;
}

/**
 * What reviewers should find, put into good rows: each gives a flag that is named in claim-flag.rules.ts or
 * price-reasons.rules.ts. Rows that carry one are marked, so that no mistake is made with them.
 */
const EVENTS = {
  /** One person misses more often than the card pays for. */
  missed_maximum(rows) {
    const mine = busiest(rows).slice(0, 3);
    for (const row of mine) Object.assign(row, { outcome: 'did_not_attend', amount: undefined, notice: undefined });
    return mine;
  },
  /** The same person at two sessions on one day. */
  another_day(rows) {
    const model = rows.find((row) => row.outcome === 'attended' && !row.marked);
    const extra = { ...model, start: '16:00', session: 'EXTRA/01', yourReference: 'EX10001' };
    rows.push(extra);
    return [model, extra];
  },
  amount_differs(rows) {
    const mine = rows.filter((row) => row.amount && !row.marked).slice(20, 23);
    for (const row of mine) row.amount += 150;
    return mine;
  },
  service_differs(rows) {
    const mine = rows.filter((row) => row.outcome === 'attended' && !row.marked).slice(4, 7);
    for (const row of mine) row.service = 'FORMS';
    return mine;
  },
  no_notice(rows) {
    const mine = rows.filter((row) => row.outcome === 'cancelled_late').slice(0, 2);
    for (const row of mine) row.notice = undefined;
    return mine;
  },
  /** Two sessions to which nearly nobody came. */
  thin_sessions(rows) {
    return sessionsOf(rows)
      .slice(5, 7)
      .flatMap((session) => {
        for (const row of session.slice(2)) row.outcome = 'did_not_attend';
        return session;
      });
  },
  late_claim(rows) {
    const mine = rows.filter((row) => !row.marked && row.outcome === 'attended').slice(0, 3);
    const late = mine.map((row) => ({ ...row, date: '2026-08-05', session: 'WALK-OLD/05', yourReference: undefined }));
    rows.unshift(...late);
    return late;
  },
  /** Someone who had stopped: the referral is closed on 10 September, see answersTo. */
  closed(rows, referrals, { closed }) {
    const { reference, service, person } = referrals.find((one) => one.reference === closed[0].reference);
    const [model] = sessionsOf(rows.filter(({ date }) => date > '2026-09-12'))[0];
    const row = { ...model, referral: reference, service, person, outcome: 'attended' };
    const at = rows.indexOf(model);
    for (let index = rows.length - 1; index >= 0; index -= 1)
      if (rows[index].referral === reference) rows.splice(index, 1);
    rows.splice(Math.min(at, rows.length), 0, row);
    return [row];
  },
  before_acceptance(rows, referrals) {
    const { reference, service, person, acceptedOn } = referrals.findLast((one) => one.acceptedOn > '2026-09-03');
    const row = { date: addDays(acceptedOn, -1), start: '10:00', minutes: 60, mode: 'home', outcome: 'attended' };
    rows.push({ ...row, referral: reference, service, person, travel: false, yourReference: 'EX10002' });
    return rows.slice(-1);
  },
  roll_incomplete(rows) {
    return sessionsOf(rows)
      .slice(2, 4)
      .flatMap((session) => {
        for (const row of session) row.booked += 2;
        return session;
      });
  },
  session_called_off(rows) {
    const [session] = sessionsOf(rows).slice(3);
    for (const row of session) Object.assign(row, { outcome: 'cancelled_late', notice: 5 });
    return session;
  },
  nobody_came(rows) {
    const [session] = sessionsOf(rows).slice(6);
    for (const row of session) row.outcome = 'did_not_attend';
    return session;
  },
};

export function stage(plan, rows, referrals, answers) {
  for (const event of plan.events) for (const row of EVENTS[event](rows, referrals, answers)) row.marked = true;
}

function sessionsOf(rows) {
  const sessions = new Map();
  for (const row of rows) {
    const key = `${row.session} ${row.date}`;
    sessions.set(key, [...(sessions.get(key) ?? []), row]);
  }
  return [...sessions.values()].filter((session) => session.length > 4 && !session.some(({ marked }) => marked));
}

/** The rows of the person who was booked most often. */
function busiest(rows) {
  const counts = new Map();
  for (const { referral } of rows) counts.set(referral, (counts.get(referral) ?? 0) + 1);
  const [[most]] = [...counts].sort(([, one], [, other]) => other - one);
  return rows.filter(({ referral }) => referral === most);
}
