import { get } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { agreement, type Agreement } from '../support/agreement.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { PlayedMoney } from '../support/played-money.js';
import { commissioner, registered, type Party } from '../support/world.js';

const LINES = 50_000;
/** A statement that were kept whole would hold several times as much. */
const HELD_MAX_BYTES = 8 * 1024 * 1024;

/** An invoice of £1.00 for each line, over 25 days, as the superuser: the ledger's own way would take minutes. */
const MANY_EVENTS = `
insert into ledger.event (commissioner_id, id, type, subject_id, actor_org_id, provider_id, occurred_at, recorded_at, body)
select $1, lpad(to_hex(n), 32, '0')::uuid, 'invoice.issued', gen_random_uuid(), $1, $2, now(), now(), '{}'
from generate_series(1, $3::int) n`;
const MANY_TRANSFERS = `
insert into ledger.transfer (commissioner_id, id, event_id, debit_account_id, credit_account_id, amount_minor, book, currency,
                             provider_id, effective_on)
select $1, gen_random_uuid(), e.id, d.id, c.id, 100, 'money', 'GBP', $2, date '2026-10-01' + (e.seq % 25)::int
from ledger.event e
join ledger.account d on d.commissioner_id = $1 and d.kind = 'accrued'
join ledger.account c on c.commissioner_id = $1 and c.kind = 'owed'
where e.commissioner_id = $1 and e.body = '{}'`;

describe(`a statement of ${LINES} lines`, () => {
  let app: TestApp;
  let icb: Party;
  let sing: Party;
  let singing: Agreement;
  let key: string;

  beforeAll(async () => {
    app = await startTestApp({ now: '2026-11-05T09:00:00Z' });
    icb = await commissioner(app);
    sing = await registered(app, icb, 'provider', 'SING');
    singing = await agreement(icb, sing);
    await new PlayedMoney(app, icb, sing, singing).invoice(100n, 0n, '2026-09-30');
    await app.admin.query(MANY_EVENTS, [icb.id, sing.id, LINES]);
    await app.admin.query(MANY_TRANSFERS, [icb.id, sing.id]);
    await app.admin.query('analyze ledger.event, ledger.transfer');
    ({ key } = await icb.as('finance'));
  });
  afterAll(() => app.close());

  /** Waits for what was read ahead; a transaction that is held open never passes. */
  async function noOpenTransaction(): Promise<void> {
    for (let tries = 0; tries < 400; tries++) {
      const { rows } = await app.admin.query(
        `select 1 from pg_stat_activity where datname = current_database() and usename = 'wp_app' and state like 'idle in%'`,
      );
      if (rows.length === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error('A transaction is held open');
  }

  /** Looks a dozen times or less: each look collects all that the thread holds. */
  async function read(
    format: string,
    to: string,
    bytesBetweenLooks: number,
  ): Promise<{ bytes: number; last: string; heldBytes: number }> {
    const path = `/v1/statements?party=contract&id=${singing.contractId}&from=2026-10-01&to=${to}&format=${format}`;
    let [bytes, last] = [0, ''];
    const looks: number[] = [];
    const { body } = await fetch(`${app.url}${path}`, { headers: { authorization: `Bearer ${key}` } });
    for await (const chunk of body ?? []) {
      bytes += chunk.length;
      last = (last + Buffer.from(chunk).toString('latin1')).slice(-4_000);
      if (bytes > (looks.length + 1) * bytesBetweenLooks) looks.push(await heldBytesNow());
    }
    // What is kept grows with every line; one look may meet a page that is just being read.
    const third = Math.floor(looks.length / 3);
    return { bytes, last, heldBytes: middle(looks.slice(-third)) - middle(looks.slice(0, third)) };
  }

  function middle(looks: number[]): number {
    expect(looks.length).toBeGreaterThan(1);
    return looks.toSorted((a, b) => a - b)[Math.floor(looks.length / 2)] ?? Number.NaN;
  }

  /** What is still needed in this thread, once what is not has been collected: the same whatever runs beside it. */
  async function heldBytesNow(): Promise<number> {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    collect();
    await setImmediate(); // buffers are given back after a turn
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  }

  /** Asks, reads a little, and goes away; gives the id of the event that would have been. */
  function leaveAfterFirstBytes(url: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const request = get(url, { agent: false, headers: { authorization: `Bearer ${key}` } }, (response) => {
        response.once('data', () => response.destroy());
        response.once('close', () => resolve(response.headers['x-event-id']));
      });
      request.once('error', reject);
    });
  }

  it.each([
    ['json', '2026-10-31', 1_048_576, `"lineCount":${LINES}`],
    ['csv', '2026-10-31', 524_288, `Closing balance,,,,${(LINES + 1).toFixed(2)}`],
    ['pdf', '2026-10-05', 131_072, '%%EOF'],
  ])('is written as %s up to %s with flat memory', async (format, to, bytesBetweenLooks, ending) => {
    const { bytes, last, heldBytes } = await read(format, to, bytesBetweenLooks);
    expect(bytes).toBeGreaterThan(500_000);
    expect(last).toContain(ending);
    expect(heldBytes).toBeLessThan(HELD_MAX_BYTES);
  });

  it('holds no transaction while a reader dawdles, and none of what is posted meanwhile', async () => {
    const path = `/v1/statements?party=contract&id=${singing.contractId}&from=2026-10-01&to=2026-10-31`;
    const { body } = await fetch(`${app.url}${path}`, { headers: { authorization: `Bearer ${key}` } });
    const reader = (body ?? new ReadableStream<Uint8Array>()).getReader();
    const { value: first } = await reader.read();
    await new PlayedMoney(app, icb, sing, singing).invoice(100n, 0n, '2026-10-25');
    await noOpenTransaction();
    let text = Buffer.from(first ?? []).toString();
    for (let next = await reader.read(); !next.done; next = await reader.read())
      text += Buffer.from(next.value).toString();
    const { lines, foot } = JSON.parse(text) as { lines: unknown[]; foot: Record<string, unknown> };
    expect(lines).toHaveLength(LINES);
    expect(foot).toMatchObject({ closingMinor: String((LINES + 1) * 100) });
  });

  it('that is not read to its end is not journalled', async () => {
    const path = `/v1/statements?party=contract&id=${singing.contractId}&from=2026-10-01&to=2026-10-30`;
    const left = await leaveAfterFirstBytes(`${app.url}${path}`);
    await app.api(key).get(path.replace('to=2026-10-30', 'to=2026-10-01'));
    const { rows } = await app.admin.query('select 1 from ledger.event where id = $1', [left]);
    expect(rows).toEqual([]);
  });
});
