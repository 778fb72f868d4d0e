import { createHash } from 'node:crypto';
import { LogKeys } from '../../src/sealing/index.js';
import { Catcher } from './catcher.js';
import { columnCases, type TamperCase } from './column-cases.js';
import { Forger } from './forged-log.js';
import { logCases, rollbackCases, targetsOf } from './log-cases.js';
import { Auditor } from './offline.js';
import { PlayedMonth } from './played-month.js';
import { Superuser } from './superuser.js';

const LONG_MS = 900_000;

/** `TAMPER_CASES=all` tries every event under every cover, which takes some minutes; else one type of event in so many. */
const ONE_IN = process.env['TAMPER_CASES'] === 'all' ? 1 : 6;

/** What nobody notices, because nothing follows from it. */
const HARMLESS: Readonly<Record<string, string>> = {
  'a row of person is made up': 'nobody was referred as this person; a referral that names one is compared',
  'a row of ledger.checkpoint is deleted, 1': BETWEEN_OTHERS(),
  'a row of ledger.checkpoint is deleted, 2': BETWEEN_OTHERS(),
  'a row of ledger.checkpoint is deleted, 3': BETWEEN_OTHERS(),
};

function BETWEEN_OTHERS(): string {
  return 'one between two that stay: whoever was given it can compare it as before. The newest is tried on its own';
}

describe('a superuser who tampers with a played month', () => {
  let month: PlayedMonth;
  let superuser: Superuser;
  let catcher: Catcher;
  let forger: Forger;
  let auditor: Auditor;
  let total = 0;

  beforeAll(async () => {
    month = await PlayedMonth.play();
    await month.stop();
    superuser = new Superuser(month.app.admin);
    await superuser.disarm();
    catcher = await Catcher.on(superuser, month.app, month.held);
    forger = new Forger(superuser, month.app.nest.get(LogKeys), month.icb.id);
    const [cursor] = await superuser.query<{ id: string }>('select platform_log_id as id from ledger.seal_cursor');
    auditor = new Auditor(superuser, month.app, month.icb.id, cursor?.id ?? '', month.held);
  }, LONG_MS);
  afterAll(async () => {
    auditor?.close();
    await month?.drop();
  });

  /** What noticed each case, and those that nothing noticed. Cases that found nothing to change do not count. */
  async function tally(cases: readonly TamperCase[], look: (one: TamperCase) => Promise<string | undefined>) {
    const caughtBy: Record<string, number> = {};
    const uncaught: string[] = [];
    for (const one of cases) {
      const caught = await superuser.inVain(async () => {
        if ((await one.run(superuser)) === 0) return 'nothing to change';
        return look(one);
      });
      if (caught === 'nothing to change') continue;
      total++;
      caughtBy[caught ?? 'nothing'] = (caughtBy[caught ?? 'nothing'] ?? 0) + 1;
      if (caught === undefined && !(one.name in HARMLESS)) uncaught.push(one.name);
    }
    process.stdout.write(`${JSON.stringify(caughtBy)}\n`);
    return { caughtBy, uncaught };
  }

  const sampled = async () => {
    const targets = await targetsOf(superuser, month.icb.id);
    return targets.filter(({ type }) => createHash('sha256').update(type).digest().readUInt16BE(0) % ONE_IN === 0);
  };

  it('is not suspected for nothing', async () => {
    expect(await superuser.inVain(() => catcher.catch('claim'))).toBeUndefined();
    expect(await auditor.verdict()).toMatchObject({ outcome: 'proved', findings: [] });
  });

  it(
    'is caught by the database itself, whatever the row or the column',
    async () => {
      const cases = await columnCases(superuser);
      const { uncaught } = await tally(cases, async ({ table }) => (await catcher.catch(table))?.by);
      expect(uncaught).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'is caught when the log is made to fit, and by those alone who hold a checkpoint when it is signed as well',
    async () => {
      const cases = [...logCases(forger, await sampled()), ...(await rollbackCases(superuser))];
      const { caughtBy, uncaught } = await tally(cases, async ({ table }) => (await catcher.catch(table))?.by);
      expect(uncaught).toEqual([]);
      expect(caughtBy['held checkpoint']).toBeGreaterThan(0);
    },
    LONG_MS,
  );

  it(
    'is caught far from the database by whoever holds an earlier checkpoint',
    async () => {
      const cases = logCases(forger, await sampled()).filter(({ name }) => /edited|sealed/.test(name));
      const { uncaught } = await tally(cases, async () => {
        const { outcome } = await auditor.verdict();
        return outcome === 'tampered' ? 'bundle' : undefined;
      });
      expect(uncaught).toEqual([]);
    },
    LONG_MS,
  );

  it('was tried often enough', () => {
    expect(total).toBeGreaterThan(700);
  });
});
