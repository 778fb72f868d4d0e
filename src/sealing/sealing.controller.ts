import { Controller, Get, Header, Param, Query } from '@nestjs/common';
import type { Actor } from '../platform/actor.js';
import { Database } from '../platform/database.js';
import { invalidRequest, notFound } from '../platform/errors.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { LogKeys } from './log-keys.service.js';
import { readDealings } from './log-proofs.queries.js';
import { LogProofs } from './log-proofs.service.js';
import { Receipts } from './receipts.service.js';
import { checkpointNotSigned, eventNotSealed } from './sealing.errors.js';
import { CommissionerQuery, EventParameter } from './sealing.schemas.js';

const TEXT = 'text/plain; charset=utf-8';
const EVERYBODY = { commissioner: 'any', provider: 'any', referrer: 'any', scope: 'events:read' } as const;

@Heading('Assurance')
@Controller('v1')
export class SealingController {
  constructor(
    private readonly proofs: LogProofs,
    private readonly keys: LogKeys,
    private readonly receipts: Receipts,
    private readonly database: Database,
  ) {}

  @Get('events/:id/proof')
  @Header('content-type', TEXT)
  @Operation({
    summary: 'The proof that an event is in the log',
    description:
      'A C2SP tlog-proof: index, inclusion proof and signed checkpoint, to be verified without asking anyone. An event is ' +
      'sealed about a second after it was recorded; until then this answers with Retry-After.',
    permit: EVERYBODY,
    produces: 'text/plain',
    errors: [eventNotSealed],
  })
  async prove(
    @CurrentActor() actor: Actor,
    @Param({ schema: EventParameter }) { id }: EventParameter,
  ): Promise<string> {
    return this.proofs.prove(actor, id);
  }

  @Get('audit/checkpoint')
  @Header('content-type', TEXT)
  @Operation({
    summary: 'The newest signed checkpoint of a commissioner’s log',
    description:
      'A C2SP signed note. Keep it: whatever log is shown later must be consistent with it. A provider asks for that of a ' +
      'commissioner with which it has a contract.',
    permit: { commissioner: 'any', provider: 'any', scope: 'events:read' },
    produces: 'text/plain',
    errors: [checkpointNotSigned, invalidRequest],
  })
  async checkpoint(
    @CurrentActor() actor: Actor,
    @Query({ schema: CommissionerQuery }) { commissioner }: CommissionerQuery,
  ): Promise<string> {
    const logs = await this.logsOf(actor, commissioner);
    const [logId] = logs;
    if (logId === undefined) throw notFound();
    if (logs.length > 1) throw invalidRequest({}, 'Name one of your commissioners: ?commissioner=<id>.');
    return this.proofs.newestCheckpoint(logId);
  }

  @Get('audit/checkpoint/platform')
  @Header('content-type', TEXT)
  @Operation({
    summary: 'The newest signed checkpoint of the platform’s log',
    description:
      'A C2SP signed note, with the cosignature of a witness where there is one. Its leaves are the checkpoints of all ' +
      'commissioners.',
    permit: EVERYBODY,
    produces: 'text/plain',
    errors: [checkpointNotSigned],
  })
  async platformCheckpoint(): Promise<string> {
    return this.proofs.newestCheckpoint(await this.proofs.platformLogId());
  }

  @Get('audit/keys')
  @Header('content-type', TEXT)
  @Operation({
    summary: 'The keys that checkpoints and receipts are verified with',
    description:
      'One verifier key (C2SP signed-note) on each line: of your log or those of your commissioners, of the platform’s ' +
      'log, of receipts. While a key is changed each has two, the newer first.',
    permit: EVERYBODY,
    produces: 'text/plain',
  })
  async verifierKeys(
    @CurrentActor() actor: Actor,
    @Query({ schema: CommissionerQuery }) { commissioner }: CommissionerQuery,
  ): Promise<string> {
    const logs = [...(await this.logsOf(actor, commissioner)), await this.proofs.platformLogId()];
    const names = [...logs.map((id) => this.keys.originOf(id)), this.receipts.name];
    return names.flatMap((name) => this.keys.verifierKeys(name)).join('\n') + '\n';
  }

  /** @throws not_found when the commissioner named is none of the actor's */
  private async logsOf(actor: Actor, commissioner: string | undefined): Promise<readonly string[]> {
    const own =
      actor.side === 'commissioner'
        ? [actor.orgId]
        : actor.side === 'provider'
          ? await this.database.read(actor, readDealings)
          : [];
    if (commissioner === undefined) return own;
    if (!own.includes(commissioner)) throw notFound();
    return [commissioner];
  }
}
