import { addDays } from './random.mjs';

/** The provider answers on the third day; the program does the same, see `acceptAfterDays` of world.json. */
export const ACCEPT_AFTER_DAYS = 3;

/** The referrals of a plan: made from June on, most before September, in the order in which they were made. */
export function referralsOf(plan, sources, people, random) {
  const taken = new Set();
  const referrals = Object.entries(plan.services).flatMap(([service, count]) =>
    Array.from({ length: count }, () => {
      const person = people.pick(random, taken);
      taken.add(person);
      const madeOn = addDays('2026-06-01', random.happens(0.9) ? random.below(80) : 80 + random.below(20));
      return { service, person, madeOn, source: random.one(sources) };
    }),
  );
  referrals.sort((one, other) => (one.madeOn < other.madeOn ? -1 : 1));
  return referrals.map((referral, index) => ({
    ...referral,
    reference: `${plan.prefix}${String(index + 1).padStart(3, '0')}`,
    acceptedOn: addDays(referral.madeOn, ACCEPT_AFTER_DAYS),
    respondBy: addDays(referral.madeOn, 10),
    sessionsPlanned: random.one([6, 8, 12]),
    basis: 'Direct care',
    agreement: 'DSA-2026-04',
  }));
}

/** What the provider answers to some of them: it declines, it lets them wait, it closes, and the rest it accepts. */
export function answersTo(plan, referrals, random) {
  const [declined, waiting] = random.some(referrals, 2);
  const main = referrals.filter(({ service }) => service === Object.keys(plan.services)[0]);
  const closes = plan.events.includes('closed') ? main.slice(3, 4) : [];
  const refused = [declined, waiting].filter((referral) => !closes.includes(referral));
  const references = (list) => list.filter((referral) => refused.includes(referral)).map(({ reference }) => reference);
  return {
    accepted: referrals.filter((referral) => !refused.includes(referral)),
    answers: {
      declined: references([declined]),
      waiting: references([waiting]),
      closed: closes.map(({ reference }) => ({ reference, closedOn: '2026-09-10', reason: 'person_stopped' })),
    },
  };
}

/** Referrals that nobody sent: the provider recorded them itself, and accepts them on the day they were made. */
export function ownReferrals(plan, people, random) {
  const service = Object.keys(plan.services)[0];
  return Array.from({ length: plan.selfRecorded ?? 0 }, (_, index) => ({
    reference: `OWN-${plan.prefix}${index + 1}`,
    service,
    person: people.pick(random, new Set()),
    source: 'Self',
    madeOn: '2026-08-20',
    acceptedOn: '2026-08-20',
    basis: 'Consent',
  }));
}

export const OWN_SHEET = {
  eol: '\n',
  columns: ['Ref=reference', 'Name=name', 'Date=madeOn:d/m/yyyy', 'Activity=service', 'Source=source', 'Basis=basis'],
};

const BAD_ROWS = {
  missing_value: { reference: '' },
  unknown_word: { source: 'the usual' },
  no_such_day: { madeOn: '31/06/2026' },
  no_contract: { service: 'YOGA' },
};

/** Rows that the import refuses or knows already, put among the good ones. Gives the rows and what is expected of them. */
export function withBadReferrals(plan, referrals, random) {
  const rows = [...referrals];
  const failures = {};
  const codes = Object.keys(BAD_ROWS);
  const wanted = referrals.length > 100 ? 2 : 1;
  for (let count = 0; count < wanted; count += 1) {
    const code = codes[(count + plan.prefix.length + referrals.length) % codes.length];
    const model = random.one(referrals);
    const reference = `${plan.prefix}9${count}${random.below(9)}`;
    rows.splice(random.below(rows.length), 0, { ...model, reference, raw: BAD_ROWS[code] });
    failures[code] = (failures[code] ?? 0) + 1;
  }
  rows.push(random.one(referrals));
  const expected = { rows: rows.length, accepted: referrals.length, repeated: 1, failed: wanted, failures };
  return { rows, expected };
}
