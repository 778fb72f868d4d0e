import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { parse } from 'csv-parse';
import pg from 'pg';
import { createApp } from '../../src/app.js';
import { claimColumns } from '../../src/delivery/claim-file.columns.js';
import { claimFileTemplate } from '../../src/delivery/claim-file.rules.js';
import { ENTITIES } from '../../src/entities.js';
import { SandboxClock } from '../../src/platform/clock.js';
import { readConfig } from '../../src/platform/config.js';
import { connect } from '../../src/platform/data-source.js';
import { Database } from '../../src/platform/database.js';
import { createLog } from '../../src/platform/log.js';
import { projectRoot } from '../../src/platform/paths.js';
import { Pseudonyms } from '../../src/platform/pseudonyms.js';
import { SecretBox } from '../../src/platform/secret-box.js';
import { signingKey } from '../../src/transparency/index.js';
import { DEMO_START, playDemo, sampleKeys, type Played, type Theatre } from '../../src/sandbox/demo/index.js';
import { startStripeDouble, type RunningStripeDouble } from '../../src/sandbox/stripe/index.js';
import { client } from '../support/api-client.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { pdfText } from '../support/pdf-text.js';
import { expectReplayed } from '../support/replayed.js';
import { Canaries, textOfTables } from './demo-canaries.js';

const DEMO = join(projectRoot(), 'demo');
const EXPECTED = JSON.parse(readFileSync(join(DEMO, 'expected.json'), 'utf8'));
const LONG_MS = 240_000;

describe('the demo', () => {
  let database: TestDatabase;
  let admin: pg.Client;
  let double: RunningStripeDouble;
  let app: NestFastifyApplication;
  let theatre: Theatre;
  let played: Played;
  const logged: string[] = [];
  const shown: string[] = [];

  beforeAll(async () => {
    database = await testDatabase();
    admin = new pg.Client({ connectionString: database.adminUrl });
    await admin.connect();
    await keepWhatJobsAreTold(admin);
    const clock = new SandboxClock(new Date(DEMO_START));
    double = await startStripeDouble({ now: () => clock.now(), settleAfterSeconds: 'never' });
    const stripe = { url: double.url, webhookBase: '' };
    const config = readConfig({ LOG_LEVEL: 'debug', PORT: '0', DATABASE_URL: database.appUrl });
    app = await createApp({
      config,
      database: new Database(await connect(database.appUrl, ENTITIES, 8)),
      jobs: { databaseUrl: database.appUrl, redisUrl: undefined, work: true },
      clock,
      log: createLog(config.logLevel, { write: (line) => logged.push(line) }),
      pseudonyms: new Pseudonyms(Buffer.alloc(32, 7)),
      secretBox: new SecretBox(Buffer.alloc(32, 7)),
      checkpoints: { keys: [signingKey(Buffer.alloc(32, 7))], storeDir: undefined },
      sandboxStripe: stripe,
    });
    await app.listen(0, '127.0.0.1');
    stripe.webhookBase = await app.getUrl();
    const outFolder = mkdtempSync(join(tmpdir(), 'wellpaid-demo-'));
    const screen = { write: (text: string) => shown.push(text) };
    theatre = { app, url: stripe.webhookBase, clock, stripe, dataFolder: DEMO, outFolder, screen };
    played = await playDemo(theatre);
  }, LONG_MS);

  afterAll(async () => {
    await app?.close();
    await double?.close();
    await admin?.end();
    await database?.drop();
    if (theatre) rmSync(theatre.outFolder, { recursive: true, force: true });
  });

  const line = (title: string) => played.lines.find((one) => one.startsWith(title)) ?? '';
  const ask = async (sql: string) => (await admin.query<Record<string, string>>(sql)).rows;

  it('has files with the rows that are expected of them', async () => {
    for (const [contract, { rows }] of Object.entries<{ rows: number }>(EXPECTED.claims))
      expect([contract, await countRows(join(DEMO, 'claims', `${contract}.csv`))]).toEqual([contract, rows]);
    for (const [name, { rows }] of Object.entries<{ rows: number }>(EXPECTED.referrals))
      expect([name, await countRows(join(DEMO, 'referrals', `${name}.csv`))]).toEqual([name, rows]);
  });

  it('took what was right of each file and gave back what was wrong, for the reasons that were put into it', async () => {
    const files = await ask(`
      select distinct on (c.code) c.code, f.rows, f.accepted + f.included as good, f.failed, f.repeated,
        (select jsonb_object_agg(code, times) from (
           select p ->> 'code' as code, count(*) as times from claim_file_failure e, jsonb_array_elements(e.problems) p
           where e.claim_file_id = f.id group by 1) s) as failures
      from claim_file f join contract c on c.id = f.contract_id order by c.code, f.id`);
    const got = Object.fromEntries(files.map(({ code, ...counts }) => [code, counts]));
    const wanted = Object.entries<Record<string, unknown>>(EXPECTED.claims).map(
      ([code, { rows, good, failed, failures }]) => [code, { rows, good, failed, repeated: 0, failures }] as const,
    );
    expect(got).toEqual(Object.fromEntries(wanted));
    const { rows, good, failed } = EXPECTED.totals;
    const [corrected] = Object.values<{ good: number }>(EXPECTED.corrected);
    expect(line('Received')).toContain(`${rows.toLocaleString('en-GB')} rows`);
    expect(line('Received')).toContain(
      `${good.toLocaleString('en-GB')} accepted, ${failed} to correct (${corrected?.good} came back corrected)`,
    );
  });

  it('recorded each attendance once', async () => {
    const [corrected] = Object.values<{ attended: number }>(EXPECTED.corrected);
    const [{ attended } = {}] = await ask(
      `select count(*)::int as attended from attendance where outcome = 'attended'`,
    );
    expect(attended).toBe(EXPECTED.totals.attended + (corrected?.attended ?? 0));
    const [{ referrals } = {}] = await ask('select count(*)::int as referrals from referral');
    expect(referrals).toBe(EXPECTED.totals.referrals);
  });

  it('says what the tables say of money', async () => {
    const [sums = {}] = await ask(`
      select (select sum(gross_minor) from invoice where state = 'issued') as issued,
             (select sum(amount_minor) from payout where state = 'paid' and rail = 'stripe') as stripe,
             (select sum(amount_minor) from payout where state = 'paid' and rail = 'outside') as outside,
             (select sum(amount_minor) from payout where state = 'returned') as returned`);
    const { issued = '0', stripe = '0', outside = '0', returned = '0' } = sums;
    expect(line('Documents')).toContain(`${pounds(issued)} with VAT`);
    expect(line('Paid')).toContain(pounds(stripe));
    expect(line('Paid')).toContain(pounds(outside));
    expect(line('Paid')).toContain(`1 for ${pounds(returned)} sent back by the bank and owed again`);
    expect(line('Owed')).toContain(pounds(BigInt(issued) - BigInt(stripe) - BigInt(outside)));
    const [{ debits, credits } = {}] = await ask(`
      select (select sum(amount_minor) from ledger.transfer t join ledger.account a on a.id = t.debit_account_id) as debits,
             (select sum(amount_minor) from ledger.transfer t join ledger.account a on a.id = t.credit_account_id) as credits`);
    expect(debits).toBe(credits);
    expect(line('Ledger')).toMatch(/^Ledger +the 3 ledgers sum to £0\.00, and all \d\d invariants hold$/);
  });

  it('leaves journals in which an auditor finds nothing', async () => {
    await expectReplayed({ admin, nest: app });
  });

  it('shows every kind of document, flag and payment once', async () => {
    const kinds = await ask('select distinct kind from invoice order by 1');
    expect(kinds.map(({ kind }) => kind)).toEqual([
      'grant_notice',
      'invoice',
      'provider_invoice',
      'self_billed_invoice',
    ]);
    expect(line('Rules')).toMatch(/all 19 reasons and 19 flags/);
    expect(line('Approved')).toMatch(/1 approval of one’s own refused and recorded$/);
    expect(line('One penny')).toMatch(
      /payout .* ← invoice .* ← batch .* ← claim .* ← attendance ← session .* ← referral/,
    );
    const refused = await ask(
      `select distinct convert_from(body, 'UTF8')::jsonb -> 'data' ->> 'code' as code from ledger.event
       where type = 'command.refused' order by 1`,
    );
    expect(refused.map(({ code }) => code)).toEqual([
      'batch.over_budget',
      'batch.own',
      'payout.own_confirmation',
      'purchase_order.exceeded',
    ]);
  });

  it(
    'lets nothing through of the names, birth dates and NHS numbers in dropped columns',
    async () => {
      const canaries = new Canaries(EXPECTED.canaries);
      const [file = ''] = readdirSync(join(DEMO, 'claims')).filter((name) => name.startsWith('NM-PILATES'));
      expect(canaries.in(readFileSync(join(DEMO, 'claims', file), 'utf8')).length).toBeGreaterThan(100); // it does look
      const found: string[] = [];
      let bodies = 0;
      for await (const { name, text } of textOfTables(admin)) {
        bodies += text.split('"unconfirmed":').length - 1; // only in the stored bytes of events
        found.push(...canaries.in(text).map((one) => `${name}: ${one}`));
      }
      expect(bodies).toBe(EXPECTED.totals.referrals);
      for (const { name, bytes } of filesBelow(theatre.outFolder)) {
        const text = name.endsWith('.pdf') ? (await pdfText(bytes)).join('\n') : bytes.toString('utf8');
        found.push(...canaries.in(text).map((one) => `${name}: ${one}`));
      }
      const asked = await (await fetch(`${double.url}/_double/requests`)).text();
      expect(asked).toContain('/v1/transfers');
      expect(logged.length).toBeGreaterThan(1_000);
      for (const [name, text] of [
        ['Stripe', asked],
        ['log', logged.join('')],
        ['terminal', shown.join('')],
      ] as const)
        found.push(...canaries.in(text).map((one) => `${name}: ${one}`));
      expect(found).toEqual([]);
    },
    LONG_MS,
  );

  it('shows the services of each commissioner to anybody, but for the one whose contract is over', async () => {
    const anybody = client(theatre.url);
    const countOf = async (code: string) =>
      (await anybody.get<{ total_items: number }>(`/directory/${code}/services`)).body.total_items;
    expect([await countOf('NMICB'), await countOf('HBPCN'), await countOf('SALTMERE')]).toEqual([6, 5, 9]);
    const { body } = await anybody.get(`/directory/NMICB/services?search=dance`);
    expect(body).toMatchObject({ empty: true });
  });

  it('gives keys to look around with', async () => {
    const keys = await sampleKeys(app, DEMO);
    expect(keys.map(({ owner }) => owner)).toEqual([
      'Nell Faber, coordinator of Riverside Singers',
      'Dana Okafor, approver of Northmarsh Integrated Care Board',
      'Ines Calder, finance of Northmarsh Integrated Care Board',
    ]);
    const { body } = await client(theatre.url, keys[0]?.key).get<{ organisation: { code: string } }>('/v1/me');
    expect(body.organisation.code).toBe('RIVERSIN');
  });

  it(
    'changes nothing when it is played again, and says the same',
    async () => {
      const again = await playDemo(theatre);
      expect(again.events).toEqual({ before: played.events.after, after: played.events.after });
      expect(again.lines).toEqual(played.lines);
      expect(shown.join('')).toContain('Nothing was changed');
    },
    LONG_MS,
  );

  it('describes the columns that a claim file has', () => {
    const text = readFileSync(join(DEMO, 'claim-file.txt'), 'utf8');
    for (const { title, describes } of claimColumns) expect(text).toContain(`  ${title.padEnd(15)} ${describes}\n`);
    expect(text.endsWith(claimFileTemplate().replaceAll('\r\n', '\n'))).toBe(true);
  });
});

/** Jobs are gone once they are done: a copy of all that they were told is kept where the canaries are looked for. */
async function keepWhatJobsAreTold(admin: pg.Client): Promise<void> {
  await admin.query(`
    create table public.told_to_jobs (topic text, data jsonb);
    create function public.keep_told() returns trigger language plpgsql security definer as
      $$ begin insert into public.told_to_jobs values (new.topic, new.data); return new; end $$;
    create trigger keep_told after insert on outbox for each row execute function public.keep_told();`);
}

/** Rows that are not blank, read by another program than the product's. */
async function countRows(path: string): Promise<number> {
  const bytes = readFileSync(path);
  const [first, second] = bytes;
  const utf16 = first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : null;
  const text = utf16 ? new TextDecoder(utf16).decode(bytes) : bytes.toString('latin1');
  const [heading = ''] = text.split(/[\r\n]/);
  const delimiter = [';', '\t'].find((sign) => heading.includes(sign)) ?? ',';
  const options = { delimiter, relax_column_count: true, record_delimiter: ['\r\n', '\n', '\r'] };
  let rows = -1; // the heading is none
  for await (const cells of Readable.from([text]).pipe(parse(options)) as AsyncIterable<string[]>)
    rows += cells.some((cell) => cell !== '') ? 1 : 0;
  return rows;
}

function filesBelow(folder: string): { name: string; bytes: Buffer }[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => ({ name, bytes: readFileSync(join(parentPath, name)) }));
}

function pounds(minor: string | bigint): string {
  return `£${(Number(minor) / 100).toLocaleString('en-GB', { minimumFractionDigits: 2 })}`;
}
