import { createHash } from 'node:crypto';
import { parse } from 'csv-parse';
import { LedgerService } from '../../src/ledger/index.js';
import { systemActor } from '../../src/platform/actor.js';
import { agreement, type Agreement } from '../support/agreement.js';
import type { ApiClient } from '../support/api-client.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { pdfText } from '../support/pdf-text.js';
import { PlayedMoney } from '../support/played-money.js';
import { signLogs } from '../support/signed-logs.js';
import { commissioner, registered, type Party } from '../support/world.js';

interface Line {
  kind: string;
  reference: string;
  effectMinor: string;
  vatMinor: string;
  balanceMinor: string;
  contract: string;
  provider: { code: string; name: string };
  eventId: string;
}

interface StatementBody {
  head: { subject: { kind: string; code: string; name: string; parties: string[] }; openingMinor: string };
  lines: Line[];
  foot: Record<string, never> & {
    lineCount: number;
    closingMinor: string;
    parts: Record<string, string>;
    notInvoiced: Record<string, string>;
    ageing: Record<string, string>;
    bookedSize: number;
    checkpoint: Record<string, unknown>;
  };
}

/** The same statement, at whatever size of the journal: its own export makes it longer. */
function bookedWhenever({ foot, ...rest }: StatementBody): unknown {
  return { ...rest, foot: { ...foot, bookedSize: expect.any(Number), checkpoint: expect.any(Object) } };
}

const OCTOBER = 'from=2026-10-01&to=2026-10-31';

describe('a statement', () => {
  let app: TestApp;
  let icb: Party;
  let other: Party;
  let sing: Party;
  let walk: Party;
  let singing: Agreement;
  let walking: Agreement;
  let money: PlayedMoney;
  let finance: ApiClient;
  let treasurer: ApiClient;

  beforeAll(async () => {
    app = await startTestApp({ now: '2026-11-05T09:00:00Z' });
    icb = await commissioner(app);
    other = await commissioner(app, 'OTHER');
    sing = await registered(app, icb, 'provider', 'SING', { name: '=HYPERLINK("http://x","Singers")' });
    walk = await registered(app, icb, 'provider', 'WALK');
    singing = await agreement(icb, sing);
    walking = await agreement(icb, walk);
    money = new PlayedMoney(app, icb, sing, singing);
    finance = (await icb.as('finance')).api;
    treasurer = (await sing.as('treasurer')).api;
    await play();
  });
  afterAll(() => app.close());

  /** A year of one contract: paid, sent back, paid again, paid ahead, credited, repaid; and one invoice of another. */
  async function play(): Promise<void> {
    await money.fund(5_000_00n, '2026-09-01');
    const first = await money.invoice(1_000_00n, 200_00n, '2026-09-10', { dueOn: '2026-09-20' });
    const paid = await money.requestPayout(1_200_00n, '2026-09-28', [first]);
    await money.settle(paid, '2026-10-02');
    await money.giveBack(paid, '2026-10-05');
    const again = await money.requestPayout(1_200_00n, '2026-10-06', [first]);
    await money.settle(again, '2026-10-08');
    await money.invoice(300_00n, 0n, '2026-10-12', { dueOn: '2026-11-11' });
    await money.advance(100_00n, '2026-10-13');
    await money.settle(await money.requestPayout(100_00n, '2026-10-14'), '2026-10-15');
    await money.creditPaid(50_00n, '2026-10-20');
    await money.recoverAdvance(40_00n, '2026-10-21');
    await money.payOutside(60_00n, '2026-10-22');
    await money.repay(20_00n, '2026-11-02');
    await money.invoice(70_00n, 0n, '2026-11-03', { kind: 'grant_notice' });
    await new PlayedMoney(app, icb, walk, walking).invoice(500_00n, 0n, '2026-10-09');
  }

  async function statement(api: ApiClient, query: string): Promise<StatementBody> {
    return (await api.get<StatementBody>(`/v1/statements?${query}`)).body;
  }

  it('runs from what was owed to what is owed, each fact once', async () => {
    const { head, lines, foot } = await statement(finance, `party=provider&id=${sing.id}&${OCTOBER}`);
    expect(head).toMatchObject({ subject: { kind: 'provider', code: 'SING', parties: ['Commissioner NELICB'] } });
    expect(head.openingMinor).toBe('120000');
    expect(lines.map(({ kind, effectMinor, balanceMinor }) => [kind, effectMinor, balanceMinor])).toEqual([
      ['payout', '-120000', '0'],
      ['payout_returned', '120000', '120000'],
      ['payout', '-120000', '0'],
      ['invoice', '30000', '30000'],
      ['payout', '-10000', '20000'],
      ['credit_note', '-5000', '15000'],
      ['payment_outside', '-6000', '9000'],
    ]);
    expect(foot).toMatchObject({
      lineCount: 7,
      increasedMinor: '150000',
      decreasedMinor: '261000',
      closingMinor: '9000',
      parts: { owedMinor: '20000', inTransitMinor: '0', advancedMinor: '6000', recoverableMinor: '5000' },
      ageing: { notDueMinor: '30000', days1To30Minor: '0' },
    });
  });

  it('shows net and VAT of an invoice as one line, by the names that people know', async () => {
    const { lines } = await statement(finance, `party=provider&id=${sing.id}&from=2026-09-01&to=2026-10-04`);
    expect(lines).toMatchObject([
      { kind: 'invoice', reference: expect.stringMatching(/^SING\d{6}$/), effectMinor: '120000', vatMinor: '20000' },
      { kind: 'payout', reference: expect.stringMatching(/^WP\d{6}$/), vatMinor: '0', contract: singing.contractCode },
    ]);
  });

  it('tells a grant from an invoice, and a repayment from both', async () => {
    const { lines } = await statement(finance, `party=provider&id=${sing.id}&from=2026-11-01&to=2026-11-05`);
    expect(lines.map(({ kind, balanceMinor }) => [kind, balanceMinor])).toEqual([
      ['repayment', '11000'],
      ['grant_notice', '18000'],
    ]);
  });

  it('counts what is unpaid by the day that it was due, as things stood at the end of the period', async () => {
    const before = await statement(finance, `party=provider&id=${sing.id}&from=2026-09-01&to=2026-10-01`);
    expect(before.foot.ageing).toMatchObject({ days1To30Minor: '120000', notDueMinor: '0' });
    const sentBack = await statement(finance, `party=provider&id=${sing.id}&from=2026-09-01&to=2026-10-05`);
    expect(sentBack.foot.ageing).toMatchObject({ days1To30Minor: '120000', notDueMinor: '0' });
    const paid = await statement(finance, `party=provider&id=${sing.id}&from=2026-09-01&to=2026-10-09`);
    expect(paid.foot.ageing).toMatchObject({ days1To30Minor: '0', notDueMinor: '0' });
  });

  it('of a commissioner has all its providers, each line with its own', async () => {
    const { head, lines, foot } = await statement(finance, `party=commissioner&id=${icb.id}&${OCTOBER}`);
    expect(head.subject).toMatchObject({ kind: 'commissioner', code: 'NELICB' });
    expect(new Set(lines.map(({ provider }) => provider.code))).toEqual(new Set(['SING', 'WALK']));
    expect(foot.closingMinor).toBe(String(9000 + 50_000));
  });

  it('of a contract is the same for both sides', async () => {
    const query = `party=contract&id=${singing.contractId}&${OCTOBER}`;
    const theirs = await statement(treasurer, query);
    expect(await statement(finance, query)).toEqual(bookedWhenever(theirs));
    const own = await statement(treasurer, `party=commissioner&id=${icb.id}&${OCTOBER}`);
    expect(own.lines).toEqual((await statement(finance, `party=provider&id=${sing.id}&${OCTOBER}`)).lines);
    expect(await statement(treasurer, `party=provider&id=${sing.id}&${OCTOBER}`)).toEqual(bookedWhenever(own));
  });

  it('says in how much of the journal it is booked, and what of the platform to keep', async () => {
    const query = `party=contract&id=${singing.contractId}&${OCTOBER}`;
    const unsigned = await statement(finance, query);
    await signLogs(app);
    const [one, next] = [await statement(finance, query), await statement(finance, query)];
    expect(one.foot.bookedSize).toBe(unsigned.foot.bookedSize + 1); // the export itself
    expect(next.foot.bookedSize).toBe(one.foot.bookedSize + 1);
    expect(one.foot.checkpoint).toEqual({
      origin: expect.stringMatching(/^wellpaid\.localhost\//),
      size: expect.any(Number),
      root: expect.stringMatching(/^[\w+/]{43}=$/),
    });
    const { rows } = await app.admin.query<{ data: Record<string, unknown> }>(
      `select convert_from(body, 'UTF8')::jsonb -> 'data' as data from ledger.event
       where type = 'statement.exported' order by seq desc limit 1`,
    );
    expect(rows[0]?.data).toMatchObject({ checkpointSize: next.foot.bookedSize, checkpoint: next.foot.checkpoint });
  });

  it('shows apart what is claimed, and what is recognised without funding', async () => {
    const claim = { contract_id: singing.contractId, service_id: singing.serviceId, for_period: '2026-10-01' };
    const of = { ...claim, fact_kind: 'session', served_on: '2026-10-20', submitted_at: '2026-10-21T10:00:00Z' };
    const priced = { line_kind: 'delivered', units: 1, paid_to: sing.id, delivered_by: sing.id };
    await money.plant('claim', { ...of, ...priced, state: 'submitted', provisional_minor: 4200, indicative_minor: 0 });
    await money.plant('claim', { ...of, ...priced, state: 'queried', provisional_minor: 0, indicative_minor: 900 });
    await money.plant('claim', { ...of, ...priced, state: 'rejected', provisional_minor: 777, indicative_minor: 33 });
    await money.approve([{ id: null, amountMinor: 1_500n }], '2026-10-30');
    const { foot } = await statement(finance, `party=contract&id=${singing.contractId}&${OCTOBER}`);
    expect(foot.notInvoiced).toEqual({
      approvedNotInvoicedMinor: '1500',
      claimedNotApprovedMinor: '4200',
      recognisedMinor: '900',
    });
    const { foot: before } = await statement(
      finance,
      `party=contract&id=${singing.contractId}&from=2026-10-01&to=2026-10-19`,
    );
    expect(before.notInvoiced).toMatchObject({ claimedNotApprovedMinor: '0', recognisedMinor: '0' });
  });

  it('as CSV adds up, reads back, and runs no formula', async () => {
    const { text, headers } = await finance.get(`/v1/statements?party=provider&id=${sing.id}&${OCTOBER}&format=csv`);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(headers.get('content-disposition')).toBe(
      'attachment; filename="statement-SING-2026-10-01-to-2026-10-31.csv"',
    );
    const rows = (await parse(text, { columns: true }).toArray()) as Record<string, string>[];
    const pence = (cell = '') => Math.round(Number(cell) * 100);
    const opening = rows.find(({ Entry }) => Entry === 'Opening balance');
    const closing = rows.find(({ Entry }) => Entry === 'Closing balance');
    const lines = rows.filter((row) => row.Event !== '');
    expect(lines).toHaveLength(7);
    expect(pence(opening?.Balance) + lines.reduce((sum, row) => sum + pence(row.Amount), 0)).toBe(
      pence(closing?.Balance),
    );
    expect(lines[0]).toMatchObject({ Date: '2026-10-02', Entry: 'Payment', Amount: '-1200.00', Balance: '0.00' });
    expect(lines[0]?.Provider).toBe(`'=HYPERLINK("http://x","Singers")`);
    expect(text).not.toMatch(/(^|,)"?=/m);
  });

  it('as PDF says the same', async () => {
    const pdf = await treasurer.bytes(`/v1/statements?party=commissioner&id=${icb.id}&${OCTOBER}&format=pdf`);
    const text = (await pdfText(pdf)).join('\n');
    for (const said of [
      '1 Oct 2026 Opening balance £1,200.00',
      '31 Oct 2026 Closing balance £90.00',
      'Payment returned',
      'Sandbox',
    ]) {
      expect(text).toContain(said);
    }
  });

  it.each(['json', 'csv', 'pdf'])('is journalled with the hash of the %s that was sent', async (format) => {
    const path = `/v1/statements?party=provider&id=${sing.id}&${OCTOBER}&format=${format}`;
    const { key } = await icb.as('finance');
    const response = await fetch(`${app.url}${path}`, { headers: { authorization: `Bearer ${key}` } });
    const bytes = Buffer.from(await response.arrayBuffer());
    const { rows } = await app.admin.query<{ data: Record<string, unknown>; provider: string | null }>(
      `select convert_from(body, 'UTF8')::jsonb -> 'data' as data, provider_id as provider from ledger.event
       where id = $1 and type = 'statement.exported' and subject_id = $2`,
      [response.headers.get('x-event-id'), sing.id],
    );
    expect(rows).toEqual([
      {
        provider: null,
        data: expect.objectContaining({
          format,
          party: 'provider',
          sha256: createHash('sha256').update(bytes).digest('hex'),
          byteCount: bytes.length,
          lineCount: 7,
          openingMinor: '120000',
          closingMinor: '9000',
        }),
      },
    ]);
  });

  it('agrees with the ledger on any day', async () => {
    const actor = systemActor(icb.id, 'test');
    for (const day of ['2026-09-09', '2026-09-30', '2026-10-05', '2026-10-14', '2026-11-05']) {
      const { foot } = await statement(finance, `party=provider&id=${sing.id}&from=2026-09-01&to=${day}`);
      const of = (kind: Parameters<PlayedMoney['account']>[0]) =>
        app.database.read(actor, (reader) =>
          app.nest.get(LedgerService).balanceAsOf(reader, icb.id, money.account(kind), day),
        );
      const owedMinor =
        (await of('owed')) + (await of('inTransit')) - (await of('advance')) - (await of('recoverable'));
      expect([day, foot.closingMinor]).toEqual([day, String(owedMinor)]);
    }
  });

  describe('is refused', () => {
    it.each([
      ['a period that ends before it begins', 'from=2026-10-31&to=2026-10-01', 'to: must not be before from'],
      ['a day that is none', 'from=2026-02-30&to=2026-10-01', 'from: '],
      ['a period that is not over', 'from=2026-11-01&to=2026-11-30', 'A statement closes on a day that has come.'],
    ])('for %s', async (_, period, said) => {
      const path = `/v1/statements?party=provider&id=${sing.id}&${period}`;
      expect((await finance.get(path, { expect: 400 })).text).toContain(said);
    });

    it.each([
      ['another provider', () => [treasurer, `party=contract&id=${walking.contractId}`]],
      ['another provider by its id', () => [treasurer, `party=provider&id=${walk.id}`]],
      ['a commissioner that it has no contract with', () => [treasurer, `party=commissioner&id=${other.id}`]],
      ['all that the commissioner pays', () => [finance, `party=commissioner&id=${other.id}`]],
      ['a provider without a contract', () => [finance, `party=provider&id=${other.id}`]],
    ] as [string, () => [ApiClient, string]][])('for the account of %s', async (_, asked) => {
      const [api, party] = asked();
      const { body } = await api.get(`/v1/statements?${party}&${OCTOBER}`, { expect: 404 });
      expect(body.code).toBe('not_found');
    });

    it('to another commissioner', async () => {
      const { api } = await other.as('finance');
      await api.get(`/v1/statements?party=provider&id=${sing.id}&${OCTOBER}`, { expect: 404 });
      await api.get(`/v1/statements?party=contract&id=${singing.contractId}&${OCTOBER}`, { expect: 404 });
    });

    it('to whoever has no business with money', async () => {
      const approver = await icb.as('approver');
      await approver.api.get(`/v1/statements?party=provider&id=${sing.id}&${OCTOBER}`, { expect: 403 });
    });
  });
});
