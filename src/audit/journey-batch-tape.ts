import type { WriteSaid } from './journey-reading.js';
import { takeOrder, takeText } from './replay-keys.js';
import { monthOf, readAnyText, type Said } from './replay-said.rules.js';
import type { TapeReader, TapeWriter } from './segment.js';

/** What a batch says of its lines. */
export interface Sums {
  readonly lines: number;
  readonly total: number;
  readonly digestHigh: number;
  readonly digestLow: number;
}

export function readSums(tape: TapeReader): Sums {
  const [lines, total, digestHigh, digestLow] = [tape.next(), tape.next(), tape.next(), tape.next()];
  return { lines, total, digestHigh, digestLow };
}

function putSums(tape: TapeWriter, said: Said): void {
  tape.put(said.count('lineCount'));
  tape.put(said.minor('totalMinor'));
  takeText(tape.ids, said.sha256('digest'));
  tape.putKey();
}

/** About a line of a batch, or a claim that waits for the answer to a query: then it says no sums. */
const aboutLine: WriteSaid = (said, _event, tape) => {
  tape.putId(said.id('batchId'));
  for (const name of ['question', 'reason']) readAnyText(said, name);
  const isLine = said.has('lineCount');
  tape.put(isLine ? 1 : 0);
  if (!isLine) return;
  putSums(tape, said);
  tape.put(said.minor('vatMinor'));
};

export const BATCH_WRITERS: Readonly<Record<string, WriteSaid>> = {
  'batch.submitted': (said, _event, tape) => {
    const contractId = said.id('contractId');
    tape.putId(contractId);
    putSums(tape, said);
    tape.put(said.minor('vatMinor'));
    tape.put(monthOf(said.day('period')));
    tape.put(said.count('contractVersion'));
    tape.put(said.minor('committedMinor'));
    tape.put(said.minor('uncommittedMinor'));
    const order = said.has('purchaseOrderNumber') ? said.text('purchaseOrderNumber') : null;
    if (order !== null) takeOrder(tape.ids, contractId, order);
    tape.put(order === null ? 0 : 1);
    tape.put(order === null ? 0 : tape.ids.high);
    tape.put(order === null ? 0 : tape.ids.low);
  },
  'batch.approved': (said, { transfers }, tape) => {
    tape.putId(said.id('contractId'));
    putSums(tape, said);
    readAnyText(said, 'flagsReason');
    tape.put(said.minor('vatMinor'));
    const lines = transfers.filter(({ claimId }) => claimId !== null);
    tape.put(lines.length);
    for (const { claimId, amountMinor } of lines) {
      tape.putId(claimId);
      tape.put(amountMinor);
    }
  },
  'batch.rejected': (said, _event, tape) => {
    tape.putId(said.id('contractId'));
    putSums(tape, said);
    readAnyText(said, 'reason');
  },
  'claim.queried': aboutLine,
  'claim.rejected': aboutLine,
};
