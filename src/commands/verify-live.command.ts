import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createApp } from '../app.js';
import { LiveVerifier, liveVerdictInWords, type LiveOptions, type LiveVerdict } from '../assurance/index.js';
import { EXIT_CODES, UnreadableError, type UnreadableVerdict } from '../audit/index.js';
import { readConfig } from '../platform/config.js';
import { openRuntime } from '../runtime.js';

const USAGE = `wellpaid verify --live [--commissioner ID] [--checkpoint FILE]... [--json]
  --live          prove the database of this instance
  --commissioner  the books of one commissioner alone
  --checkpoint    a signed checkpoint, or a proof, that somebody was given before`;

const PROGRESS_EVERY_MS = 200;

/**
 * `wellpaid verify --live`: proves the running database against its own log, what is published and what is held, and every
 * table against the journal. Exits with 0 when all is proved, with 1 when something is not, and with 2 when that cannot be
 * told.
 */
export async function verifyLiveCommand(arguments_: string[]): Promise<number> {
  const isJson = arguments_.includes('--json');
  const verdict = await verdictOf(arguments_, isJson);
  const text = isJson ? JSON.stringify(verdict, asText, 2) : inWords(verdict).join('\n');
  const stream = verdict.outcome === 'unreadable' && !isJson ? process.stderr : process.stdout;
  stream.write(`${text}\n`);
  return EXIT_CODES[verdict.outcome];
}

async function verdictOf(arguments_: string[], isJson: boolean): Promise<LiveVerdict | UnreadableVerdict> {
  try {
    return await verifyLive({
      ...read(arguments_),
      ...(!isJson && process.stderr.isTTY && { onProgress: progress() }),
    });
  } catch (error) {
    // A fault of the program, or of what it runs on, must not look like a verdict: 1 would say that somebody meddled.
    const [message, mend] =
      error instanceof UnreadableError
        ? [error.message, error.mend]
        : [`The database could not be looked through: ${(error as Error).message}`, 'Try again once it answers.'];
    return { outcome: 'unreadable', message, mend };
  }
}

/** Opens the instance that the configuration names, without working or serving, and proves it. */
export async function verifyLive(options: LiveOptions): Promise<LiveVerdict> {
  const runtime = await openRuntime(readConfig(), { work: false });
  try {
    const app = await createApp(runtime);
    try {
      await app.init();
      return await app.get(LiveVerifier).verify(options);
    } finally {
      await app.close();
    }
  } finally {
    await runtime.stop();
  }
}

function inWords(verdict: LiveVerdict | UnreadableVerdict): string[] {
  if (verdict.outcome !== 'unreadable') return liveVerdictInWords(verdict);
  return ['Cannot be verified: nothing is proved, and nothing is refuted.', verdict.message, verdict.mend];
}

function read(arguments_: string[]): LiveOptions {
  const { commissioner, checkpoint = [] } = parsed(arguments_);
  const held = checkpoint.map((name) => ({ name, text: contentOf(name) }));
  return { held, ...(commissioner !== undefined && { commissionerId: commissioner }) };
}

function parsed(arguments_: string[]) {
  try {
    return parseArgs({
      args: arguments_,
      options: {
        live: { type: 'boolean' },
        commissioner: { type: 'string' },
        checkpoint: { type: 'string', multiple: true },
        json: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new UnreadableError((error as Error).message, `Usage: ${USAGE}`);
  }
}

function contentOf(name: string): string {
  try {
    return readFileSync(name, 'utf8');
  } catch (error) {
    throw new UnreadableError(
      `${name} cannot be opened (${(error as { code?: string }).code ?? 'unknown error'}).`,
      'Give the path of a checkpoint that you hold.',
    );
  }
}

/** Says on a terminal how far it is, on one line that the verdict replaces. */
function progress(): NonNullable<LiveOptions['onProgress']> {
  let saidAt = 0;
  return (what, done, of) => {
    const now = performance.now();
    if (now - saidAt < PROGRESS_EVERY_MS && done < of) return;
    saidAt = now;
    process.stderr.write(`\r\u001b[K${done < of ? `Verifying ${what}: ${Math.floor((100 * done) / of)} %` : ''}`);
  };
}

/** As JSON writes it, but for what JSON has no spelling of. */
function asText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
