import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createApp } from '../app.js';
import { SandboxClock } from '../platform/clock.js';
import { readConfig, type Config } from '../platform/config.js';
import { defaultDataDir } from '../platform/embedded-postgres.js';
import { projectRoot } from '../platform/paths.js';
import { openRuntime, sandboxClockFile } from '../runtime.js';
import {
  DEMO_START,
  describeTemplate,
  playDemo,
  sendOwnFile,
  whyNotSend,
  type Theatre,
} from '../sandbox/demo/index.js';
import { startStripeDouble } from '../sandbox/stripe/index.js';
import { expectedError } from './expected-error.js';

const USAGE = `npm run demo                                   play one month with three commissioners and fourteen providers
npm run demo -- --file my.csv --contract CODE  send a claim file of your own as the provider of that contract
npm run demo -- --template                     the columns of a claim file
npm run demo -- --fresh                        forget the data of the sandbox first
npm run demo -- --help                         this`;

interface Options {
  readonly file?: string;
  readonly contract?: string;
  readonly template?: boolean;
  readonly fresh?: boolean;
  readonly help?: boolean;
}

/** `wellpaid demo`: the whole journey with invented data, in the sandbox. Exit 2: it was asked for something unknown. */
export async function demoCommand(arguments_: string[]): Promise<number> {
  const options = readOptions(arguments_);
  if ('problem' in options) {
    process.stderr.write(`wellpaid: ${options.problem}\n${USAGE}\n`);
    return 2;
  }
  if (options.help || options.template) {
    process.stdout.write(options.help ? `${USAGE}\n` : describeTemplate(dataFolder()));
    return 0;
  }
  const config = readConfig();
  if (!config.sandbox) throw expectedError('The demo runs in the sandbox only: unset the Stripe keys.');
  if (options.fresh) forget(config);
  const { file, contract = '' } = options;
  await onStage(config, async (theatre) => {
    if (file === undefined) await playDemo(theatre);
    else await sendOwnFile(theatre, { file, contract });
  });
  process.stdout.write(
    'Go on with "npm start": it serves the same data on the same day, and prints keys to look around with.\n',
  );
  return 0;
}

function readOptions(arguments_: string[]): Options | { problem: string } {
  try {
    const { values } = parseArgs({
      args: arguments_,
      options: {
        file: { type: 'string' },
        contract: { type: 'string' },
        template: { type: 'boolean' },
        fresh: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    const { file, contract } = values;
    if ((file === undefined) !== (contract === undefined))
      return { problem: '--file and --contract go together: a file is claimed under a contract.' };
    const problem = file !== undefined && contract !== undefined && whyNotSend(dataFolder(), { file, contract });
    if (problem) return { problem };
    return values;
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

/** Opens everything as "npm start" does, on the day that the demo is at, and closes it again. */
async function onStage(config: Config, play: (theatre: Theatre) => Promise<void>): Promise<void> {
  const quiet: Config = { ...config, logLevel: config.logLevel === 'info' ? 'error' : config.logLevel };
  const runtime = await openRuntime(quiet, { work: true });
  try {
    const clock = runtime.clock instanceof SandboxClock ? runtime.clock : new SandboxClock(new Date(DEMO_START));
    const keepDay = (now: Date) => writeFileSync(sandboxClockFile(runtime.dataDir), now.toISOString());
    keepDay(clock.now());
    // Not a process of its own, so that it lives on the demo's day: its notices are signed with the time.
    const double = await startStripeDouble({
      now: () => clock.now(),
      stateFile: join(runtime.dataDir, 'stripe-double.json'),
      settleAfterSeconds: 'never',
    });
    const stripe = { url: double.url, webhookBase: null as string | null };
    const app = await createApp({ ...runtime, clock, sandboxStripe: stripe });
    try {
      await app.listen(0, '127.0.0.1');
      const url = await app.getUrl();
      stripe.webhookBase = url;
      const folders = { dataFolder: dataFolder(), outFolder: join(dataFolder(), 'out') };
      await play({ app, url, clock, stripe, ...folders, screen: process.stdout, onMove: keepDay });
    } finally {
      await double.close();
      await app.close();
    }
  } finally {
    await runtime.stop();
  }
}

function dataFolder(): string {
  return join(projectRoot(), 'demo');
}

function forget(config: Config): void {
  if (config.databaseUrl !== undefined)
    throw expectedError('--fresh forgets the embedded database only, and DATABASE_URL names another. Unset it first.');
  const root = projectRoot();
  const dataDir = config.dataDir ?? defaultDataDir(root).replace(/\/postgres$/, '');
  rmSync(dataDir, { recursive: true, force: true });
  rmSync(join(dataFolder(), 'out'), { recursive: true, force: true });
}
