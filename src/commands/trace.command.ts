import { parseArgs } from 'node:util';
import type { INestApplicationContext } from '@nestjs/common';
import { createApp } from '../app.js';
import { TraceService, traceTree, type Trace } from '../assurance/index.js';
import { readConfig } from '../platform/config.js';
import { Database } from '../platform/database.js';
import { isUuid } from '../platform/ids.js';
import { openRuntime } from '../runtime.js';
import { LogProofs } from '../sealing/index.js';
import { formatTlogProof } from '../transparency/index.js';
import { expectedError } from './expected-error.js';

const USAGE = `Usage: wellpaid trace ID [--json | --proof EVENT]
  with the id of a payout, invoice, batch, claim, session or referral, or of an event about one;
  EVENT is the id of one of its events, or the number that the tree shows behind "sealed #"`;

/** What is to be printed of the thing that has this id. */
export interface TraceAsked {
  readonly id: string;
  readonly as: 'tree' | 'json' | { readonly proofOf: string };
}

/**
 * `wellpaid trace ID`: prints where a thing came from and what it led to, with amounts, times and whether each event is
 * sealed, in the books of whichever commissioner has it; with `--proof` the C2SP tlog-proof of one of its events. For
 * whoever can run this program on the database.
 */
export async function traceCommand(arguments_: string[]): Promise<number> {
  const asked = readAsked(arguments_);
  const runtime = await openRuntime(readConfig(), { work: false });
  try {
    const app = await createApp(runtime);
    try {
      process.stdout.write(await traceText(app, asked));
    } finally {
      await app.close();
    }
  } finally {
    await runtime.stop();
  }
  return 0;
}

/**
 * What the command prints. Asks in the books of one commissioner after the other, each under its own policies. Throws an
 * error for the terminal where there is nothing to print.
 */
export async function traceText(app: INestApplicationContext, { id, as }: TraceAsked): Promise<string> {
  const found = await findTrace(app, id);
  if (!found) throw expectedError(`Nothing that can be traced has the id ${id}.`);
  const { commissionerId, trace } = found;
  if (as === 'tree') return `${traceTree(trace).join('\n')}\n`;
  if (as === 'json') return `${JSON.stringify(trace, withDigits, 2)}\n`;
  const event = eventOf(trace, as.proofOf);
  if (!event) throw expectedError(`No event in this trace has the id or the number ${as.proofOf}.`);
  const proof = await app.get(LogProofs).find(commissionerId, event.id);
  if (!proof) throw expectedError(`Event ${event.id} is not sealed yet. Try again in a second.`);
  return formatTlogProof(proof);
}

async function findTrace(
  app: INestApplicationContext,
  id: string,
): Promise<{ commissionerId: string; trace: Trace } | undefined> {
  const commissioners = await app
    .get(Database)
    .read({ side: 'auth', orgId: null }, (reader) =>
      reader.query<{ id: string }>(`select id from organisation where kind = 'commissioner' order by code`),
    );
  for (const { id: commissionerId } of commissioners) {
    const trace = await app.get(TraceService).find({ side: 'commissioner', orgId: commissionerId }, id);
    if (trace) return { commissionerId, trace };
  }
  return undefined;
}

function eventOf({ nodes }: Trace, wanted: string) {
  return nodes
    .flatMap(({ events }) => events)
    .find(({ id, sealed }) => id === wanted.toLowerCase() || String(sealed?.leafIndex) === wanted.replace(/^#/, ''));
}

/** As the API writes it: what JSON's numbers would round is a string of digits. */
function withDigits(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function readAsked(arguments_: string[]): TraceAsked {
  const { values, positionals } = parse(arguments_);
  const [id = '', ...rest] = positionals;
  if (!isUuid(id) || rest.length > 0 || (values.json && values.proof !== undefined)) throw expectedError(USAGE);
  return {
    id: id.toLowerCase(),
    as: values.json ? 'json' : values.proof === undefined ? 'tree' : { proofOf: values.proof },
  };
}

function parse(arguments_: string[]) {
  try {
    return parseArgs({
      args: arguments_,
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, proof: { type: 'string' } },
    });
  } catch {
    throw expectedError(USAGE);
  }
}
