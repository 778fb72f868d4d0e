import { setTimeout as sleep } from 'node:timers/promises';
import { agreement, type Agreement } from './support/agreement.js';
import { startTestApp, type TestApp } from './support/app.js';
import { undoAll } from './support/embedded-servers.js';
import { program, type Program } from './support/program.js';
import { commissioner, registered, type Party } from './support/world.js';

const PEOPLE = 30;
const ROWS = 9_000;
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.parse('2025-12-01');

interface Progress {
  readonly state: string;
  readonly arrived: boolean;
  readonly chunks: number;
  readonly taken: number;
  readonly accepted: number;
}

describe('a process that dies between two chunks of a claim file', () => {
  let app: TestApp;
  let choir: Party;
  let deal: Agreement;

  beforeAll(async () => {
    app = await startTestApp({ now: new Date().toISOString() }); // the program's clock is the machine's
    const icb = await commissioner(app, 'NELICB');
    choir = await registered(app, icb, 'provider', 'CHOIR');
    deal = await agreement(icb, choir, { startsOn: '2025-12-01', endsOn: '2026-11-30' });
    await app.admin.query(
      `with p as (insert into person (commissioner_id, owner_org_id, reference)
                  select $1, $2, 'SP-' || n from generate_series(1, $5::int) n returning id, reference)
       insert into referral (commissioner_id, id, provider_id, actor_org_id, contract_id, service_id, person_id, reference,
                             source, lawful_basis, state, confirmed_at, made_on, respond_by, accepted_on, created_at)
       select $1, gen_random_uuid(), $2, $2, $3, $4, p.id, p.reference, 'nhs', 'public_task', 'accepted', now(),
              '2025-12-01', '2025-12-01', '2025-12-01', now() from p`,
      [icb.id, choir.id, deal.contractId, deal.serviceId, PEOPLE],
    );
  });
  afterEach(() => undoAll());
  afterAll(() => app.close());

  const start = (mode: 'serve' | 'worker'): Program =>
    program([mode], {
      DATABASE_URL: app.testDatabase.appUrl,
      PSEUDONYM_KEY: '07'.repeat(32),
      CHECKPOINT_KEY: '07'.repeat(32),
    });

  const progress = async (): Promise<Progress | undefined> => {
    const { rows } = await app.admin.query<Progress>(
      `select state, row_count is not null as arrived, chunk_count as chunks, chunks_taken as taken, accepted from claim_file`,
    );
    return rows[0];
  };

  /** The file as it is once it is so. */
  async function until(isSo: (file: Progress) => boolean): Promise<Progress> {
    for (;;) {
      const file = await progress();
      if (file && isSo(file)) return file;
      await sleep(3);
    }
  }

  function text(): string {
    const lines = Array.from({ length: ROWS }, (_, row) => {
      const day = new Date(FIRST_DAY + Math.floor(row / PEOPLE) * DAY_MS).toISOString().slice(0, 10);
      return `SP-${1 + (row % PEOPLE)},${deal.serviceCode},${day},attended`;
    });
    return ['referral,service,date,outcome', ...lines].join('\r\n');
  }

  it('leaves the rest to another one, and each row has one effect', async () => {
    const first = start('serve');
    const { key } = await choir.as('coordinator');
    const url = await first.listening();
    const sent = fetch(`${url}/v1/claim-files?contract=${deal.contractCode}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'text/csv', prefer: 'respond-async' },
      body: text(),
    }).catch(() => undefined);
    await until(({ arrived, taken }) => arrived && taken > 0);
    first.child.kill('SIGKILL');
    await Promise.all([first.ended(), sent]);

    const left = await progress();
    expect(left).toMatchObject({ state: 'receiving', arrived: true });
    expect(left?.taken).toBeLessThan(left?.chunks ?? 0);
    expect(left?.accepted).toBeGreaterThan(0);

    // Nobody has said a word for half a minute.
    await app.admin.query(`update claim_file set progress_at = progress_at - interval '1 minute'`);
    start('worker');
    const done = await until(({ state }) => state !== 'receiving');
    expect(done).toMatchObject({ state: 'received', accepted: ROWS, taken: done.chunks });
    const { rows } = await app.admin.query(
      `select (select count(*)::int from claim) as claims, (select count(distinct fact_id)::int from claim) as facts,
              (select count(*)::int from session) as sessions, (select count(*)::int from claim_file_chunk) as chunks,
              (select count(*)::int from ledger.event where type = 'claim.submitted') as events`,
    );
    expect(rows).toEqual([{ claims: ROWS, facts: ROWS, sessions: ROWS, chunks: 0, events: ROWS }]);
  }, 180_000);
});
