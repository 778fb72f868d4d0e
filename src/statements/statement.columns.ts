import type { CsvColumn } from '../platform/csv-writer.js';
import type { IsoDate } from '../platform/clock.js';
import type { Statement, StatementFoot, StatementLine, StatementLineKind } from './statement.document.js';

/** A row of the file: a balance, a line, or a figure that is no part of the balance. */
export interface StatementRow {
  readonly day: IsoDate;
  readonly providerCode: string | null;
  readonly provider: string | null;
  readonly contract: string | null;
  readonly entry: string;
  readonly reference: string | null;
  readonly effectMinor: bigint | null;
  readonly vatMinor: bigint | null;
  readonly balanceMinor: bigint | null;
  readonly apartMinor: bigint | null;
  readonly eventId: string | null;
}

/** One effect column, signed, so that opening balance and lines add up to the closing balance in a spreadsheet. */
export const STATEMENT_COLUMNS: readonly CsvColumn<StatementRow>[] = [
  { header: 'Date', text: ({ day }) => day },
  { header: 'Provider code', text: ({ providerCode }) => providerCode },
  { header: 'Provider', text: ({ provider }) => provider },
  { header: 'Contract', text: ({ contract }) => contract },
  { header: 'Entry', text: ({ entry }) => entry },
  { header: 'Reference', text: ({ reference }) => reference },
  { header: 'Amount', pounds: ({ effectMinor }) => effectMinor },
  { header: 'Of which VAT', pounds: ({ vatMinor }) => vatMinor },
  { header: 'Balance', pounds: ({ balanceMinor }) => balanceMinor },
  { header: 'Figure', pounds: ({ apartMinor }) => apartMinor },
  { header: 'Event', text: ({ eventId }) => eventId },
];

const BLANK = {
  providerCode: null,
  provider: null,
  contract: null,
  reference: null,
  effectMinor: null,
  vatMinor: null,
  balanceMinor: null,
  apartMinor: null,
  eventId: null,
} as const;

/** In pages: opening balance, lines, closing balance, then what stands apart. A file without its closing balance was cut short. */
export async function* statementRows(
  statement: Statement,
  words: Readonly<Record<StatementLineKind, string>>,
): AsyncGenerator<readonly StatementRow[]> {
  const { period, openingMinor } = statement.head;
  yield [{ ...BLANK, day: period.from, entry: 'Opening balance', balanceMinor: openingMinor }];
  for await (const page of statement.pages) yield page.map((line) => rowOf(line, words[line.kind]));
  const foot = statement.foot();
  yield [
    { ...BLANK, day: period.to, entry: 'Closing balance', balanceMinor: foot.closingMinor },
    ...figuresApart(foot).map(([entry, apartMinor]) => ({ ...BLANK, day: period.to, entry, apartMinor })),
    ...sealOf(foot).map(([entry, reference]) => ({ ...BLANK, day: period.to, entry, reference })),
  ];
}

function rowOf(line: StatementLine, entry: string): StatementRow {
  const { effectiveOn, provider, contract, reference, effectMinor, vatMinor, balanceMinor, eventId } = line;
  return {
    day: effectiveOn,
    providerCode: provider.code,
    provider: provider.name,
    contract,
    entry,
    reference,
    effectMinor,
    vatMinor,
    balanceMinor,
    apartMinor: null,
    eventId,
  };
}

/** Where the journal stood, and what to keep of it. */
function sealOf({ bookedSize, checkpoint }: StatementFoot): [entry: string, reference: string | null][] {
  return [
    bookedSize === null ? ['Booked: not sealed yet', null] : ['Booked: events of the journal', String(bookedSize)],
    ...(checkpoint === null
      ? [['Checkpoint of the platform: not sealed yet', null] satisfies [string, null]]
      : ([
          ['Checkpoint of the platform: log', checkpoint.origin],
          ['Checkpoint of the platform: size', String(checkpoint.size)],
          ['Checkpoint of the platform: root', checkpoint.root],
        ] satisfies [string, string][])),
  ];
}

function figuresApart({ parts, notInvoiced, ageing }: StatementFoot): [string, bigint][] {
  return [
    ['Of the balance: invoiced, to be paid', parts.owedMinor],
    ['Of the balance: on its way to the bank', parts.inTransitMinor],
    ['Off the balance: paid in advance', parts.advancedMinor],
    ['Off the balance: to be given back', parts.recoverableMinor],
    ['Not invoiced: approved', notInvoiced.approvedNotInvoicedMinor],
    ['Not invoiced: claimed and not approved', notInvoiced.claimedNotApprovedMinor],
    ['Not funded: delivered, at its indicative value', notInvoiced.recognisedMinor],
    ['Unpaid invoices: not due yet', ageing.notDueMinor],
    ['Unpaid invoices: 1 to 30 days late', ageing.days1To30Minor],
    ['Unpaid invoices: 31 to 60 days late', ageing.days31To60Minor],
    ['Unpaid invoices: 61 to 90 days late', ageing.days61To90Minor],
    ['Unpaid invoices: more than 90 days late', ageing.over90Minor],
  ];
}
