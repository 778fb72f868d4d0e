import { createApp } from '../app.js';
import { TraceService, traceTree } from '../assurance/index.js';
import { readConfig } from '../platform/config.js';
import type { Database } from '../platform/database.js';
import { isUuid } from '../platform/ids.js';
import { openRuntime } from '../runtime.js';
import { expectedError } from './expected-error.js';

/**
 * `wellpaid trace ID`: prints where a thing came from and what it led to, with amounts and times, in the books of whichever
 * commissioner has it. For whoever can run this program on the database.
 */
export async function traceCommand(arguments_: string[]): Promise<number> {
  const [id = '', ...rest] = arguments_;
  if (!isUuid(id) || rest.length > 0) {
    throw expectedError(
      'Usage: wellpaid trace ID, with the id of a payout, invoice, batch, claim, session or referral.',
    );
  }
  const runtime = await openRuntime(readConfig(), { work: false });
  try {
    const app = await createApp(runtime);
    try {
      const lines = await treeOf(runtime.database, app.get(TraceService), id);
      if (!lines) throw expectedError(`Nothing that can be traced has the id ${id}.`);
      process.stdout.write(`${lines.join('\n')}\n`);
    } finally {
      await app.close();
    }
  } finally {
    await runtime.stop();
  }
  return 0;
}

/** Asks in the books of one commissioner after the other, each under its own policies. */
export async function treeOf(database: Database, traces: TraceService, id: string): Promise<string[] | undefined> {
  const commissioners = await database.read({ side: 'auth', orgId: null }, (reader) =>
    reader.query<{ id: string }>(`select id from organisation where kind = 'commissioner' order by code`),
  );
  for (const { id: orgId } of commissioners) {
    const trace = await traces.find({ side: 'commissioner', orgId }, id);
    if (trace) return traceTree(trace);
  }
  return undefined;
}
