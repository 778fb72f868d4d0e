import { startTestApp, type TestApp } from '../../test/support/app.js';
import { commissioner, type Party } from '../../test/support/world.js';
import { Metrics } from './metrics.js';
import { serveMetrics, type MetricsServer } from './metrics-server.js';

let app: TestApp;
let icb: Party;
let server: MetricsServer;

beforeAll(async () => {
  app = await startTestApp();
  icb = await commissioner(app);
  server = await serveMetrics(app.nest.get(Metrics), 0, '127.0.0.1');
});
afterAll(async () => {
  await server.close();
  await app.close();
});

async function figures(): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${server.port}/metrics`);
  expect(answer.status).toBe(200);
  return answer.text();
}

/** The value of one line, such as `name{label="x"} 3`. */
function valueOf(text: string, series: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? Number.NaN : Number(line.slice(series.length + 1));
}

describe('the figures of a process', () => {
  it('count requests by the route as it is declared, never as it was typed', async () => {
    const { api } = await icb.as('auditor');
    const id = '018f0000-0000-7000-8000-0000000000aa';
    await api.get(`/v1/trace/${id}`, { expect: 404 });
    await api.get('/v1/nothing-of-the-kind', { expect: 404 });
    const text = await figures();
    const count = (route: string, status: number) =>
      valueOf(text, `wellpaid_http_request_duration_seconds_count{method="GET",route="${route}",status="${status}"}`);
    expect(count('/v1/trace/:id', 404)).toBe(1);
    expect(count('none', 404)).toBe(1);
    expect(text).not.toContain(id);
    expect(text).not.toContain('nothing-of-the-kind');
  });

  it('say how much waits, in the whole instance', async () => {
    await app.admin.query(
      `insert into outbox (org_id, topic, data, created_at)
      values ($1, 'nobody.listens', '{}', now() - interval '90 seconds')`,
      [icb.id],
    );
    // The relay may take it at any moment; what it has not taken yet is counted with its age.
    const before = await figures();
    expect(valueOf(before, 'wellpaid_outbox_rows')).toBeGreaterThanOrEqual(0);
    await app.jobs.settle();
    const after = await figures();
    expect(valueOf(after, 'wellpaid_outbox_rows')).toBe(0);
    expect(valueOf(after, 'wellpaid_outbox_oldest_seconds')).toBe(0);
    expect(valueOf(after, 'wellpaid_jobs_open')).toBe(0);
    await app.admin.query(`insert into dead_letter (job, data, error) values ('nobody', '{"id":"x"}', 'TypeError')`);
    expect(valueOf(await figures(), 'wellpaid_work_given_up')).toBe(1);
  });

  it('leave out what cannot be read, and count that', async () => {
    app.nest.get(Metrics).gauge({
      name: 'spec_unreadable',
      help: 'Never readable.',
      read: () => Promise.reject(new Error('no')),
    });
    const text = await figures();
    expect(valueOf(text, 'spec_unreadable')).toBe(Number.NaN);
    expect(text).not.toMatch(/^spec_unreadable \d/m);
    expect(valueOf(await figures(), 'wellpaid_metric_failures_total{reading="spec_unreadable"}')).toBeGreaterThan(0);
    expect(valueOf(text, 'process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
  });

  it('are nowhere else', async () => {
    expect((await fetch(`http://127.0.0.1:${server.port}/`)).status).toBe(404);
    expect((await fetch(`${app.url}/metrics`)).status).toBe(404);
  });
});
