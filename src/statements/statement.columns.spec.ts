import { closingAt, pounds, STATEMENT_HEAD } from '../../test/support/statements.js';
import { statementRows, type StatementRow } from './statement.columns.js';
import { openStatement, type StatementClosing } from './statement.document.js';
import { STATEMENT_LINE_WORDS } from './statement.pdf.js';

async function rowsOf(sealed: Partial<StatementClosing> = {}): Promise<StatementRow[]> {
  const rows: StatementRow[] = [];
  const statement = openStatement(STATEMENT_HEAD, pounds(1), { ...closingAt(10_100n), ...sealed });
  for await (const page of statementRows(statement, STATEMENT_LINE_WORDS)) rows.push(...page);
  return rows;
}

describe('the rows of a statement', () => {
  it('lead from the opening to the closing balance, and end with where the journal stood', async () => {
    const rows = await rowsOf();
    expect(rows.map(({ entry }) => entry).slice(0, 4)).toEqual([
      'Opening balance',
      'Invoice',
      'Closing balance',
      'Of the balance: invoiced, to be paid',
    ]);
    expect(rows.slice(-4).map(({ entry, reference }) => [entry, reference])).toEqual([
      ['Booked: events of the journal', '812'],
      ['Checkpoint of the platform: log', 'wellpaid.example/platform'],
      ['Checkpoint of the platform: size', '40'],
      ['Checkpoint of the platform: root', closingAt(0n).checkpoint?.root],
    ]);
  });

  it('say so where nothing is sealed yet', async () => {
    const rows = await rowsOf({ bookedSize: null, checkpoint: null });
    expect(rows.slice(-2).map(({ entry, reference }) => [entry, reference])).toEqual([
      ['Booked: not sealed yet', null],
      ['Checkpoint of the platform: not sealed yet', null],
    ]);
  });
});
