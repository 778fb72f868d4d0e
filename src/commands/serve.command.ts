import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../app.js';
import { readConfig, type Config } from '../platform/config.js';
import { keepHeapSmall } from '../platform/heap.js';
import { Metrics } from '../platform/metrics.js';
import { serveMetrics, type MetricsServer } from '../platform/metrics-server.js';
import { projectRoot } from '../platform/paths.js';
import type { Runtime } from '../platform/platform.module.js';
import { Renderer } from '../portal/index.js';
import { openRuntime } from '../runtime.js';
import { expectedError } from './expected-error.js';

export type ServeMode = 'all' | 'serve' | 'worker';

/** Runs until it is asked to end; then answers what is in flight, stops the jobs, and last the database. */
export async function serveCommand(mode: ServeMode): Promise<number> {
  keepHeapSmall();
  const config = readConfig();
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const runtime = await openRuntime(config, { work: mode !== 'serve', stripeDouble: mode === 'all', say });
  let failure: string | undefined;
  try {
    const app = await createApp(runtime);
    let figures: MetricsServer | undefined;
    try {
      const signal = untilSignal();
      figures = await showFigures(app, config, say);
      if (mode !== 'worker') say(await listen(app, config, runtime));
      else say('Wellpaid runs background jobs.');
      // Conveniences: without them the server runs as well.
      const warm = mode === 'worker' ? Promise.resolve() : app.get(Renderer).warm();
      warm.catch((error: unknown) => runtime.log.error({ error }, 'a page cannot be made'));
      const offer = mode === 'all' && config.sandbox ? offerSampleKeys(app, say) : Promise.resolve();
      offer.catch((error: unknown) => runtime.log.warn({ error }, 'no sample keys'));
      failure = (await Promise.race([signal, runtime.failed])) ?? undefined;
    } finally {
      await figures?.close();
      await app.close();
    }
  } catch (error) {
    // What cannot be closed once the database has ended is no news.
    if (failure === undefined) throw error;
  } finally {
    await runtime.stop();
  }
  if (failure !== undefined) throw expectedError(failure);
  return 0;
}

/** Where the demo was played: keys to look around with. */
async function offerSampleKeys(app: NestFastifyApplication, say: (line: string) => void): Promise<void> {
  const { sampleKeys } = await import('../sandbox/demo/index.js');
  const folder = join(projectRoot(), 'demo');
  const keys = existsSync(folder) ? await sampleKeys(app, folder) : [];
  if (keys.length === 0) return;
  say('Sample keys, for twelve hours (Authorization: Bearer …):');
  for (const { owner, key } of keys) say(`  ${key}  ${owner}`);
}

async function showFigures(
  app: NestFastifyApplication,
  { metrics }: Config,
  say: (line: string) => void,
): Promise<MetricsServer | undefined> {
  if (!metrics) return undefined;
  try {
    const server = await serveMetrics(app.get(Metrics), metrics.port, metrics.host);
    say(`Figures for Prometheus are at http://${metrics.host}:${server.port}/metrics`);
    return server;
  } catch (error) {
    throw expectedError(`METRICS_PORT: cannot listen at ${metrics.host}:${metrics.port}: ${(error as Error).message}`);
  }
}

async function listen(app: NestFastifyApplication, config: Config, runtime: Runtime): Promise<string> {
  try {
    await app.listen(config.port, config.host);
  } catch (error) {
    throw expectedError(`Cannot listen at ${config.host}:${config.port}: ${(error as Error).message}`);
  }
  const url = await app.getUrl();
  if (runtime.sandboxStripe) runtime.sandboxStripe.webhookBase = config.publicUrl ?? url;
  const sandbox = config.sandbox ? ' Sandbox: no money moves.' : '';
  const address = config.publicUrl ?? url.replace('127.0.0.1', 'localhost');
  return `Wellpaid listens at ${address}.${sandbox} The API is described at ${address}/docs`;
}

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}
