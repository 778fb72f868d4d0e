import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LedgerService } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { canonicalJson } from '../platform/canonical-json.js';
import { Clock } from '../platform/clock.js';
import { readCsv, type CsvEnd, type CsvItem } from '../platform/csv-reader.js';
import { Database, type Tx } from '../platform/database.js';
import { assert, DomainError } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import { noRateCard } from '../pricing/index.js';
import { keptFailure, readRow, refusedRow, type GoodRow, type KeptFailure } from './claim-file-rows.rules.js';
import { ClaimFile, type FileProblem } from './claim-file.entity.js';
import { digestTakenRows, findSameBytes, insertFailures } from './claim-file.queries.js';
import {
  claimCells,
  readClaimHeader,
  type ClaimCells,
  type ClaimFileContext,
  type ClaimFileHeader,
} from './claim-file.rules.js';
import { ClaimSettings, type ClaimSetting } from './claim-setting.service.js';
import { claimFileHeading } from './delivery.errors.js';
import { DeliveryIntake, type TakenDelivery } from './delivery-intake.service.js';

/** Each chunk is a transaction of its own: a file holds no lock for long, and what was taken stays taken. */
const CHUNK_ROWS = 1_000;

type Counts = Pick<
  ClaimFile,
  'rows' | 'accepted' | 'repeated' | 'included' | 'failed' | 'flagged' | 'totalMinor' | 'indicativeMinor'
>;

/** One file on its way in. */
interface OpenFile {
  readonly actor: Actor;
  readonly setting: ClaimSetting;
  readonly context: ClaimFileContext;
  readonly meanings: ClaimCells;
  readonly serviceIds: ReadonlyMap<string, string>;
  readonly id: string;
  readonly receivedAt: Date;
  readonly counts: Counts;
  header: ClaimFileHeader | null;
  problem: FileProblem | null;
  good: GoodRow[];
  bad: KeptFailure[];
}

@Injectable()
export class ClaimFileReceiver {
  constructor(
    private readonly database: Database,
    private readonly settings: ClaimSettings,
    private readonly intake: DeliveryIntake,
    private readonly ledger: LedgerService,
    private readonly clock: Clock,
  ) {}

  /**
   * Takes a file in chunks of a thousand rows; gives its id. Whatever ends it early leaves the chunks before it in place,
   * and the file `refused` with the problem. A file with the bytes of an earlier one is kept too, as its repeat.
   */
  async receive(actor: Actor, contract: string, bytes: AsyncIterable<Uint8Array>): Promise<string> {
    const file = await this.open(actor, contract);
    try {
      for await (const item of readCsv(bytes)) await this.take(file, item);
    } catch (error) {
      const { code, message } = error instanceof DomainError ? error : INTERRUPTED;
      await this.finish(file, 'refused', { problem: { code, row: null, howToFix: message } });
      if (!(error instanceof DomainError)) throw error;
      const details = { ...error.details, claimFileId: file.id, accepted: file.counts.accepted };
      throw new DomainError(error.kind, error.code, error.message, details);
    }
    return file.id;
  }

  private async open(actor: Actor, contract: string): Promise<OpenFile> {
    const setting = await this.database.read(actor, (reader) => this.settings.loadNamed(reader, contract));
    const { commissionerId, contractId, providerId, services } = setting;
    if (services.length === 0) throw noRateCard();
    const counts = { rows: 0, accepted: 0, repeated: 0, included: 0, failed: 0, flagged: 0 };
    const totals = { totalMinor: 0n, indicativeMinor: 0n };
    const [id, receivedAt] = [newId(), this.clock.now()];
    await this.database.transaction(actor, (tx) =>
      tx.insert(ClaimFile, {
        commissionerId,
        id,
        providerId,
        contractId,
        ...counts,
        ...totals,
        state: 'receiving',
        droppedColumns: [],
        receivedAt,
        submittedBy: actor.memberId,
      }),
    );
    const context = { today: this.clock.today(), serviceCodes: services.map(({ code }) => code) };
    return {
      actor,
      setting,
      id,
      receivedAt,
      context,
      meanings: claimCells(context),
      serviceIds: new Map(services.map((service) => [service.code, service.id])),
      counts: { ...counts, ...totals },
      header: null,
      problem: null,
      good: [],
      bad: [],
    };
  }

  private async take(file: OpenFile, item: CsvItem): Promise<void> {
    if (item.kind === 'header') return this.takeHeading(file, item);
    if (item.kind === 'end') return this.end(file, item);
    assert(file.header, 'a row comes after the heading');
    if (item.kind === 'refused') {
      const { row, problem } = item;
      file.problem = { code: problem.code, row, howToFix: problem.howToFix };
      file.bad.push(keptFailure(file.header, { row, cells: [], problems: [problem] }));
      return;
    }
    const row = readRow(file.header, item, file.context, file.serviceIds, file.meanings);
    if ('delivered' in row) file.good.push(row);
    else file.bad.push(row);
    if (file.good.length + file.bad.length >= CHUNK_ROWS) await this.storeChunk(file);
  }

  private async takeHeading(file: OpenFile, item: Extract<CsvItem, { kind: 'header' }>): Promise<void> {
    const header = readClaimHeader(item.cells, file.context);
    if ('errors' in header) {
      const errors = header.errors.map(({ column, howToFix }) => ({ path: column, message: howToFix }));
      throw claimFileHeading({ errors }, errors.map(({ message }) => message).join(' '));
    }
    file.header = header.ok;
    const droppedColumns = [...header.ok.dropped];
    await this.database.transaction(file.actor, (tx) => set(tx, file, { droppedColumns, separator: item.separator }));
  }

  private async storeChunk(file: OpenFile): Promise<void> {
    const { actor, setting, good, bad, header, id } = file;
    if (good.length + bad.length === 0 || !header) return;
    const counts = await this.database.transaction(actor, async (tx) => {
      const rows = good.map(({ delivered }) => delivered);
      const taken = await this.intake.take(tx, actor, setting, rows, { claim: true, claimFileId: id });
      const refused = taken.outcomes.flatMap((outcome, index) => {
        const row = good[index];
        return outcome.status === 'failed' && row ? refusedRow(header, row, outcome.code) : [];
      });
      await insertFailures(tx, keyOf(file), [...bad, ...refused]);
      const sums = added(file.counts, taken, bad.length);
      await set(tx, file, sums);
      return sums;
    });
    Object.assign(file.counts, counts);
    file.good = [];
    file.bad = [];
  }

  private async end(file: OpenFile, { sha256, encoding }: CsvEnd): Promise<void> {
    await this.storeChunk(file);
    await this.finish(file, 'received', { problem: file.problem, encoding, sha256: Buffer.from(sha256, 'hex') });
  }

  private async finish(
    file: OpenFile,
    state: 'received' | 'refused',
    result: { problem: FileProblem | null; encoding?: string; sha256?: Buffer },
  ): Promise<void> {
    const { actor, setting, counts } = file;
    const { commissionerId, contractId, providerId } = setting;
    await this.database.transaction(actor, async (tx) => {
      const { sha256, problem } = result;
      const finishedAt = this.clock.now();
      const repeatsId = sha256 ? await findSameBytes(tx, { ...keyOf(file), contractId }, sha256) : null;
      await set(tx, file, { ...result, state, repeatsId, finishedAt });
      await this.ledger.record(tx, {
        type: `claim_file.${state}`,
        commissionerId,
        subjectId: file.id,
        actor,
        providerId,
        occurredAt: finishedAt,
        data: {
          contractId,
          ...counts,
          takenSha256: await digestTakenRows(tx, keyOf(file)),
          repeatsId,
          receivedAt: file.receivedAt.toISOString(),
          sha256: sha256?.toString('hex') ?? null,
          problem: problem?.code ?? null,
          problemSha256: problem && hash('sha256', canonicalJson({ ...problem })),
        },
      });
    });
  }
}

const INTERRUPTED = {
  code: 'claim_file.interrupted',
  message: 'The file was not received to its end. Send it again: rows that were taken have no second effect.',
};

function keyOf({ setting, id }: OpenFile) {
  return { commissionerId: setting.commissionerId, id, providerId: setting.providerId };
}

async function set(tx: Tx, file: OpenFile, changes: Partial<ClaimFile>): Promise<void> {
  const { commissionerId, id } = keyOf(file);
  await tx.update(ClaimFile, { commissionerId, id }, changes);
}

function added(counts: Counts, { outcomes, claims }: TakenDelivery, bad: number): Counts {
  const of = (wanted: string) => outcomes.filter(({ status }) => status === wanted).length;
  return {
    rows: counts.rows + outcomes.length + bad,
    accepted: counts.accepted + of('accepted'),
    repeated: counts.repeated + of('repeated'),
    included: counts.included + of('included'),
    failed: counts.failed + of('failed') + bad,
    flagged: counts.flagged + claims.filter(({ price }) => price.flags.length > 0).length,
    totalMinor: claims.reduce((sum, { price }) => sum + price.netMinor, counts.totalMinor),
    indicativeMinor: claims.reduce((sum, { price }) => sum + price.indicativeMinor, counts.indicativeMinor),
  };
}
