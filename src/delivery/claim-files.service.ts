import { Injectable } from '@nestjs/common';
import { LessThan, MoreThan } from 'typeorm';
import type { Actor } from '../platform/actor.js';
import type { RowProblem } from '../platform/csv-template.rules.js';
import { csvText } from '../platform/csv-writer.js';
import { Database, type Reader } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { pageOf, type Page, type PageQuery } from '../platform/page.js';
import { failureHeadings } from './claim-file.rules.js';
import { ClaimFileReceiver } from './claim-file-receiver.service.js';
import { countProblems, findFailedRows, findFailures } from './claim-file.queries.js';
import { ClaimFile } from './claim-file.entity.js';
import type { ClaimFileQuery } from './claim-files.schemas.js';
import { ClaimSettings } from './claim-setting.service.js';

const FAILURES_SHOWN = 50;

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
  ) {}

  /**
   * Takes a file of claims for a contract while it arrives. Good rows are claimed, bad ones are kept with reasons. The same
   * rows again have no second effect, so a file that was interrupted is simply sent again.
   *
   * @throws claim_file.heading, rate_card.missing, the errors of reading CSV, and not_found for the contract
   */
  async receive(actor: Actor, contract: string, bytes: AsyncIterable<Uint8Array>): Promise<ClaimFileDetail> {
    const id = await this.receiver.receive(actor, contract, bytes);
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
  async failuresCsv(actor: Actor, id: string): Promise<string> {
    const rows = await this.database.read(actor, async (reader) => findFailedRows(reader, await get(reader, id)));
    const columns = failureHeadings().map((header, index) => ({ header, text: (row: string[]) => row[index] ?? '' }));
    let text = '';
    for await (const piece of csvText(columns, rows)) text += piece;
    return text;
  }
}

async function get(reader: Reader, id: string): Promise<ClaimFile> {
  const file = await reader.findOneBy(ClaimFile, { id });
  if (!file) throw notFound();
  return file;
}
