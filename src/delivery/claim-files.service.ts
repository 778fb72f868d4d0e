import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { LessThan, MoreThan } from 'typeorm';
import { Commands } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import type { FileType } from '../platform/file-types.js';
import { CSV_LIMITS, readCsv, type CsvItem } from '../platform/csv-reader.js';
import type { RowProblem } from '../platform/csv-template.rules.js';
import { csvTextOfPages } from '../platform/csv-writer.js';
import { Database, type Reader } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { LOG } from '../platform/jobs.js';
import { readNdjson } from '../platform/ndjson-reader.js';
import { pageOf, type Page, type PageQuery } from '../platform/page.js';
import { failureHeadings } from './claim-file.rules.js';
import { ClaimFileClosing } from './claim-file-closing.service.js';
import { lockFile } from './claim-file-chunks.queries.js';
import { ClaimLines } from './claim-file-lines.rules.js';
import { ClaimFileReceiver } from './claim-file-receiver.service.js';
import { countProblems, findFailedRows, findFailures } from './claim-file.queries.js';
import { ClaimFile } from './claim-file.entity.js';
import type { ClaimFileQuery } from './claim-files.schemas.js';
import { ClaimSettings } from './claim-setting.service.js';
import { claimFileEnded } from './delivery.errors.js';

const FAILURES_SHOWN = 50;
/** Failed rows that are read, and held, at a time: all of a large file may have failed. */
const FAILURES_PAGE = 1_000;

export interface ClaimFileDetail {
  readonly file: ClaimFile;
  /** The first 50 problems; none for the commissioner. */
  readonly failures: readonly ({ readonly row: number } & RowProblem)[];
  /** Of all failed rows; none for the commissioner. */
  readonly problemCount: number;
}

/** Files of claims: sent, looked at while they are received, and corrected. */
@Injectable()
export class ClaimFilesService {
  constructor(
    private readonly database: Database,
    private readonly settings: ClaimSettings,
    private readonly receiver: ClaimFileReceiver,
    private readonly closing: ClaimFileClosing,
    private readonly commands: Commands,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  /**
   * Takes a file of claims for a contract: good rows are claimed, bad ones are kept with reasons. The same rows again have no
   * second effect, so a file that was interrupted is simply sent again.
   *
   * @param until `arrived` answers once all of the file is here, `soon` two seconds later at most; what is left of it then is
   *   taken afterwards
   * @throws claim_file.heading, rate_card.missing, the errors of reading a file, and not_found for the contract
   */
  async receive(
    actor: Actor,
    contract: string,
    { type = 'text/csv', bytes }: { readonly type?: FileType; readonly bytes: AsyncIterable<Uint8Array> },
    until: 'arrived' | 'soon' | 'taken' = 'taken',
  ): Promise<ClaimFileDetail> {
    const { id, taken } = await this.receiver.receive(actor, contract, itemsOf(type, bytes));
    if (until === 'taken') {
      await taken;
    } else {
      const logged = taken.catch((error: unknown) =>
        this.log.error({ error, claimFileId: id }, 'a claim file waits to be taken'),
      );
      if (until === 'soon') await Promise.race([logged, sleep(SOON_MS, undefined, { ref: false })]);
    }
    return this.read(actor, id);
  }

  /**
   * Leaves off a file that is being received: what is taken of it stays, and nothing more is taken.
   *
   * @throws not_found, claim_file.ended
   */
  async cancel(actor: Actor, id: string): Promise<ClaimFileDetail> {
    const { commissionerId } = await this.database.read(actor, (reader) => get(reader, id));
    await this.commands.run(actor, { name: 'claim_file.cancel', commissionerId, subjectId: id }, async (tx) => {
      const progress = await lockFile(tx, { commissionerId, id, providerId: actor.orgId });
      if (!progress) throw notFound();
      if (progress.state !== 'receiving') throw claimFileEnded({ state: progress.state });
      await this.closing.close(tx, actor, { commissionerId, id }, 'cancelled');
    });
    return this.read(actor, id);
  }

  /** @throws not_found */
  read(actor: Actor, id: string): Promise<ClaimFileDetail> {
    return this.database.read(actor, async (reader) => {
      const file = await get(reader, id);
      if (actor.side !== 'provider') return { file, failures: [], problemCount: 0 };
      const failures = await findFailures(reader, file, FAILURES_SHOWN);
      return { file, failures, problemCount: await countProblems(reader, file) };
    });
  }

  list(actor: Actor, query: ClaimFileQuery): Promise<Page<ClaimFile>> {
    return this.database.read(actor, async (reader) => {
      const contract = query.contract === undefined ? null : await this.settings.loadNamed(reader, query.contract);
      const where = {
        ...(contract && { contractId: contract.contractId }),
        ...(query.after !== undefined && { id: MoreThan(query.after) }),
      };
      return pageOf(await reader.find(ClaimFile, { where, order: { id: 'ASC' }, take: query.limit + 1 }), query.limit);
    });
  }

  /** The latest first. */
  latest(actor: Actor, { limit, after }: PageQuery): Promise<Page<ClaimFile>> {
    const where = after === undefined ? {} : { id: LessThan(after) };
    return this.database.read(actor, async (reader) =>
      pageOf(await reader.find(ClaimFile, { where, order: { id: 'DESC' }, take: limit + 1 }), limit),
    );
  }

  /**
   * The failed rows with what is wrong and how to fix it, as CSV: to correct and send again, the three columns of reasons
   * included. For the provider only.
   *
   * @throws not_found
   */
  async failuresCsv(actor: Actor, id: string): Promise<AsyncIterable<string>> {
    const file = await this.database.read(actor, (reader) => get(reader, id));
    const columns = failureHeadings().map((header, index) => ({ header, text: (row: string[]) => row[index] ?? '' }));
    return csvTextOfPages(columns, this.failedRows(actor, file));
  }

  /** Some at a time, each in a transaction of its own: whoever takes them slowly holds none. A row that failed stays. */
  private async *failedRows(actor: Actor, file: ClaimFile): AsyncGenerator<string[][]> {
    for (let after = 0; ;) {
      const next = { after, most: FAILURES_PAGE };
      const rows = await this.database.read(actor, (reader) => findFailedRows(reader, file, next));
      yield rows.map(({ cells }) => cells);
      if (rows.length < FAILURES_PAGE) return;
      after = rows.at(-1)?.row ?? after;
    }
  }
}

/** Most files are taken by then, and who sent one sees at once what became of it. */
const SOON_MS = 2_000;

/** A year of a large provider, in one file. */
const FILE_LIMITS = { ...CSV_LIMITS, bytes: 512 * 1024 * 1024, rows: 2_000_000 };

function itemsOf(type: FileType, bytes: AsyncIterable<Uint8Array>): AsyncIterable<CsvItem> {
  return type === 'text/csv' ? readCsv(bytes, FILE_LIMITS) : itemsOfLines(bytes);
}

async function* itemsOfLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<CsvItem> {
  const lines = new ClaimLines();
  yield lines.heading;
  for await (const item of readNdjson(bytes, FILE_LIMITS)) {
    const row = lines.item(item);
    yield row.kind === 'end' ? { ...row, dropped: lines.dropped } : row;
  }
}

async function get(reader: Reader, id: string): Promise<ClaimFile> {
  const file = await reader.findOneBy(ClaimFile, { id });
  if (!file) throw notFound();
  return file;
}
