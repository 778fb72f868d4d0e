import { curtain } from './curtain.js';
import { DAY, PaymentWorld, refusal, type PaymentStage } from './payment-stage.js';

const OUTSIDE = { rail: 'outside' };

describe('a payment by accounts payable', () => {
  let world: PaymentWorld;
  let stage: PaymentStage;
  beforeAll(async () => {
    world = await PaymentWorld.open();
  });
  beforeEach(async () => {
    stage = await world.stage();
  });
  afterEach(async () => {
    await stage.closeBooks();
  });
  afterAll(() => world.close());

  const today = () => stage.app.clock.today();

  it('is entered by one person in finance and confirmed by another', async () => {
    const payee = await stage.payee(['2026-10-05', '2026-10-06'], OUTSIDE);
    const payout = await stage.onlyPayout(await stage.run());
    expect(payout).toMatchObject({ state: 'requested', rail: 'outside', attempts: [], transferId: null });
    const at = `/v1/payouts/${payout.id}`;
    expect(await refusal(stage.finance.post(`${at}/confirm`, {}, { expect: 409 }))).toBe(
      '409 payout.payment_not_entered',
    );
    const entry = { reference: 'BACS 004512', paidOn: today() };
    const entered = await stage.finance.post(`${at}/outside-payment`, entry);
    expect(entered.body).toMatchObject({ state: 'requested', outside: { ...entry, confirmed: false } });
    expect(await refusal(stage.finance.post(`${at}/confirm`, {}, { expect: 403 }))).toBe('403 payout.own_confirmation');
    expect(await stage.journal(payout.id)).toContain('command.refused');
    const other = stage.secondFinance.post(`${at}/confirm`, { reference: 'BACS 9' }, { expect: 409 });
    expect(await refusal(other)).toBe('409 payout.payment_not_entered');

    await stage.later(2 * DAY);
    await stage.secondFinance.post(`${at}/confirm`, { reference: 'BACS 004512' });
    await stage.settle();
    const { rows: counted } = await stage.app.admin.query(
      `select distinct effective_on::text as day from ledger.transfer t join ledger.event e on e.id = t.event_id
       where e.subject_id = $1 and e.type = 'payout.paid'`,
      [payout.id],
    );
    expect(counted).toEqual([{ day: entry.paidOn }]);
    expect(await stage.payout(payout.id)).toMatchObject({ state: 'paid' });
    const { body: advice } = await payee.treasurer.get(`${at}/remittance`);
    expect(advice).toMatchObject({ rail: 'outside', railReference: 'BACS 004512', totalMinor: '6400' });
    expect(await refusal(stage.finance.post(`${at}/outside-payment`, entry, { expect: 409 }))).toBe(
      '409 payout.step_not_possible',
    );
    const table = await stage.closeBooks({ [payee.id]: 'provider', [payee.stage.contract.contractId]: 'contract' });
    expect(table).toMatch(/bank +- +64\.00 +-64\.00 D/);
  });

  it('cannot be confirmed by its own author even by the database', async () => {
    await stage.payee(['2026-10-05'], OUTSIDE);
    const payout = await stage.onlyPayout(await stage.run());
    await stage.finance.post(`/v1/payouts/${payout.id}/outside-payment`, { reference: 'BACS 1', paidOn: today() });
    await expect(
      stage.app.admin.query('update payout set confirmed_by = entered_by where id = $1', [payout.id]),
    ).rejects.toMatchObject({ constraint: 'payout_four_eyes' });
  });

  it('is refused a day before it was asked for, a day to come, and a reference that names somebody', async () => {
    await stage.payee(['2026-10-05'], OUTSIDE);
    const payout = await stage.onlyPayout(await stage.run());
    const enter = (body: object, status: number) =>
      refusal(stage.finance.post(`/v1/payouts/${payout.id}/outside-payment`, body, { expect: status }));
    expect(await enter({ reference: 'BACS 1', paidOn: '2026-10-01' }, 422)).toBe('422 payout.payment_day_not_possible');
    expect(await enter({ reference: 'BACS 1', paidOn: '2027-10-01' }, 422)).toBe('422 payout.payment_day_not_possible');
    expect(await enter({ reference: '943 476 5919', paidOn: today() }, 400)).toBe('400 payout.reference_not_possible');
  });

  it('is owed again when accounts payable will not make it', async () => {
    await stage.payee(['2026-10-05'], OUTSIDE);
    const payout = await stage.onlyPayout(await stage.run());
    await stage.finance.post(`/v1/payouts/${payout.id}/withdraw`);
    expect(await stage.payout(payout.id)).toMatchObject({ state: 'cancelled', items: [{ live: false }] });
    expect((await stage.run()).payouts).toHaveLength(1);
  });

  it('is entered from a file: good rows go in, bad ones come back, and the same file does nothing', async () => {
    await stage.payee(['2026-10-05'], OUTSIDE);
    await stage.payee(['2026-10-05', '2026-10-06'], OUTSIDE);
    const run = await stage.run();
    const [first, second] = run.payouts;
    const day = today().split('-').reverse().join('/');
    const file = [
      'Payout reference,Payment reference,Paid on',
      `${first?.reference},BACS 7001,${day}`,
      `${second?.reference.toLowerCase()},BACS 7002,${day}`,
      `${stage.icb.code}-P999999,BACS 7003,${day}`,
      `${first?.reference},BACS 7004,31/13/2026`,
    ].join('\n');
    const { body } = await stage.finance.post('/v1/outside-payments', file);
    expect(body).toMatchObject({ rows: 4, entered: 2, failed: 2 });
    expect(body['failures']).toMatchObject([
      { row: 4, column: 'payout reference', code: 'unknown_payout' },
      { row: 5, column: 'paid on' },
    ]);
    const before = await stage.journal(first?.id ?? '');
    await stage.finance.post('/v1/outside-payments', file);
    expect(await stage.journal(first?.id ?? '')).toEqual(before);
    await stage.secondFinance.post(`/v1/payouts/${first?.id}/confirm`, {});
    await stage.secondFinance.post(`/v1/payouts/${second?.id}/confirm`, {});
    await stage.settle();
    expect(await stage.readRun(run.id)).toMatchObject({ progress: { paid: 2 } });
  });

  it('comes as a file of what is to be paid, which filled in says what was', async () => {
    const [payee, other] = [await stage.payee(['2026-10-05'], OUTSIDE), await stage.payee(['2026-10-05'], OUTSIDE)];
    const account = { accountName: 'Allotment Society', sortCode: '123456', accountNumber: '00012345' };
    const opened = await payee.treasurer.post<{ account: { id: string } }>('/v1/payout-accounts', {
      commissionerId: stage.icb.id,
      rail: 'outside',
      ...account,
    });
    const run = await stage.run();
    const list = async () => (await stage.finance.bytes('/v1/outside-payments/to-make.csv')).toString().split('\r\n');
    const referenceOf = (providerId: string) =>
      run.payouts.find((payout) => payout.providerId === providerId)?.reference ?? '';
    const [heading, ...rows] = await list();
    expect(rows.filter(Boolean)).toHaveLength(2);
    const row = rows.find((one) => one.startsWith(referenceOf(payee.id))) ?? '';
    const payeeName = payee.stage.provider.organisation.name;
    expect(row).toBe(`${referenceOf(payee.id)},,,${payeeName},32.00,Allotment Society,123456,00012345,${today()},`);

    const filled = [heading, row.replace(',,,', `,BACS 8001,${today()},`), ...rows.filter((one) => one !== row)];
    const { body } = await stage.finance.post('/v1/outside-payments', filled.join('\n'));
    expect(body).toMatchObject({ rows: 2, entered: 1, failed: 0, skipped: 1 });
    expect((await list()).filter((one) => one.startsWith(stage.icb.code))).toHaveLength(1);

    const change = { kind: 'details', ...account, accountNumber: '99999999' };
    await other.treasurer.post('/v1/payout-accounts', { commissionerId: stage.icb.id, rail: 'outside', ...account });
    const { body: accounts } = await other.treasurer.get<{ items: { id: string }[] }>('/v1/payout-accounts');
    expect(opened.body.account.id).not.toBe(accounts.items[0]?.id);
    await other.treasurer.post(`/v1/payout-accounts/${accounts.items[0]?.id}/changes`, change);
    const changing = (await list()).find((one) => one.startsWith(referenceOf(other.id))) ?? '';
    expect(changing).not.toContain('00012345');
    expect(changing).toContain('Bank details are being changed');
    const auditor = (await stage.icb.as('auditor')).api;
    expect(await refusal(auditor.get('/v1/outside-payments/to-make.csv', { expect: 403 }))).toBe(
      '403 request.not_permitted',
    );
  });

  it('needs a heading that can be understood', async () => {
    const call = stage.finance.post('/v1/outside-payments', 'a,b\n1,2\n', { expect: 400 });
    expect(await refusal(call)).toBe('400 outside_payment_file.heading');
  });

  it('goes to bank details that the provider gives, and that nobody changes alone', async () => {
    const payee = await stage.payee([]);
    const details = {
      commissionerId: stage.icb.id,
      rail: 'outside',
      accountName: 'Allotment Society',
      sortCode: '12-34-56',
      accountNumber: '00012345',
    };
    const wrong = payee.treasurer.post('/v1/payout-accounts', { ...details, sortCode: '12345' }, { expect: 400 });
    expect(await refusal(wrong)).toBe('400 request.invalid');
    const { body } = await payee.treasurer.post('/v1/payout-accounts', details);
    expect(body).toMatchObject({ account: { state: 'active', sortCode: '123456' }, onboarding: null });
    const change = payee.treasurer.post(
      '/v1/payout-accounts',
      { ...details, accountNumber: '99999999' },
      { expect: 422 },
    );
    expect(await refusal(change)).toBe('422 payout_account.exists');
    const { icb: stranger } = await world.stage();
    const elsewhere = { ...details, commissionerId: stranger.id };
    const foreign = payee.treasurer.post('/v1/payout-accounts', elsewhere, { expect: 404 });
    expect(await refusal(foreign)).toBe('404 not_found');
    const auditor = (await stage.icb.as('auditor')).api;
    const seen = await auditor.get<{ items: object[] }>('/v1/payout-accounts');
    expect(seen.body.items).toMatchObject([{ sortCode: null, accountNumber: '••••2345' }]);
  });

  it('ends with books that balance', () => curtain(world.app));
});
