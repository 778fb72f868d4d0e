import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LedgerService } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { canonicalJson } from '../platform/canonical-json.js';
import { Clock } from '../platform/clock.js';
import type { Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { ClaimFile, type FileProblem } from './claim-file.entity.js';
import { forgetChunks } from './claim-file-chunks.queries.js';
import { digestTakenRows, findSameBytes } from './claim-file.queries.js';

/** How a file ends: taken whole; not read, or not to its end; or left off by whoever sent it. */
export type FileEnd = 'received' | 'refused' | 'cancelled';

/** Ends a file, with its event: what was taken of it stays taken, and nothing more is. */
@Injectable()
export class ClaimFileClosing {
  constructor(
    private readonly ledger: LedgerService,
    private readonly clock: Clock,
  ) {}

  /** The caller holds the file, and it is being received. */
  async close(
    tx: Tx,
    actor: Actor,
    { commissionerId, id }: Pick<ClaimFile, 'commissionerId' | 'id'>,
    state: FileEnd,
    found: FileProblem | null = null,
  ): Promise<void> {
    const file = await tx.findOneBy(ClaimFile, { commissionerId, id });
    assert(file?.state === 'receiving', 'a file ends once');
    const { providerId, contractId, sha256 } = file;
    const problem = found ?? file.problem;
    const finishedAt = this.clock.now();
    const repeatsId = sha256 ? await findSameBytes(tx, file, sha256) : null;
    await tx.update(ClaimFile, { commissionerId, id }, { state, problem, repeatsId, finishedAt });
    await forgetChunks(tx, file); // nothing is put down of a file that has ended
    await this.ledger.record(tx, {
      type: TYPES[state],
      commissionerId,
      subjectId: id,
      actor,
      providerId,
      occurredAt: finishedAt,
      data: {
        contractId,
        rows: file.rows,
        accepted: file.accepted,
        repeated: file.repeated,
        included: file.included,
        failed: file.failed,
        flagged: file.flagged,
        totalMinor: file.totalMinor,
        indicativeMinor: file.indicativeMinor,
        takenSha256: await digestTakenRows(tx, file),
        repeatsId,
        receivedAt: file.receivedAt.toISOString(),
        submittedBy: file.submittedBy,
        sha256: sha256?.toString('hex') ?? null,
        problem: problem?.code ?? null,
        problemSha256: problem && hash('sha256', canonicalJson({ ...problem })),
      },
    });
  }
}

const TYPES = {
  received: 'claim_file.received',
  refused: 'claim_file.refused',
  cancelled: 'claim_file.cancelled',
} as const;
