import type { TakingStep } from './claim-file-taker.service.js';

/**
 * Takes a file step by step, one at a time, as long as there is something to take: woken whenever more has arrived, until the
 * file has ended, a step fails or somebody stops it.
 */
export class Taking {
  /** Resolves when no step will follow. */
  readonly ended: Promise<void>;
  private running: Promise<void> = Promise.resolve();
  private isRunning = false;
  private isAwaited = false;
  private isStopped = false;
  private failure: { readonly error: unknown } | undefined;
  private finish: () => void = () => undefined;

  constructor(private readonly step: () => Promise<TakingStep>) {
    this.ended = new Promise((resolve) => {
      this.finish = resolve;
    });
  }

  /** Says that more has arrived. */
  goOn(): void {
    this.isAwaited = true;
    if (this.isRunning || this.isStopped) return;
    this.isRunning = true;
    this.running = this.run();
  }

  /** Resolves when all that has arrived is taken. @throws what a step threw */
  async end(): Promise<void> {
    this.goOn();
    await this.running;
    this.stopNow();
    if (this.failure) throw this.failure.error;
  }

  /** Takes no step more; resolves when the one at work has ended. */
  async stop(): Promise<void> {
    this.stopNow();
    await this.running;
  }

  private async run(): Promise<void> {
    try {
      while (this.isAwaited && !this.isStopped) {
        this.isAwaited = false;
        const taken = await this.step();
        if (taken === 'taken') this.isAwaited = true;
        if (taken === 'over') this.stopNow();
      }
    } catch (error) {
      this.failure = { error };
      this.stopNow();
    } finally {
      this.isRunning = false;
    }
  }

  private stopNow(): void {
    this.isStopped = true;
    this.finish();
  }
}
