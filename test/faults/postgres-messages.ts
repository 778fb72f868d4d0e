/** One message of PostgreSQL's protocol 3.0 as it is on the wire; the first of a client has no type. */
export interface Message {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Cuts a stream into messages. */
export class MessageCutter {
  private rest: Buffer = Buffer.alloc(0);

  constructor(private startsUntyped: boolean) {}

  cut(chunk: Buffer): Message[] {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const messages: Message[] = [];
    for (;;) {
      const header = this.startsUntyped ? 0 : 1;
      if (this.rest.length < header + 4) return messages;
      const end = header + this.rest.readInt32BE(header);
      if (this.rest.length < end) return messages;
      const bytes = this.rest.subarray(0, end);
      messages.push({ type: this.startsUntyped ? '' : String.fromCharCode(bytes[0] ?? 0), bytes });
      this.startsUntyped = false;
      this.rest = this.rest.subarray(end);
    }
  }
}

/** Follows which statements are under way: several can be sent before the first is answered. */
export class StatementTape {
  private readonly prepared = new Map<string, string>();
  private readonly underWay: string[] = [];
  private bound = '';

  /** Gives the SQL of what a message has done, if it has any done. */
  sent({ type, bytes }: Message): string | undefined {
    if (type === 'P') this.prepared.set(textAt(bytes, 5), textAt(bytes, bytes.indexOf(0, 5) + 1));
    if (type === 'B') this.bound = this.prepared.get(textAt(bytes, bytes.indexOf(0, 5) + 1)) ?? '';
    if (type === 'Q') this.underWay.push(textAt(bytes, 5));
    // A client ends each statement of the extended protocol with a Sync.
    if (type === 'S') this.underWay.push(this.bound);
    return type === 'Q' ? textAt(bytes, 5) : type === 'B' ? this.bound : undefined;
  }

  /** The SQL that a message of the server is about. */
  answered({ type }: Message): string {
    return (type === 'Z' ? this.underWay.shift() : this.underWay[0]) ?? '';
  }
}

/** What a CommandComplete says was done: `INSERT 0 3`, `COMMIT`. */
export function tagOf({ type, bytes }: Message): string | undefined {
  return type === 'C' ? textAt(bytes, 5) : undefined;
}

export function queryMessage(sql: string): Buffer {
  return typed('Q', sql);
}

export function completeMessage(tag: string): Buffer {
  return typed('C', tag);
}

function typed(type: string, text: string): Buffer {
  const body = Buffer.from(`${text}\0`);
  const bytes = Buffer.alloc(5);
  bytes.write(type);
  bytes.writeInt32BE(4 + body.length, 1);
  return Buffer.concat([bytes, body]);
}

function textAt(bytes: Buffer, start: number): string {
  const end = bytes.indexOf(0, start);
  return bytes.toString('utf8', start, end < 0 ? bytes.length : end);
}

const WRITES = /^\s*(insert\s+into|update|delete\s+from)\s+"?([\w.]+)"?/i;
const LEDGER_CALL = /\bledger\.(?!event\b|transfer\b|account\b)(\w+)\s*\(/i;
const INNER_WRITE = /\b(insert\s+into|update|delete\s+from)\s+"?([a-z_.]+)"?/i;

/** What a statement writes, in two words such as `insert payout`; undefined when it only reads. */
export function writeOf(statement: string, tag: string): string | undefined {
  const call = LEDGER_CALL.exec(statement);
  if (call && tag.startsWith('SELECT')) return `call ${call[1]}`;
  if (!/^(INSERT 0|UPDATE|DELETE) [1-9]/.test(tag) && !/^\s*with\b/i.test(statement)) return undefined;
  const found = WRITES.exec(statement) ?? INNER_WRITE.exec(statement);
  return found ? `${found[1]?.split(/\s/)[0]?.toLowerCase()} ${found[2]}` : undefined;
}
