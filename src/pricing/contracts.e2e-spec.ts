import { randomUUID } from 'node:crypto';
import type { ApiClient } from '../../test/support/api-client.js';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { commissioner, registered, type Party } from '../../test/support/world.js';
import { checkInvariants } from '../ledger/index.js';
import type { Scope } from '../platform/actor.js';
import { ContractsService } from './index.js';

const TERMS = {
  endsOn: '2027-03-31',
  agreedOn: '2026-03-20',
  documentMode: 'self_billed',
  rail: 'stripe',
  payablesAddress: ['PO Box 312', 'LS11 1HP'],
  regime: 'procurement_act',
  vatRecoverable: true,
};
const ATTENDANCE = { basis: 'attendance', priceMinor: '3200' };

interface Problem {
  code: string;
  details?: Record<string, unknown> & { findings?: { code: string }[] };
}

describe('contracts over HTTP', () => {
  let app: TestApp;
  let buyer: Party;
  let other: Party;
  let provider: Party;
  let rival: Party;
  let api: ApiClient;
  let contracts: ContractsService;
  let made = 0;

  beforeAll(async () => {
    app = await startTestApp();
    buyer = await commissioner(app, 'NELICB');
    other = await commissioner(app, 'NCLICB');
    provider = await registered(app, buyer, 'provider', 'SINGCO');
    rival = await registered(app, buyer, 'provider', 'WALKCO');
    ({ api } = await buyer.as('contract_manager'));
    contracts = app.nest.get(ContractsService);
  });

  afterAll(() => app.close());

  const refusal = async (answer: Promise<{ body: unknown; status: number }>): Promise<Problem> =>
    (await answer).body as Problem;
  const reading = <T>(work: (reader: Parameters<Parameters<TestApp['database']['read']>[1]>[0]) => Promise<T>) =>
    app.database.read({ side: 'commissioner', orgId: buyer.id }, work);

  async function contract(more: Record<string, unknown> = {}): Promise<string> {
    const body = { providerId: provider.id, code: `SP-${++made}`, title: 'Singing', startsOn: '2026-04-01', ...TERMS };
    return (await api.post<{ id: string }>('/v1/contracts', { ...body, ...more })).body.id;
  }

  async function service(of: Party = provider): Promise<{ id: string; code: string }> {
    const request = { providerId: of.id, code: `SING-${++made}`, name: 'Singing group' };
    return (await api.post<{ id: string; code: string }>('/v1/services', request)).body;
  }

  const publish = (contractId: string, serviceCode: string, more: Record<string, unknown> = {}, expect = 201) =>
    api.post<{ id: string } & Problem>(
      `/v1/contracts/${contractId}/rate-cards`,
      { serviceCode, effectiveFrom: '2026-04-01', agreedOn: '2026-03-20', terms: ATTENDANCE, ...more },
      { expect },
    );

  const raise = (contractId: string, number: string, valueMinor: string, more: Record<string, unknown> = {}) => ({
    path: `/v1/contracts/${contractId}/purchase-orders`,
    body: { number, valueMinor, startsOn: '2026-04-01', endsOn: '2027-03-31', ...more },
  });

  const changeBudget = (contractId: string, amountMinor: string, expect = 201) =>
    api.post<Problem>(
      `/v1/contracts/${contractId}/budget-changes`,
      { amountMinor, effectiveOn: '2026-04-01' },
      { expect },
    );

  describe('versions', () => {
    it('govern the days for which they were agreed', async () => {
      const id = await contract({ paymentDays: 30 });
      const amendment = { ...TERMS, effectiveFrom: '2026-10-01', agreedOn: '2026-09-01', endsOn: '2027-09-30' };
      await api.post(`/v1/contracts/${id}/versions`, { ...amendment, paymentDays: 14 });
      const on = async (day: string) => {
        const { body } = await api.get(`/v1/contracts/${id}?on=${day}`);
        return `${String(body.version)} pays in ${String(body.paymentDays)} until ${String(body.endsOn)}`;
      };
      expect(await on('2026-09-30')).toBe('1 pays in 30 until 2027-03-31');
      expect(await on('2026-10-01')).toBe('2 pays in 14 until 2027-09-30');
      const { body } = await api.get<{ items: { version: number }[] }>(`/v1/contracts/${id}/versions`);
      expect(body.items.map(({ version }) => version)).toEqual([1, 2]);
    });

    it('are in the journal with their terms, and without free text', async () => {
      const id = await contract();
      const { rows } = await app.admin.query(
        `select convert_from(body, 'UTF8') as body from ledger.event where subject_id = $1`,
        [id],
      );
      const [{ body }] = rows as [{ body: string }];
      expect(rows).toHaveLength(1);
      expect(JSON.parse(body)).toMatchObject({
        type: 'contract.authorised',
        providerId: provider.id,
        data: { version: 1, documentMode: 'self_billed', paymentDays: 30, endsOn: '2027-03-31' },
      });
      expect(body).not.toContain('PO Box');
      expect(body).not.toContain('Singing');
    });

    it('are refused when they do not fit, with everything that is wrong', async () => {
      const id = await contract();
      const amendment = { ...TERMS, effectiveFrom: '2026-03-01', agreedOn: '2026-12-01', standingAuthority: true };
      const problem = await refusal(api.post(`/v1/contracts/${id}/versions`, amendment, { expect: 422 }));
      expect(problem.code).toBe('contract.refused');
      expect(problem.details?.findings?.map(({ code }) => code)).toEqual([
        'outside_contract',
        'not_agreed_yet',
        'authority_without_drafts',
      ]);
    });

    it('get their numbers one after another when two are sent at once', async () => {
      const id = await contract();
      const amendment = { ...TERMS, effectiveFrom: '2026-06-01' };
      const answers = await Promise.all([1, 2, 3].map(() => api.post(`/v1/contracts/${id}/versions`, amendment)));
      expect(new Set(answers.map(({ body }) => body.version))).toEqual(new Set([2, 3, 4]));
    });

    it.each<[Scope['side'], string]>([
      ['commissioner', 'contract_version set payment_days = 90'],
      ['commissioner', 'contract set title = title'],
      ['commissioner', 'rate_card set agreed_on = agreed_on'],
      ['commissioner', 'purchase_order set value_minor = 1'],
      ['commissioner', 'vat_treatment set reason = null'],
      ['commissioner', 'budget_change set amount_minor = 1'],
      ['provider', 'contract_version set payment_days = 1'],
    ])('and all that was agreed cannot be changed by a %s: %s', async (side, change) => {
      const orgId = side === 'provider' ? provider.id : buyer.id;
      const changed = app.database.transaction({ side, orgId }, (tx) => tx.execute(`update ${change}`));
      await expect(changed).rejects.toThrow('permission denied');
    });

    it('have one code in a commissioner', async () => {
      await contract({ code: 'TAKEN' });
      const body = { providerId: provider.id, code: 'TAKEN', title: 'Again', startsOn: '2026-04-01', ...TERMS };
      expect(await refusal(api.post('/v1/contracts', body, { expect: 409 }))).toMatchObject({
        code: 'contract.code_taken',
      });
    });

    it('are made with providers only', async () => {
      const body = { providerId: other.id, code: 'NOBODY', title: 'Wrong', startsOn: '2026-04-01', ...TERMS };
      expect(await refusal(api.post('/v1/contracts', body, { expect: 422 }))).toMatchObject({
        code: 'contract.not_a_provider',
      });
    });

    it('are told apart from those that are not in force', async () => {
      const id = await contract();
      await expect(reading((reader) => contracts.getInForce(reader, id, '2027-04-01'))).rejects.toMatchObject({
        code: 'contract.not_in_force',
        details: { day: '2027-04-01', startsOn: '2026-04-01', endsOn: '2027-03-31' },
      });
      expect((await reading((reader) => contracts.get(reader, id, '2027-04-01'))).version).toBe(1);
    });
  });

  describe('rate cards', () => {
    it('hold from their first day, and the later agreed of two holds', async () => {
      const [id, { code }] = [await contract(), await service()];
      await publish(id, code);
      await publish(id, code, { effectiveFrom: '2026-10-01', terms: { ...ATTENDANCE, priceMinor: '3300' } });
      await publish(id, code, {
        effectiveFrom: '2026-10-01',
        agreedOn: '2026-10-20',
        terms: { ...ATTENDANCE, priceMinor: '3400' },
      });
      const priceOn = async (day: string) => {
        const path = `/v1/contracts/${id}/rate-cards?on=${day}`;
        const { body } = await api.get<{ items: { terms: { priceMinor: string } }[] }>(path);
        return body.items.map(({ terms }) => terms.priceMinor);
      };
      expect(await priceOn('2026-03-31')).toEqual([]);
      expect(await priceOn('2026-09-30')).toEqual(['3200']);
      expect(await priceOn('2026-10-01')).toEqual(['3400']);
      const { body } = await api.get<{ items: unknown[] }>(`/v1/contracts/${id}/rate-cards`);
      expect(body.items).toHaveLength(3);
    });

    it('are refused with every reason', async () => {
      const [id, { code }] = [await contract(), await service()];
      await publish(id, code);
      const { body } = await publish(id, code, { agreedOn: '2026-03-20' }, 422);
      expect(body.details?.findings?.map((finding) => finding.code)).toEqual(['same_dates']);
      const early = await publish(id, code, { effectiveFrom: '2026-03-31', agreedOn: '2027-01-01' }, 422);
      expect(early.body.details?.findings?.map((finding) => finding.code)).toEqual([
        'before_contract',
        'not_agreed_yet',
      ]);
    });

    it('price a service of the provider of the contract only', async () => {
      const [id, { code }] = [await contract(), await service(rival)];
      expect((await publish(id, code, {}, 422)).body).toMatchObject({ code: 'service.unknown' });
    });

    it('may give a service a second rate', async () => {
      const [id, { id: serviceId, code }] = [await contract(), await service()];
      await publish(id, code);
      const milestones = [{ code: 'completed', name: 'Completed six weeks', priceMinor: '5000' }];
      await publish(id, code, { chargeKind: 'completion', terms: { basis: 'milestone', milestones } });
      const cards = await reading((reader) => contracts.cardsOf(reader, id));
      expect(cards.map(({ chargeKind, rateKey }) => [chargeKind, rateKey])).toEqual([
        ['primary', `${id}/${serviceId}/primary`],
        ['completion', `${id}/${serviceId}/completion`],
      ]);
      expect(cards[0]?.terms).toEqual({ basis: 'attendance', priceMinor: 3_200n });
      const services = await reading((reader) => contracts.servicesOf(reader, { id }));
      expect(services.map((one) => one.code)).toEqual([code]);
    });
  });

  describe('purchase orders', () => {
    it('say what is left after batches that wait or are approved', async () => {
      const id = await contract({ poRequired: true });
      const { path, body } = raise(id, 'PO-LEFT', '100000');
      await api.post(path, body);
      await batchOn(id, 'PO-LEFT', 'approved', 30_000);
      await batchOn(id, 'PO-LEFT', 'submitted', 25_000);
      await batchOn(id, 'PO-LEFT', 'rejected', 99_000);
      const { body: list } = await api.get<{ items: unknown[] }>(path);
      expect(list.items).toMatchObject([{ number: 'PO-LEFT', usedMinor: '55000', leftMinor: '45000' }]);
      expect(await reading((reader) => contracts.purchaseOrderLeft(reader, id, '2026-04-01'))).toBe(45_000n);
      expect(await reading((reader) => contracts.purchaseOrderLeft(reader, id, '2027-04-01'))).toBeNull();
    });

    it('refuse what is beyond them, and name the shortfall', async () => {
      const id = await contract({ poRequired: true });
      const { path, body } = raise(id, 'PO-SHORT', '10000');
      await api.post(path, body);
      const charge = (day: string, netMinor: bigint, poRequired = true) =>
        app.database.transaction({ side: 'commissioner', orgId: buyer.id }, (tx) =>
          contracts.orderToCharge(tx, { id, poRequired }, day, netMinor),
        );
      expect(await charge('2026-12-01', 10_000n)).toMatchObject({ number: 'PO-SHORT' });
      await expect(charge('2026-12-01', 10_001n)).rejects.toMatchObject({
        code: 'purchase_order.exceeded',
        details: { number: 'PO-SHORT', leftMinor: 10_000n, askedMinor: 10_001n, shortfallMinor: 1n },
      });
      await expect(charge('2027-04-01', 1n)).rejects.toMatchObject({ code: 'purchase_order.missing' });
      expect(await charge('2027-04-01', 1n, false)).toBeNull();
      expect(await charge('2026-12-01', 10_001n, false)).toMatchObject({ number: 'PO-SHORT' });
    });

    it('are raised and lowered by versions, not below what is used', async () => {
      const id = await contract();
      const { path, body } = raise(id, 'PO-NEW', '50000');
      await api.post(path, body);
      await batchOn(id, 'PO-NEW', 'approved', 20_000);
      expect((await api.post(path, { ...body, valueMinor: '80000' })).body).toMatchObject({
        version: 2,
        leftMinor: '60000',
      });
      expect((await api.post(path, { ...body, valueMinor: '20000' })).body).toMatchObject({
        version: 3,
        leftMinor: '0',
      });
      expect(await refusal(api.post(path, { ...body, valueMinor: '19999' }, { expect: 422 }))).toMatchObject({
        code: 'purchase_order.below_used',
        details: { number: 'PO-NEW', usedMinor: '20000', askedMinor: '19999', shortfallMinor: '1' },
      });
    });

    it('do not overlap, and one that is cut short makes room', async () => {
      const id = await contract();
      const first = raise(id, 'PO-ONE', '50000');
      const second = raise(id, 'PO-TWO', '50000', { startsOn: '2026-10-01' });
      await api.post(first.path, first.body);
      const problem = await refusal(api.post(second.path, second.body, { expect: 422 }));
      expect(problem.details?.findings?.map(({ code }) => code)).toEqual(['orders_overlap']);
      await api.post(first.path, { ...first.body, endsOn: '2026-09-30' });
      await api.post(second.path, second.body);
      const numberOn = async (day: string) =>
        (await reading((reader) => contracts.purchaseOrderOn(reader, id, day)))?.number;
      expect([await numberOn('2026-09-30'), await numberOn('2026-10-01')]).toEqual(['PO-ONE', 'PO-TWO']);
    });

    it('do not overlap when two are sent at once', async () => {
      const id = await contract();
      const { path, body } = raise(id, 'PO-RACE', '1');
      const numbers = ['PO-RACE-1', 'PO-RACE-2', 'PO-RACE-3'];
      const answers = await Promise.allSettled(numbers.map((number) => api.post(path, { ...body, number })));
      expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect((await api.get<{ items: unknown[] }>(path)).body.items).toHaveLength(1);
    });

    it('belong to one contract', async () => {
      const [one, two] = [await contract(), await contract()];
      const { path, body } = raise(one, 'PO-MINE', '1');
      await api.post(path, body);
      const again = raise(two, 'PO-MINE', '1');
      expect(await refusal(api.post(again.path, again.body, { expect: 409 }))).toMatchObject({
        code: 'purchase_order.of_other_contract',
      });
    });

    /** A batch as the module above would store it; what the table does not have is left out. */
    async function batchOn(contractId: string, number: string, state: string, totalMinor: number): Promise<void> {
      const decided = state !== 'submitted' && { decided_at: '2026-10-10T09:00:00Z', approved_event_id: buyer.id };
      const batch = {
        commissioner_id: buyer.id,
        id: randomUUID(),
        provider_id: provider.id,
        contract_id: contractId,
        code: `B-${++made}`,
        period: '2026-09-01',
        state,
        line_count: 1,
        charge_count: 1,
        total_minor: totalMinor,
        vat_minor: 0,
        indicative_minor: 0,
        uncommitted_minor: 0,
        over_budget: false,
        digest: `\\x${'00'.repeat(32)}`,
        purchase_order_number: number,
        submitted_at: '2026-10-05T09:00:00Z',
        event_id: randomUUID(),
        ...decided,
      };
      await app.admin.query('insert into batch select * from jsonb_populate_record(null::batch, $1)', [batch]);
    }
  });

  describe('budgets', () => {
    it('are raised, and lowered down to nothing left but not below', async () => {
      const id = await contract();
      await changeBudget(id, '500000');
      await changeBudget(id, '-200000');
      const { body } = await changeBudget(id, '-300001', 422);
      expect(body).toMatchObject({
        code: 'budget.below_use',
        details: { leftMinor: '300000', askedMinor: '300001', shortfallMinor: '1' },
      });
      await changeBudget(id, '-300000');
      await changeBudget(id, '7');
      expect((await api.get(`/v1/contracts/${id}/budget`)).body).toMatchObject({
        authorisedMinor: '7',
        leftMinor: '7',
        committedMinor: '0',
        spentMinor: '0',
        expected: { referrals: 0, sessionsLeft: 0, amountMinor: '0' },
      });
      const { body: changes } = await api.get<{ items: { amountMinor: string }[] }>(
        `/v1/contracts/${id}/budget-changes`,
      );
      expect(changes.items.map(({ amountMinor }) => amountMinor)).toEqual(['7', '-300000', '-200000', '500000']);
    });

    it('are not lowered twice by two who ask at once', async () => {
      const id = await contract();
      await changeBudget(id, '1000');
      const path = `/v1/contracts/${id}/budget-changes`;
      const lower = { amountMinor: '-600', effectiveOn: '2026-04-01' };
      const answers = await Promise.allSettled([1, 2, 3].map(() => api.post(path, lower)));
      expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect((await api.get(`/v1/contracts/${id}/budget`)).body).toMatchObject({ leftMinor: '400' });
    });

    it('take effect in the contract, by a person', async () => {
      const id = await contract();
      const path = `/v1/contracts/${id}/budget-changes`;
      const late = { amountMinor: '1', effectiveOn: '2027-04-01' };
      expect(await refusal(api.post(path, late, { expect: 422 }))).toMatchObject({ code: 'contract.not_in_force' });
      const { body } = await (
        await buyer.as('admin')
      ).api.post<{ key: string }>('/v1/keys', {
        label: 'program',
        scopes: ['contracts:write', 'contracts:read'],
      });
      await app.api(body.key).post(path, { ...late, effectiveOn: '2026-04-01' }, { expect: 403 });
      await app.api(body.key).get(`/v1/contracts/${id}/budget`);
    });

    it('happen once for one idempotency key', async () => {
      const id = await contract();
      const path = `/v1/contracts/${id}/budget-changes`;
      const headers = { 'idempotency-key': 'budget-of-2026' };
      const raised = { amountMinor: '1000', effectiveOn: '2026-04-01' };
      const first = await api.post(path, raised, { headers });
      const second = await api.post(path, raised, { headers });
      expect(second.body).toEqual(first.body);
      expect((await api.get(`/v1/contracts/${id}/budget`)).body).toMatchObject({ leftMinor: '1000' });
    });

    it('say what accepted referrals may still cost', async () => {
      const [id, { id: serviceId, code }] = [await contract(), await service()];
      await publish(id, code);
      await changeBudget(id, '100000');
      await app.admin.query(
        `with someone as (insert into person (commissioner_id, owner_org_id, reference) values ($1, $2, 'expected')
                          returning id)
         insert into referral (commissioner_id, id, provider_id, actor_org_id, contract_id, service_id, person_id, reference,
                               source, lawful_basis, state, made_on, respond_by, sessions_planned, created_at)
         select $1, gen_random_uuid(), $2, $2, $3, $4, someone.id, 'EXPECTED-' || state, 'nhs', 'public_task', state,
                '2026-10-01', '2026-10-10', 6, now()
         from someone, unnest(array['accepted', 'made', 'closed']) state`,
        [buyer.id, provider.id, id, serviceId],
      );
      const { body } = await (await provider.as('coordinator')).api.get(`/v1/contracts/${id}/budget`);
      expect(body.expected).toEqual({ referrals: 1, sessionsLeft: 6, amountMinor: '19200' });
      expect(body.leftMinor).toBe('100000');
    });
  });

  describe('to others', () => {
    it.each([
      ['another commissioner', () => other.as('contract_manager')],
      ['another provider of the same commissioner', () => rival.as('coordinator')],
    ])('are not there: %s', async (_, stranger) => {
      const [id, { id: serviceId, code }] = [await contract(), await service()];
      await publish(id, code);
      const order = raise(id, `PO-${++made}`, '1000');
      await api.post(order.path, order.body);
      const their = (await stranger()).api;
      for (const path of ['', '/versions', '/rate-cards', '/purchase-orders', '/budget']) {
        expect(await refusal(their.get(`/v1/contracts/${id}${path}`, { expect: 404 }))).toMatchObject({
          code: 'not_found',
        });
      }
      await their.get(`/v1/services/${serviceId}/vat-treatments`, { expect: 404 });
      const quote = { contractId: id, serviceCode: code, servedAt: '2026-10-01T10:00:00Z' };
      await their.post('/v1/quotes', quote, { expect: 404 });
      const { body: found } = await their.get<{ items: { id: string }[] }>('/v1/contracts?limit=500');
      expect(found.items.map((one) => one.id)).not.toContain(id);
      const { body: services } = await their.get<{ items: { id: string }[] }>('/v1/services');
      expect(services.items.map((one) => one.id)).not.toContain(serviceId);
      expect((await their.get(`/v1/services?contractId=${id}`)).body).toEqual({ items: [] });
    });

    it('cannot be changed by another commissioner', async () => {
      const [id, { id: serviceId, code }] = [await contract(), await service()];
      const their = (await other.as('contract_manager')).api;
      const order = raise(id, 'PO-THEIRS', '1000');
      const tries: [string, unknown][] = [
        [`/v1/contracts/${id}/versions`, { ...TERMS, effectiveFrom: '2026-05-01' }],
        [order.path, order.body],
        [`/v1/contracts/${id}/budget-changes`, { amountMinor: '1', effectiveOn: '2026-05-01' }],
        [
          `/v1/contracts/${id}/rate-cards`,
          { serviceCode: code, effectiveFrom: '2026-04-01', agreedOn: '2026-03-20', terms: ATTENDANCE },
        ],
        [`/v1/services/${serviceId}/vat-treatments`, { effectiveFrom: '2026-04-01', category: 'E', reason: 'welfare' }],
      ];
      for (const [path, body] of tries) await their.post(path, body, { expect: 404 });
    });

    it('are open to the provider, to read', async () => {
      const id = await contract();
      const { api: theirs } = await provider.as('coordinator');
      expect((await theirs.get(`/v1/contracts/${id}`)).body).toMatchObject({ id, documentMode: 'self_billed' });
      await theirs.post(`/v1/contracts/${id}/versions`, { ...TERMS, effectiveFrom: '2026-05-01' }, { expect: 403 });
    });
  });

  describe('after all of that', () => {
    const violations = async () => {
      const findings = await checkInvariants(async (sql) => (await app.admin.query(sql)).rows);
      return findings.filter((finding) => finding.violations.length > 0).map(({ sentence }) => sentence);
    };

    it('the books balance', async () => {
      // They only stood there, and nobody made them: what stays for everybody else goes for a superuser.
      await app.admin.query(
        `begin; set local session_replication_role = 'replica'; delete from batch; delete from referral; commit`,
      );
      expect(await violations()).toEqual([]);
    });

    it('a budget change that moved nothing is found', async () => {
      const id = await contract();
      await app.admin.query('begin');
      await app.admin.query(
        `insert into budget_change (commissioner_id, id, contract_id, provider_id, amount_minor, effective_on, event_id,
                                    created_at)
         values ($1, gen_random_uuid(), $2, $3, 1, '2026-04-01', gen_random_uuid(), now())`,
        [buyer.id, id, provider.id],
      );
      const found = await violations();
      await app.admin.query('rollback');
      expect(found).toEqual([
        'What a contract authorises is what its budget changes decided, together.',
        'Every change of a budget is what its event says.',
      ]);
    });
  });
});
