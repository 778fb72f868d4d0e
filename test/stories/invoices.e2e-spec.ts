import { curtain } from './curtain.js';
import { hash } from 'node:crypto';
import { InvoicesWorker } from '../../src/invoicing/invoices.worker.js';
import { OrganisationsService } from '../../src/organisations/index.js';
import { systemActor } from '../../src/platform/actor.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { pdfText } from '../support/pdf-text.js';
import { commissioner, type Party } from '../support/world.js';
import { closeBooks, MonthStage, type InvoiceBody } from './month-stage.js';

const OCTOBER = ['2026-10-06', '2026-10-13', '2026-10-20'];
const SELF_BILLED = { documentMode: 'self_billed', standingAuthority: false };
const PROVIDER_ISSUED = { documentMode: 'provider_issued', standingAuthority: false };
const PROVIDER_OWN = { documentMode: 'provider_own', standingAuthority: false };
const GRANT = { documentMode: 'grant_notice', standingAuthority: false, regime: 'grant' };

describe('from approval to the document', () => {
  let app: TestApp;
  let icb: Party;

  beforeAll(async () => {
    app = await startTestApp({ now: '2026-11-05T09:00:00Z' });
    icb = await commissioner(app);
  });
  afterAll(() => app.close());

  const registerVat = async (party: Party, vatNumber: string, startsOn = '2026-01-01') =>
    (await party.as('treasurer')).api.post(`/v1/organisations/${party.id}/vat-registrations`, { vatNumber, startsOn });

  const treat = (month: MonthStage, category: string, more: Record<string, unknown>) =>
    month.contractManager.post(`/v1/services/${month.contract.serviceId}/vat-treatments`, {
      effectiveFrom: '2026-01-01',
      category,
      ...more,
    });

  const agree = async (month: MonthStage, startsOn = '2026-04-01', endsOn = '2027-03-31') => {
    const agreement = await month.contractManager.post<{ id: string }>('/v1/self-billing-agreements', {
      providerId: month.provider.id,
      startsOn,
      endsOn,
    });
    const { api } = await month.provider.as('treasurer');
    await api.post(`/v1/self-billing-agreements/${agreement.body.id}/accept`);
  };

  const only = (invoices: readonly InvoiceBody[]): InvoiceBody => {
    const [invoice, second] = invoices;
    if (!invoice || second) throw new Error(`expected one document, got ${invoices.length}`);
    return invoice;
  };

  it('self-bills under an agreement, with all that VAT Regulations 1995 reg 14(1) asks for', async () => {
    const nation = await commissioner(app, 'VATICB', 'NHS Vale Integrated Care Board');
    await app.nest.get(OrganisationsService).registerVat(systemActor(nation.id, nation.id), nation.id, {
      vatNumber: 'GB987654353',
      startsOn: '2020-01-01',
    });
    const month = await MonthStage.of(app, nation, {
      providerCode: 'SINGERS',
      code: 'VAT-1',
      serviceCode: 'SING-1',
      terms: {
        ...SELF_BILLED,
        buyerReference: 'BR55',
        costCode: '5517-8820',
        payablesAddress: ['PO Box 312', 'LS11 1HP'],
      },
      card: { basis: 'attendance', priceMinor: '3333' },
    });
    await registerVat(month.provider, 'GB123456782');
    await treat(month, 'S', { rateBasisPoints: 2000 });
    await agree(month);
    const batch = await month.approvedMonth(OCTOBER);

    const invoice = only(await month.invoices(batch));
    expect(invoice).toMatchObject({
      kind: 'self_billed_invoice',
      split: 'taxed',
      state: 'issued',
      waitsFor: null,
      number: 'SINGERSVATICBSB2026000001',
      issuedOn: '2026-11-05',
      receivedOn: '2026-11-05',
      dueOn: '2026-12-05',
      netMinor: '9999',
      vatMinor: '2000',
      grossMinor: '11999',
    });
    const bytes = await month.coordinator.bytes(`/v1/invoices/${invoice.id}.pdf`);
    const text = (await pdfText(bytes)).join('\n');
    for (const field of [
      'SINGERSVATICBSB2026000001',
      'Tax point 20 October 2026',
      'Date of issue 5 November 2026',
      'Provider SINGERS',
      '1 High Street',
      'VAT number GB123456782',
      'NHS Vale Integrated Care Board',
      'PO Box 312',
      'LS11 1HP',
      'Singing group',
      'SING-1 · 3 places · 3 claims',
      '£33.33',
      '20 %',
      '£99.99',
      '£20.00',
      '£119.99',
      'SELF-BILLING',
      'The VAT shown is your output tax due to HMRC',
      'VAT-1-202610-1',
      'BR55',
      'Sandbox: no money moves',
    ]) {
      expect(text).toContain(field);
    }
    expect(text).not.toContain('REF-1');
    expect(text).not.toContain('DRAFT');

    const { rows } = await app.admin.query<{ said: Record<string, Record<string, unknown>> }>(
      `select convert_from(body, 'UTF8')::jsonb as said from ledger.event where subject_id = $1 and type = 'invoice.issued'`,
      [invoice.id],
    );
    expect(rows.map(({ said }) => said.data?.file)).toMatchObject([{ fileSha256: hash('sha256', bytes) }]);
    expect(
      `\n${await closeBooks(app, nation, { [month.provider.id]: 'SINGERS', [month.contract.contractId]: 'VAT-1' })}\n`,
    ).toBe(`
money book             debits  credits   balance
accrued:SINGERS:VAT-1   99.99    99.99       - C
activity                99.99        -   99.99 D
owed:SINGERS:VAT-1          -   119.99  119.99 C
vat_input               20.00        -   20.00 D
total                  219.98   219.98

budget book                  debits    credits      balance
authorised:SINGERS:VAT-1  10,000.00          -  10,000.00 D
budget:SINGERS:VAT-1          99.99  10,000.00   9,900.01 C
committed:SINGERS:VAT-1       99.99      99.99          - C
spent:SINGERS:VAT-1               -      99.99      99.99 C
total                     10,199.98  10,199.98
`);
  });

  it('lets a self-billed draft wait for an agreement, and issues it when there is one', async () => {
    const month = await MonthStage.of(app, icb, { terms: SELF_BILLED });
    const batch = await month.approvedMonth(OCTOBER);
    expect(only(await month.invoices(batch))).toMatchObject({ state: 'draft', waitsFor: 'agreement', number: null });
    const pdf = await month.coordinator.bytes(`/v1/invoices/${only(await month.invoices(batch)).id}.pdf`);
    expect((await pdfText(pdf)).join('\n')).toContain('DRAFT');
    await agree(month, '2026-10-07', '2027-03-31');
    await app.jobs.sweep();
    await app.jobs.settle();
    expect(only(await month.invoices(batch))).toMatchObject({ state: 'draft', waitsFor: 'agreement' });
    await agree(month, '2026-10-01', '2026-10-06');
    await app.jobs.sweep();
    await app.jobs.settle();
    expect(only(await month.invoices(batch))).toMatchObject({ state: 'issued', waitsFor: null });
    await closeBooks(app, icb);
  });

  it('issues for the provider once it has said so, and not before', async () => {
    const month = await MonthStage.of(app, icb, { terms: PROVIDER_ISSUED });
    const batch = await month.approvedMonth(OCTOBER);
    const draft = only(await month.invoices(batch));
    expect(draft).toMatchObject({ kind: 'invoice', state: 'draft', waitsFor: 'authority' });
    await app.jobs.sweep();
    await app.jobs.settle();
    expect(only(await month.invoices(batch))).toMatchObject({ state: 'draft' });

    await month.contractManager.post(`/v1/invoices/${draft.id}/issue`, undefined, { expect: 403 });
    const said = await month.coordinator.post(`/v1/invoices/${draft.id}/issue`);
    expect(said.body).toMatchObject({ id: draft.id });
    await app.jobs.settle();
    const issued = only(await month.invoices(batch));
    expect(issued).toMatchObject({ state: 'issued', number: `${month.provider.code}NELICBIN2026000001` });
    const again = await month.coordinator.post(`/v1/invoices/${draft.id}/issue`, undefined, { expect: 409 });
    expect(again.body.code).toBe('invoice.issued_before');
    await closeBooks(app, icb);
  });

  it('matches the provider’s own invoice to the penny', async () => {
    const month = await MonthStage.of(app, icb, { terms: PROVIDER_OWN });
    const batch = await month.approvedMonth(OCTOBER);
    const draft = only(await month.invoices(batch));
    expect(draft).toMatchObject({
      kind: 'provider_invoice',
      state: 'draft',
      waitsFor: 'own_number',
      grossMinor: '9600',
    });
    const path = `/v1/invoices/${draft.id}/own-number`;
    const own = { number: 'INV 2026/17', issuedOn: '2026-11-02', totalMinor: '9600' };
    const differs = await month.coordinator.post(path, { ...own, totalMinor: '9601' }, { expect: 422 });
    expect(differs.body).toMatchObject({
      code: 'invoice.total_differs',
      details: { approvedMinor: '9600', givenMinor: '9601', differenceMinor: '1' },
    });
    const ahead = await month.coordinator.post(path, { ...own, issuedOn: '2026-11-06' }, { expect: 422 });
    expect(ahead.body.code).toBe('invoice.dated_ahead');
    await month.coordinator.post(`/v1/invoices/${draft.id}/issue`, undefined, { expect: 422 });
    await month.coordinator.post(path, own);
    await app.jobs.settle();
    expect(only(await month.invoices(batch))).toMatchObject({
      state: 'issued',
      number: 'INV 2026/17',
      issuedOn: '2026-11-02',
      receivedOn: '2026-11-05',
    });
    const file = await month.coordinator.get(`/v1/invoices/${draft.id}.pdf`, { expect: 404 });
    expect(file.body.code).toBe('invoice.no_file');

    const next = await MonthStage.withProvider(app, icb, month.provider, { terms: PROVIDER_OWN });
    const other = only(await next.invoices(await next.approvedMonth(OCTOBER, 'REF-2')));
    const taken = await next.coordinator.post(`/v1/invoices/${other.id}/own-number`, own, { expect: 409 });
    expect(taken.body.code).toBe('invoice.number_taken');
    await closeBooks(app, icb);
  });

  it('gives notice of a grant, which is no supply and bears no VAT', async () => {
    const month = await MonthStage.of(app, icb, { terms: GRANT });
    const batch = await month.approvedMonth(OCTOBER);
    const notice = only(await month.invoices(batch));
    expect(notice).toMatchObject({
      kind: 'grant_notice',
      split: 'grant',
      state: 'issued',
      vatMinor: '0',
      grossMinor: '9600',
    });
    const text = (await pdfText(await month.contractManager.bytes(`/v1/invoices/${notice.id}.pdf`))).join('\n');
    expect(text).toContain('Grant payment notice');
    await closeBooks(app, icb);
  });

  it('splits a batch whose provider registered for VAT half-way: what is outside the scope stands apart', async () => {
    const month = await MonthStage.of(app, icb);
    await registerVat(month.provider, 'GB123456782', '2026-10-10');
    await treat(month, 'E', { reason: 'welfare' });
    const batch = await month.approvedMonth(OCTOBER);
    const invoices = (await month.invoices(batch)).sort((a, b) => a.split.localeCompare(b.split));
    expect(invoices).toMatchObject([
      { split: 'outside_scope', state: 'issued', netMinor: '3200', vatMinor: '0' },
      { split: 'taxed', state: 'issued', netMinor: '6400', vatMinor: '0' },
    ]);
    expect(new Set(invoices.map(({ number }) => number)).size).toBe(2);
    for (const { id, netMinor } of invoices) {
      const schedule = await month.coordinator.get(`/v1/invoices/${id}/schedule.csv`);
      expect(schedule.text.trim().split('\r\n')).toHaveLength(1 + Number(netMinor) / 3200);
    }
    await closeBooks(app, icb);
  });

  it('issues a document of nothing for charges that come to nothing', async () => {
    const month = await MonthStage.of(app, icb, { card: { basis: 'attendance', priceMinor: '0' } });
    const batch = await month.approvedMonth(OCTOBER);
    expect(only(await month.invoices(batch))).toMatchObject({ state: 'issued', grossMinor: '0' });
    await closeBooks(app, icb);
  });

  it('makes one document however often and however many at once do the job', async () => {
    const month = await MonthStage.of(app, icb);
    await month.attend(await month.referral('REF-1'), ...OCTOBER);
    const batch = await month.submit();
    await month.approve(batch);
    const worker = app.nest.get(InvoicesWorker);
    await Promise.all(Array.from({ length: 20 }, () => worker.make({ commissionerId: icb.id, id: batch.id })));
    await app.jobs.settle();
    await app.jobs.sweep();
    await app.jobs.settle();
    expect(only(await month.invoices(batch))).toMatchObject({ state: 'issued' });
    const { rows } = await app.admin.query<{ events: number; files: number; last: number }>(
      `select (select count(*)::int from ledger.event where type = 'invoice.issued' and provider_id = $1) as events,
              (select count(*)::int from document_file where provider_id = $1) as files,
              (select last_number from invoice_series where provider_id = $1) as last`,
      [month.provider.id],
    );
    expect(rows).toEqual([{ events: 1, files: 1, last: 1 }]);
    await closeBooks(app, icb);
  });

  it('numbers many documents of a provider without a gap, whoever is first', async () => {
    const first = await MonthStage.of(app, icb);
    const contracts = [first];
    for (let more = 0; more < 5; more++) contracts.push(await MonthStage.withProvider(app, icb, first.provider));
    for (const [index, month] of contracts.entries()) {
      await month.attend(await month.referral(`REF-${index}`), '2026-10-06');
      await month.approve(await month.submit());
    }
    const worker = app.nest.get(InvoicesWorker);
    const { body } = await first.contractManager.get<{ items: { id: string }[] }>(
      `/v1/batches?providerId=${first.provider.id}`,
    );
    await Promise.all(body.items.map(({ id }) => worker.make({ commissionerId: icb.id, id })));
    await app.jobs.settle();
    const invoices = await first.contractManager.get<{ items: InvoiceBody[] }>(
      `/v1/invoices?providerId=${first.provider.id}`,
    );
    const numbers = invoices.body.items.map(({ number }) => Number(number?.slice(-6))).sort((a, b) => a - b);
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6]);
    await closeBooks(app, icb);
  });

  it('takes no number when issuing fails half-way, and catches up when it can', async () => {
    const month = await MonthStage.of(app, icb);
    await month.attend(await month.referral('REF-1'), ...OCTOBER);
    const batch = await month.submit();
    await app.admin.query(
      `alter table document_file add constraint broken check (provider_id <> '${month.provider.id}') not valid`,
    );
    await month.approve(batch);
    const worker = app.nest.get(InvoicesWorker);
    await expect(worker.make({ commissionerId: icb.id, id: batch.id })).rejects.toThrow();
    const series = 'select coalesce(max(last_number), 0) as last from invoice_series where provider_id = $1';
    expect((await app.admin.query(series, [month.provider.id])).rows).toEqual([{ last: 0 }]);
    await app.admin.query('alter table document_file drop constraint broken');
    await app.jobs.sweep();
    await app.jobs.settle();
    expect(only(await month.invoices(batch))).toMatchObject({
      state: 'issued',
      number: expect.stringMatching(/000001$/),
    });
    await closeBooks(app, icb);
  });

  it('shows documents and schedules to those concerned alone', async () => {
    const month = await MonthStage.of(app, icb);
    const invoice = only(await month.invoices(await month.approvedMonth(OCTOBER)));
    const detail = await month.coordinator.get<{ document: { totals: { netMinor: string } } }>(
      `/v1/invoices/${invoice.id}`,
    );
    expect(detail.body.document.totals.netMinor).toBe('9600');
    const schedule = await month.coordinator.get(`/v1/invoices/${invoice.id}/schedule.csv`);
    expect(schedule.headers.get('content-type')).toContain('text/csv');
    expect(schedule.text).toContain(',32.00,');
    const stranger = await MonthStage.of(app, icb);
    const elsewhere = await (await commissioner(app, 'ELSE2')).as('approver');
    for (const api of [stranger.coordinator, elsewhere.api]) {
      await api.get(`/v1/invoices/${invoice.id}`, { expect: 404 });
      await api.get(`/v1/invoices/${invoice.id}.pdf`, { expect: 404 });
      await api.get(`/v1/invoices/${invoice.id}/schedule.csv`, { expect: 404 });
    }
    await stranger.coordinator.post(`/v1/invoices/${invoice.id}/issue`, undefined, { expect: 404 });
    const finance = await icb.as('finance');
    await finance.api.get(`/v1/invoices/${invoice.id}/schedule.csv`, { expect: 403 });
    await closeBooks(app, icb);
  });

  it('ends with books that balance', () => curtain(app));
});
