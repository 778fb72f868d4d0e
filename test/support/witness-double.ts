import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  cosignatureSigner,
  openNote,
  parseCheckpoint,
  parseVerifierKey,
  signingKey,
  signNote,
  verifierKey,
  verifyConsistency,
} from '../../src/transparency/index.js';

const NAME = 'witness.example/w1';
const COSIGNED_AT = new Date('2026-11-25T10:00:00Z');

/** A witness in the test's own process, as C2SP tlog-witness has it: it remembers one checkpoint of each log. */
export interface WitnessDouble {
  readonly url: string;
  /** What it cosigns with. */
  readonly key: string;
  /** What it saw last, by origin. */
  readonly seen: Map<string, { size: number; root: Uint8Array }>;
  /** The status of each answer. */
  readonly answered: number[];
  /** Answers in its place while it is set. */
  instead: ((response: ServerResponse) => void) | null;
  /** Whether it signs with a key that is not its own. */
  forges: boolean;
  close(): Promise<void>;
}

/** @param keysOf the verifier keys that it trusts for an origin */
export async function witnessDouble(keysOf: (origin: string) => readonly string[]): Promise<WitnessDouble> {
  const own = signingKey(Buffer.alloc(32, 99));
  const double: WitnessDouble = {
    url: '',
    key: verifierKey(NAME, own, 'cosignature/v1'),
    seen: new Map(),
    answered: [],
    instead: null,
    forges: false,
    close: () => closed(server),
  };
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(double, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/prefix` });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    if (double.instead) return double.instead(response);
    const { status, type = 'text/plain', text = '' } = addCheckpoint(double, body, keysOf);
    double.answered.push(status);
    response.writeHead(status, { 'content-type': type }).end(text);
  }

  function addCheckpoint(
    { seen, forges }: WitnessDouble,
    body: string,
    trusted: (origin: string) => readonly string[],
  ): { status: number; type?: string; text?: string } {
    const gap = body.indexOf('\n\n');
    const [head, note] = [body.slice(0, gap), body.slice(gap + 2)];
    const [first = '', ...proof] = head.split('\n');
    const from = Number(/^old (0|[1-9]\d*)$/.exec(first)?.[1] ?? Number.NaN);
    const origin = note.slice(0, note.indexOf('\n'));
    const { size, root } = parseCheckpoint(openNote(note, trusted(origin).map(parseVerifierKey)).text);
    if (!(from <= size)) return { status: 400 };
    const latest = seen.get(origin);
    if (from !== (latest?.size ?? 0) || (latest?.size === size && !root.equals(latest.root))) {
      return { status: 409, type: 'text/x.tlog.size', text: `${latest?.size ?? 0}\n` };
    }
    const hashes = proof.map((line) => Buffer.from(line, 'base64'));
    if (latest && !verifyConsistency(from, size, hashes, latest.root, root)) return { status: 422 };
    seen.set(origin, { size, root });
    const text = note.slice(0, note.lastIndexOf('\n\n') + 1);
    const honest = signNote(text, [cosignatureSigner(NAME, own, COSIGNED_AT)]).slice(text.length + 1);
    // Another text under the right name and key id.
    const line = forges
      ? signNote(`x${text}`, [cosignatureSigner(NAME, own, COSIGNED_AT)]).slice(text.length + 2)
      : honest;
    return { status: 200, text: `— elsewhere.example ${'A'.repeat(92)}\n${line}` };
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (request.url !== '/prefix/add-checkpoint' || request.method !== 'POST')
    throw new Error('not asked as a witness is');
  return Buffer.concat(chunks).toString();
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
