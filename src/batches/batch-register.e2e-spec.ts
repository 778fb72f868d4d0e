import { MonthStage } from '../../test/stories/month-stage.js';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { commissioner, type Party, type Person } from '../../test/support/world.js';
import type { Actor, Role } from '../platform/actor.js';
import { BatchRegister } from './batch-register.service.js';

const OCTOBER = ['2026-10-06', '2026-10-13', '2026-10-20'];
const CAPPED = { basis: 'attendance', priceMinor: '3200', caps: { perReferral: 2 } };

describe('the register of batches', () => {
  let app: TestApp;
  let register: BatchRegister;

  beforeAll(async () => {
    app = await startTestApp({ now: '2026-11-05T09:00:00Z' });
    register = app.nest.get(BatchRegister);
  });
  afterAll(() => app.close());

  const actorOf = (party: Party, { memberId }: Pick<Person, 'memberId'>, ...roles: Role[]): Actor => ({
    kind: 'person',
    side: party.organisation.kind,
    orgId: party.id,
    memberId,
    keyId: null,
    roles,
    scopes: [],
    approvalLimitMinor: null,
    correlationId: 'register',
  });

  it('tells a reviewer all of a batch: what is flagged, what is left, by when, and what stands against it', async () => {
    const icb = await commissioner(app, 'REG1');
    const month = await MonthStage.of(app, icb, {
      card: CAPPED,
      code: 'REG-1',
      budgetMinor: '5000',
      terms: { budgetRule: 'flag', paymentDays: 20, decideDays: 3 },
    });
    await month.contractManager.post(`/v1/contracts/${month.contract.contractId}/purchase-orders`, {
      number: 'PO-1',
      valueMinor: '6000',
      startsOn: '2026-04-01',
      endsOn: '2027-03-31',
    });
    const referral = await month.referral('REF-1');
    await month.attend(referral, '2026-09-29', ...OCTOBER);
    const { id } = await month.submit();
    const limited: Actor = { ...actorOf(icb, await icb.as('approver'), 'approver'), approvalLimitMinor: 12_799n };

    const batch = await register.read(limited, id);
    expect(batch).toMatchObject({
      contractCode: 'REG-1',
      providerName: month.provider.organisation.name,
      commissionerName: icb.organisation.name,
      madeByName: 'contract_manager of REG1',
      lineCount: 4,
      totalMinor: 12_800n,
      flaggedCount: 2,
      flaggedMinor: 6_400n,
      earlierPeriodCount: 1,
      leftCount: 0,
      budgetLeftMinor: 0n,
      budgetLeftAfterMinor: -7_800n,
      purchaseOrderLeftMinor: -6_800n,
      submittedOn: '2026-11-05',
      decideBy: '2026-11-10',
      isLate: false,
      payBy: '2026-11-25',
      terms: { decideDays: 3, paymentDays: 20, rail: 'stripe', documentMode: 'provider_issued' },
    });
    expect(batch.obstacles.map(({ code }) => code)).toEqual(['above_limit', 'over_budget']);
    const { body } = await month.approver.get(`/v1/batches/${id}`);
    expect(body).toMatchObject({
      flaggedMinor: '6400',
      budgetLeftAfterMinor: '-7800',
      decideBy: '2026-11-10',
      payBy: '2026-11-25',
      obstacles: [{ code: 'batch.over_budget' }],
    });
    expect(Object.keys(body).filter((key) => /name|title/i.test(key))).toEqual([]);

    const maker = await register.read(actorOf(icb, await icb.as('contract_manager'), 'contract_manager'), id);
    expect(maker.obstacles.map(({ code }) => code)).toEqual(['own', 'over_budget']);
    const provider = actorOf(month.provider, await month.provider.as('coordinator'), 'coordinator');
    expect(await register.read(provider, id)).toMatchObject({ madeByName: null, obstacles: [], lineCount: 4 });
  });

  it('opens a batch with flagged lines first, in pages that neither lose a line nor show one twice', async () => {
    const icb = await commissioner(app, 'REG2');
    const month = await MonthStage.of(app, icb, { card: CAPPED });
    const claims = await month.attend(await month.referral('REF-1'), '2026-09-29', ...OCTOBER);
    const { id } = await month.submit();
    const actor = actorOf(icb, await icb.as('auditor'), 'auditor');

    const first = await register.open(actor, id, { limit: 3 });
    const second = await register.open(actor, id, { limit: 3, after: first.next ?? undefined });
    const lines = [...first.lines, ...second.lines];
    expect(lines.map(({ claimId }) => claimId)).toEqual([claims[2], claims[3], claims[0], claims[1]]);
    expect(lines.map(({ isFlagged, isEarlier }) => [isFlagged, isEarlier])).toEqual([
      [true, false],
      [true, false],
      [false, true],
      [false, false],
    ]);
    expect(second.next).toBeNull();
    expect(first.lines[0]).toMatchObject({ reference: 'REF-1', serviceName: 'Singing group', people: 1, attended: 1 });
    expect(first.lines[0]?.flags).toMatchObject([{ code: 'over_cap' }]);
    const selected = await register.select(actor, id, [claims[1] ?? '', id]);
    expect(selected.lines.map(({ claimId }) => claimId)).toEqual([claims[1]]);
  });

  it('remembers which lines left a batch, why, and what was answered', async () => {
    const icb = await commissioner(app, 'REG3');
    const month = await MonthStage.of(app, icb);
    const [queried = '', rejected = '', both = ''] = await month.attend(await month.referral('REF-1'), ...OCTOBER);
    const { id } = await month.submit();
    const path = `/v1/batches/${id}/claims`;
    await month.approver.post(`${path}/${queried}/query`, { question: 'Was this held?' });
    await month.approver.post(`${path}/${rejected}/reject`, { reason: 'Not of this service.' });
    await month.approver.post(`${path}/${both}/query`, { question: 'And this?' });
    await month.approver.post(`${path}/${both}/reject`, { reason: 'No answer.' });
    const { body } = await month.coordinator.get<{ items: { id: string }[] }>('/v1/queries?open=true');
    await month.coordinator.post(`/v1/queries/${body.items[0]?.id}/answer`, { answer: 'It was.' });

    for (const actor of [
      actorOf(icb, await icb.as('finance'), 'finance'),
      actorOf(month.provider, await month.provider.as('coordinator'), 'coordinator'),
    ]) {
      const { batch, left } = await register.open(actor, id, { limit: 10 });
      expect(batch).toMatchObject({ leftCount: 3, lineCount: 0, openQueryCount: 0 });
      const byClaim = new Map(left.map((line) => [line.claimId, line]));
      expect(left).toHaveLength(3);
      expect(byClaim.get(queried)).toMatchObject({
        queryState: 'answered',
        question: 'Was this held?',
        answer: 'It was.',
      });
      expect(byClaim.get(rejected)).toMatchObject({ queryId: null, rejectReason: 'Not of this service.' });
      expect(byClaim.get(both)).toMatchObject({ queryState: 'closed', rejectReason: 'No answer.' });
    }
  });

  it('lists what waits first, the oldest before the others, then what is decided, with counts and sums of all', async () => {
    const icb = await commissioner(app, 'REG4');
    const stages = [await MonthStage.of(app, icb), await MonthStage.of(app, icb), await MonthStage.of(app, icb)];
    const batches = [];
    for (const [index, stage] of stages.entries()) {
      await stage.attend(await stage.referral(`REF-${index}`), ...OCTOBER.slice(index));
      batches.push(await stage.submit());
    }
    const [first, second, third] = batches;
    if (first) await stages[0]?.approve(first);
    const actor = actorOf(icb, await icb.as('approver'), 'approver');

    const all = await register.list(actor, { limit: 10 });
    expect(all.items.map(({ id }) => id)).toEqual([second?.id, third?.id, first?.id]);
    expect(all).toMatchObject({
      next: null,
      toReview: { count: 2, totalMinor: 9_600n },
      decided: { count: 1, totalMinor: 9_600n },
    });
    expect(all.items[0]).toMatchObject({ isLate: false, decideBy: '2026-11-19', lineCount: 2, flaggedCount: 0 });

    const pages = [];
    for (let after: string | null | undefined; after !== null;) {
      const page = await register.list(actor, { limit: 1, after });
      expect(page.toReview.count).toBe(2);
      pages.push(...page.items.map(({ id }) => id));
      after = page.next;
    }
    expect(pages).toEqual([second?.id, third?.id, first?.id]);

    const found = await register.list(actor, { limit: 10, providerId: stages[2]?.provider.id, state: 'submitted' });
    expect(found.items.map(({ id }) => id)).toEqual([third?.id]);
    expect(found).toMatchObject({ toReview: { count: 1, totalMinor: 3_200n }, decided: { count: 0, totalMinor: 0n } });
    expect((await register.list(actor, { limit: 10, period: '2026-09-01' })).items).toEqual([]);
    expect(await register.choices(actor)).toHaveLength(3);
    expect(await register.next(actor)).toMatchObject({ id: second?.id, totalMinor: 6_400n });
    const maker = actorOf(icb, await icb.as('contract_manager'), 'contract_manager');
    expect(await register.next(maker)).toBeNull();

    app.clock.moveTo(new Date('2026-11-20T09:00:00Z'));
    expect((await register.list(actor, { limit: 10 })).items.map(({ isLate }) => isLate)).toEqual([true, true, false]);
  });

  it('shows a batch to nobody whom it does not concern', async () => {
    const icb = await commissioner(app, 'REG5');
    const month = await MonthStage.of(app, icb);
    await month.attend(await month.referral('REF-1'), ...OCTOBER);
    const { id } = await month.submit();
    const stranger = await MonthStage.of(app, icb);
    const elsewhere = await commissioner(app, 'REG6');
    for (const [party, role] of [
      [stranger.provider, 'coordinator'],
      [elsewhere, 'approver'],
    ] as const) {
      const actor = actorOf(party, await party.as(role), role);
      await expect(register.open(actor, id, { limit: 10 })).rejects.toMatchObject({ code: 'not_found' });
      expect((await register.list(actor, { limit: 10 })).items).toEqual([]);
      expect(await register.choices(actor)).toEqual([]);
    }
  });
});
