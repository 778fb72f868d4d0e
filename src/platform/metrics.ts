import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** A figure with what it is a figure of. Labels are codes of this program: never an id, a name or a path that was typed. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Gauged {
  /** Ends in its unit, as Prometheus asks: `_seconds`, `_bytes`, or a plural for a count. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  /** Asked when somebody looks, and at most every few seconds. */
  readonly read: () => Promise<readonly Sample[]> | readonly Sample[];
}

const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const JOB_SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600];

/** What an operator needs to know of a process, in the format of Prometheus: of this process alone, unless it says otherwise. */
@Injectable()
export class Metrics implements OnApplicationShutdown {
  private readonly registry = new Registry();
  private readonly requests: Histogram;
  private readonly jobs: Histogram;
  private readonly counters = new Map<string, Counter>();
  private readonly spreads = new Map<string, Histogram>();

  constructor() {
    const registers = [this.registry];
    this.requests = new Histogram({
      name: 'wellpaid_http_request_duration_seconds',
      help: 'How long requests took, by route (as declared) and status.',
      labelNames: ['method', 'route', 'status'],
      buckets: REQUEST_SECONDS,
      registers,
    });
    this.jobs = new Histogram({
      name: 'wellpaid_job_duration_seconds',
      help: 'How long attempts at jobs took, by job and how they ended: done, failed, given_up.',
      labelNames: ['job', 'outcome'],
      buckets: JOB_SECONDS,
      registers,
    });
  }

  request(method: string, route: string, status: number, seconds: number): void {
    this.requests.observe({ method, route, status }, seconds);
  }

  job(job: string, outcome: 'done' | 'failed' | 'given_up', seconds: number): void {
    this.jobs.observe({ job, outcome }, seconds);
  }

  /** Adds to what is counted since the start of the process; the name ends in `_total`. */
  count(name: string, help: string, labels: Readonly<Record<string, string>> = {}, by = 1): void {
    let counter = this.counters.get(name);
    if (!counter) {
      counter = new Counter({ name, help, labelNames: Object.keys(labels), registers: [this.registry] });
      this.counters.set(name, counter);
    }
    counter.inc({ ...labels }, by);
  }

  /** Adds to the spread of a figure; the name ends in its unit. */
  observe(name: string, help: string, buckets: readonly number[], value: number): void {
    let spread = this.spreads.get(name);
    if (!spread) {
      spread = new Histogram({ name, help, buckets: [...buckets], registers: [this.registry] });
      this.spreads.set(name, spread);
    }
    spread.observe(value);
  }

  /** Declares a figure that is read when somebody looks. One that cannot be read is left out (NaN where it has no labels), and counted as such. */
  gauge({ name, help, labels = [], read }: Gauged): void {
    const count = (reading: string) =>
      this.count('wellpaid_metric_failures_total', 'Figures that could not be read.', { reading });
    const gauge = new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [this.registry],
      async collect() {
        gauge.reset();
        try {
          for (const { labels: of = {}, value } of await read()) gauge.set({ ...of }, value);
        } catch {
          gauge.reset();
          if (labels.length === 0) gauge.set(Number.NaN);
          count(name);
        }
      },
    });
  }

  /** Adds what Node says of itself: memory, CPU, waits of the event loop, garbage. For the process that is shown. */
  addOwnProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Everything, as text (Prometheus text format 0.0.4). */
  async text(): Promise<{ contentType: string; body: string }> {
    return { contentType: this.registry.contentType, body: await this.registry.metrics() };
  }

  onApplicationShutdown(): void {
    this.registry.clear();
  }
}
