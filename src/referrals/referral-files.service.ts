import { Injectable } from '@nestjs/common';
import { Commands } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { foldReference } from '../platform/csv-cells.rules.js';
import { readCsv } from '../platform/csv-reader.js';
import type { FailedRow, RowProblem } from '../platform/csv-template.rules.js';
import { csvText } from '../platform/csv-writer.js';
import { defineError } from '../platform/errors.js';
import {
  parseReferralRow,
  readReferralHeader,
  referralFailureHeadings,
  referralFailureRow,
  type ParsedReferralRow,
  type ReferralFileContext,
  type ReferralFileHeader,
} from './referral-file.rules.js';
import { ReferralDestinations } from './referral-destinations.service.js';
import { ReferralMaker, type Destination, type MadeReferral } from './referral-maker.service.js';
import type { ReferralFileQuery } from './referrals.schemas.js';
import { refusable } from './referrals.service.js';

export const referralFileHeading = defineError({
  code: 'referral_file.heading',
  kind: 'invalid',
  title: 'The heading row of the file is not complete.',
  fix: 'See errors: each names a column. GET /v1/referral-files/template.csv has them all.',
});

const CHUNK_ROWS = 500;
const FAILURES_SHOWN = 100;

/** What came of a file: every row is accepted, a repeat, or failed with its reasons. */
export interface ReferralFileResult {
  rows: number;
  accepted: number;
  repeated: number;
  failed: number;
  droppedColumns: readonly string[];
  failures: ({ row: number } & RowProblem)[];
  failuresCsv: string | null;
}

interface GoodRow {
  row: number;
  cells: readonly string[];
  parsed: ParsedReferralRow;
  nhsNumber: string | null;
}

const NOT_MADE: Record<'no_contract' | 'several_contracts', RowProblem> = {
  no_contract: {
    column: 'service',
    entered: '',
    code: 'no_contract',
    howToFix: 'No contract with a rate for this service was in force on the day it was made. Check both.',
  },
  several_contracts: {
    column: 'service',
    entered: '',
    code: 'several_contracts',
    howToFix: 'Several contracts cover this service on that day. Send the file with ?contract=CODE.',
  },
};

/** Imports referrals from the exports of other systems. */
@Injectable()
export class ReferralFilesService {
  constructor(
    private readonly commands: Commands,
    private readonly destinations: ReferralDestinations,
    private readonly maker: ReferralMaker,
    private readonly clock: Clock,
  ) {}

  /**
   * Reads a file while it arrives. Good rows go in, chunk by chunk; bad rows come back; rows whose reference is known
   * are repeats without a second effect, so the same file may be sent again.
   *
   * @throws referral_file.heading and the errors of reading CSV; then nothing more of the file is kept
   */
  async importFile(actor: Actor, query: ReferralFileQuery, bytes: AsyncIterable<Buffer>): Promise<ReferralFileResult> {
    const destination = await this.destinations.find(actor, query);
    const context: ReferralFileContext = {
      today: this.clock.today(),
      serviceCodes: [],
      lawfulBasis: 'public_task',
    };
    const accept = actor.side === 'provider' && query.accept === 'true';
    const file = new OpenFile();
    let waiting: GoodRow[] = [];
    const flush = async () => {
      const chunk = waiting;
      waiting = [];
      if (chunk.length > 0) file.settle(chunk, await this.store(actor, destination, chunk, accept));
    };
    for await (const item of readCsv(bytes)) {
      if (item.kind === 'header') file.open(item.cells, context);
      else if (item.kind === 'refused') file.fail({ row: item.row, cells: [], problems: [item.problem] });
      else if (item.kind === 'row') {
        const good = file.read(item, context);
        if (good) waiting.push(good);
        if (waiting.length === CHUNK_ROWS) await flush();
      }
    }
    await flush();
    return file.result();
  }

  private store(
    actor: Actor,
    destination: Destination,
    chunk: readonly GoodRow[],
    accepted: boolean,
  ): Promise<MadeReferral[]> {
    return this.commands.run(actor, refusable(actor, 'referral.import', destination), (tx) =>
      this.maker.make(
        tx,
        actor,
        destination,
        chunk.map(({ parsed, nhsNumber }) => ({
          ...parsed,
          reference: foldReference(parsed.reference),
          service: foldReference(parsed.service),
          respondBy: parsed.respondBy ?? undefined,
          nhsNumber,
          accepted,
        })),
      ),
    );
  }
}

/** The reading of one file: what its heading means, and what has come of its rows so far. */
class OpenFile {
  private header: ReferralFileHeader | undefined;
  private readonly failedRows: FailedRow[] = [];
  private readonly counts = { rows: 0, accepted: 0, repeated: 0, failed: 0 };

  open(cells: readonly string[], context: ReferralFileContext): void {
    const header = readReferralHeader(cells, context);
    if ('errors' in header) {
      throw referralFileHeading({
        errors: header.errors.map(({ column, howToFix }) => ({ path: column, message: howToFix })),
      });
    }
    this.header = header.ok;
  }

  read(
    item: { row: number; cells: string[]; problem: RowProblem | null },
    context: ReferralFileContext,
  ): GoodRow | undefined {
    if (!this.header) throw new Error('A row came before the heading');
    const { row, cells } = item;
    if (item.problem) {
      this.fail({ row, cells, problems: [item.problem] });
      return undefined;
    }
    const parsed = parseReferralRow(this.header, cells, context);
    if ('errors' in parsed) {
      this.fail({ row, cells, problems: parsed.errors });
      return undefined;
    }
    return { row, cells, parsed: parsed.ok, nhsNumber: parsed.nhsNumber };
  }

  settle(chunk: readonly GoodRow[], results: readonly MadeReferral[]): void {
    for (const [index, { row, cells }] of chunk.entries()) {
      const kind = results[index]?.kind;
      if (kind === 'no_contract' || kind === 'several_contracts') this.fail({ row, cells, problems: [NOT_MADE[kind]] });
      else {
        this.counts.rows++;
        this.counts[kind === 'made' ? 'accepted' : 'repeated']++;
      }
    }
  }

  fail(failed: FailedRow): void {
    this.counts.rows++;
    this.counts.failed++;
    this.failedRows.push(failed);
  }

  async result(): Promise<ReferralFileResult> {
    const { header } = this;
    const rows = [...this.failedRows].sort((a, b) => a.row - b.row);
    const failures = rows.flatMap(({ row, problems }) => problems.map((problem) => ({ row, ...problem })));
    return {
      ...this.counts,
      droppedColumns: header?.dropped ?? [],
      failures: failures.slice(0, FAILURES_SHOWN),
      failuresCsv:
        header === undefined || rows.length === 0
          ? null
          : await csvOf(
              referralFailureHeadings(),
              rows.map((row) => referralFailureRow(header, row)),
            ),
    };
  }
}

async function csvOf(headings: readonly string[], rows: readonly string[][]): Promise<string> {
  const columns = headings.map((header, index) => ({ header, text: (row: string[]) => row[index] ?? '' }));
  let text = '';
  for await (const piece of csvText(columns, rows)) text += piece;
  return text;
}
