import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterTest, kill } from './embedded-servers.js';

const main = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const LISTENS = /^Wellpaid listens at (http:\/\/\S+?)\.(?:\s|$)/m;

const COMMISSIONER = {
  code: 'NELICB',
  name: 'North East London ICB',
  'legal-form': 'nhs_body',
  address: 'Unex Tower',
  postcode: 'E15 1DA',
  'admin-name': 'A. Person',
  'admin-email': 'a.person@example.org',
};
/** The command that adds a commissioner with its first member. */
export const SET_UP = ['setup', ...Object.entries(COMMISSIONER).flatMap(([name, value]) => [`--${name}`, value])];

/** The program as a process of its own. */
export interface Program {
  child: ChildProcess;
  /** What it has said so far. */
  out: () => string;
  err: () => string;
  /** Resolves with the address once it listens. */
  listening: () => Promise<string>;
  /** Resolves once what it said matches. */
  says: (pattern: RegExp) => Promise<string>;
  /** Resolves with the exit code; null when a signal ended it. */
  ended: () => Promise<number | null>;
}

/** Starts `wellpaid …` with these variables and no others of this process but the path. */
export function program(arguments_: string[], environment: Record<string, string>): Program {
  const child = spawn(process.execPath, [main, ...arguments_], {
    env: { PATH: process.env.PATH, HOME: '/', PORT: '0', LOG_LEVEL: 'silent', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a group of its own, to which Ctrl-C goes
  });
  afterTest(() => kill(child));
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const exited = once(child, 'close').then(([code]) => code as number | null);
  const says = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const found = pattern.exec(out);
      if (found) return found[1] ?? found[0];
      const code = await Promise.race([exited, new Promise((resolve) => setTimeout(() => resolve('later'), 20))]);
      if (code !== 'later') throw new Error(`wellpaid ended with ${String(code)}: ${err}`);
    }
  };
  return { child, out: () => out, err: () => err, says, listening: () => says(LISTENS), ended: () => exited };
}

/** Runs a command to its end. */
export async function run(
  arguments_: string[],
  environment: Record<string, string>,
): Promise<{ code: number | null; out: string; err: string }> {
  const started = program(arguments_, environment);
  const code = await started.ended();
  return { code, out: started.out(), err: started.err() };
}

/** The processes that have to do with a folder: they work in it, or were told of it. Without /proc, nobody knows. */
export function processesOf(folder: string): number[] {
  if (!existsSync('/proc/self/cwd')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && concerns(name, folder))
    .map(Number);
}

function concerns(pid: string, folder: string): boolean {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return command !== '' && (command.includes(folder) || readlinkSync(`/proc/${pid}/cwd`).startsWith(folder));
  } catch {
    return false;
  }
}
