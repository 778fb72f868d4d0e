import type { ApiClient } from '../support/api-client.js';
import { pdfText } from '../support/pdf-text.js';
import { PaymentWorld, refusal, type Payee, type PaymentStage, type PayoutBody } from './payment-stage.js';

interface AdvanceBody extends Record<string, unknown> {
  id: string;
  reference: string;
  standing: string;
  payoutId: string | null;
  recoveredMinor: string;
  remainingMinor: string;
  recoveries: { invoiceId: string; amountMinor: string; remainingMinor: string }[];
}

const QUARTER = { sharePercent: 25, recoverBy: '2027-03-31' };

describe('an advance', () => {
  let world: PaymentWorld;
  let stage: PaymentStage;
  let approver: ApiClient;
  beforeAll(async () => {
    world = await PaymentWorld.open();
  });
  beforeEach(async () => {
    stage = await world.stage();
    approver = (await stage.icb.as('approver')).api;
  });
  afterAll(() => world.close());

  const request = (payee: Payee, more: Record<string, unknown> = {}) => ({
    contractId: payee.stage.contract.contractId,
    amountMinor: '10000',
    reasonCode: 'start_up',
    reason: 'A room has to be rented before the first session',
    recovery: QUARTER,
    ...more,
  });
  const propose = async (payee: Payee, more: Record<string, unknown> = {}) =>
    (await stage.finance.post<AdvanceBody>('/v1/advances', request(payee, more))).body;
  const approve = async (advance: AdvanceBody) =>
    (await approver.post<AdvanceBody>(`/v1/advances/${advance.id}/approve`)).body;
  const read = async (advance: AdvanceBody, api: ApiClient = stage.finance) =>
    (await api.get<AdvanceBody>(`/v1/advances/${advance.id}`)).body;

  /** A payee that is onboarded, with funds to pay it from. */
  const ready = async (): Promise<Payee> => {
    const payee = await stage.payee([]);
    await stage.onboard(payee);
    await stage.fund(100_000n);
    return payee;
  };
  const payOut = async (): Promise<PayoutBody> => {
    const payout = await stage.onlyPayout(await stage.run());
    await stage.stripe.settlePayout(payout.bankPayoutId ?? '');
    await stage.notices();
    return stage.payout(payout.id);
  };
  const advanced = async (payee: Payee, more: Record<string, unknown> = {}): Promise<AdvanceBody> => {
    const advance = await approve(await propose(payee, more));
    await payOut();
    return read(advance);
  };

  it('is agreed by two people, paid by a run, and taken back from the next invoice', async () => {
    const payee = await ready();
    const proposed = await propose(payee);
    expect(proposed).toMatchObject({
      standing: 'proposed',
      remainingMinor: '0',
      reference: `${stage.icb.code}-A000001`,
    });
    expect(await refusal(payee.treasurer.get(`/v1/advances/${proposed.id}`, { expect: 404 }))).toBe('404 not_found');
    expect((await stage.finance.get<{ groups: unknown[] }>('/v1/payment-runs/preview')).body.groups).toEqual([]);

    expect(await approve(proposed)).toMatchObject({ standing: 'approved', remainingMinor: '10000' });
    const { body: preview } = await stage.finance.get('/v1/payment-runs/preview');
    expect(preview).toMatchObject({ groups: [{ amountMinor: '10000', invoiceCount: 0, advanceCount: 1 }] });
    const first = await payOut();
    expect(first).toMatchObject({ state: 'paid', amountMinor: '10000', items: [] });
    expect(first.advances).toMatchObject([{ advanceId: proposed.id, amountMinor: '10000', live: true }]);
    expect(await read(proposed, payee.treasurer)).toMatchObject({
      standing: 'paid',
      reason: null,
      proposedBy: null,
      remainingMinor: '10000',
    });

    await payee.stage.approvedMonth(['2026-10-05', '2026-10-12']);
    const { body: next } = await stage.finance.get('/v1/payment-runs/preview');
    expect(next).toMatchObject({ groups: [{ amountMinor: '4800', recoveredMinor: '1600', advanceCount: 0 }] });
    const second = await payOut();
    expect(second).toMatchObject({ state: 'paid', amountMinor: '4800' });
    expect(await stage.journal(proposed.id)).toEqual(['advance.proposed', 'advance.approved', 'advance.recovered']);
    expect(await read(proposed, payee.treasurer)).toMatchObject({
      standing: 'paid',
      recoveredMinor: '1600',
      remainingMinor: '8400',
      recoveries: [{ amountMinor: '1600', remainingMinor: '8400' }],
    });
    const { body: owed } = await payee.treasurer.get('/v1/insights/money-owed');
    expect(owed).toMatchObject({ owedMinor: '0', invoices: [] });

    const { body: advice } = await payee.treasurer.get(`/v1/payouts/${second.id}/remittance`);
    expect(advice).toMatchObject({
      invoicesMinor: '6400',
      recoveredMinor: '1600',
      totalMinor: '4800',
      advancesRecovered: [{ reference: proposed.reference, recoveredMinor: '1600', remainingMinor: '8400' }],
    });
    const text = (await pdfText(await payee.treasurer.bytes(`/v1/payouts/${first.id}/remittance.pdf`))).join('\n');
    expect(text).toContain(`Advance paid ${proposed.reference}`);
    const names = { [payee.id]: 'provider', [payee.stage.contract.contractId]: 'contract' };
    const table = await stage.closeBooks(names);
    expect(table).toMatch(/^advance:provider:contract +100\.00 +16\.00 +84\.00 D$/m);
    expect(table).toMatch(/^owed:provider:contract +164\.00 +164\.00 +- C$/m);
  });

  it('is taken back whole, in instalments, until nothing is left', async () => {
    const payee = await ready();
    const advance = await advanced(payee, {
      amountMinor: '5000',
      recovery: { instalmentMinor: '3200', recoverBy: '2027-03-31' },
    });
    await payee.stage.approvedMonth(['2026-10-05']);
    const run = await stage.run();
    expect(run).toMatchObject({ state: 'finished', payouts: [], waits: [] });
    expect(await read(advance)).toMatchObject({ standing: 'paid', recoveredMinor: '3200', remainingMinor: '1800' });
    const { body: owed } = await payee.treasurer.get('/v1/insights/money-owed');
    expect(owed).toMatchObject({ owedMinor: '0', invoices: [] });

    await payee.stage.approvedMonth(['2026-10-06'], 'REF-2');
    expect(await payOut()).toMatchObject({ amountMinor: '1400' });
    expect(await read(advance)).toMatchObject({ standing: 'recovered', remainingMinor: '0' });
    await payee.stage.approvedMonth(['2026-10-07'], 'REF-3');
    expect(await payOut()).toMatchObject({ amountMinor: '3200' });
    await stage.closeBooks();
  });

  it('is never approved by its author, above a limit, twice, or beyond what the contract covers', async () => {
    const payee = await ready();
    const both = (await stage.icb.another('finance', 'approver')).api;
    const { body: own } = await both.post<AdvanceBody>('/v1/advances', request(payee));
    expect(await refusal(both.post(`/v1/advances/${own.id}/approve`, undefined, { expect: 403 }))).toBe(
      '403 advance.own',
    );
    expect(await stage.journal(own.id)).toEqual(['advance.proposed', 'command.refused']);
    const limited = await stage.icb.another('approver');
    const admin = (await stage.icb.as('admin')).api;
    await admin.post(`/v1/members/${limited.memberId}/approval-limit`, { approvalLimitMinor: '9999' });
    expect(await refusal(limited.api.post(`/v1/advances/${own.id}/approve`, undefined, { expect: 403 }))).toBe(
      '403 advance.above_limit',
    );
    await approve(own);
    expect(await refusal(approver.post(`/v1/advances/${own.id}/approve`, undefined, { expect: 409 }))).toBe(
      '409 advance.decided',
    );
    const beyond = stage.finance.post('/v1/advances', request(payee, { amountMinor: '990001' }), { expect: 422 });
    expect(await refusal(beyond)).toBe('422 advance.not_covered');
    const past = { recovery: { sharePercent: 5, recoverBy: '2026-01-01' } };
    expect(await refusal(stage.finance.post('/v1/advances', request(payee, past), { expect: 422 }))).toBe(
      '422 advance.day_not_possible',
    );
  });

  it('is cancelled until it is paid, and what was owed is owed no longer', async () => {
    const payee = await ready();
    const withdrawn = await propose(payee);
    await stage.finance.post(`/v1/advances/${withdrawn.id}/cancel`);
    const declined = await propose(payee);
    await approver.post(`/v1/advances/${declined.id}/decline`, { reason: 'Ask again next year' });
    const cancelled = await approve(await propose(payee));
    await stage.finance.post(`/v1/advances/${cancelled.id}/cancel`);
    const standings = await Promise.all([withdrawn, declined, cancelled].map((one) => read(one)));
    expect(standings.map(({ standing }) => standing)).toEqual(['withdrawn', 'declined', 'cancelled']);
    expect((await stage.run()).payouts).toEqual([]);
    const paid = await advanced(payee);
    const late = stage.finance.post(`/v1/advances/${paid.id}/cancel`, undefined, { expect: 409 });
    expect(await refusal(late)).toBe('409 advance.in_payment');
    await stage.closeBooks();
  });

  it('is not taken back on its way, is owed again when its payment comes back, and is paid by the next run', async () => {
    const payee = await ready();
    const advance = await approve(await propose(payee));
    const payout = await stage.onlyPayout(await stage.run());
    expect(await read(advance)).toMatchObject({ standing: 'in_payment', payoutId: payout.id });
    await payee.stage.approvedMonth(['2026-10-05']);
    expect(await stage.onlyPayout(await stage.run())).toMatchObject({ amountMinor: '3200' });

    await stage.stripe.failPayout(payout.bankPayoutId ?? '');
    await stage.notices();
    await stage.finance.post(`/v1/payouts/${payout.id}/return`);
    await stage.settle();
    expect(await stage.payout(payout.id)).toMatchObject({ state: 'returned', advances: [{ live: false }] });
    expect(await read(advance)).toMatchObject({ standing: 'approved', payoutId: null, remainingMinor: '10000' });
    const link = await payee.treasurer.post<{ url: string }>(`/v1/payout-accounts/${payee.account.id}/onboarding-link`);
    await stage.stripe.followLink(link.body.url);
    await stage.notices();
    expect(await payOut()).toMatchObject({ state: 'paid', amountMinor: '10000' });
    expect(await read(advance)).toMatchObject({ standing: 'paid' });
    await stage.closeBooks();
  });

  it('is approved once by fifty at once, and taken back once by runs at once', async () => {
    const payee = await ready();
    const proposed = await propose(payee);
    const approvers = await Promise.all(Array.from({ length: 50 }, () => stage.icb.another('approver')));
    const answers = await Promise.allSettled(
      approvers.map(({ api }) => api.post(`/v1/advances/${proposed.id}/approve`)),
    );
    const refused = answers.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []));
    expect(refused).toHaveLength(49);
    expect(refused.every((reason) => reason.includes('answered 409') && reason.includes('advance.decided'))).toBe(true);
    await payOut();
    await payee.stage.approvedMonth(['2026-10-05', '2026-10-12']);
    await Promise.all(Array.from({ length: 5 }, () => stage.finance.post('/v1/payment-runs', {})));
    await stage.settle();
    expect(await read(proposed)).toMatchObject({ recoveredMinor: '1600', remainingMinor: '8400' });
    await stage.closeBooks();
  });
});
