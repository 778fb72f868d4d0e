import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  type BalancesAt,
  dayNumber,
  EXIT_CODES,
  type HeldNote,
  UnreadableError,
  type Verdict,
  verdictInWords,
  verifyBundle,
} from '../audit/index.js';

const USAGE = `wellpaid verify BUNDLE [--checkpoint FILE]... [--key VERIFIER-KEY]... [--balances-at SIZE [--on DAY]] [--json]
  BUNDLE        what GET /v1/audit/bundle answered, in a file
  --checkpoint  a signed checkpoint, or a proof, that you were given before
  --key         a verifier key that counts, instead of those in the bundle; also that of a witness
  --balances-at what each account held as it was booked in the first SIZE events; with --on, at the end of a DAY`;

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
    const { path, json, ...options } = read(arguments_);
    isJson = json;
    const onProgress = isJson || !process.stderr.isTTY ? undefined : progress();
    return { verdict: await verifyBundle(path, { ...options, ...(onProgress && { onProgress }) }), isJson };
  } catch (error) {
    // A fault of the program must not look like a verdict: 1 would say that somebody meddled.
    const [message, mend] =
      error instanceof UnreadableError
        ? [error.message, error.mend]
        : [`This program failed: ${(error as Error).message}`, 'Report it with the bundle, if you may.'];
    return { verdict: { outcome: 'unreadable', message, mend }, isJson };
  }
}

interface Asked {
  readonly path: string;
  readonly json: boolean;
  readonly held: HeldNote[];
  readonly pins: string[];
  readonly balancesAt: BalancesAt | undefined;
}

function read(arguments_: string[]): Asked {
  const { positionals, values } = parsed(arguments_);
  const [path, ...rest] = positionals;
  if (path === undefined || rest.length > 0)
    throw new UnreadableError('One bundle is verified at a time.', `Usage: ${USAGE}`);
  const held = (values.checkpoint ?? []).map((name) => ({ name, text: contentOf(name) }));
  const balancesAt = balancesOf(values['balances-at'], values.on);
  return { path, json: values.json ?? false, held, pins: values.key ?? [], balancesAt };
}

function balancesOf(size: string | undefined, on: string | undefined): BalancesAt | undefined {
  if (size === undefined && on === undefined) return undefined;
  const day = on === undefined ? undefined : dayNumber(on);
  if (size !== undefined && /^[1-9]\d{0,14}$/.test(size) && (on === undefined || day !== undefined)) {
    return { size: Number(size), on: day };
  }
  throw new UnreadableError('Balances are as of a size of the log, and of a day like 2027-03-31.', `Usage: ${USAGE}`);
}

function parsed(arguments_: string[]) {
  try {
    return parseArgs({
      args: arguments_,
      allowPositionals: true,
      options: {
        checkpoint: { type: 'string', multiple: true },
        key: { type: 'string', multiple: true },
        'balances-at': { type: 'string' },
        on: { type: 'string' },
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
