import { MonthStage } from '../../test/stories/month-stage.js';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { actorOf } from '../../test/support/ledger-stage.js';
import { commissioner } from '../../test/support/world.js';
import { BatchMaking } from './index.js';

const OCTOBER = ['2026-10-06', '2026-10-13'];

/** Today is 5 November 2026: October is to be claimed by the 6th, and late claims are taken until later. */
describe('the batches to make', () => {
  let app: TestApp;
  let making: BatchMaking;

  beforeAll(async () => {
    app = await startTestApp({ now: '2026-11-05T09:00:00Z' });
    making = app.nest.get(BatchMaking);
  });
  afterAll(() => app.close());

  const declare = (month: MonthStage, period = '2026-10') =>
    month.coordinator.post('/v1/completion-declarations', { contract: month.contract.contractId, period });

  it('says of each contract what waits, whether more is to come, and what stands against it', async () => {
    const icb = await commissioner(app, 'MAKE1');
    const whole = await MonthStage.of(app, icb, { code: 'A-WHOLE', terms: { claimDay: 4, lateWindowDays: 14 } });
    await whole.attend(await whole.referral('R-1'), '2026-09-29', ...OCTOBER);
    await declare(whole);
    await whole.attend('R-1', '2026-10-20');
    const part = await MonthStage.of(app, icb, { code: 'B-PART', budgetMinor: '5000', terms: { budgetRule: 'flag' } });
    await part.attend(await part.referral('R-2'), ...OCTOBER);
    const poor = await MonthStage.of(app, icb, {
      code: 'C-POOR',
      budgetMinor: '5000',
      terms: { budgetRule: 'refuse' },
    });
    await poor.attend(await poor.referral('R-3'), ...OCTOBER);
    await declare(poor);
    const quiet = await MonthStage.of(app, icb, { code: 'D-QUIET' });
    await quiet.coordinator.post('/v1/nil-declarations', { contract: quiet.contract.contractId, period: '2026-10' });
    const over = await MonthStage.of(app, icb, { code: 'E-OVER', endsOn: '2026-09-30' });
    expect(over.contract.contractCode).toBe('E-OVER');

    const actor = actorOf('commissioner', icb.id);
    const { period, isOver, ready, quiet: silent } = await making.of(actor, '2026-10');
    expect([period, isOver]).toEqual(['2026-10-01', true]);
    expect(
      ready.map((one) => ({ ...one, claims: one.claims.length, refusals: one.refusals.map(({ code }) => code) })),
    ).toMatchObject([
      {
        contract: { code: 'A-WHOLE' },
        providerName: whole.provider.organisation.name,
        claims: 4,
        totalMinor: 12_800n,
        earlierCount: 1,
        sinceCount: 1,
        standing: 'declared',
        claimBy: '2026-11-05',
        lastClaimDay: '2026-11-19',
        refusals: [],
        isToMake: true,
      },
      {
        contract: { code: 'B-PART' },
        claims: 2,
        totalMinor: 6_400n,
        sinceCount: 0,
        standing: 'open',
        commitment: { committedMinor: 5_000n, uncommittedMinor: 1_400n },
        refusals: [],
        isToMake: false,
      },
      { contract: { code: 'C-POOR' }, standing: 'declared', refusals: ['batch.over_budget'], isToMake: false },
    ]);
    expect(silent).toMatchObject([{ contractCode: 'D-QUIET', standing: 'nil', batches: [], queriedCount: 0 }]);
    expect((await making.of(actor, '2026-11')).isOver).toBe(false);
    const strangers = await making.of(actorOf('commissioner', (await commissioner(app, 'MAKE9')).id), '2026-10');
    expect([strangers.ready, strangers.quiet]).toEqual([[], []]);
  });

  it('remembers the batches of the month, and says by when those made are decided and by whom', async () => {
    const icb = await commissioner(app, 'MAKE2');
    const month = await MonthStage.of(app, icb, { code: 'F-MADE', terms: { decideDays: 3 } });
    const [claim] = await month.attend(await month.referral('R-1'), ...OCTOBER);
    const batch = await month.submit();
    await month.approver.post(`/v1/batches/${batch.id}/claims/${claim}/query`, { question: 'Was it held?' });
    const maker = await icb.as('contract_manager');
    const actor = actorOf('commissioner', icb.id, { memberId: maker.memberId, roles: ['contract_manager'] });

    const before = await making.of(actor, '2026-10');
    expect(before.ready).toEqual([]);
    expect(before.quiet).toMatchObject([
      { contractCode: 'F-MADE', queriedCount: 1, batches: [{ id: batch.id, code: batch.code, state: 'submitted' }] },
    ]);
    await month.attend('R-1', '2026-10-27');
    const after = await making.of(actor, '2026-10');
    expect(
      after.ready.map(({ refusals, queriedCount, batches }) => [refusals[0]?.code, queriedCount, batches.length]),
    ).toEqual([['batch.under_review', 1, 1]]);

    expect(await making.made(actor, [batch.id, month.contract.contractId])).toMatchObject([
      { code: batch.code, contractCode: 'F-MADE', lineCount: 1, totalMinor: 3_200n, decideBy: '2026-11-10' },
    ]);
    expect(await making.made(actorOf('commissioner', month.provider.id), [batch.id])).toEqual([]);
    await icb.another('approver', 'finance');
    expect((await making.approvers(actor)).map(({ name }) => name)).toEqual([
      'approver of MAKE2',
      'approver and finance of MAKE2',
    ]);
    const approver = { ...actor, memberId: (await icb.as('approver')).memberId };
    expect((await making.approvers(approver)).map(({ name }) => name)).toEqual(['approver and finance of MAKE2']);
  });
});
