import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock, londonClock } from '../platform/clock.js';
import { Jobs } from '../platform/jobs.js';
import { Metrics } from '../platform/metrics.js';
import { CheckpointSigner } from './checkpoint-signer.service.js';
import { SealAudit } from './seal-audit.service.js';
import { Sealer } from './sealer.service.js';
import { LOOK_EVERY_MS, restAfterMs } from './sealing.rules.js';

const HOUR_MS = 3_600_000;
/** In London: when nobody works and the backups have not begun. */
const AUDIT_HOUR = 2;
/** After a failure, so that a database that is away does not fill the log. */
const REST_MS = 5_000;

/** Seals and signs as long as the process works, and audits at night. */
@Injectable()
export class SealingWorker implements OnModuleInit {
  private restsUntil = 0;
  private counted = 0;

  constructor(
    private readonly jobs: Jobs,
    private readonly sealer: Sealer,
    private readonly signer: CheckpointSigner,
    private readonly audit: SealAudit,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    this.declareFigures();
    this.jobs.every({ name: 'seal', everyMs: LOOK_EVERY_MS, run: () => this.seal() });
    this.jobs.every({ name: 'audit the seal', everyMs: HOUR_MS, run: () => this.auditAtNight() });
  }

  private async seal(): Promise<void> {
    const began = performance.now();
    if (began < this.restsUntil) return;
    try {
      const pass = (await this.sealer.hasWork()) ? await this.sealer.pass() : null;
      this.restsUntil = began + restAfterMs(pass?.sealed ?? 0);
      this.countSealed();
      await this.signer.sign();
    } catch (error) {
      this.restsUntil = performance.now() + REST_MS;
      this.metrics.count('wellpaid_seal_failures_total', 'Passes of this process that failed to seal or to sign.');
      throw error;
    }
  }

  /** Also what was sealed between two passes of the duty, for somebody who could not wait. */
  private countSealed(): void {
    const { sealed } = this.sealer.metrics;
    this.metrics.count('wellpaid_events_sealed_total', 'Events sealed by this process.', {}, sealed - this.counted);
    this.counted = sealed;
  }

  private async auditAtNight(): Promise<void> {
    if (londonClock(this.clock.now()).hour === AUDIT_HOUR) await this.audit.run();
  }

  private declareFigures(): void {
    this.metrics.gauge({
      name: 'wellpaid_seal_lag_seconds',
      help: 'Age of the oldest event that is committed and not sealed, in the whole instance; 0 when there is none.',
      read: async () => [{ value: (await this.sealer.waitingMs()) / 1_000 }],
    });
    this.metrics.gauge({
      name: 'wellpaid_sealed_events',
      help: 'Leaves of the logs of all commissioners together.',
      read: async () => [{ value: (await this.sealer.sizes()).reduce((sum, { size }) => sum + size, 0) }],
    });
    this.metrics.gauge({
      name: 'wellpaid_seal_audit_missed',
      help: 'Events that the last nightly audit of this process found in no log: somebody must look.',
      read: () => [{ value: this.audit.missed }],
    });
    this.metrics.gauge({
      name: 'wellpaid_seal_pass_seconds',
      help: 'How long the last pass of this process took.',
      read: () => [{ value: this.sealer.metrics.lastPassMs / 1_000 }],
    });
  }
}
