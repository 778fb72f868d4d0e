import type { PromisedAnswer } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { Gathering } from '../platform/gathering.js';
import type { Metrics } from '../platform/metrics.js';
import { collectPromised, promiseRecorded, type CommandRecord } from '../platform/receipts.js';

/** A request, and who sent it with which key. */
export interface Sent<Request> {
  readonly actor: Actor;
  readonly request: Request;
}

/** By which names an operator sees lots. Each is written out where it is chosen, so that alerts and panels can be held to it. */
export interface LotFigures {
  readonly waiting: `wellpaid_${string}_waiting`;
  readonly requests: `wellpaid_${string}_total`;
  readonly lots: `wellpaid_${string}_total`;
  readonly lotRequests: `wellpaid_${string}_requests`;
  readonly lotSeconds: `wellpaid_${string}_seconds`;
}

export interface SenderLotsOptions<Request, Answer> {
  readonly figures: LotFigures;
  /** What they are for, as in `to record a session`. */
  readonly purpose: string;
  /** What a request speaks of: two that have a key in common are never in one lot, and the later one waits. */
  readonly keysOf: (request: Request) => readonly string[];
  /** Does what came together, of one sender in one lane, or one by itself; undefined when something is out of the ordinary. */
  readonly together: (sent: readonly Sent<Request>[]) => Promise<readonly PromisedAnswer<Answer>[] | undefined>;
  /** Does one as if there were no other, with the outcome that is its own. */
  readonly alone: (sent: Sent<Request>) => Promise<Answer>;
}

type Outcome<Answer> = PromiseSettledResult<PromisedAnswer<Answer>>;

const TOGETHER_MOST = 200;
const WAITING_MOST = 1_000;
/** As long again as their lot took: whoever has an answer reads it, and comes again. */
const patienceOf = (lotMs: number): number => Math.min(lotMs, 25);
const LOT_SIZES = [1, 2, 4, 8, 16, 32, 64, 128, TOGETHER_MOST];
const LOT_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

/**
 * Single commands of many requests: those of one sender that come while others of theirs are under way are done together.
 * Tenants have no transaction in common. Where anything about a lot is out of the ordinary, each of it is done alone.
 */
export class SenderLots<Request, Answer> {
  readonly gathering: Gathering<Sent<Request>, PromisedAnswer<Answer>>;

  constructor(
    private readonly metrics: Metrics,
    private readonly options: SenderLotsOptions<Request, Answer>,
  ) {
    const { figures, purpose, keysOf } = options;
    this.gathering = new Gathering({
      most: TOGETHER_MOST,
      waitingMost: WAITING_MOST,
      patienceOf,
      run: (sent) => this.run(sent),
      keysOf: ({ request }) => keysOf(request),
    });
    metrics.gauge({
      name: figures.waiting,
      help: `Requests ${purpose} that wait for the lot before them, in this process.`,
      read: () => [{ value: this.gathering.waiting }],
    });
  }

  /**
   * Does a request with others of its sender, and answers after the commit. Receipts are promised.
   *
   * @param lane what requests have in common that may be done together
   * @throws request.too_busy when more is waiting than can be done soon, and what the request's own outcome is
   */
  async join(lane: readonly unknown[], sent: Sent<Request>): Promise<Answer> {
    const { orgId, memberId, keyId } = sent.actor;
    const { answer, records } = await this.gathering.join(JSON.stringify([orgId, memberId, keyId, ...lane]), sent);
    promiseRecorded(records);
    return answer;
  }

  /** Resolves when all that waits is done. */
  drain(): Promise<void> {
    return this.gathering.drain();
  }

  private async run(sent: readonly Sent<Request>[]): Promise<Outcome<Answer>[]> {
    const { figures, purpose, together } = this.options;
    this.metrics.count(figures.lots, `Lots in which requests ${purpose} were done.`);
    this.metrics.count(figures.requests, `Requests ${purpose}.`, {}, sent.length);
    this.metrics.observe(figures.lotRequests, 'How many requests a lot had.', LOT_SIZES, sent.length);
    const began = performance.now();
    try {
      const done = await together(sent);
      if (done) return done.map((value) => ({ status: 'fulfilled', value }));
      const outcomes: Outcome<Answer>[] = [];
      for (const one of sent) outcomes.push(...(await Promise.allSettled([this.alone(one)])));
      return outcomes;
    } finally {
      const seconds = (performance.now() - began) / 1_000;
      this.metrics.observe(figures.lotSeconds, 'How long lots took.', LOT_SECONDS, seconds);
    }
  }

  private async alone(sent: Sent<Request>): Promise<PromisedAnswer<Answer>> {
    const records: CommandRecord[] = [];
    const answer = await collectPromised(records, () => this.options.alone(sent));
    return { answer, records };
  }
}
