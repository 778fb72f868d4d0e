import { accounts } from '../../src/ledger/index.js';
import { CheckpointSigner } from '../../src/sealing/checkpoint-signer.service.js';
import { agreement, type Agreement } from '../support/agreement.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { PlayedMoney } from '../support/played-money.js';
import { commissioner, registered, type Party } from '../support/world.js';

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

const SINGERS = `SING,"'=1+1 ""Singers"", of Ely",SING-26`;
const WALKERS = 'WALK,Tŷ Walkers,WALK-26';

describe('a statement as CSV', () => {
  let app: TestApp;
  let icb: Party;
  let sing: Party;
  let walk: Party;
  let singing: Agreement;
  /** Numbers of invoices and references of payouts, by what they are for. */
  let named: Record<string, string>;

  beforeAll(async () => {
    app = await startTestApp({ now: '2026-11-05T09:00:00Z' });
    icb = await commissioner(app);
    sing = await registered(app, icb, 'provider', 'SING', { name: '=1+1 "Singers", of Ely' });
    walk = await registered(app, icb, 'provider', 'WALK', { name: 'Tŷ Walkers' });
    singing = await agreement(icb, sing, { code: 'SING-26' });
    named = await play(await agreement(icb, walk, { code: 'WALK-26' }));
    await textOf(`party=commissioner&id=${icb.id}&from=2026-10-01&to=2026-10-01`); // once it is sealed
    await app.nest.get(CheckpointSigner).sign();
  });
  afterAll(() => app.close());

  /** Each kind of line once, with what stands before the period, after it, and within it but not on it. */
  async function play(walking: Agreement): Promise<Record<string, string>> {
    const money = new PlayedMoney(app, icb, sing, singing);
    const other = new PlayedMoney(app, icb, walk, walking);
    await money.fund(900_000_00n, '2026-07-01');
    const old = await other.invoice(7_05n, 0n, '2026-07-01', { dueOn: '2026-07-31' });
    // Written down before what stands above it.
    await other.post('fee.shared', walk.id, '2026-10-30', [
      { debit: other.account('owed'), credit: accounts.fees(), amountMinor: 1n },
    ]);
    const late = await money.invoice(1_000_00n, 200_00n, '2026-08-10', { dueOn: '2026-09-09' });
    const paid = await money.requestPayout(1_200_00n, '2026-09-28', [late]);
    await money.settle(paid, '2026-10-02');
    await money.giveBack(paid, '2026-10-05');
    const big = await other.invoice(123_456_78n, 24_691_36n, '2026-10-06', { dueOn: '2026-11-05' });
    const lessAdvance = await money.invoice(300_00n, 0n, '2026-10-12', { dueOn: '2026-10-20' });
    await money.advance(100_00n, '2026-10-13');
    const ahead = await money.requestPayout(100_00n, '2026-10-14');
    await money.settle(ahead, '2026-10-15');
    const recovered = await money.post('advance.recovered', lessAdvance.id, '2026-10-16', [
      { debit: money.account('owed'), credit: money.account('advance'), amountMinor: 40_00n },
    ]);
    await money.plant('advance_recovery', {
      invoice_id: lessAdvance.id,
      contract_id: singing.contractId,
      amount_minor: 40_00n,
      event_id: recovered.id,
    });
    await money.creditPaid(50_00n, '2026-10-20');
    await money.payOutside(9n, '2026-10-22');
    await money.repay(20_00n, '2026-10-23');
    const grant = await other.invoice(70_00n, 0n, '2026-10-31', { dueOn: '2026-11-30', kind: 'grant_notice' });
    await money.invoice(5_00n, 0n, '2026-11-01');
    await money.approve([{ id: null, amountMinor: 15_00n }], '2026-10-31');
    return {
      [old.number]: 'OLD',
      [late.number]: 'LATE',
      [paid.reference]: 'PAID',
      [big.number]: 'BIG',
      [lessAdvance.number]: 'LESS',
      [ahead.reference]: 'AHEAD',
      [grant.number]: 'GRANT',
    };
  }

  /** As it was sent, but for what differs from run to run: numbers by what they are for, events by their types. */
  async function textOf(query: string): Promise<string[]> {
    const { api } = await icb.as('finance');
    const { text } = await api.get(`/v1/statements?${query}&format=csv`);
    expect(text.endsWith('\r\n')).toBe(true);
    const { rows } = await app.admin.query<{ id: string; type: string }>('select id, type from ledger.event');
    const types = new Map(rows.map(({ id, type }) => [id, type]));
    const known = Object.entries(named).reduce((told, [name, word]) => told.replaceAll(name, word), text);
    return known
      .replaceAll(/(Booked: events of the journal|Checkpoint of the platform: \w+),[^,]+/g, '$1,THEN')
      .replaceAll(UUID, (id) => types.get(id) ?? 'SUBJECT')
      .split('\r\n')
      .slice(0, -1);
  }

  it('of a commissioner is this text', async () => {
    expect(await textOf(`party=commissioner&id=${icb.id}&from=2026-10-01&to=2026-10-31`)).toEqual([
      'Date,Provider code,Provider,Contract,Entry,Reference,Amount,Of which VAT,Balance,Figure,Event',
      '2026-10-01,,,,Opening balance,,,,1207.05,,',
      `2026-10-02,${SINGERS},Payment,PAID,-1200.00,0.00,7.05,,payout.paid`,
      `2026-10-05,${SINGERS},Payment returned,PAID,1200.00,0.00,1207.05,,payout.failed`,
      `2026-10-06,${WALKERS},Invoice,BIG,148148.14,24691.36,149355.19,,invoice.issued`,
      `2026-10-12,${SINGERS},Invoice,LESS,300.00,0.00,149655.19,,invoice.issued`,
      `2026-10-15,${SINGERS},Payment,AHEAD,-100.00,0.00,149555.19,,payout.paid`,
      `2026-10-20,${SINGERS},Credit note,SUBJECT,-50.00,0.00,149505.19,,credit_note.issued`,
      `2026-10-22,${SINGERS},Payment by accounts payable,SUBJECT,-0.09,0.00,149505.10,,payout.paid`,
      `2026-10-23,${SINGERS},Repayment,SUBJECT,20.00,0.00,149525.10,,debt.repaid`,
      `2026-10-30,${WALKERS},Adjustment,SUBJECT,-0.01,0.00,149525.09,,fee.shared`,
      `2026-10-31,${WALKERS},Grant payment notice,GRANT,70.00,0.00,149595.09,,invoice.issued`,
      '2026-10-31,,,,Closing balance,,,,149595.09,,',
      '2026-10-31,,,,"Of the balance: invoiced, to be paid",,,,,149685.09,',
      '2026-10-31,,,,Of the balance: on its way to the bank,,,,,0.00,',
      '2026-10-31,,,,Off the balance: paid in advance,,,,,60.00,',
      '2026-10-31,,,,Off the balance: to be given back,,,,,30.00,',
      '2026-10-31,,,,Not invoiced: approved,,,,,15.00,',
      '2026-10-31,,,,Not invoiced: claimed and not approved,,,,,0.00,',
      '2026-10-31,,,,"Not funded: delivered, at its indicative value",,,,,0.00,',
      '2026-10-31,,,,Unpaid invoices: not due yet,,,,,148218.14,',
      '2026-10-31,,,,Unpaid invoices: 1 to 30 days late,,,,,260.00,',
      '2026-10-31,,,,Unpaid invoices: 31 to 60 days late,,,,,1200.00,',
      '2026-10-31,,,,Unpaid invoices: 61 to 90 days late,,,,,0.00,',
      '2026-10-31,,,,Unpaid invoices: more than 90 days late,,,,,7.05,',
      '2026-10-31,,,,Booked: events of the journal,THEN,,,,,',
      '2026-10-31,,,,Checkpoint of the platform: log,THEN,,,,,',
      '2026-10-31,,,,Checkpoint of the platform: size,THEN,,,,,',
      '2026-10-31,,,,Checkpoint of the platform: root,THEN,,,,,',
    ]);
  });

  it('of a contract, from within the month, begins with what was before', async () => {
    const text = await textOf(`party=contract&id=${singing.contractId}&from=2026-10-15&to=2026-10-22`);
    expect(text.slice(1, 10)).toEqual([
      '2026-10-15,,,,Opening balance,,,,1500.00,,',
      `2026-10-15,${SINGERS},Payment,AHEAD,-100.00,0.00,1400.00,,payout.paid`,
      `2026-10-20,${SINGERS},Credit note,SUBJECT,-50.00,0.00,1350.00,,credit_note.issued`,
      `2026-10-22,${SINGERS},Payment by accounts payable,SUBJECT,-0.09,0.00,1349.91,,payout.paid`,
      '2026-10-22,,,,Closing balance,,,,1349.91,,',
      '2026-10-22,,,,"Of the balance: invoiced, to be paid",,,,,1459.91,',
      '2026-10-22,,,,Of the balance: on its way to the bank,,,,,0.00,',
      '2026-10-22,,,,Off the balance: paid in advance,,,,,60.00,',
      '2026-10-22,,,,Off the balance: to be given back,,,,,50.00,',
    ]);
  });

  it('does not count what an invoice gave back on a later day', async () => {
    const text = await textOf(`party=contract&id=${singing.contractId}&from=2026-10-13&to=2026-10-15`);
    expect(text).toContain('2026-10-15,,,,Unpaid invoices: not due yet,,,,,300.00,');
  });
});
