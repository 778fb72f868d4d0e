import { setTimeout as sleep } from 'node:timers/promises';
import type { Instance } from './instances.js';

/** A command that was answered: what the client may rely on from then on. */
export interface Acknowledged {
  readonly path: string;
  readonly key: string;
  readonly token: string;
  readonly body: unknown;
  readonly text: string;
  readonly status: number;
  /** How often it was sent until it was answered. */
  readonly sends: number;
}

const PATIENCE_MS = 90_000;
const BUSY = new Set([408, 429, 500, 502, 503, 504]);

/** A client as it should be: it sends a command under one key until somebody answers, and remembers what was answered. */
export class Caller {
  readonly acknowledged: Acknowledged[] = [];
  resent = 0;
  /** Called before a command is sent again: for a bug that lies between two sends. */
  beforeResend: () => Promise<unknown> = () => Promise.resolve();
  private keys = 0;

  constructor(
    private readonly servers: () => readonly Instance[],
    private readonly label: string,
  ) {}

  async post<Body>(token: string, path: string, body: unknown): Promise<Body> {
    const key = `${this.label}-${String(++this.keys).padStart(6, '0')}`;
    const answered = await this.send(token, path, body, key);
    this.acknowledged.push(answered);
    return JSON.parse(answered.text) as Body;
  }

  /** Sends it as if it had never been answered; gives the answer. */
  repeat({ token, path, body, key }: Acknowledged): Promise<Acknowledged> {
    return this.send(token, path, body, key);
  }

  private async send(token: string, path: string, body: unknown, key: string): Promise<Acknowledged> {
    const until = Date.now() + PATIENCE_MS;
    let last = '';
    for (let sends = 1; Date.now() < until; sends++) {
      const servers = this.servers();
      const server = servers[sends % servers.length];
      try {
        const response = await fetch(`http://127.0.0.1:${server?.port}${path}`, request(token, body, key));
        const text = await response.text();
        if (response.ok) return { path, key, token, body, text, status: response.status, sends };
        last = `${response.status} ${text.slice(0, 400)}`;
        if (!BUSY.has(response.status)) throw new RefusedError(`POST ${path} was refused: ${last}`);
      } catch (error) {
        if (error instanceof RefusedError) throw error;
        last = String(error);
      }
      this.resent++;
      await this.beforeResend();
      await sleep(Math.min(50 * sends, 500));
    }
    throw new Error(`Nobody answered POST ${path} within ${PATIENCE_MS / 1_000} s: ${last}`);
  }
}

class RefusedError extends Error {}

function request(token: string, body: unknown, key: string): RequestInit {
  const isCsv = typeof body === 'string';
  return {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': isCsv ? 'text/csv' : 'application/json',
      ...(!isCsv && { 'idempotency-key': key }),
    },
    body: isCsv ? body : JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  };
}
