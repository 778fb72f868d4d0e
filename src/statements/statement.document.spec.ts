import fc from 'fast-check';
import { closingAt, OF_RIVERSIDE, pounds, STATEMENT_HEAD } from '../../test/support/statements.js';
import {
  ageingOf,
  openStatement,
  statementJson,
  type Statement,
  type StatementEntry,
  type StatementLine,
} from './statement.document.js';

const entry = (effectiveOn: string, effectMinor: bigint): StatementEntry => ({
  effectiveOn,
  kind: effectMinor < 0n ? 'payout' : 'invoice',
  reference: `R${effectiveOn}`,
  effectMinor,
  ...OF_RIVERSIDE,
});

async function read(statement: Statement): Promise<StatementLine[]> {
  const lines: StatementLine[] = [];
  for await (const page of statement.pages) lines.push(...page);
  return lines;
}

describe('openStatement', () => {
  it('runs the balance from opening to closing', async () => {
    const entries = [entry('2026-10-01', 5000n), entry('2026-10-07', -12_000n), entry('2026-10-31', 250n)];
    const statement = openStatement(STATEMENT_HEAD, [entries], closingAt(3250n));
    expect((await read(statement)).map(({ balanceMinor }) => balanceMinor)).toEqual([15_000n, 3000n, 3250n]);
    expect(statement.foot()).toMatchObject({
      lineCount: 3,
      increasedMinor: 5250n,
      decreasedMinor: 12_000n,
      closingMinor: 3250n,
      notInvoiced: { approvedNotInvoicedMinor: 3300n },
    });
  });

  it('closes at opening plus the sum of its entries, and refuses any other balance', async () => {
    const effects = fc.array(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(effects, fc.bigInt({ min: 1n, max: 100n }), async (amounts, off) => {
        const sum = amounts.reduce((total, amount) => total + amount, STATEMENT_HEAD.openingMinor);
        const entries = amounts.map((amount) => entry('2026-10-07', amount));
        const statement = openStatement(STATEMENT_HEAD, [entries], closingAt(sum));
        const lines = await read(statement);
        expect(lines.at(-1)?.balanceMinor ?? STATEMENT_HEAD.openingMinor).toBe(sum);
        expect(statement.foot().increasedMinor - statement.foot().decreasedMinor).toBe(
          sum - STATEMENT_HEAD.openingMinor,
        );
        const wrong = openStatement(STATEMENT_HEAD, [entries], closingAt(sum + off));
        await expect(read(wrong)).rejects.toThrow(`the ledger to ${sum + off}`);
      }),
    );
  });

  it.each([
    ['out of order', [entry('2026-10-07', 1n), entry('2026-10-06', 1n)]],
    ['before the period', [entry('2026-09-30', 1n)]],
    ['after the period', [entry('2026-11-01', 1n)]],
  ])('refuses an entry %s', async (_name, entries) => {
    await expect(read(openStatement(STATEMENT_HEAD, [entries], closingAt(10_000n)))).rejects.toThrow(RangeError);
  });

  it('has no foot before its last line', () => {
    expect(() => openStatement(STATEMENT_HEAD, [], closingAt(10_000n)).foot()).toThrow('after its last line');
  });
});

describe('ageingOf', () => {
  it.each([
    ['2026-11-01', 'notDueMinor'],
    ['2026-10-31', 'notDueMinor'],
    ['2026-10-30', 'days1To30Minor'],
    ['2026-10-01', 'days1To30Minor'],
    ['2026-09-30', 'days31To60Minor'],
    ['2026-09-01', 'days31To60Minor'],
    ['2026-08-31', 'days61To90Minor'],
    ['2026-08-02', 'days61To90Minor'],
    ['2026-08-01', 'over90Minor'],
    ['2020-01-01', 'over90Minor'],
  ])('puts what was due on %s under %s on 31 October', (dueOn, bucket) => {
    const empty = { notDueMinor: 0n, days1To30Minor: 0n, days31To60Minor: 0n, days61To90Minor: 0n, over90Minor: 0n };
    expect(ageingOf([{ dueOn, openMinor: 700n }], '2026-10-31')).toEqual({ ...empty, [bucket]: 700n });
  });
});

describe('statementJson', () => {
  it('writes head, lines and foot, amounts as decimal text', async () => {
    let text = '';
    for await (const piece of statementJson(openStatement(STATEMENT_HEAD, pounds(3), closingAt(10_300n))))
      text += piece;
    expect(JSON.parse(text)).toMatchObject({
      head: { format: 'wellpaid.statement.1', openingMinor: '10000' },
      lines: [
        { balanceMinor: '10100' },
        { balanceMinor: '10200' },
        { balanceMinor: '10300', reference: 'RIV2026000003' },
      ],
      foot: {
        lineCount: 3,
        closingMinor: '10300',
        ageing: { days1To30Minor: '500' },
        bookedSize: 812,
        checkpoint: { origin: 'wellpaid.example/platform', size: 40 },
      },
    });
  });

  it('is not JSON when it does not add up', async () => {
    let text = '';
    const writing = async (): Promise<void> => {
      for await (const piece of statementJson(openStatement(STATEMENT_HEAD, pounds(3), closingAt(1n)))) text += piece;
    };
    await expect(writing()).rejects.toThrow(RangeError);
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
  });
});
