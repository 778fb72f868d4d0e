import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Actor } from '../platform/actor.js';
import { Database } from '../platform/database.js';
import { emit, type TopicData } from '../platform/events.js';
import { Jobs } from '../platform/jobs.js';
import { findAbandoned, lockFile } from './claim-file-chunks.queries.js';
import { ClaimFileClosing } from './claim-file-closing.service.js';
import { ClaimFileTaker } from './claim-file-taker.service.js';
import { ClaimFile } from './claim-file.entity.js';
import { ClaimSettings } from './claim-setting.service.js';
import { INTERRUPTED } from './delivery.errors.js';
import { claimFileUnfinished } from './delivery.events.js';

/** A receiver says every ten seconds that it is there. */
const SILENT_SECONDS = 30;
/** A job that takes a few seconds at most does not keep a process from ending; what is left rings again. */
const STEPS_MOST = 20;

/** Goes on with files whose process has died: takes what had arrived, and ends what never will arrive. */
@Injectable()
export class ClaimFileWorker implements OnModuleInit {
  constructor(
    private readonly jobs: Jobs,
    private readonly database: Database,
    private readonly settings: ClaimSettings,
    private readonly taker: ClaimFileTaker,
    private readonly closing: ClaimFileClosing,
  ) {}

  onModuleInit(): void {
    this.jobs.define({
      name: 'claim-file.take',
      on: [claimFileUnfinished],
      due: (reader) => findAbandoned(reader, SILENT_SECONDS),
      run: (data) => this.goOn(data),
    });
  }

  private async goOn({ commissionerId, id }: TopicData): Promise<void> {
    const scope = { side: 'commissioner', orgId: commissionerId } as const;
    const file = await this.database.read(scope, (reader) => reader.findOneBy(ClaimFile, { commissionerId, id }));
    if (file?.state !== 'receiving') return;
    const actor = senderOf(file);
    if (file.rowCount === null) return this.giveUp(actor, file);
    const setting = await this.database.read(actor, (reader) => this.settings.load(reader, file.contractId));
    const work = this.taker.work(actor, setting, id);
    for (let steps = 0; steps < STEPS_MOST; steps++) if ((await this.taker.step(work)) !== 'taken') return;
    await this.database.transaction(actor, (tx) => emit(tx, actor.orgId, claimFileUnfinished, { commissionerId, id }));
  }

  /** Nobody receives it any more, so that its end will not come. */
  private async giveUp(actor: Actor, file: ClaimFile): Promise<void> {
    const { code, message } = INTERRUPTED;
    await this.database.transaction(actor, async (tx) => {
      const progress = await lockFile(tx, file);
      if (progress?.state === 'receiving' && progress.rowCount === null)
        await this.closing.close(tx, actor, file, 'refused', { code, row: null, howToFix: message });
    });
  }
}

/** Who sent it claims its rows, whoever takes them. */
function senderOf({ id, providerId, submittedBy, keyId }: ClaimFile): Actor {
  return {
    kind: submittedBy === null ? 'service' : 'person',
    side: 'provider',
    orgId: providerId,
    memberId: submittedBy,
    keyId,
    roles: [],
    scopes: [],
    approvalLimitMinor: null,
    correlationId: id,
  };
}
