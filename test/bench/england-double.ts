// The double of Stripe as a process of its own, as the sandbox runs it, on a clock that whoever started it moves. It ends with
// the one who started it, whom Ctrl-C reaches too.
import { SandboxClock } from '../../src/platform/clock.js';
import { startStripeDouble } from '../../src/sandbox/stripe/index.js';

const [now = '', settleAfterSeconds = ''] = process.argv.slice(2);
const clock = new SandboxClock(new Date(now));
const double = await startStripeDouble({ now: () => clock.now(), settleAfterSeconds: Number(settleAfterSeconds) });
process.on('SIGINT', () => undefined);
process.on('message', (instant: string) => {
  clock.moveTo(new Date(instant));
  process.send?.(instant);
});
process.once('disconnect', () => void double.close().then(() => process.exit(0)));
process.send?.(double.url);
