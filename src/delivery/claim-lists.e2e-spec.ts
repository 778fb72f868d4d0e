import { agreement, type Agreement, type AgreementOptions } from '../../test/support/agreement.js';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { actorOf } from '../../test/support/ledger-stage.js';
import { commissioner, registered, type Party, type Person } from '../../test/support/world.js';
import { ClaimStandings } from '../batches/index.js';
import type { Actor } from '../platform/actor.js';
import {
  ClaimLists,
  CompletionDeclarations,
  keyOfFact,
  SessionRegister,
  UnclaimedDelivery,
  type ListedClaim,
  type ListedFact,
} from './index.js';

interface RecordedBody {
  session: { id: string };
}
interface Problem {
  code: string;
  details: Record<string, unknown>;
}

const NOVEMBER = '2026-11-03T09:00:00Z';

describe('gathering claims', () => {
  let app: TestApp;
  let icb: Party;
  let choir: Party;
  let rival: Party;
  let surgery: Party;
  let person: Person;
  let made = 0;

  beforeAll(async () => {
    app = await startTestApp({ now: NOVEMBER });
    icb = await commissioner(app, 'NELICB');
    choir = await registered(app, icb, 'provider', 'CHOIR');
    rival = await registered(app, icb, 'provider', 'RIVAL');
    surgery = await registered(app, icb, 'referrer', 'SURGERY');
    person = await choir.as('coordinator');
  });
  afterAll(() => app.close());

  const agree = (options: AgreementOptions = {}) => agreement(icb, choir, options);
  const actor = (party = choir): Actor => actorOf('provider', party.id, { memberId: person.memberId });
  const service = <T>(type: abstract new (...parameters: never[]) => T): T => app.nest.get(type as never);

  async function referral(deal: Agreement) {
    const referrer = await surgery.as('referrer');
    const reference = `EL-${++made}`;
    const request = { providerId: choir.id, service: deal.serviceCode, contract: deal.contractCode, source: 'nhs' };
    const { body } = await referrer.api.post<{ id: string }>('/v1/referrals', {
      ...request,
      reference,
      madeOn: '2026-09-01',
    });
    await person.api.post(`/v1/referrals/${body.id}/accept`, { acceptedOn: '2026-09-02' });
    return { id: body.id, reference };
  }

  async function session(deal: Agreement, more: Record<string, unknown> = {}) {
    const told = { contract: deal.contractCode, service: deal.serviceCode, date: '2026-10-05', start: '14:00' };
    const { body } = await person.api.post<RecordedBody>('/v1/sessions', {
      ...told,
      durationMinutes: 60,
      mode: 'in_person',
      ...more,
    });
    return body.session.id;
  }

  const listed = (fact: ListedFact): ListedClaim => ({ key: keyOfFact(fact), fact, yourReference: null });
  const price = (...facts: ListedFact[]) => service(ClaimLists).price(actor(), facts.map(listed));

  it('prices each entry as its claims will be, and submits it once', async () => {
    const deal = await agree();
    const people = [await referral(deal), await referral(deal)];
    const attendances = people.map(({ id }) => ({ referralId: id, outcome: 'attended' }));
    const sessionId = await session(deal, { attendances });
    const fact: ListedFact = { kind: 'session', contractId: deal.contractId, sessionId };
    await expect(service(UnclaimedDelivery).list(actor(), { sessionIds: [sessionId] })).resolves.toMatchObject([
      { sessionId, netMinor: 6400n, lacksMinutes: false },
    ]);
    await expect(price(fact)).resolves.toMatchObject({
      netMinor: 6400n,
      entries: [{ netMinor: 6400n, refusal: null, prices: [{ netMinor: 3200n }, { netMinor: 3200n }] }],
    });
    const { claims, repeated } = await service(ClaimLists).submit(actor(), listed(fact));
    expect(claims.map(({ provisionalMinor, state }) => [provisionalMinor, state])).toEqual([
      [3200n, 'submitted'],
      [3200n, 'submitted'],
    ]);
    expect(repeated).toBe(false);
    await expect(service(ClaimLists).submit(actor(), listed(fact))).resolves.toEqual({ claims: [], repeated: true });
    await expect(price(fact)).resolves.toMatchObject({
      netMinor: 0n,
      entries: [{ refusal: { code: 'claim.fact_claimed' } }],
    });
    await expect(service(UnclaimedDelivery).list(actor(), { contractId: deal.contractId })).resolves.toEqual([]);
  });

  it('prices milestones that are not recorded yet, fees of referrals and months', async () => {
    const milestones = [{ code: 'completed', name: 'Completed the course', priceMinor: '9000' }];
    const course = await agree({ card: { basis: 'milestone', milestones } });
    const fee = await agree({ card: { basis: 'referral', priceMinor: '5500' } });
    const block = await agree({ card: { basis: 'block', monthlyMinor: '200000' } });
    const [ann, bob] = [await referral(course), await referral(fee)];
    const reached = {
      kind: 'milestone',
      contractId: course.contractId,
      referralId: ann.id,
      name: 'completed',
    } as const;
    const facts: ListedFact[] = [
      { ...reached, reachedOn: '2026-10-20' },
      { kind: 'referral', contractId: fee.contractId, referralId: bob.id },
      { kind: 'period', contractId: block.contractId, month: '2026-09', service: block.serviceCode },
      { kind: 'period', contractId: block.contractId, month: '2026-11', service: block.serviceCode },
    ];
    const priced = await price(...facts);
    expect(priced.entries.map(({ netMinor, refusal }) => refusal?.code ?? netMinor)).toEqual([
      9000n,
      5500n,
      200000n,
      'claim.period_not_over',
    ]);
    expect(priced.netMinor).toBe(214500n);
    for (const fact of facts.slice(0, 3)) await service(ClaimLists).submit(actor(), listed(fact));
    const again = await price(...facts.slice(0, 3));
    expect(again.entries.map(({ refusal }) => refusal?.code)).toEqual([
      'claim.fact_claimed',
      'claim.fact_claimed',
      'claim.fact_claimed',
    ]);
  });

  it('knows what else a contract pays for', async () => {
    const milestones = [{ code: 'completed', name: 'Completed the course', priceMinor: '9000' }];
    const course = await agree({ card: { basis: 'milestone', milestones } });
    await expect(service(ClaimLists).claimable(actor(), course.contractId)).resolves.toEqual({
      milestones: [{ code: 'completed', name: 'Completed the course' }],
      referralServices: [],
      blockServices: [],
    });
    const fee = await agree({ card: { basis: 'referral', priceMinor: '5500' } });
    const { id } = await referral(fee);
    await expect(service(ClaimLists).unclaimedReferrals(actor(), fee.contractId)).resolves.toMatchObject([{ id }]);
  });

  it('says of every attendance of a request why it is refused, and takes notice in minutes', async () => {
    const deal = await agree();
    const { reference } = await referral(deal);
    const attendances = [
      { referral: 'NOBODY-1', outcome: 'attended' },
      { referral: ` ${reference.toLowerCase()} `, outcome: 'attended' },
      { referral: 'NOBODY-2', outcome: 'attended' },
    ];
    const told = { contract: deal.contractCode, service: deal.serviceCode, date: '2026-10-05', start: '14:00' };
    const { body } = await person.api.post<Problem>('/v1/sessions', { ...told, attendances }, { expect: 422 });
    expect(body.details).toMatchObject({
      attendance: 0,
      refusals: [
        { attendance: 0, code: 'unknown_referral' },
        { attendance: 2, code: 'unknown_referral' },
      ],
    });
    const sessionId = await session(deal, {
      attendances: [{ referral: reference, outcome: 'cancelled_late', noticeMinutes: 180 }],
    });
    const { people } = await service(SessionRegister).read(actor(), sessionId);
    expect(people.map((one) => [one.reference, one.cancelledAt?.toISOString()])).toEqual([
      [reference, '2026-10-05T10:00:00.000Z'],
    ]);
  });

  it('lists who came last first, and sessions the latest first', async () => {
    const deal = await agree();
    const [ann, bob] = [await referral(deal), await referral(deal)];
    const first = await session(deal, { attendances: [{ referralId: ann.id, outcome: 'attended' }] });
    const attendances = [{ referralId: bob.id, outcome: 'did_not_attend' }];
    const second = await session(deal, { date: '2026-10-12', attendances });
    const roll = await service(SessionRegister).roll(actor(), deal.contractId, deal.serviceId);
    expect(roll?.last).toMatchObject({ id: second, heldOn: '2026-10-12', durationMinutes: 60 });
    expect(roll?.people.map(({ reference, cameLast, attended }) => [reference, cameLast, attended])).toEqual([
      [bob.reference, true, 0],
      [ann.reference, false, 1],
    ]);
    const filter = { contractId: deal.contractId, unclaimed: true, limit: 1 };
    const page = await service(SessionRegister).list(actor(), filter);
    expect(page.items.map(({ id, people, attended }) => [id, people, attended])).toEqual([[second, 1, 0]]);
    const next = await service(SessionRegister).list(actor(), { ...filter, after: page.next ?? '' });
    expect(next).toMatchObject({ items: [{ id: first }], next: null });
    await expect(service(SessionRegister).list(actor(rival), filter)).resolves.toEqual({ items: [], next: null });
  });

  describe('sending a month', () => {
    const declare = (deal: Agreement, period: string, expect = 201) =>
      person.api.post<Problem & { code: string }>(
        '/v1/completion-declarations',
        { contract: deal.contractCode, period },
        { expect },
      );

    it('says what waits, is done once for the same claims, and leaves them where they are', async () => {
      const deal = await agree();
      const { id } = await referral(deal);
      const attendances = [{ referralId: id, outcome: 'attended' }];
      await session(deal, { attendances, claim: true });
      await session(deal, { attendances, date: '2026-09-07', claim: true });
      await session(deal, { attendances, date: '2026-10-19' });
      const before = await service(CompletionDeclarations).preview(actor(), '2026-10');
      expect(before.find(({ contractId }) => contractId === deal.contractId)).toMatchObject({
        claimCount: 2,
        earlierCount: 1,
        totalMinor: 6400n,
        unclaimedSessions: 1,
        unclaimedMinor: 3200n,
        sentAt: null,
        isOver: true,
        claimBy: '2026-11-06',
      });
      const { body } = await declare(deal, '2026-10');
      expect(body).toMatchObject({ code: `${deal.contractCode}-202610-M1`, claimCount: 2, totalMinor: '6400' });
      expect((await declare(deal, '2026-10', 422)).body.code).toBe('completion_declaration.nothing_new');
      expect((await declare(deal, '2026-11', 422)).body.code).toBe('claim.period_not_over');
      const { items } = await service(ClaimStandings).list(actor(), { contractId: deal.contractId, limit: 10 });
      expect(items.map(({ state }) => state)).toEqual(['submitted', 'submitted']);
      await session(deal, { attendances, date: '2026-10-26', claim: true });
      expect((await declare(deal, '2026-10')).body.code).toBe(`${deal.contractCode}-202610-M2`);
    });

    it('is seen by its commissioner, and by no other provider', async () => {
      const reviewer = await icb.as('contract_manager');
      const seen = await reviewer.api.get<{ items: { id: string }[] }>('/v1/completion-declarations');
      expect(seen.body.items.length).toBeGreaterThan(1);
      const ids = seen.body.items.map(({ id }) => id);
      await expect(service(CompletionDeclarations).sent(actor(rival), ids)).resolves.toEqual([]);
      await expect(service(CompletionDeclarations).sent(actor(), ids.slice(0, 1))).resolves.toMatchObject([
        { decideBy: '2026-11-17', payBy: '2026-12-17' },
      ]);
    });
  });
});
