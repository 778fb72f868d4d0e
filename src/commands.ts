import { demoCommand } from './commands/demo.command.js';
import { migrateCommand } from './commands/migrate.command.js';
import { keyCommand, setUpCommand } from './commands/set-up.command.js';
import { stripeDoubleCommand } from './commands/stripe-double.command.js';
import { serveCommand } from './commands/serve.command.js';
import { traceCommand } from './commands/trace.command.js';

export interface Command {
  readonly summary: string;
  /** Gives the exit code. */
  readonly run: (arguments_: string[]) => Promise<number>;
}

/** What the program can be told to do. */
export const COMMANDS: Record<string, Command> = {
  all: { summary: 'serve requests and run background jobs (the default)', run: () => serveCommand('all') },
  serve: { summary: 'serve requests only', run: () => serveCommand('serve') },
  worker: { summary: 'run background jobs only', run: () => serveCommand('worker') },
  migrate: { summary: 'bring the database of DATABASE_ADMIN_URL to this version', run: migrateCommand },
  setup: { summary: 'add a commissioner with its first member', run: setUpCommand },
  'stripe-double': { summary: 'run the stand-in for Stripe that a sandbox pays through', run: stripeDoubleCommand },
  demo: { summary: 'play one month with invented data, in the sandbox', run: demoCommand },
  trace: { summary: 'print where a payout, invoice, claim or referral came from and led to', run: traceCommand },
  key: { summary: 'print a personal key for a member', run: keyCommand },
};
