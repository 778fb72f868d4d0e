// node singles-load.js URL KEY CONNECTIONS SECONDS CONTRACT SERVICE PREFIX PEOPLE FIRST_DAY : sends sessions of one person each, every
// connection the next as soon as it has an answer, and prints what came of it.
import { Agent, request } from 'node:http';
import { percentile } from './row.js';

export interface Loaded {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly refused: number;
}

const [
  url = '',
  key = '',
  connections = '',
  seconds = '',
  contract = '',
  service = '',
  prefix = '',
  people = '',
  firstDay = '',
] = process.argv.slice(2);
const DAY_MS = 86_400_000;
const WARM_UP_MS = 3_000;
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) });
const target = new URL('/v1/sessions', url);
let next = 0;
let refused = 0;
const latencies: number[] = [];
const began = performance.now();
const until = began + WARM_UP_MS + Number(seconds) * 1_000;

await Promise.all(
  Array.from({ length: Number(connections) }, async () => {
    while (performance.now() < until) {
      const started = performance.now();
      const status = await post(JSON.stringify(body(next++)));
      if (status !== 201) refused++;
      if (started > began + WARM_UP_MS) latencies.push(performance.now() - started);
    }
  }),
);
const loaded: Loaded = {
  perSecond: latencies.length / Number(seconds),
  p50Ms: percentile(latencies, 0.5),
  p99Ms: percentile(latencies, 0.99),
  refused,
};
console.log(JSON.stringify(loaded));
agent.destroy();

/** Each person comes once a day. */
function body(count: number): unknown {
  const day = new Date(Date.parse(firstDay) + Math.floor(count / Number(people)) * DAY_MS);
  return {
    contract,
    service,
    date: day.toISOString().slice(0, 10),
    claim: true,
    attendances: [{ referral: `${prefix}${1 + (count % Number(people))}`, outcome: 'attended' }],
  };
}

function post(text: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    };
    const sending = request(target, { method: 'POST', agent, headers }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
    });
    sending.once('error', reject);
    sending.end(text);
  });
}
