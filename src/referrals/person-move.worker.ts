import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { Database, type Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { Jobs, LOG } from '../platform/jobs.js';
import type { PersonIdentity } from './person-identity.rules.js';
import {
  countUnmoved,
  findCommissionersToMove,
  lockUnmoved,
  moveToVault,
  type MovedPerson,
  type UnmovedPerson,
} from './person-move.queries.js';
import { PersonVault } from './person-vault.service.js';

const BATCH = 200;

/**
 * Moves the persons of the version before into the vault, a few in each transaction: their references are encrypted, and
 * stand in plain text nowhere any more. Whoever is moved is not due again, so that it may run twice, also at the same time.
 */
@Injectable()
export class PersonMoveWorker implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly jobs: Jobs,
    private readonly vault: PersonVault,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  onModuleInit(): void {
    this.jobs.define({
      name: 'move persons to the vault',
      on: [],
      due: findCommissionersToMove,
      run: ({ commissionerId }) => this.move(commissionerId),
    });
  }

  private async move(commissionerId: string): Promise<void> {
    const scope = { side: 'commissioner', orgId: commissionerId } as const;
    for (let moved = BATCH; moved === BATCH;) {
      const step = await this.database.transaction(scope, async (tx) => {
        const count = await this.moveSome(tx, commissionerId);
        return { count, left: await countUnmoved(tx, commissionerId) };
      });
      moved = step.count;
      this.log.info({ commissionerId, moved, left: step.left }, 'persons moved to the vault');
    }
  }

  private async moveSome(tx: Tx, commissionerId: string): Promise<number> {
    const persons = await lockUnmoved(tx, commissionerId, BATCH);
    const moved = persons.map((person) => this.sealed(commissionerId, person));
    const version = moved[0]?.version;
    if (version !== undefined) await moveToVault(tx, commissionerId, version, moved);
    return moved.length;
  }

  private sealed(commissionerId: string, person: UnmovedPerson): MovedPerson & { version: number } {
    const { id, ownerOrgId, reference } = person;
    const identity = identityOf(commissionerId, person);
    const blindIndex = reference === null ? null : this.vault.indexOf(commissionerId, ownerOrgId, reference);
    return { id, blindIndex, ...this.vault.seal(id, identity) };
  }
}

function identityOf(commissionerId: string, { ownerOrgId, reference, pseudonym }: UnmovedPerson): PersonIdentity {
  if (reference !== null) return { kind: 'reference', commissionerId, ownerOrgId, reference };
  assert(pseudonym, 'a person to be moved is known by something');
  return { kind: 'nhs_pseudonym', commissionerId, pseudonym: pseudonym.toString('hex') };
}
