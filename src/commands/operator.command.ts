import { parseArgs } from 'node:util';
import { createApp } from '../app.js';
import { readConfig } from '../platform/config.js';
import { DomainError } from '../platform/errors.js';
import { openRuntime } from '../runtime.js';
import { JoiningService } from '../sign-in/index.js';
import { expectedError } from './expected-error.js';

/** `wellpaid operator --email a@b --name "A. Person"`: makes an operator, and prints the link to set up their sign-in. */
export async function operatorCommand(arguments_: string[]): Promise<number> {
  const { email, name } = read(arguments_, 'wellpaid operator --email a.person@example.org --name "A. Person"', [
    'email',
    'name',
  ]);
  return withJoining(async (joining) => {
    const link = await joining.makeOperator(email, name);
    return `${email} runs this instance. Good once, within seven days:\n${link}\n`;
  });
}

/**
 * `wellpaid sign-in-link --organisation CODE --email a@b`: prints a link for a member who has lost every way to sign in.
 * Whoever runs it makes sure who asks.
 */
export async function signInLinkCommand(arguments_: string[]): Promise<number> {
  const usage = 'wellpaid sign-in-link --organisation CODE --email a.person@example.org';
  const { organisation, email } = read(arguments_, usage, ['organisation', 'email']);
  return withJoining(async (joining) => `${await joining.makeLink(organisation, email)}\n`);
}

async function withJoining(work: (joining: JoiningService) => Promise<string>): Promise<number> {
  const runtime = await openRuntime(readConfig(), { work: false });
  try {
    const app = await createApp(runtime);
    try {
      process.stdout.write(await work(app.get(JoiningService)));
    } finally {
      await app.close();
    }
  } catch (error) {
    throw error instanceof DomainError ? expectedError(error.message) : error;
  } finally {
    await runtime.stop();
  }
  return 0;
}

/** The values of options that are all needed. */
function read<Name extends string>(arguments_: string[], usage: string, names: Name[]): Record<Name, string> {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  let values: Record<string, string | undefined>;
  try {
    ({ values } = parseArgs({ args: arguments_, options }));
  } catch (error) {
    throw expectedError(`${(error as Error).message}\nUsage: ${usage}`);
  }
  if (names.some((name) => !values[name])) throw expectedError(`Usage: ${usage}`);
  return values as Record<Name, string>;
}
