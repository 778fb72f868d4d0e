import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Config } from '../platform/config.js';
import { Database, type Reader } from '../platform/database.js';
import { Metrics } from '../platform/metrics.js';
import { CONFIG } from '../platform/platform.module.js';
import type { HoldCode } from './checkpoint-signing.rules.js';
import { CheckpointStore } from './checkpoint-store.gateway.js';
import { SEALER } from './sealing.queries.js';

/** A log of which nothing is signed. */
export interface HeldLog {
  /** A commissioner's, or the platform's. */
  readonly logId: string;
  readonly isPlatform: boolean;
  readonly code: HoldCode;
  readonly since: Date;
}

/** How the signing of logs stands in the whole instance. */
export interface SigningStatus {
  readonly logs: number;
  readonly unsigned: number;
  /** When the oldest checkpoint that is not signed was sealed. */
  readonly unsignedSince: Date | null;
  readonly held: readonly HeldLog[];
  readonly isPublishing: boolean;
  readonly isWitnessed: boolean;
}

const COUNTS = `
select (select count(*)::int from ledger.log_head) as logs,
  (select count(*)::int from ledger.checkpoint where note is null) as unsigned,
  (select min(sealed_at) from ledger.checkpoint where note is null) as "unsignedSince"`;

const HELD = `
select h.log_id as "logId", h.log_id = c.platform_log_id as "isPlatform", h.code, h.since
from ledger.log_hold h, ledger.seal_cursor c order by h.since, h.log_id limit 100`;

type Counts = Pick<SigningStatus, 'logs' | 'unsigned' | 'unsignedSince'>;

/** For whoever runs the instance: whether logs are signed, and why not. */
@Injectable()
export class SigningStates implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly store: CheckpointStore,
    private readonly metrics: Metrics,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onModuleInit(): void {
    this.metrics.gauge({
      name: 'wellpaid_checkpoints_unsigned',
      help: 'Checkpoints of all logs that are sealed and not signed.',
      read: async () => [{ value: (await this.read()).unsigned }],
    });
    this.metrics.gauge({
      name: 'wellpaid_logs_held',
      help: 'Logs of which nothing is signed, by reason: an operator must look.',
      labels: ['code'],
      read: async () => {
        const { held } = await this.read();
        const codes = [...new Set(held.map(({ code }) => code))];
        return codes.map((code) => ({ labels: { code }, value: held.filter((one) => one.code === code).length }));
      },
    });
  }

  read(): Promise<SigningStatus> {
    return this.database.read(SEALER, async (reader) => ({
      ...(await counts(reader)),
      held: await reader.query<HeldLog>(HELD),
      isPublishing: this.store.isConfigured,
      isWitnessed: this.config.sealing.witness !== undefined,
    }));
  }
}

async function counts(reader: Reader): Promise<Counts> {
  const [row] = await reader.query<Counts>(COUNTS);
  return row ?? { logs: 0, unsigned: 0, unsignedSince: null };
}
