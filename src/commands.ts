import type { ServeMode } from './commands/serve.command.js';

export interface Command {
  readonly summary: string;
  /** Gives the exit code. */
  readonly run: (arguments_: string[]) => Promise<number>;
}

/** Each command loads what it needs and no more: a stand-in for Stripe needs no application. */
const serve = (mode: ServeMode) => async () => (await import('./commands/serve.command.js')).serveCommand(mode);

/** What the program can be told to do. */
export const COMMANDS: Record<string, Command> = {
  all: { summary: 'serve requests and run background jobs (the default)', run: serve('all') },
  serve: { summary: 'serve requests only', run: serve('serve') },
  worker: { summary: 'run background jobs only', run: serve('worker') },
  migrate: {
    summary: 'bring the database of DATABASE_ADMIN_URL to this version',
    run: async () => (await import('./commands/migrate.command.js')).migrateCommand(),
  },
  setup: {
    summary: 'add a commissioner with its first member',
    run: async (given) => (await import('./commands/set-up.command.js')).setUpCommand(given),
  },
  key: {
    summary: 'print a personal key for a member',
    run: async (given) => (await import('./commands/set-up.command.js')).keyCommand(given),
  },
  operator: {
    summary: 'make somebody who runs the instance, and print the link by which they sign in',
    run: async (given) => (await import('./commands/operator.command.js')).operatorCommand(given),
  },
  'sign-in-link': {
    summary: 'print a link by which a member sets up another way to sign in',
    run: async (given) => (await import('./commands/operator.command.js')).signInLinkCommand(given),
  },
  trace: {
    summary: 'print where a payout, invoice, claim or referral came from and led to',
    run: async (given) => (await import('./commands/trace.command.js')).traceCommand(given),
  },
  verify: {
    summary: 'prove from a bundle of the books, without a database, that they are as they were sealed; or --live',
    run: async (given) =>
      given.includes('--live')
        ? (await import('./commands/verify-live.command.js')).verifyLiveCommand(given)
        : (await import('./commands/verify.command.js')).verifyCommand(given),
  },
  drill: {
    summary: 'look through a restored database before anybody works on it; writes nothing',
    run: async (given) => (await import('./commands/drill.command.js')).drillCommand(given),
  },
  erase: {
    summary: 'erase a person who was referred, and print what remains of them',
    run: async (given) => (await import('./commands/erase.command.js')).eraseCommand(given),
  },
  demo: {
    summary: 'play one month with invented data, in the sandbox',
    run: async (given) => (await import('./commands/demo.command.js')).demoCommand(given),
  },
  'stripe-double': {
    summary: 'run the stand-in for Stripe that a sandbox pays through',
    run: async (given) => (await import('./commands/stripe-double.command.js')).stripeDoubleCommand(given),
  },
};
