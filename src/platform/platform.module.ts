import { Global, Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import type { Logger } from 'pino';
import { Clock } from './clock.js';
import type { Config } from './config.js';
import { Database } from './database.js';
import { HealthController } from './health.controller.js';
import { JOB_SETTINGS, Jobs, LOG, type JobSettings } from './jobs.js';
import { PermitGuard } from './permit.guard.js';
import { ProblemFilter } from './problem.filter.js';
import { Pseudonyms } from './pseudonyms.js';
import { validation } from './validation.js';

export const CONFIG = Symbol('Config');

/** What a process opens before Nest starts. */
export interface Runtime {
  config: Config;
  database: Database;
  jobs: JobSettings;
  clock: Clock;
  log: Logger;
  pseudonyms: Pseudonyms;
}

@Global()
@Module({})
export class PlatformModule {
  static with(runtime: Runtime): DynamicModule {
    const values = [
      { provide: CONFIG, useValue: runtime.config },
      { provide: Database, useValue: runtime.database },
      { provide: JOB_SETTINGS, useValue: runtime.jobs },
      { provide: Clock, useValue: runtime.clock },
      { provide: LOG, useValue: runtime.log },
      { provide: Pseudonyms, useValue: runtime.pseudonyms },
    ];
    return {
      module: PlatformModule,
      controllers: [HealthController],
      providers: [
        ...values,
        Jobs,
        { provide: APP_GUARD, useClass: PermitGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useFactory: validation },
      ],
      exports: [CONFIG, Database, Clock, LOG, Pseudonyms, Jobs],
    };
  }
}
