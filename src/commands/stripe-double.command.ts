import { parseArgs } from 'node:util';
import { SandboxClock, SystemClock } from '../platform/clock.js';
import { readConfig } from '../platform/config.js';
import { startStripeDouble } from '../sandbox/stripe/index.js';
import { expectedError } from './expected-error.js';

/** `wellpaid stripe-double`: the stand-in for Stripe as a process of its own. Ends when its parent does. */
export async function stripeDoubleCommand(arguments_: string[]): Promise<number> {
  const { values } = parseArgs({
    args: arguments_,
    options: {
      port: { type: 'string' },
      host: { type: 'string' },
      state: { type: 'string' },
      url: { type: 'string' },
      now: { type: 'string' },
    },
  });
  const config = readConfig();
  if (!config.sandbox) throw expectedError('The Stripe double does not start beside a Stripe key.');
  // A sandbox may live on another day, and notices are signed with the time.
  const clock = values.now === undefined ? new SystemClock() : SandboxClock.sinceProcessBegan(new Date(values.now));
  const double = await startStripeDouble({
    now: () => clock.now(),
    port: Number(values.port ?? 0),
    ...(values.host !== undefined && { host: values.host }),
    ...(values.state !== undefined && { stateFile: values.state }),
    ...(values.url !== undefined && { publicUrl: values.url }),
  });
  if (process.send) process.send({ url: double.url });
  else process.stdout.write(`Stripe double on ${double.url}. Sandbox: no money moves.\n`);
  await new Promise<void>((resolve) => {
    process.once('disconnect', resolve);
    process.once('SIGTERM', () => resolve());
    // Ctrl-C reaches both processes: the parent still answers what is in flight, and disconnects last.
    process.on('SIGINT', () => {
      if (!process.send) resolve();
    });
  });
  await double.close();
  return 0;
}
