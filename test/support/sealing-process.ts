import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

const compiled = (file: string): string => fileURLToPath(new URL(`../../src/${file}`, import.meta.url));

/** Seals once. It says which statement it comes to, and stops before one of them for ever. */
const PROGRAM = `
  const { url, stopBefore, modules } = JSON.parse(process.argv[1]);
  const [pg, sealer, source, database, clock, config] = await Promise.all(modules.map((one) => import(one)));
  const base = new database.Database(await source.connect(url, [], 1));
  const query = pg.default.Client.prototype.query;
  let statements = 0;
  pg.default.Client.prototype.query = function (...parameters) {
    if (++statements < stopBefore) return query.apply(this, parameters);
    console.log(String(parameters[0]?.text ?? parameters[0]).trim().replaceAll('\\n', ' '));
    setInterval(() => undefined, 60_000);
    return new Promise(() => undefined);
  };
  await new sealer.Sealer(base, new clock.SystemClock(), config.readConfig({ LOG_NAME: 'log.example' })).pass();
  console.log('sealed');
  process.exit();`;

const MODULES = [
  import.meta.resolve('pg'),
  compiled('sealing/sealer.service.js'),
  compiled('platform/data-source.js'),
  compiled('platform/database.js'),
  compiled('platform/clock.js'),
  compiled('platform/config.js'),
];

/**
 * Lets another process seal and kills it, as the system would, before it sends a statement of its pass.
 *
 * @returns the statement that was not sent; null when the pass has fewer statements, and is done
 */
export async function killBefore(statement: number, url: string): Promise<string | null> {
  const argument = JSON.stringify({ url, stopBefore: statement, modules: MODULES });
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, argument], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(readline.createInterface({ input: child.stdout }), 'line')) as [string];
  await kill(child);
  return line === 'sealed' ? null : line;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
