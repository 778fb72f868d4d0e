import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  EXIT_CODES,
  type HeldNote,
  UnreadableError,
  type Verdict,
  verdictInWords,
  verifyBundle,
} from '../audit/index.js';

const USAGE = `wellpaid verify BUNDLE [--checkpoint FILE]... [--key VERIFIER-KEY]... [--json]
  BUNDLE        what GET /v1/audit/bundle answered, in a file
  --checkpoint  a signed checkpoint, or a proof, that you were given before
  --key         a verifier key that counts, instead of those in the bundle; also that of a witness`;

const PROGRESS_EVERY_MS = 200;

/**
 * `wellpaid verify BUNDLE`: needs no database, no configuration and no network. Exits with 0 when all is proved, with 1 when
 * something is not as it was sealed or does not follow, and with 2 when that cannot be told.
 */
export async function verifyCommand(arguments_: string[]): Promise<number> {
  const { verdict, isJson } = await verify(arguments_);
  const text = isJson ? JSON.stringify(verdict, null, 2) : verdictInWords(verdict).join('\n');
  const stream = verdict.outcome === 'unreadable' && !isJson ? process.stderr : process.stdout;
  stream.write(`${text}\n`);
  return EXIT_CODES[verdict.outcome];
}

async function verify(arguments_: string[]): Promise<{ verdict: Verdict; isJson: boolean }> {
  let isJson = arguments_.includes('--json');
  try {
    const { path, json, held, pins } = read(arguments_);
    isJson = json;
    const onProgress = isJson || !process.stderr.isTTY ? undefined : progress();
    return { verdict: await verifyBundle(path, { held, pins, ...(onProgress && { onProgress }) }), isJson };
  } catch (error) {
    // A fault of the program must not look like a verdict: 1 would say that somebody meddled.
    const [message, mend] =
      error instanceof UnreadableError
        ? [error.message, error.mend]
        : [`This program failed: ${(error as Error).message}`, 'Report it with the bundle, if you may.'];
    return { verdict: { outcome: 'unreadable', message, mend }, isJson };
  }
}

function read(arguments_: string[]): { path: string; json: boolean; held: HeldNote[]; pins: string[] } {
  const { positionals, values } = parsed(arguments_);
  const [path, ...rest] = positionals;
  if (path === undefined || rest.length > 0)
    throw new UnreadableError('One bundle is verified at a time.', `Usage: ${USAGE}`);
  const held = (values.checkpoint ?? []).map((name) => ({ name, text: contentOf(name) }));
  return { path, json: values.json ?? false, held, pins: values.key ?? [] };
}

function parsed(arguments_: string[]) {
  try {
    return parseArgs({
      args: arguments_,
      allowPositionals: true,
      options: {
        checkpoint: { type: 'string', multiple: true },
        key: { type: 'string', multiple: true },
        json: { type: 'boolean' },
      },
    });
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
function progress(): (verified: number, size: number) => void {
  let saidAt = 0;
  return (verified, size) => {
    const now = performance.now();
    if (verified < size && now - saidAt < PROGRESS_EVERY_MS) return;
    saidAt = now;
    const percent = Math.floor((100 * verified) / size);
    process.stderr.write(verified < size ? `\rVerifying: ${percent} % of ${size} events` : '\r\x1b[K');
  };
}
