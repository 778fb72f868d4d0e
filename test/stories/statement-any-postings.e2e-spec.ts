import fc from 'fast-check';
import { LedgerService } from '../../src/ledger/index.js';
import { systemActor } from '../../src/platform/actor.js';
import { DomainError } from '../../src/platform/errors.js';
import { newId } from '../../src/platform/ids.js';
import { agreement } from '../support/agreement.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { PlayedMoney, type PlayedPayout } from '../support/played-money.js';
import { plantRow } from '../support/planted-rows.js';
import { commissioner, registered, type Party } from '../support/world.js';

const STEPS = [
  'invoice',
  'requestPayout',
  'settle',
  'giveBack',
  'payOutside',
  'advance',
  'recoverAdvance',
  'creditPaid',
  'repay',
] as const;

const step = fc.record({
  name: fc.constantFrom(...STEPS),
  amountMinor: fc.bigInt({ min: 1n, max: 50_000n }),
  day: fc.integer({ min: 1, max: 30 }).map((n) => `2026-10-${String(n).padStart(2, '0')}`),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const period = fc
  .tuple(fc.integer({ min: 1, max: 31 }), fc.integer({ min: 1, max: 31 }))
  .map((days) => days.sort((a, b) => a - b).map((n) => `2026-10-${String(n).padStart(2, '0')}`));

interface StatementBody {
  head: { openingMinor: string };
  lines: { effectMinor: string }[];
  foot: { closingMinor: string };
}

describe('a statement of any postings', () => {
  let app: TestApp;
  let icb: Party;
  let sing: Party;

  beforeAll(async () => {
    app = await startTestApp({ now: '2026-11-05T09:00:00Z' });
    icb = await commissioner(app);
    sing = await registered(app, icb, 'provider', 'SING');
  });
  afterAll(() => app.close());

  /** What a floor refuses does not happen. */
  async function play(money: PlayedMoney, steps: readonly Step[]): Promise<void> {
    const requested: PlayedPayout[] = [];
    const settled: PlayedPayout[] = [];
    for (const { name, amountMinor, day } of steps) {
      try {
        if (name === 'invoice') await money.invoice(amountMinor, amountMinor / 5n, day);
        else if (name === 'requestPayout') requested.push(await money.requestPayout(amountMinor, day));
        else if (name === 'settle') {
          const payout = requested.shift();
          if (payout) settled.push((await money.settle(payout, day), payout));
        } else if (name === 'giveBack') {
          const payout = settled.shift();
          if (payout) await money.giveBack(payout, day);
        } else await money[name](amountMinor, day);
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
      }
    }
  }

  it('leads from the ledger’s opening balance to its closing balance', async () => {
    const { api } = await icb.as('finance');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), period, async (steps, [from = '', to = '']) => {
        const { contractId, ...rest } = await agreement(icb, sing);
        const money = new PlayedMoney(app, icb, sing, { contractId, ...rest });
        await money.fund(1_000_000n, '2026-10-01');
        await play(money, steps);
        const query = `party=contract&id=${contractId}&from=${from}&to=${to}`;
        const { head, lines, foot } = (await api.get<StatementBody>(`/v1/statements?${query}`)).body;
        const sum = lines.reduce((total, line) => total + BigInt(line.effectMinor), BigInt(head.openingMinor));
        expect(sum).toBe(BigInt(foot.closingMinor));
        expect(sum).toBe(await owedBy(money, to));
        expect(
          (await api.get<StatementBody>(`/v1/statements?party=contract&id=${contractId}&from=2026-10-01&to=${to}`)).body
            .foot.closingMinor,
        ).toBe(foot.closingMinor);
      }),
      { numRuns: 8 },
    );
  });

  /** By the ledger alone. */
  async function owedBy(money: PlayedMoney, day: string): Promise<bigint> {
    const of = (kind: Parameters<PlayedMoney['account']>[0]) =>
      app.database.read(systemActor(icb.id, 'test'), (reader) =>
        app.nest.get(LedgerService).balanceAsOf(reader, icb.id, money.account(kind), day),
      );
    return (await of('owed')) + (await of('inTransit')) - (await of('advance')) - (await of('recoverable'));
  }

  it('breaks off, and is not journalled, where a line cannot be told', async () => {
    const { contractId, ...rest } = await agreement(icb, sing);
    const money = new PlayedMoney(app, icb, sing, { contractId, ...rest });
    await money.invoice(100n, 0n, '2026-10-05');
    const { rows: accounts } = await app.admin.query<{ id: string }>(
      `select id from ledger.account where contract_id = $1 and kind in ('accrued', 'owed') order by kind`,
      [contractId],
    );
    await plantRow(app.admin, 'ledger.transfer', {
      commissioner_id: icb.id,
      id: newId(),
      event_id: newId(),
      debit_account_id: accounts[0]?.id,
      credit_account_id: accounts[1]?.id,
      amount_minor: 55,
      book: 'money',
      currency: 'GBP',
      provider_id: sing.id,
      effective_on: '2026-10-06',
    });
    // A statement tells what the newest checkpoint has booked: there is one after this, and the planted transfer is in it.
    await money.invoice(100n, 0n, '2026-10-07');
    const { key } = await icb.as('finance');
    for (const format of ['json', 'csv', 'pdf']) {
      const path = `/v1/statements?party=contract&id=${contractId}&from=2026-10-01&to=2026-10-31&format=${format}`;
      const response = await fetch(`${app.url}${path}`, { headers: { authorization: `Bearer ${key}` } });
      const whole = await response.arrayBuffer().then(
        () => response.ok,
        () => false,
      );
      expect([format, whole]).toEqual([format, false]);
    }
    const { rows } = await app.admin.query(
      `select 1 from ledger.event where type = 'statement.exported' and subject_id = $1`,
      [contractId],
    );
    expect(rows).toEqual([]);
  });
});
