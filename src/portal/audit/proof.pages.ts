import { Controller, Get } from '@nestjs/common';
import { BundleService } from '../../assurance/index.js';
import { DomainError } from '../../platform/errors.js';
import { LogKeys, LogProofs, Receipts } from '../../sealing/index.js';
import { download, view, type PageAnswer } from '../page/answer.rules.js';
import { CurrentVisit, Page } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';

const READERS = { commissioner: ['auditor', 'finance'] } as const;
const TEXT = 'text/plain; charset=utf-8';

/** What a commissioner's auditor takes away, to check the books without asking this server again. */
@Controller('proof')
export class ProofPages {
  constructor(
    private readonly proofs: LogProofs,
    private readonly keys: LogKeys,
    private readonly receipts: Receipts,
    private readonly bundles: BundleService,
  ) {}

  @Page({ permit: READERS })
  @Get()
  async show(@CurrentVisit() { actor }: Visit): Promise<PageAnswer> {
    const own = await this.find(actor.orgId);
    const platform = await this.find(await this.proofs.platformLogId());
    const mark = own === undefined ? undefined : this.keys.open(actor.orgId, own);
    const origin = this.keys.originOf(actor.orgId);
    return view('audit/proof.njk', {
      origin,
      key: this.keys.verifierKeys(origin)[0],
      own: mark && { note: own, size: mark.size, root: Buffer.from(mark.root).toString('hex') },
      platform,
    });
  }

  @Page({ permit: READERS })
  @Get('checkpoint')
  async checkpoint(@CurrentVisit() { actor }: Visit): Promise<PageAnswer> {
    return download('checkpoint.txt', TEXT, await this.proofs.newestCheckpoint(actor.orgId));
  }

  @Page({ permit: READERS })
  @Get('platform-checkpoint')
  async platformCheckpoint(): Promise<PageAnswer> {
    return download(
      'platform-checkpoint.txt',
      TEXT,
      await this.proofs.newestCheckpoint(await this.proofs.platformLogId()),
    );
  }

  @Page({ permit: READERS })
  @Get('keys')
  async verifierKeys(@CurrentVisit() { actor }: Visit): Promise<PageAnswer> {
    const logs = [actor.orgId, await this.proofs.platformLogId()];
    const names = [...logs.map((id) => this.keys.originOf(id)), this.receipts.name];
    return download('keys.txt', TEXT, `${names.flatMap((name) => this.keys.verifierKeys(name)).join('\n')}\n`);
  }

  /** @throws checkpoint.not_signed */
  @Page({ permit: READERS, sensitive: 'export' })
  @Get('bundle')
  async bundle(@CurrentVisit() { actor }: Visit): Promise<PageAnswer> {
    const { name, bytes } = await this.bundles.open(actor);
    return download(name, 'application/x-tar', bytes);
  }

  /** A log that is new, or held, has no signed checkpoint yet. */
  private async find(logId: string): Promise<string | undefined> {
    try {
      return await this.proofs.newestCheckpoint(logId);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'checkpoint.not_signed') return undefined;
      throw error;
    }
  }
}
