// What the page of a batch with 100 lines costs: CPU of the server's process for each request, requests each second, and
// how long they take. Build first; then
//
//   TEST_DIST=dist-test node test/bench/batch-page.mjs [requests=1000] [concurrency=4]
//
// The server runs in this process and the database and the client in others, so process.cpuUsage is the server's alone:
// session, reads, words, template and gzip. It depends less on what else runs on the machine than a clock does.
import { fork } from 'node:child_process';
import { Agent, get } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const LINES = 100;
const WARM_UP = 200;

if (process.send) beClient();
else await beServer();

async function beServer() {
  const [requests = 1000, concurrency = 4] = process.argv.slice(2).map(Number);
  const { default: startTestServer } = await import('../support/global-setup.mjs');
  const { default: stopTestServer } = await import('../support/global-teardown.mjs');
  await startTestServer();
  const { startTestApp } = await compiled('test/support/app.js');
  const app = await startTestApp({ now: '2026-11-05T09:00:00Z' });
  try {
    const address = await buildBatch(app);
    const client = fork(fileURLToPath(import.meta.url));
    const measured = await measure(client, { ...address, requests, concurrency });
    client.kill();
    report(measured, requests, concurrency);
  } finally {
    await app.close();
    await stopTestServer();
  }
}

/** One contract, ten people, ten sessions of ten: 100 lines, of which 20 are beyond a cap. */
async function buildBatch(app) {
  const { commissioner } = await compiled('test/support/world.js');
  const { MonthStage } = await compiled('test/stories/month-stage.js');
  const { openSession } = await compiled('test/support/visitors.js');
  const icb = await commissioner(app);
  const card = { basis: 'attendance', priceMinor: '3200', caps: { perReferral: 8 } };
  const month = await MonthStage.of(app, icb, { card, code: 'BENCH-1' });
  const referrals = [];
  for (let person = 1; person <= 10; person++) referrals.push(await month.referral(`SP-${1000 + person}`));
  for (let day = 1; day <= LINES / 10; day++) {
    await month.coordinator.post('/v1/sessions', {
      contract: month.contract.contractCode,
      service: month.contract.serviceCode,
      kind: 'group',
      date: `2026-10-${String(day * 2).padStart(2, '0')}`,
      start: '14:00',
      durationMinutes: 60,
      attendances: referrals.map((referral) => ({ referral, outcome: 'attended' })),
      claim: true,
    });
  }
  const batch = await month.submit();
  if (batch.lineCount !== LINES) throw new Error(`The batch has ${batch.lineCount} lines`);
  const session = await openSession(app, (await icb.as('approver')).memberId);
  return { url: `${app.url}/batches/${batch.id}`, session };
}

async function measure(client, task) {
  await answerOf(client, { ...task, requests: WARM_UP });
  const [before, startedAt] = [process.cpuUsage(), performance.now()];
  const { times, bytes } = await answerOf(client, task);
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 1000, elapsedMs: performance.now() - startedAt, times, bytes };
}

function answerOf(client, task) {
  return new Promise((resolve, reject) => {
    client.once('message', (answer) => (answer.error ? reject(new Error(answer.error)) : resolve(answer)));
    client.once('exit', (code) => reject(new Error(`The client ended with ${code}`)));
    client.send(task);
  });
}

function report({ cpuMs, elapsedMs, times, bytes }, requests, concurrency) {
  const sorted = times.toSorted((a, b) => a - b);
  const percentile = (part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))].toFixed(1);
  const each = cpuMs / requests;
  console.log(`${requests} requests, ${concurrency} at a time, ${LINES} lines, ${(bytes / 1024).toFixed(1)} KB gzip`);
  console.log(`${each.toFixed(2)} ms CPU a request, ${(1000 / each).toFixed(0)} requests/s on one core`);
  console.log(
    `${((1000 * requests) / elapsedMs).toFixed(0)} requests/s measured, p50 ${percentile(0.5)} ms, p99 ${percentile(0.99)} ms`,
  );
  console.log(
    `Node ${process.version}, ${os.cpus().length} × ${os.cpus()[0]?.model}, load ${os.loadavg()[0].toFixed(1)}`,
  );
}

function beClient() {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  process.on('message', (task) => {
    visitAgainAndAgain(agent, task).then(
      (answer) => process.send(answer),
      (error) => process.send({ error: String(error) }),
    );
  });
}

async function visitAgainAndAgain(agent, { url, session, requests, concurrency }) {
  const headers = { cookie: `wellpaid-session=${session}`, accept: 'text/html', 'accept-encoding': 'gzip' };
  const times = [];
  let [left, bytes] = [requests, 0];
  const visitor = async () => {
    while (left-- > 0) {
      const startedAt = performance.now();
      bytes = await sizeOf(url, { agent, headers });
      times.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, visitor));
  return { times, bytes };
}

function sizeOf(url, options) {
  return new Promise((resolve, reject) => {
    const request = get(url, options, (response) => {
      let size = 0;
      response.on('data', (chunk) => (size += chunk.length));
      response.on('end', () => {
        if (response.statusCode === 200) resolve(size);
        else reject(new Error(`${url} answered ${response.statusCode}`));
      });
    });
    request.on('error', reject);
  });
}

function compiled(file) {
  return import(path.resolve(process.env.TEST_DIST ?? 'dist-test', file));
}
