import { curtain } from './curtain.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { commissioner, type Party } from '../support/world.js';
import { closeBooks, MonthStage, type BatchBody } from './month-stage.js';

const OCTOBER = ['2026-10-06', '2026-10-13', '2026-10-20'];

describe('what an approval may cost', () => {
  let app: TestApp;
  let icb: Party;

  beforeAll(async () => {
    app = await startTestApp({ now: '2026-11-05T09:00:00Z' });
    icb = await commissioner(app);
  });
  afterAll(() => app.close());

  const submission = (month: MonthStage) => ({ contract: month.contract.contractCode, period: '2026-10' });
  const budgetOf = async (month: MonthStage) =>
    (await month.contractManager.get(`/v1/contracts/${month.contract.contractId}/budget`)).body;
  const raiseBudget = (month: MonthStage, amountMinor: string) =>
    month.contractManager.post(`/v1/contracts/${month.contract.contractId}/budget-changes`, {
      amountMinor,
      effectiveOn: '2026-11-05',
    });
  const raiseOrder = (month: MonthStage, valueMinor: string) =>
    month.contractManager.post(`/v1/contracts/${month.contract.contractId}/purchase-orders`, {
      number: `PO-${month.contract.contractCode}`,
      valueMinor,
      startsOn: '2026-04-01',
      endsOn: '2027-03-31',
    });

  it('refuses a batch beyond the budget and says what is left', async () => {
    const month = await MonthStage.of(app, icb, { budgetMinor: '9599' });
    await month.attend(await month.referral('REF-1'), ...OCTOBER);
    const refused = await month.contractManager.post('/v1/batches', submission(month), { expect: 422 });
    expect(refused.body).toMatchObject({
      code: 'batch.over_budget',
      details: { contract: month.contract.contractCode, leftMinor: '9599', askedMinor: '9600', shortfallMinor: '1' },
    });
    const preview = await month.contractManager.get<{ items: Record<string, unknown>[] }>(
      `/v1/batches/preview?contract=${month.contract.contractCode}&period=2026-10`,
    );
    expect(preview.body.items).toMatchObject([{ uncommittedMinor: '1', refusals: [{ code: 'batch.over_budget' }] }]);
    expect(await budgetOf(month)).toMatchObject({ leftMinor: '9599', committedMinor: '0' });
    await raiseBudget(month, '1');
    expect(await month.submit()).toMatchObject({ totalMinor: '9600', overBudget: false });
    await closeBooks(app, icb);
  });

  it('flags a batch beyond the budget where the contract says so, and approves it once the budget is raised', async () => {
    const month = await MonthStage.of(app, icb, { budgetMinor: '4000', terms: { budgetRule: 'flag' } });
    await month.attend(await month.referral('REF-1'), ...OCTOBER);
    const batch = await month.submit();
    expect(batch).toMatchObject({ totalMinor: '9600', overBudget: true, uncommittedMinor: '5600' });
    expect(await budgetOf(month)).toMatchObject({ leftMinor: '0', committedMinor: '4000' });
    const path = `/v1/batches/${batch.id}`;
    const refused = await month.approver.post(`${path}/approve`, { digest: batch.digest }, { expect: 422 });
    expect(refused.body).toMatchObject({
      code: 'batch.over_budget',
      details: { leftMinor: '0', shortfallMinor: '5600' },
    });

    const [line] = await month.lines(batch);
    const { body: smaller } = await month.approver.post<BatchBody>(`${path}/claims/${line?.claimId}/reject`, {
      reason: 'Not of this contract.',
    });
    expect(smaller).toMatchObject({ totalMinor: '6400', uncommittedMinor: '2400' });
    expect(await budgetOf(month)).toMatchObject({ leftMinor: '0', committedMinor: '4000' });
    await raiseBudget(month, '2399');
    await month.approver.post(`${path}/approve`, { digest: smaller.digest }, { expect: 422 });
    await raiseBudget(month, '1');
    expect(await month.approve(smaller)).toMatchObject({ state: 'approved', overBudget: false });
    expect(await budgetOf(month)).toMatchObject({ leftMinor: '0', committedMinor: '0', spentMinor: '6400' });
    await app.jobs.settle();
    await closeBooks(app, icb);
  });

  it('gives back what a flagged batch had committed when it is rejected', async () => {
    const month = await MonthStage.of(app, icb, { budgetMinor: '4000', terms: { budgetRule: 'flag' } });
    await month.attend(await month.referral('REF-1'), ...OCTOBER);
    const batch = await month.submit();
    await month.approver.post(`/v1/batches/${batch.id}/reject`, { reason: 'No money for it.' });
    expect(await budgetOf(month)).toMatchObject({ leftMinor: '4000', committedMinor: '0', spentMinor: '0' });
    await closeBooks(app, icb);
  });

  it('needs a purchase order that covers the batch, where the contract needs one', async () => {
    const month = await MonthStage.of(app, icb, { terms: { poRequired: true } });
    await month.attend(await month.referral('REF-1'), ...OCTOBER);
    const missing = await month.contractManager.post('/v1/batches', submission(month), { expect: 422 });
    expect(missing.body).toMatchObject({ code: 'purchase_order.missing', details: { day: '2026-10-31' } });
    await raiseOrder(month, '9599');
    const beyond = await month.contractManager.post('/v1/batches', submission(month), { expect: 422 });
    expect(beyond.body).toMatchObject({
      code: 'purchase_order.exceeded',
      details: { leftMinor: '9599', askedMinor: '9600', shortfallMinor: '1' },
    });
    await raiseOrder(month, '9600');
    const batch = await month.submit();
    const number = `PO-${month.contract.contractCode}`;
    expect(await month.read(batch)).toMatchObject({ purchaseOrderNumber: number, purchaseOrderLeftMinor: '0' });
    await month.approver.post(`/v1/batches/${batch.id}/reject`, { reason: 'Wrong order.' });
    await raiseOrder(month, '9700');
    const again = await month.approve(await month.submit());
    expect(await month.read(again)).toMatchObject({ purchaseOrderLeftMinor: '100' });
    await app.jobs.settle();
    await closeBooks(app, icb);
  });

  it('submits all contracts of a provider or none, and names the one that is refused', async () => {
    const month = await MonthStage.of(app, icb);
    const poor = await MonthStage.withProvider(app, icb, month.provider, { budgetMinor: '100' });
    await month.attend(await month.referral('REF-1'), ...OCTOBER);
    await poor.attend(await poor.referral('REF-2'), ...OCTOBER);
    const body = { providerId: month.provider.id, period: '2026-10' };
    const refused = await month.contractManager.post('/v1/batches', body, { expect: 422 });
    expect(refused.body).toMatchObject({
      code: 'batch.over_budget',
      details: { contract: poor.contract.contractCode },
    });
    expect(await budgetOf(month)).toMatchObject({ committedMinor: '0' });
    await raiseBudget(poor, '9500');
    const both = await month.contractManager.post<{ items: BatchBody[] }>('/v1/batches', body);
    expect(both.body.items.map(({ contractId }) => contractId).sort()).toEqual(
      [month.contract.contractId, poor.contract.contractId].sort(),
    );
    await closeBooks(app, icb);
  });

  it('commits and spends VAT that the commissioner does not get back', async () => {
    const council = await commissioner(app, 'COUNCIL1');
    const month = await MonthStage.of(app, council, { budgetMinor: '11520', terms: { vatRecoverable: false } });
    await chargeVat(month);
    const [first = ''] = await month.attend(await month.referral('REF-1'), ...OCTOBER);
    const batch = await month.submit();
    expect(batch).toMatchObject({ totalMinor: '9600', vatMinor: '1920' });
    expect(await budgetOf(month)).toMatchObject({ leftMinor: '0', committedMinor: '11520' });
    const { body } = await month.approver.post<BatchBody>(`/v1/batches/${batch.id}/claims/${first}/query`, {
      question: 'Was this held?',
    });
    expect(body).toMatchObject({ totalMinor: '6400', vatMinor: '1280' });
    expect(await budgetOf(month)).toMatchObject({ leftMinor: '3840', committedMinor: '7680' });
    await month.approve(body);
    await app.jobs.settle();
    expect(await month.invoices(batch)).toMatchObject([{ state: 'issued', netMinor: '6400', vatMinor: '1280' }]);
    expect(await budgetOf(month)).toMatchObject({ leftMinor: '3840', committedMinor: '0', spentMinor: '7680' });
    const books = await closeBooks(app, council);
    expect(books).toMatch(/^activity +76\.80 +- +76\.80 D$/m);
    expect(books).not.toContain('vat_input');
  });

  it('lets nothing be approved that could not be invoiced: VAT of the service is unknown', async () => {
    const month = await MonthStage.of(app, icb);
    await registerVat(month);
    await month.attend(await month.referral('REF-1'), ...OCTOBER);
    const refused = await month.contractManager.post('/v1/batches', submission(month), { expect: 422 });
    expect(refused.body).toMatchObject({ code: 'vat_treatment.missing' });
    await closeBooks(app, icb);
  });

  it('lets nothing be approved that could not be invoiced: self-billed VAT to an unregistered commissioner', async () => {
    const month = await MonthStage.of(app, icb, {
      terms: { documentMode: 'self_billed', standingAuthority: false },
    });
    await chargeVat(month);
    await month.attend(await month.referral('REF-1'), ...OCTOBER);
    const refused = await month.contractManager.post('/v1/batches', submission(month), { expect: 422 });
    expect(refused.body).toMatchObject({ code: 'batch.not_self_billable' });
    await closeBooks(app, icb);
  });

  it('counts recognised work at its indicative value, and moves no money for it', async () => {
    const month = await MonthStage.of(app, icb, { card: { basis: 'recognised', indicativeMinor: '2500' } });
    await month.attend(await month.referral('REF-1'), ...OCTOBER);
    const batch = await month.submit();
    expect(batch).toMatchObject({ lineCount: 3, chargeCount: 0, totalMinor: '0', indicativeMinor: '7500' });
    await month.approve(batch);
    await app.jobs.settle();
    expect(await month.invoices(batch)).toEqual([]);
    const { rows } = await app.admin.query<{ count: number }>(
      `select count(*)::int as count from ledger.transfer t join ledger.event e on e.commissioner_id = t.commissioner_id
       and e.id = t.event_id where e.subject_id = $1`,
      [batch.id],
    );
    expect(rows).toEqual([{ count: 0 }]);
    await closeBooks(app, icb);
  });

  it('ends with books that balance', () => curtain(app));
});

async function registerVat(month: MonthStage): Promise<void> {
  const treasurer = await month.provider.as('treasurer');
  await treasurer.api.post(`/v1/organisations/${month.provider.id}/vat-registrations`, {
    vatNumber: 'GB123456782',
    startsOn: '2026-01-01',
  });
}

async function chargeVat(month: MonthStage): Promise<void> {
  await registerVat(month);
  await month.contractManager.post(`/v1/services/${month.contract.serviceId}/vat-treatments`, {
    effectiveFrom: '2026-01-01',
    category: 'S',
    rateBasisPoints: 2000,
  });
}
