import { setImmediate as turn } from 'node:timers/promises';
import { defineError } from './errors.js';

export const tooBusy = defineError({
  code: 'request.too_busy',
  kind: 'busy',
  title: 'More is waiting here than can be done soon.',
  fix: 'Nothing was changed. Send it again after the seconds that Retry-After names.',
});

export interface GatheringOptions<Request, Answer> {
  /** At most so many are done together. */
  readonly most: number;
  /** At most so many wait, over all lanes; whoever comes then is turned away. */
  readonly waitingMost: number;
  /** Does what has gathered in one lane; gives what became of each, in their order. */
  readonly run: (requests: readonly Request[]) => Promise<readonly PromiseSettledResult<Answer>[]>;
  /** What a request touches: two that have a key in common are not done together, and the later one waits. None by default. */
  readonly keysOf?: (request: Request) => readonly string[];
  /**
   * For how many milliseconds at most a lane that has done several at once, in `lotMs`, waits until as many have come again.
   * Without that the first one back has a lot to itself, and all others wait for it. In an idle lane nobody waits. None by
   * default.
   */
  readonly patienceOf?: (lotMs: number) => number;
}

interface Waiting<Request, Answer> {
  readonly request: Request;
  readonly keys: readonly string[];
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

interface Lane<Request, Answer> {
  readonly queue: Waiting<Request, Answer>[];
  /** Called when another has come, by whom the lane waits for it. */
  arrived: () => void;
}

const nothing = (): void => undefined;

/**
 * Does alike requests together, as a database commits: who comes while nothing is under way is done at once, with all that the
 * same turn of the loop brings, and those who come meanwhile are done together next. So the busier it is the more are done at
 * a time. Each lane does one lot at a time.
 */
export class Gathering<Request, Answer> {
  private readonly lanes = new Map<string, Lane<Request, Answer>>();
  private readonly running = new Set<Promise<void>>();
  private isDraining = false;
  /** Over all lanes. */
  waiting = 0;

  constructor(private readonly options: GatheringOptions<Request, Answer>) {}

  /**
   * Resolves once the lot with this request is done, with its own answer.
   *
   * @throws request.too_busy, and what the request's own outcome is
   */
  join(name: string, request: Request): Promise<Answer> {
    if (this.waiting >= this.options.waitingMost) return Promise.reject(tooBusy({ retryAfterSeconds: 1 }));
    return new Promise((resolve, reject) => {
      const one = { request, keys: this.options.keysOf?.(request) ?? [], resolve, reject };
      this.waiting += 1;
      const known = this.lanes.get(name);
      if (known) {
        known.queue.push(one);
        known.arrived();
        return;
      }
      const lane = { queue: [one], arrived: nothing };
      this.lanes.set(name, lane);
      const working = this.work(name, lane).finally(() => this.running.delete(working));
      this.running.add(working);
    });
  }

  /** Resolves when all that was waiting is done. Nobody waits for company any more. */
  async drain(): Promise<void> {
    this.isDraining = true;
    for (const { arrived } of this.lanes.values()) arrived();
    while (this.running.size > 0) await Promise.all(this.running);
  }

  private async work(name: string, lane: Lane<Request, Answer>): Promise<void> {
    // What else comes in this turn of the loop comes along: all that the network brought with it.
    await turn();
    while (lane.queue.length > 0) {
      const lot = this.next(lane.queue);
      const began = performance.now();
      const outcomes = await this.outcomesOf(lot);
      const lotMs = performance.now() - began;
      this.waiting -= lot.length;
      for (const [index, { resolve, reject }] of lot.entries()) {
        const outcome = outcomes[index];
        if (outcome?.status === 'fulfilled') resolve(outcome.value);
        else reject(outcome?.reason ?? new Error('A request had no outcome'));
      }
      if (lot.length > 1) await this.linger(lane, lot.length + lane.queue.length, lotMs);
    }
    this.lanes.delete(name);
  }

  /** Waits for a while until so many are there: those who waited, and as many as were done together. */
  private async linger(lane: Lane<Request, Answer>, count: number, lotMs: number): Promise<void> {
    const patienceMs = this.options.patienceOf?.(lotMs) ?? 0;
    const enough = Math.min(count, this.options.most);
    const isWorth = () => patienceMs > 0 && lane.queue.length < enough && !this.isDraining;
    if (!isWorth()) return;
    await new Promise<void>((resolve) => {
      const patience = setTimeout(resolve, patienceMs);
      lane.arrived = () => {
        if (isWorth()) return;
        clearTimeout(patience);
        resolve();
      };
    });
    lane.arrived = nothing;
  }

  private async outcomesOf(lot: readonly Waiting<Request, Answer>[]): Promise<readonly PromiseSettledResult<Answer>[]> {
    try {
      return await this.options.run(lot.map(({ request }) => request));
    } catch (reason) {
      return lot.map(() => ({ status: 'rejected', reason }));
    }
  }

  /** Takes the next lot out of a queue. Who waits for another goes before those who wait for them. */
  private next(queue: Waiting<Request, Answer>[]): Waiting<Request, Answer>[] {
    const lot: Waiting<Request, Answer>[] = [];
    const left: Waiting<Request, Answer>[] = [];
    const taken = new Set<string>();
    for (const one of queue) {
      const isFree = lot.length < this.options.most && !one.keys.some((key) => taken.has(key));
      (isFree ? lot : left).push(one);
      for (const key of one.keys) taken.add(key);
    }
    queue.splice(0, queue.length, ...left);
    return lot;
  }
}
