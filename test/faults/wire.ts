import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import {
  completeMessage,
  MessageCutter,
  queryMessage,
  StatementTape,
  tagOf,
  writeOf,
  type Message,
} from './postgres-messages.js';

/**
 * A moment on the way of a transaction that writes. `before`: its COMMIT is about to be sent. `after`: it is committed and
 * the reply has not been passed on.
 */
export interface Moment {
  readonly when: 'before' | 'after';
  /** What the transaction writes, in its order: `update payout, insert outbox`. */
  readonly writes: string;
}

/**
 * What the wire does at a moment. `cut`: nothing is passed on, and both ends find the connection gone. `roll_back` (only
 * before): PostgreSQL is told ROLLBACK and the client hears COMMIT, which is a bug to be found.
 */
export type Order = 'pass' | 'cut' | 'roll_back';

type Mode = 'pass' | 'refuse' | 'blackhole';

interface Link {
  readonly client: Socket;
  readonly server: Socket;
  readonly writes: string[];
  readonly tape: StatementTape;
  isQueue: boolean;
  isLying: boolean;
}

/** A TCP proxy between one process and PostgreSQL, which understands what it carries and does harm when told to. */
export class Wire {
  onMoment: (moment: Moment) => Order = () => 'pass';
  /** Stops statements that match, until the promise of `hold` is released. */
  private held: { readonly pattern: RegExp; readonly until: Promise<void> } | undefined;
  private mode: Mode = 'pass';
  private delayMs = 0;
  private readonly links = new Set<Link>();

  private constructor(
    private readonly listener: net.Server,
    private readonly targetPort: () => number,
  ) {
    listener.on('connection', (client) => this.connect(client));
  }

  static async open(targetPort: () => number): Promise<Wire> {
    const listener = net.createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new Wire(listener, targetPort);
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  /** From now on nothing gets through, or everything late, or nobody in. */
  set(mode: Mode, delayMs = 0): void {
    this.mode = mode;
    this.delayMs = delayMs;
  }

  cutAll(): void {
    for (const link of this.links) drop(link);
  }

  hold(pattern: RegExp): () => void {
    let release: () => void = () => undefined;
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.held = { pattern, until };
    return () => {
      this.held = undefined;
      release();
    };
  }

  async close(): Promise<void> {
    this.cutAll();
    this.listener.close();
    await once(this.listener, 'close');
  }

  private connect(client: Socket): void {
    if (this.mode === 'refuse') {
      client.destroy();
      return;
    }
    const server = net.connect(this.targetPort(), '127.0.0.1');
    const link: Link = { client, server, writes: [], tape: new StatementTape(), isQueue: false, isLying: false };
    this.links.add(link);
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => drop(link));
      socket.on('close', () => {
        this.links.delete(link);
        drop(link);
      });
    }
    this.carry(client, server, link, new MessageCutter(true), (message) => this.sent(link, message));
    this.carry(server, client, link, new MessageCutter(false), (message) => this.answered(link, message));
  }

  /** Passes messages on one by one, in their order. */
  private carry(
    from: Socket,
    to: Socket,
    link: Link,
    cutter: MessageCutter,
    judge: (message: Message) => Buffer | 'cut' | Promise<Buffer | 'cut'>,
  ): void {
    let before: Promise<void> = Promise.resolve();
    let waiting = 0;
    const pass = (judged: Buffer | 'cut') => {
      if (judged === 'cut') drop(link);
      else if (!to.destroyed) to.write(judged);
    };
    from.on('data', (chunk: Buffer) => {
      for (const message of cutter.cut(chunk)) {
        const isQuick = waiting === 0 && this.mode === 'pass' && this.delayMs === 0;
        const judged = isQuick ? judge(message) : undefined;
        if (judged !== undefined && !(judged instanceof Promise)) {
          pass(judged);
          continue;
        }
        waiting++;
        before = before
          .then(() => this.weather())
          .then(() => judged ?? judge(message))
          .then(pass)
          .finally(() => waiting--);
      }
    });
  }

  private async weather(): Promise<void> {
    while (this.mode === 'blackhole') await new Promise((resolve) => setTimeout(resolve, 20));
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
  }

  private sent(link: Link, message: Message): Buffer | 'cut' | Promise<Buffer> {
    if (message.type === '' && message.bytes.includes('role=wp_queue')) link.isQueue = true;
    const statement = link.tape.sent(message);
    if (statement === undefined) return message.bytes;
    if (/^\s*(begin|start transaction)/i.test(statement)) link.writes.length = 0;
    if (isCommit(statement) && isWriting(link)) {
      const order = this.onMoment({ when: 'before', writes: writesOf(link) });
      if (order === 'cut') return 'cut';
      link.isLying = order === 'roll_back';
      if (link.isLying) return queryMessage('ROLLBACK');
    }
    const { held } = this;
    return held?.pattern.test(statement) ? held.until.then(() => message.bytes) : message.bytes;
  }

  private answered(link: Link, message: Message): Buffer | 'cut' {
    const statement = link.tape.answered(message);
    const tag = tagOf(message);
    if (tag === undefined) return message.bytes;
    if (isCommit(statement)) {
      if (link.isLying) {
        link.isLying = false;
        return completeMessage('COMMIT');
      }
      const isLost = isWriting(link) && this.onMoment({ when: 'after', writes: writesOf(link) }) === 'cut';
      link.writes.length = 0;
      return isLost ? 'cut' : message.bytes;
    }
    const write = writeOf(statement, tag);
    if (write !== undefined) link.writes.push(write);
    return message.bytes;
  }
}

const isCommit = (statement: string): boolean => /^\s*commit\b/i.test(statement);

/** What the queue keeps for itself is wiped as a whole, which is worse. */
const isWriting = (link: Link): boolean => !link.isQueue && link.writes.length > 0;

const writesOf = ({ writes }: Link): string => [...new Set(writes)].join(', ');

function drop({ client, server }: Link): void {
  client.destroy();
  server.destroy();
}
