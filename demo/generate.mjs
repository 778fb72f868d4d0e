#!/usr/bin/env node
// Makes the files of the demo from world.json: what the commissioners' systems and the providers' programs export about
// September 2026, with what is wrong with them. Everybody in them is invented, and NHS numbers are of the range that is
// never issued. The same program gives the same bytes: node demo/generate.mjs, then git diff.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deliveredRows, stage } from './generate/delivery.mjs';
import { withMistakes } from './generate/mistakes.mjs';
import { FAMILY, People } from './generate/people.mjs';
import { PLANS, REFERRAL_SHEETS } from './generate/plans.mjs';
import { chance, seedOf } from './generate/random.mjs';
import { answersTo, OWN_SHEET, ownReferrals, referralsOf, withBadReferrals } from './generate/referrals.mjs';
import { sheetOf } from './generate/sheets.mjs';

const FOLDER = dirname(fileURLToPath(import.meta.url));
const world = JSON.parse(readFileSync(join(FOLDER, 'world.json'), 'utf8'));

/** What a coordinator makes of a file of failures: the template's columns, and cells put right. */
const CORRECTED_SHEET = {
  columns: [
    'referral=referral',
    'service=service',
    'date=date:dd/mm/yyyy',
    'start=start:hh:mm',
    'minutes=minutes:n',
    'outcome=outcome',
    'notice hours=notice',
    'session=session',
    'amount=amount:',
    'your reference=yourReference',
  ],
  words: {
    outcome: {
      attended: 'attended',
      did_not_attend: 'did not attend',
      cancelled_late: 'cancelled late',
      cancelled: 'cancelled',
    },
  },
};
const CORRECTED = 'NM-SING';

const expected = { referrals: {}, claims: {}, corrected: {}, singles: {}, canaries: { names: [], nhsNumbers: [] } };
const journey = { answers: {}, confirmed: [], milestones: [], fees: [], blocks: [] };
const people = Object.fromEntries(world.commissioners.map(({ code }) => [code, new People()]));

for (const folder of ['referrals', 'claims']) rmSync(join(FOLDER, folder), { recursive: true, force: true });
for (const plan of PLANS) make(plan);
summarise();

function make(plan) {
  const { contract } = plan;
  const { commissioner } = world.contracts.find(({ code }) => code === contract);
  const random = chance(seedOf(`wellpaid ${contract}`));
  const style = REFERRAL_SHEETS[commissioner];
  const referrals = referralsOf(plan, style.sources, people[commissioner], random);
  const { accepted, answers } = answersTo(plan, referrals, random);
  const sent = withBadReferrals(plan, referrals, random);
  write(`referrals/${contract}.csv`, sheetOf(style, sent.rows));
  journey.answers[contract] = answers;
  expected.referrals[contract] = sent.expected;
  const own = recordOwn(plan, people[commissioner], random);

  const rows = deliveredRows(plan, [...accepted, ...own], random);
  stage(plan, rows, accepted, answers);
  const { written, good, lost, expected: counts } = withMistakes(plan, rows, random);
  write(`claims/${contract}.csv`, sheetOf(plan.sheet, written));
  expected.claims[contract] = { ...counts, attended: good.filter(({ outcome }) => outcome === 'attended').length };
  if (contract === CORRECTED) correct(contract, lost);
  claimSingly(plan, accepted, good);
}

function recordOwn(plan, known, random) {
  const own = ownReferrals(plan, known, random);
  if (own.length === 0) return own;
  const name = `${plan.contract}-own`;
  write(`referrals/${name}.csv`, sheetOf(OWN_SHEET, own));
  expected.referrals[name] = { rows: own.length, accepted: own.length, repeated: 0, failed: 0, failures: {} };
  journey.confirmed.push(...own.slice(0, 2).map(({ reference }) => ({ contract: plan.contract, reference })));
  return own;
}

/** The failed rows put right, but for two that the coordinator could not mend. */
function correct(contract, rows) {
  const open = rows.slice(0, 2).map((row) => ({ ...row, raw: { referral: `${row.referral}-UNKNOWN` } }));
  const mended = rows.slice(2);
  write(`claims/corrected/${contract}.csv`, sheetOf(CORRECTED_SHEET, [...open, ...mended]));
  const failures = { unknown_referral: open.length };
  const attended = mended.filter(({ outcome }) => outcome === 'attended').length;
  expected.corrected[contract] = { rows: rows.length, good: mended.length, failed: open.length, failures, attended };
}

/** What is claimed one by one: milestones, the fee for people not seen yet, and monthly amounts. */
function claimSingly({ contract }, accepted, rows) {
  const { services } = world.contracts.find(({ code }) => code === contract);
  const cards = services.flatMap((service) => service.cards.map((card) => ({ service: service.code, ...card })));
  const milestones = cards.find(({ terms }) => terms.basis === 'milestone');
  if (milestones) {
    const visited = rows.filter(({ outcome }) => outcome === 'attended');
    const reach = (referral, milestone, reachedOn) =>
      journey.milestones.push({
        contract,
        referral,
        service: milestones.service,
        chargeKind: milestones.chargeKind,
        milestone,
        reachedOn,
      });
    for (const { referral, date } of visited.slice(0, 12)) {
      if (!journey.milestones.some((one) => one.referral === referral)) reach(referral, 'first_attendance', date);
    }
    for (const { referral } of visited.slice(100, 103)) reach(referral, 'completed', '2026-09-28');
    reach(visited[50].referral, 'first_coffee', visited[50].date);
  }
  for (const { service, chargeKind, terms } of cards) {
    if (terms.basis === 'block') journey.blocks.push({ contract, service, period: world.period });
    if (terms.basis !== 'referral') continue;
    const unseen = accepted.filter(({ reference }) => !rows.some((row) => row.referral === reference));
    journey.fees.push(...unseen.map(({ reference }) => ({ contract, referral: reference, service, chargeKind })));
  }
}

function summarise() {
  const total = (files, key) => Object.values(files).reduce((sum, file) => sum + file[key], 0);
  expected.singles = {
    milestones: journey.milestones.length,
    fees: journey.fees.length,
    blocks: journey.blocks.length,
  };
  expected.totals = {
    referrals: total(expected.referrals, 'accepted'),
    rows: total(expected.claims, 'rows'),
    good: total(expected.claims, 'good'),
    failed: total(expected.claims, 'failed'),
    attended: total(expected.claims, 'attended'),
  };
  expected.canaries.names = FAMILY.map((name) => name.replace('O’', ''));
  expected.canaries.nhsNumbers = Object.values(people).flatMap((known) => known.nhsNumbers);
  write('expected.json', `${JSON.stringify(expected)}\n`);
  write('journey.json', `${JSON.stringify(journey, null, 1)}\n`);
  process.stdout.write(`${JSON.stringify(expected.totals)}\n`);
}

function write(name, content) {
  const path = join(FOLDER, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
