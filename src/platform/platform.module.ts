import type { KeyObject } from 'node:crypto';
import { Global, Module, type DynamicModule, type OnModuleInit } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import type { Logger } from 'pino';
import { AccessLog } from './access-log.js';
import { Clock } from './clock.js';
import type { Config } from './config.js';
import { Database } from './database.js';
import { HealthController } from './health.controller.js';
import { forgetOldKeys } from './idempotency.js';
import { JobRecords } from './job-records.js';
import { JOB_SETTINGS, Jobs, LOG, type JobSettings } from './jobs.js';
import { Metrics } from './metrics.js';
import { PermitGuard } from './permit.guard.js';
import { ProblemFilter } from './problem.filter.js';
import { Pseudonyms } from './pseudonyms.js';
import { ProblemsController } from './problems.controller.js';
import { SecretBox } from './secret-box.js';
import { validation } from './validation.js';

export const CONFIG = Symbol('Config');
export const SANDBOX_STRIPE = Symbol('SandboxStripe');
export const CHECKPOINTS = Symbol('Checkpoints');

/** What checkpoints and receipts are signed with, and where they are published. */
export interface CheckpointSettings {
  /** Ed25519 private keys, the newest first; all of them sign. */
  readonly keys: readonly KeyObject[];
  /** A folder outside the database, the same for all processes; undefined where nothing is published. */
  readonly storeDir: string | undefined;
}

/** The stand-in for Stripe that a sandbox pays through. */
export interface SandboxStripe {
  readonly url: string;
  /** Where this product listens, once it does: the double sends its notices there. */
  webhookBase: string | null;
}

/** What a process opens before Nest starts. */
export interface Runtime {
  config: Config;
  database: Database;
  jobs: JobSettings;
  clock: Clock;
  log: Logger;
  pseudonyms: Pseudonyms;
  secretBox: SecretBox;
  checkpoints: CheckpointSettings;
  /** Null beside a Stripe key, and where nothing is paid. */
  sandboxStripe: SandboxStripe | null;
}

const HOUR_MS = 3_600_000;

@Global()
@Module({})
export class PlatformModule implements OnModuleInit {
  constructor(
    private readonly jobs: Jobs,
    private readonly database: Database,
    private readonly records: JobRecords,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    this.records.declareFigures(this.metrics);
    this.jobs.every({ name: 'forget idempotency keys', everyMs: HOUR_MS, run: () => forgetOldKeys(this.database) });
  }

  static with(runtime: Runtime): DynamicModule {
    const values = [
      { provide: CONFIG, useValue: runtime.config },
      { provide: Database, useValue: runtime.database },
      { provide: JOB_SETTINGS, useValue: runtime.jobs },
      { provide: Clock, useValue: runtime.clock },
      { provide: LOG, useValue: runtime.log },
      { provide: Pseudonyms, useValue: runtime.pseudonyms },
      { provide: SecretBox, useValue: runtime.secretBox },
      { provide: CHECKPOINTS, useValue: runtime.checkpoints },
      { provide: SANDBOX_STRIPE, useValue: runtime.sandboxStripe },
    ];
    return {
      module: PlatformModule,
      controllers: [HealthController, ProblemsController],
      providers: [
        ...values,
        Metrics,
        Jobs,
        JobRecords,
        AccessLog,
        { provide: APP_GUARD, useClass: PermitGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useFactory: validation },
      ],
      exports: [
        CONFIG,
        Database,
        Clock,
        LOG,
        Pseudonyms,
        SecretBox,
        CHECKPOINTS,
        SANDBOX_STRIPE,
        Metrics,
        Jobs,
        JobRecords,
        AccessLog,
      ],
    };
  }
}
