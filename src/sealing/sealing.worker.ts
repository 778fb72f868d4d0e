import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock, londonClock } from '../platform/clock.js';
import { Jobs } from '../platform/jobs.js';
import { CheckpointSigner } from './checkpoint-signer.service.js';
import { SealAudit } from './seal-audit.service.js';
import { Sealer } from './sealer.service.js';

const PASS_EVERY_MS = 500;
const HOUR_MS = 3_600_000;
/** In London: when nobody works and the backups have not begun. */
const AUDIT_HOUR = 2;
/** After a failure, so that a database that is away does not fill the log. */
const REST_MS = 5_000;

/** Seals and signs as long as the process works, and audits at night. */
@Injectable()
export class SealingWorker implements OnModuleInit {
  private restsUntil = 0;

  constructor(
    private readonly jobs: Jobs,
    private readonly sealer: Sealer,
    private readonly signer: CheckpointSigner,
    private readonly audit: SealAudit,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.jobs.every({ name: 'seal', everyMs: PASS_EVERY_MS, run: () => this.seal() });
    this.jobs.every({ name: 'audit the seal', everyMs: HOUR_MS, run: () => this.auditAtNight() });
  }

  private async seal(): Promise<void> {
    if (performance.now() < this.restsUntil) return;
    try {
      await this.sealer.pass();
      await this.signer.sign();
    } catch (error) {
      this.restsUntil = performance.now() + REST_MS;
      throw error;
    }
  }

  private async auditAtNight(): Promise<void> {
    if (londonClock(this.clock.now()).hour === AUDIT_HOUR) await this.audit.run();
  }
}
