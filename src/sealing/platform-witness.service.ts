import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { Database } from '../platform/database.js';
import { LOG } from '../platform/jobs.js';
import { consistencyProof, tilesOfConsistency } from '../transparency/index.js';
import type { AddedSignature, SignedCheckpoint } from './checkpoint-signing.queries.js';
import { isHeldByWitness, type HoldCode } from './checkpoint-signing.rules.js';
import type { SoundLog } from './log-examiner.service.js';
import { signerId } from './log-keys.service.js';
import { readTiles } from './log-tiles.queries.js';
import { SEALER } from './sealing.queries.js';
import { Witness, type WitnessAnswer } from './witness.gateway.js';

/** After a witness did not answer, or did not cosign. */
const REST_MS = 30_000;

/** What came of asking: signatures to keep, or a reason to hold the platform's log. */
export interface Witnessed {
  readonly added?: readonly AddedSignature[];
  readonly hold?: HoldCode;
}

/** Has the platform's checkpoints cosigned before they are signed for good, where there is a witness. */
@Injectable()
export class PlatformWitness {
  private restsUntil = 0;
  private said: string | undefined;

  constructor(
    private readonly witness: Witness,
    private readonly database: Database,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  /** Under what name its signatures are kept; null where there is no witness. */
  get signer(): string | null {
    return this.witness.verifier ? signerId(this.witness.verifier) : null;
  }

  /**
   * A witness that is away holds nothing up: its signature is added when it is back. One that saw another log holds the
   * platform's, and alone lets it go again.
   */
  async ask(platform: SoundLog): Promise<Witnessed> {
    const { target, cosignedSize, heldCode } = platform;
    if (this.signer === null || target === null || cosignedSize >= target.size) return {};
    const stillHeld: Witnessed = heldCode !== null && isHeldByWitness(heldCode) ? { hold: heldCode } : {};
    if (performance.now() < this.restsUntil) return stillHeld;
    let from = cosignedSize;
    let answer = await this.addCheckpoint(platform, from, target);
    if (answer.kind === 'elsewhere' && answer.size !== from && answer.size <= target.size) {
      from = answer.size;
      answer = await this.addCheckpoint(platform, from, target);
    }
    if (answer.kind !== 'cosigned') this.restsUntil = performance.now() + REST_MS;
    return this.judge(platform, target, from, answer) ?? stillHeld;
  }

  private judge(
    { logId, size }: SoundLog,
    target: SignedCheckpoint,
    from: number,
    answer: WitnessAnswer,
  ): Witnessed | undefined {
    this.say(answer);
    switch (answer.kind) {
      case 'cosigned': {
        const signer = this.signer ?? '';
        return { added: answer.lines.slice(0, 1).map((line) => ({ logId, size: target.size, signer, line })) };
      }
      case 'contradicted':
        return { hold: 'differs_from_witness' };
      case 'elsewhere':
        // At the very size that we named it saw other hashes; at one that we have not reached it saw more.
        if (answer.size === from) return { hold: 'differs_from_witness' };
        return answer.size > size ? { hold: 'behind_witness' } : undefined;
      default:
        return undefined;
    }
  }

  private async addCheckpoint(
    { logId }: SoundLog,
    from: number,
    { size, note }: SignedCheckpoint,
  ): Promise<WitnessAnswer> {
    const wanted = tilesOfConsistency(from, size).map((tile) => ({ ...tile, logId }));
    const tiles = await this.database.read(SEALER, (reader) => readTiles(reader, wanted));
    return this.witness.addCheckpoint(from, consistencyProof(from, size, tiles.of(logId)), note);
  }

  private say(answer: WitnessAnswer): void {
    const reason = answer.kind === 'unheard' ? answer.reason : answer.kind;
    if (this.said === reason) return;
    this.said = reason;
    if (answer.kind === 'cosigned') this.log.info('the witness cosigns');
    else this.log.warn({ reason }, 'the witness does not cosign');
  }
}
