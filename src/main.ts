#!/usr/bin/env node
import { COMMANDS } from './commands.js';
import { ConfigError } from './platform/config.js';

const [name = 'all', ...rest] = process.argv.slice(2);
const command = COMMANDS[name];
if (!command) {
  const known = Object.entries(COMMANDS).map(([each, { summary }]) => `  ${each.padEnd(14)} ${summary}`);
  process.stderr.write(`wellpaid: there is no command "${name}". There are:\n${known.join('\n')}\n`);
  process.exit(2);
}
// A reader that has seen enough, such as head, is no failure.
process.stdout.on('error', (error: Error & { code?: string }) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  process.exitCode = await command.run(rest);
} catch (error) {
  const known = error instanceof ConfigError || (error as { expected?: boolean }).expected === true;
  process.stderr.write(`wellpaid: ${known ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`);
  process.exitCode = 1;
}
