import { hash, randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { BatchApprovalService } from '../../src/batches/index.js';
import { InvoicePress } from '../../src/invoicing/invoice-press.service.js';
import { checkInvariants } from '../../src/ledger/index.js';
import type { Actor } from '../../src/platform/actor.js';
import { Jobs } from '../../src/platform/jobs.js';
import { cpuSecondsOfServer } from './claims-stage.js';
import { caughtUp, type Desk, layClose } from './close-stage.js';
import { openApp } from './opened-app.js';
import { percentile, type Row } from './row.js';
import type { BenchServer } from './server.js';

/** Fewer with CLOSE_BATCHES, to try something out; the target is that of 2,000. */
const BATCHES = Number(process.env.CLOSE_BATCHES ?? 2_000);
const CLAIMS = 100;
const COMMISSIONERS = 4;
/** Requests that one approver has under way. */
const AT_ONCE = 32;
const TARGET_SECONDS = 15;
/** As large as a document. */
const BYTES = Buffer.alloc(40_000, 7);
const NOT_DRAWN = { bytes: BYTES, sha256: hash('sha256', BYTES, 'buffer'), renderer: 'none' };

/**
 * The end of a month: batches of a hundred claims approved one by one, through the service that the routes and the pages use,
 * and a document issued for each by the jobs in the background, but for the drawing. Requests, jobs and the sealer share one
 * process, and with PostgreSQL the machine.
 */
export async function* rows(server: BenchServer): AsyncGenerator<Row> {
  const few = await closeMonth(server, Math.max(2 * COMMISSIONERS, BATCHES / 10), { checked: true });
  const all = await closeMonth(server, BATCHES, { checked: false });
  const conditions =
    `${all.batches.toLocaleString('en-GB')} batches of ${CLAIMS} claims, each of its own provider and contract, ${COMMISSIONERS} commissioners; ` +
    `${AT_ONCE} requests of each approver under way; documents by the jobs, drawing aside; fsync on, hashing and sealing on`;
  const row = { suite: 'close', conditions };
  const costs = `of processor a batch: program ${ms(all.programSeconds, all)} ms, PostgreSQL ${ms(all.serverSeconds, all)} ms; ${per(all)}`;
  yield {
    ...row,
    name: 'a month approved, posted and invoiced',
    figure: all.seconds,
    unit: 's',
    memoryMb: all.peakMb,
    conditions: `${conditions}; ${costs}`,
    target: { of: 'figure', atMost: (TARGET_SECONDS * BATCHES) / 2_000 },
  };
  yield {
    ...row,
    name: '… claims approved',
    figure: (all.batches * CLAIMS) / all.approvedSeconds,
    unit: 'claims/s',
    p50Ms: percentile(all.waitsMs, 0.5),
    p99Ms: percentile(all.waitsMs, 0.99),
    conditions: `until the last approval was answered; p50 and p99 of an approval; ${conditions}`,
  };
  yield { ...row, name: '… documents issued', figure: all.batches / all.seconds, unit: 'documents/s' };
  yield {
    ...row,
    name: '… seconds for a batch',
    figure: all.seconds / all.batches,
    unit: 's',
    comparator: { name: `with ${few.batches} batches`, figure: few.seconds / few.batches },
    target: { of: 'ratio', atMost: 1.25 },
  };
}

interface Closed {
  readonly batches: number;
  readonly approvedSeconds: number;
  readonly seconds: number;
  readonly waitsMs: readonly number[];
  readonly statements: number;
  readonly programSeconds: number;
  readonly serverSeconds: number;
  readonly peakMb: number;
}

const ms = (seconds: number, { batches }: Closed) => ((seconds / batches) * 1_000).toFixed(1);
const per = ({ statements, batches }: Closed) => `${(statements / batches).toFixed(1)} statements a batch`;

async function closeMonth(server: BenchServer, batches: number, { checked }: { checked: boolean }): Promise<Closed> {
  const world = await layClose(server, { commissioners: COMMISSIONERS, batches, claims: CLAIMS });
  const app = await openApp(world.appUrl, '2026-10-05T10:00:00Z', { work: true });
  const admin = new pg.Client({ connectionString: world.adminUrl });
  await admin.connect();
  try {
    app.nest.get(InvoicePress).draw = () => Promise.resolve(NOT_DRAWN);
    await caughtUp(admin);
    await app.nest.get(Jobs).settle();
    const before = checked ? await brokenSentences(admin) : undefined;
    const approvals = app.nest.get(BatchApprovalService);
    const waitsMs: number[] = [];
    const cpu0 = process.cpuUsage();
    const server0 = await cpuSecondsOfServer(world.adminUrl);
    const counted = countStatements();
    const began = performance.now();
    await Promise.all(world.desks.map((desk) => approveAll(approvals, desk, waitsMs)));
    const approvedSeconds = (performance.now() - began) / 1_000;
    const count = world.desks.reduce((sum, desk) => sum + desk.batches.length, 0);
    while ((await issuedOf(admin)) < count) await sleep(20);
    const seconds = (performance.now() - began) / 1_000;
    const statements = counted.stop();
    const { user, system } = process.cpuUsage(cpu0);
    const closed = {
      batches: count,
      approvedSeconds,
      seconds,
      waitsMs,
      statements,
      programSeconds: (user + system) / 1e6,
      serverSeconds: (await cpuSecondsOfServer(world.adminUrl)) - server0,
      peakMb: process.resourceUsage().maxRSS / 1024,
    };
    if (before) refuseWrongBooks(before, await brokenSentences(admin));
    return closed;
  } finally {
    await admin.end();
    await app.close();
  }
}

async function issuedOf(admin: pg.Client): Promise<number> {
  const { rows: found } = await admin.query<{ count: number }>(
    `select count(*)::int as count from invoice where state = 'issued'`,
  );
  return found[0]?.count ?? 0;
}

/** All batches of a desk, as many requests at a time as an approver's program sends, each with its own key. */
async function approveAll(approvals: BatchApprovalService, desk: Desk, waitsMs: number[]): Promise<void> {
  const left = desk.batches[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const { id, digest } of left) {
        const began = performance.now();
        const { state } = await approvals.approve(approverOf(desk), id, { digest });
        waitsMs.push(performance.now() - began);
        if (state !== 'approved') throw new Error(`Not approved: ${id}`);
      }
    }),
  );
}

function approverOf({ commissionerId, approverId }: Desk): Actor {
  return {
    kind: 'person',
    side: 'commissioner',
    orgId: commissionerId,
    memberId: approverId,
    keyId: null,
    roles: ['approver'],
    scopes: [],
    approvalLimitMinor: null,
    correlationId: randomUUID(),
    idempotencyKey: randomUUID(),
    requestHash: randomBytes(32),
  };
}

/** Counts what this process asks PostgreSQL, begin and commit included. */
function countStatements(): { stop(): number } {
  const original = Reflect.get(pg.Client.prototype, 'query') as (...given: unknown[]) => unknown;
  let count = 0;
  const counting = function (this: unknown, ...given: unknown[]): unknown {
    count += 1;
    return Reflect.apply(original, this, given);
  };
  Reflect.set(pg.Client.prototype, 'query', counting);
  return {
    stop() {
      Reflect.set(pg.Client.prototype, 'query', original);
      return count;
    },
  };
}

/** Sentences of the ledger that do not hold. The copies of a batch break some, such as what their registration says. */
async function brokenSentences(admin: pg.Client): Promise<ReadonlySet<string>> {
  const findings = await checkInvariants(async (sql) => (await admin.query<Record<string, unknown>>(sql)).rows);
  return new Set(findings.filter(({ violations }) => violations.length > 0).map(({ sentence }) => sentence));
}

/** A close that left the books wrong is no figure. */
function refuseWrongBooks(before: ReadonlySet<string>, after: ReadonlySet<string>): void {
  const broken = [...after].filter((sentence) => !before.has(sentence));
  if (broken.length > 0) throw new Error(`The close broke: ${broken.join(' ')}`);
}
