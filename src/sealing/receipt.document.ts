import type { CommandRecord } from '../platform/receipts.js';

/** How long after it was recorded an event is sealed at the latest. Usually it takes a second. */
export const SEALED_WITHIN_MS = 60_000;
/** As many as a header can name, before proxies refuse it; of more the receipt has the tree hash. */
export const NAMED_MAX = 16;

/** One log in a receipt. */
export interface ReceiptLog {
  readonly origin: string;
  readonly recordedAt: Date;
  readonly sealedBy: Date;
  /** Each by id with its leaf hash; or how many with the RFC 6962 tree hash over their leaf hashes, as they were recorded. */
  readonly events:
    | readonly { readonly id: string; readonly leafHash: Uint8Array }[]
    | { count: number; root: Uint8Array };
}

/**
 * The text of a receipt: a promise that these events, and no others in their place, are in the log by then. It begins
 * with the name of the key that signs it, and can be taken for no checkpoint, whose second line is a number.
 *
 * @param rootOf the tree hash over leaf hashes (RFC 6962 section 2.1)
 */
export function receiptText(
  name: string,
  records: readonly CommandRecord[],
  originOf: (commissionerId: string) => string,
  rootOf: (leafHashes: readonly Uint8Array[]) => Uint8Array,
): string {
  const logs = records.map(({ commissionerId, recordedAt, events }) => [
    `log ${originOf(commissionerId)}`,
    `recorded ${recordedAt.toISOString()}`,
    `sealed by ${new Date(recordedAt.getTime() + SEALED_WITHIN_MS).toISOString()}`,
    ...(events.length <= NAMED_MAX
      ? events.map(({ id, leafHash }) => `event ${id} ${base64(leafHash)}`)
      : [`events ${events.length} ${base64(rootOf(events.map(({ leafHash }) => leafHash)))}`]),
  ]);
  return `${[name, HEADING, ...logs.flat()].join('\n')}\n`;
}

const HEADING = 'receipt of events, version 1';

/** Reads the text of a receipt; undefined when it is none. */
export function readReceipt(text: string): readonly ReceiptLog[] | undefined {
  const [, heading, ...lines] = text.split('\n');
  if (heading !== HEADING || lines.pop() !== '') return undefined;
  const blocks = lines.join('\n').split(/^(?=log )/m);
  const logs = blocks.map(readLog);
  return logs.every((log) => log !== undefined) ? logs : undefined;
}

const BLOCK =
  /^log (?<origin>\S+)\nrecorded (?<recorded>\S+Z)\nsealed by (?<by>\S+Z)\n(?<rest>(?:event [0-9a-f-]{36} [\w+/]{43}=\n?)+|events [1-9]\d* [\w+/]{43}=\n?)$/;

function readLog(block: string): ReceiptLog | undefined {
  const { origin = '', recorded = '', by = '', rest = '' } = BLOCK.exec(block)?.groups ?? {};
  if (rest === '') return undefined;
  const lines = rest
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' '));
  const [word, first = '', hash = ''] = lines[0] ?? [];
  const events =
    word === 'events'
      ? { count: Number(first), root: Buffer.from(hash, 'base64') }
      : lines.map(([, id = '', leaf = '']) => ({ id, leafHash: Buffer.from(leaf, 'base64') }));
  return { origin, recordedAt: new Date(recorded), sealedBy: new Date(by), events };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
