import { agreement, type Agreement } from '../../test/support/agreement.js';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { list } from '../../test/support/listings.js';
import { commissioner, registered, type Party } from '../../test/support/world.js';
import { SessionsService } from '../delivery/index.js';
import type { Actor, Role } from '../platform/actor.js';
import { ReferralRegister, type ListedReferral } from './referral-register.service.js';

interface Made {
  id: string;
  reference: string;
  serviceId: string;
  providerId: string;
  state: string;
}
interface Accepted {
  accepted: string[];
  refused: { id: string; code: string }[];
}

const NOWHERE = '01890000-0000-7000-8000-00000000dead';

describe('referrals in numbers', () => {
  let app: TestApp;
  let icb: Party;
  let council: Party;
  let choir: Party;
  let rival: Party;
  let surgery: Party;
  let stranger: Party;
  let deal: Agreement;
  let foreign: Agreement;

  beforeAll(async () => {
    app = await startTestApp();
    icb = await commissioner(app, 'NELICB');
    council = await commissioner(app, 'LEEDS');
    choir = await registered(app, icb, 'provider', 'CHOIR');
    rival = await registered(app, icb, 'provider', 'RIVAL');
    surgery = await registered(app, icb, 'referrer', 'SURGERY');
    stranger = await registered(app, council, 'referrer', 'STRANGER');
    deal = await agreement(icb, choir);
    foreign = await agreement(council, choir);
  });
  afterAll(() => app.close());

  const actorOf = async (party: Party, role: Role): Promise<Actor> => ({
    kind: 'person',
    side: party.organisation.kind,
    orgId: party.id,
    memberId: (await party.as(role)).memberId,
    keyId: null,
    roles: [role],
    scopes: [],
    approvalLimitMinor: null,
    correlationId: NOWHERE,
  });
  const refer = async (more: Record<string, unknown> = {}): Promise<Made> => {
    const { api } = await surgery.as('referrer');
    const request = { service: deal.serviceCode, providerId: choir.id, source: 'nhs', ...more };
    return (await api.post<Made>('/v1/referrals', request)).body;
  };
  const eventsOf = async (ids: string[], type: string) => {
    const { rows } = await app.admin.query<{ count: number }>(
      'select count(*)::int as count from ledger.event where subject_id = any ($1) and type = $2',
      [ids, type],
    );
    return rows[0]?.count;
  };

  describe('made from the directory', () => {
    it('names its service by the id, once the service is shown', async () => {
      const { api } = await surgery.as('referrer');
      const request = { service: deal.serviceId, source: 'self' };
      await api.post('/v1/referrals', request, { expect: 404 });
      await list(icb, deal.serviceId);
      const { body } = await api.post<Made>('/v1/referrals', request);
      expect(body).toMatchObject({ serviceId: deal.serviceId, providerId: choir.id, state: 'made' });
      await api.post('/v1/referrals', { ...request, providerId: rival.id }, { expect: 404 });
      await api.post('/v1/referrals', { ...request, commissionerId: council.id }, { expect: 404 });
    });

    it('is not to be named by strangers', async () => {
      for (const [party, role] of [
        [stranger, 'referrer'],
        [rival, 'coordinator'],
        [council, 'contract_manager'],
      ] as const) {
        const { api } = await party.as(role);
        await api.post('/v1/referrals', { service: deal.serviceId, source: 'nhs' }, { expect: 404 });
      }
    });

    it('is given a reference that says nothing where none is sent', async () => {
      const made = await Promise.all([refer(), refer(), refer()]);
      const references = made.map(({ reference }) => reference);
      expect(new Set(references).size).toBe(3);
      for (const reference of references) expect(reference).toMatch(/^R(-[2-9B-DF-HJ-NP-TV-Z]{4}){2}$/);
    });
  });

  describe('accepted together', () => {
    const accept = async (referralIds: string[], more: Record<string, unknown> = {}, expect = 200) => {
      const { api } = await choir.as('coordinator');
      const referrals = referralIds.map((referralId) => ({ referralId, ...more }));
      return (await api.post<Accepted>('/v1/referrals/accept', { referrals }, { expect })).body;
    };

    it('are accepted where they can be, with an event and a notice for each; the others say why not', async () => {
      const [one, two, declined] = [await refer(), await refer(), await refer()];
      const { api } = await choir.as('coordinator');
      await api.post(`/v1/referrals/${declined.id}/decline`, { reason: 'no_capacity' });
      const answer = await accept([one.id, two.id, one.id, declined.id, NOWHERE]);
      expect(answer.accepted.toSorted()).toEqual([one.id, two.id].toSorted());
      expect(answer.refused).toEqual([
        { id: declined.id, code: 'referral.step_not_possible' },
        { id: NOWHERE, code: 'not_found' },
      ]);
      expect(await eventsOf([one.id, two.id, declined.id], 'referral.accepted')).toBe(2);
      const { rows } = await app.admin.query<{ state: string; day: string }>(
        `select state, accepted_on::text as day from referral where id = any ($1)`,
        [[one.id, two.id]],
      );
      expect(rows).toEqual([
        { state: 'accepted', day: '2026-10-29' },
        { state: 'accepted', day: '2026-10-29' },
      ]);
      expect(await accept([one.id])).toEqual({
        accepted: [],
        refused: [{ id: one.id, code: 'referral.step_not_possible' }],
      });
    });

    it('are of several commissioners as they come', async () => {
      const { api } = await choir.as('coordinator');
      const request = { service: foreign.serviceCode, source: 'self', commissionerId: council.id };
      const { body } = await api.post<Made>('/v1/referrals', request);
      const one = await refer();
      expect((await accept([one.id, body.id])).accepted.toSorted()).toEqual([one.id, body.id].toSorted());
      expect(await eventsOf([one.id, body.id], 'referral.accepted')).toBe(2);
    });

    it('are not accepted before they were made, nor tomorrow', async () => {
      const [old, fresh] = [await refer({ madeOn: '2026-10-01' }), await refer()];
      expect(await accept([old.id, fresh.id], { acceptedOn: '2026-10-20' })).toEqual({
        accepted: [old.id],
        refused: [{ id: fresh.id, code: 'request.invalid' }],
      });
      expect((await accept([fresh.id], { acceptedOn: '2026-10-30' })).accepted).toEqual([]);
    });

    it('are accepted each as of its own day', async () => {
      const [old, fresh] = [await refer({ madeOn: '2026-10-01' }), await refer()];
      const { api } = await choir.as('coordinator');
      const referrals = [{ referralId: old.id, acceptedOn: '2026-10-02' }, { referralId: fresh.id }];
      await api.post('/v1/referrals/accept', { referrals });
      const { rows } = await app.admin.query<{ day: string }>(
        'select accepted_on::text as day from referral where id = any ($1) order by 1',
        [[old.id, fresh.id]],
      );
      expect(rows.map(({ day }) => day)).toEqual(['2026-10-02', '2026-10-29']);
    });

    it('have one effect however often they are sent', async () => {
      const { api } = await choir.as('coordinator');
      const made = await Promise.all([refer(), refer(), refer()]);
      const referralIds = made.map(({ id }) => id);
      const send = (ids: string[]) =>
        api.post<Accepted>('/v1/referrals/accept', { referrals: ids.map((referralId) => ({ referralId })) });
      const answers = await Promise.all([send(referralIds), send(referralIds.toReversed()), send(referralIds)]);
      expect(answers.flatMap(({ body }) => body.accepted).toSorted()).toEqual(referralIds.toSorted());
      expect(await eventsOf(referralIds, 'referral.accepted')).toBe(3);
    });

    it('are those of the provider alone', async () => {
      const { id } = await refer();
      const { api } = await rival.as('coordinator');
      await api.post('/v1/referrals/accept', { referrals: [{ referralId: id }] }, { expect: 404 });
      expect(await eventsOf([id], 'referral.accepted')).toBe(0);
      await accept(
        Array.from({ length: 201 }, () => id),
        {},
        400,
      );
    });
  });

  it('are closed between the day they were accepted and today', async () => {
    const { api } = await choir.as('coordinator');
    const { id } = await refer({ madeOn: '2026-10-01' });
    await api.post(`/v1/referrals/${id}/accept`, { acceptedOn: '2026-10-10' });
    for (const closedOn of ['2026-10-09', '2026-10-30']) {
      await api.post(`/v1/referrals/${id}/close`, { reason: 'completed', closedOn }, { expect: 400 });
    }
    await api.post(`/v1/referrals/${id}/close`, { reason: 'completed', closedOn: '2026-10-10' });
  });

  describe('in the register', () => {
    const register = () => app.nest.get(ReferralRegister);
    const pages = async (actor: Actor, order: 'latest' | 'waiting', filter = {}) => {
      const found: ListedReferral[] = [];
      let after: string | undefined;
      do {
        const { items, next } = await register().list(actor, filter, { order, limit: 3, after });
        found.push(...items);
        after = next ?? undefined;
      } while (after !== undefined);
      return found;
    };

    it('come with names, the latest first, for each whom they concern', async () => {
      await refer({ reference: 'el-77 b' });
      for (const [party, role] of [
        [surgery, 'referrer'],
        [choir, 'coordinator'],
        [icb, 'contract_manager'],
      ] as const) {
        const all = await pages(await actorOf(party, role), 'latest');
        const ids = all.map(({ id }) => id);
        expect(ids).toEqual(ids.toSorted().toReversed());
        expect(new Set(ids).size).toBe(ids.length);
        const found = all.find(({ reference }) => reference === 'EL-77 B');
        expect(found).toMatchObject({
          serviceName: 'Singing group',
          providerName: 'Provider CHOIR',
          commissionerName: 'Commissioner NELICB',
          madeByName: 'Referrer SURGERY',
          contractCode: role === 'referrer' ? null : deal.contractCode,
          waitedDays: 0,
          steps: ['accept', 'decline'],
        });
      }
      for (const outsider of [stranger, rival]) {
        const actor = await actorOf(outsider, 'admin');
        expect(await pages(actor, 'latest')).toEqual([]);
        expect(await register().services(actor)).toEqual([]);
      }
    });

    it('are found by state, part of a reference, service, and whether they were confirmed', async () => {
      const actor = await actorOf(choir, 'coordinator');
      const one = await refer({ reference: 'find-me_50%' });
      const of = async (filter: object) => (await pages(actor, 'latest', filter)).map(({ reference }) => reference);
      expect(await of({ reference: 'me_50%' })).toEqual([one.reference]);
      expect(await of({ reference: 'me-50' })).toEqual([]);
      expect(await of({ state: 'closed' })).toHaveLength(1);
      expect(await of({ serviceId: foreign.serviceId, unconfirmed: true })).toHaveLength(1);
      expect(await of({ serviceId: foreign.serviceId, unconfirmed: false })).toEqual([]);
    });

    it('wait with the most urgent first, and say for how long', async () => {
      const urgent = await refer({ madeOn: '2026-10-09', respondBy: '2026-10-16' });
      const actor = await actorOf(choir, 'coordinator');
      const waiting = await pages(actor, 'waiting', { state: 'made' });
      expect(waiting[0]).toMatchObject({ id: urgent.id, overdue: true, waitedDays: 20 });
      const days = waiting.map(({ respondBy }) => respondBy);
      expect(days).toEqual(days.toSorted());
      expect(await register().waiting(actor)).toMatchObject({ count: waiting.length, overdue: 1, longestDays: 20 });
    });

    it('keep the name of a service that is not shown any more, for those who referred to it', async () => {
      const { api } = await icb.as('contract_manager');
      await api.post(`/v1/services/${deal.serviceId}/listing/unlist`);
      const actor = await actorOf(surgery, 'referrer');
      expect(await register().services(actor)).toEqual([{ id: deal.serviceId, name: 'Singing group' }]);
      expect((await pages(actor, 'latest')).length).toBeGreaterThan(3);
    });

    it('tell how many of them go, to those whom they concern', async () => {
      const sessions = app.nest.get(SessionsService);
      const { id } = await refer({ sessionsPlanned: 6 });
      const { api } = await choir.as('coordinator');
      await api.post(`/v1/referrals/${id}/accept`, {});
      await api.post('/v1/sessions', {
        contract: deal.contractCode,
        service: deal.serviceCode,
        date: '2026-10-29',
        start: '09:00',
        attendances: [{ referralId: id, outcome: 'attended' }],
      });
      const progress = { planned: 6, attended: 1, didNotAttend: 0, cancelled: 0, lastAttendedOn: '2026-10-29' };
      for (const [party, role] of [
        [surgery, 'referrer'],
        [choir, 'coordinator'],
        [icb, 'contract_manager'],
      ] as const) {
        const found = await sessions.progressOfMany(await actorOf(party, role), [id, NOWHERE]);
        expect([...found]).toEqual([[id, progress]]);
      }
      const nothing = await sessions.progressOfMany(await actorOf(stranger, 'referrer'), [id]);
      expect(nothing.size).toBe(0);
    });
  });
});
