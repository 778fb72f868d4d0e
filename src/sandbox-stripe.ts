import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { SandboxStripe } from './platform/platform.module.js';

export interface StripeDoubleProcess extends SandboxStripe {
  /** Resolves when the double ends, also by itself. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

const STARTED_WITHIN_MS = 20_000;

/**
 * Starts the Stripe double as a child process, which ends when this one does, however that ends: it watches the channel
 * between the two. Its accounts and balances are kept in `stateFile`, and its
 * clock starts at `now`.
 *
 * @throws Error when it does not start
 */
export async function startStripeDoubleProcess(
  main: string,
  stateFile: string,
  now: Date,
): Promise<StripeDoubleProcess> {
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', join(main, 'main.js'), 'stripe-double', '--state', stateFile, '--now', now.toISOString()],
    { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error('The Stripe double did not start in time'));
    }, STARTED_WITHIN_MS);
    child.once('message', (message) => {
      clearTimeout(timer);
      resolve((message as { url: string }).url);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`The Stripe double ended with ${code} before it started`));
    });
  });
  child.unref();
  child.channel?.unref();
  return {
    url,
    webhookBase: null,
    ended,
    stop: async () => {
      child.ref(); // or nothing would keep this process from ending while it waits
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
