import type { ApiClient } from '../../test/support/api-client.js';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { commissioner, registered, type Party } from '../../test/support/world.js';
import { ContractsService } from './index.js';

const CONTRACT = {
  title: 'Singing',
  startsOn: '2026-04-01',
  endsOn: '2027-03-31',
  agreedOn: '2026-03-20',
  documentMode: 'self_billed',
  rail: 'stripe',
  payablesAddress: ['PO Box 312', 'LS11 1HP'],
  regime: 'procurement_act',
  vatRecoverable: true,
};
const THURSDAY_NOON = '2026-07-02T11:00:00Z';

const CARDS: Record<string, Record<string, unknown>> = {
  session: { priceMinor: '9000', minimumAttendance: 4, belowMinimumBasisPoints: 5_000 },
  attendance: {
    priceMinor: '3200',
    caps: { perReferral: 6 },
    lateCancel: { basisPoints: 5_000, noticeMinutes: 1_440 },
    travel: { kind: 'fixed', amountMinor: '450' },
  },
  group_split: { priceMinor: '10000', splitBy: 'present' },
  hour: { priceMinor: '4000', minuteStep: 15, minuteRounding: 'up' },
  referral: { priceMinor: '5000' },
  milestone: { milestones: [{ code: 'completed', name: 'Completed six weeks', priceMinor: '7000' }] },
  block: { monthlyMinor: '310000', floor: { units: 20, rule: 'flag' } },
  recognised: { indicativeMinor: '2500' },
};

interface Quoted {
  netMinor: string;
  indicativeMinor: string;
  servedOn: string;
  reasons: { code: string; words: string }[];
  flags: { code: string; words: string }[];
  card: { basis?: string; terms: { basis: string } } | null;
  vat: { category: string; rateBasisPoints: number; reason: string | null } | null;
}

describe('prices and taxes over HTTP', () => {
  let app: TestApp;
  let buyer: Party;
  let provider: Party;
  let buying: ApiClient;
  let coordinator: ApiClient;
  let contractId: string;
  const serviceIds: Record<string, string> = {};

  beforeAll(async () => {
    app = await startTestApp();
    buyer = await commissioner(app);
    provider = await registered(app, buyer, 'provider', 'SINGCO');
    buying = (await buyer.as('contract_manager')).api;
    coordinator = (await provider.as('coordinator')).api;
    contractId = await contractOf(provider, 'SINGING');
    for (const basis of Object.keys(CARDS)) await priced(basis);
  });

  afterAll(() => app.close());

  const codeOf = (basis: string): string => basis.toUpperCase().replace('_', '-');

  async function contractOf(party: Party, code: string, more: Record<string, unknown> = {}): Promise<string> {
    const body = { providerId: party.id, code, ...CONTRACT, ...more };
    return (await buying.post<{ id: string }>('/v1/contracts', body)).body.id;
  }

  async function priced(basis: string): Promise<void> {
    const service = { providerId: provider.id, code: codeOf(basis), name: `By ${basis}` };
    serviceIds[basis] = (await buying.post<{ id: string }>('/v1/services', service)).body.id;
    const serviceCode = service.code;
    const card = {
      serviceCode,
      effectiveFrom: '2026-04-01',
      agreedOn: '2026-03-20',
      terms: { basis, ...CARDS[basis] },
    };
    await buying.post(`/v1/contracts/${contractId}/rate-cards`, card);
  }

  async function quote(basis: string, more: Record<string, unknown> = {}): Promise<Quoted> {
    const request = { contractId, serviceCode: codeOf(basis), servedAt: THURSDAY_NOON, ...more };
    return (await coordinator.post<Quoted>('/v1/quotes', request)).body;
  }

  describe('a quote', () => {
    it.each<[string, string, Record<string, unknown>, string]>([
      ['session', 'for a group', { present: 5 }, '9000'],
      ['session', 'below the minimum', { present: 3 }, '4500'],
      ['attendance', 'for a person who came', {}, '3200'],
      ['attendance', 'with travel', { travelled: true }, '3650'],
      ['attendance', 'cancelled too late', { outcome: 'cancelled_late', noticeMinutes: 180 }, '1600'],
      ['attendance', 'cancelled in time', { outcome: 'cancelled', noticeMinutes: 1_440 }, '0'],
      ['attendance', 'for a person who did not come', { outcome: 'did_not_attend' }, '0'],
      ['group_split', 'shared by three', { present: 3, booked: 4 }, '3334'],
      ['hour', 'of fifty minutes', { minutes: 50 }, '4000'],
      ['hour', 'of forty minutes', { minutes: 40 }, '3000'],
      ['referral', 'accepted', {}, '5000'],
      ['milestone', 'reached', { milestone: 'completed' }, '7000'],
      ['block', 'for a month', { activityUnits: 25 }, '310000'],
      ['recognised', 'for work that nobody pays', {}, '0'],
    ])('by %s, %s: %j is %s pence', async (basis, _, more, netMinor) => {
      const answer = await quote(basis, more);
      expect(answer.netMinor).toBe(netMinor);
      expect(answer.card?.terms.basis).toBe(basis);
      expect(answer.reasons.length).toBeGreaterThan(0);
      expect(answer.reasons.every(({ words }) => words.length > 10)).toBe(true);
    });

    it('says in words why', async () => {
      const { reasons } = await quote('attendance', { outcome: 'cancelled_late', noticeMinutes: 180 });
      expect(reasons.map(({ code }) => code)).toContain('cancelled_late');
      expect(reasons.map(({ words }) => words)).toContain(
        'Cancelled late, notice 3 h of 24 h: 50 % of £32.00 = £16.00',
      );
    });

    it('shows what recognised work is worth', async () => {
      expect(await quote('recognised')).toMatchObject({ netMinor: '0', indicativeMinor: '2500' });
    });

    it('flags the charge after the last that the card covers', async () => {
      expect((await quote('attendance', { earlier: 5 })).flags).toEqual([]);
      const { flags, netMinor } = await quote('attendance', { earlier: 6 });
      expect(flags).toMatchObject([{ code: 'over_cap', number: 7, limit: 6 }]);
      expect(flags[0]?.words).toContain('the card covers 6');
      expect(netMinor).toBe('3200');
    });

    it('flags activity below the floor of a monthly amount', async () => {
      const { flags } = await quote('block', { activityUnits: 19 });
      expect(flags.map(({ code }) => code)).toEqual(['block_below_floor']);
    });

    it('answers without a card, and says so', async () => {
      const { body } = await buying.post<{ code: string }>('/v1/services', {
        providerId: provider.id,
        code: 'UNPRICED',
        name: 'No card yet',
      });
      const answer = await quote('attendance', { serviceCode: body.code });
      expect(answer).toMatchObject({ netMinor: '0', card: null });
      expect(answer.flags.map(({ code }) => code)).toEqual(['no_rate_card']);
    });

    it('goes by the day in London, and by code as well as by id', async () => {
      const midnight = { servedAt: '2026-06-30T23:30:00Z' };
      expect((await quote('attendance', midnight)).servedOn).toBe('2026-07-01');
      const request = { contractCode: 'SINGING', serviceCode: 'ATTENDANCE', servedAt: THURSDAY_NOON };
      expect((await buying.post('/v1/quotes', request)).body).toMatchObject({ contractId, netMinor: '3200' });
    });

    it.each<[string, Record<string, unknown>, number, string]>([
      ['what an hour needs', { serviceCode: 'HOUR' }, 400, 'quote.incomplete'],
      ['what a milestone needs', { serviceCode: 'MILESTONE' }, 400, 'quote.incomplete'],
      ['a day of the contract', { servedAt: '2027-04-01T10:00:00Z' }, 422, 'contract.not_in_force'],
      ['a service that there is', { serviceCode: 'DANCING' }, 422, 'service.unknown'],
      ['one contract', { contractCode: 'SINGING' }, 400, 'request.invalid'],
      ['known fields', { tip: 1 }, 400, 'request.invalid'],
    ])('asks for %s', async (_, more, status, code) => {
      const request = { contractId, serviceCode: 'ATTENDANCE', servedAt: THURSDAY_NOON, ...more };
      expect((await coordinator.post('/v1/quotes', request, { expect: status })).body).toMatchObject({ code });
    });

    it('of a day before the contract by code is refused too', async () => {
      const request = { contractCode: 'SINGING', serviceCode: 'ATTENDANCE', servedAt: '2026-03-31T10:00:00Z' };
      const { body } = await coordinator.post('/v1/quotes', request, { expect: 422 });
      expect(body).toMatchObject({ code: 'contract.not_in_force' });
    });
  });

  describe('VAT on a service', () => {
    const set = (basis: string, body: Record<string, unknown>, expect = 201) =>
      buying.post(`/v1/services/${serviceIds[basis]}/vat-treatments`, body, { expect });

    beforeAll(async () => {
      const { api } = await provider.as('treasurer');
      const registration = { vatNumber: 'GB980780684', startsOn: '2026-09-01' };
      await api.post(`/v1/organisations/${provider.id}/vat-registrations`, registration);
    });

    it('is outside the scope until the provider is registered, then as somebody said', async () => {
      const vatOn = async (day: string) => {
        const { vat } = await quote('attendance', { servedAt: `${day}T11:00:00Z` });
        return vat && `${vat.category} ${vat.rateBasisPoints} ${vat.reason}`;
      };
      expect(await vatOn('2026-08-31')).toBe('O 0 not_registered');
      expect(await vatOn('2026-09-01')).toBeNull();
      await set('attendance', { effectiveFrom: '2026-04-01', category: 'E', reason: 'welfare' });
      await set('attendance', { effectiveFrom: '2026-10-01', category: 'AA', rateBasisPoints: 500 });
      await set('attendance', { effectiveFrom: '2026-10-01', category: 'S', rateBasisPoints: 2_000 });
      expect(await vatOn('2026-08-31')).toBe('O 0 not_registered');
      expect(await vatOn('2026-09-30')).toBe('E 0 welfare');
      expect(await vatOn('2026-10-01')).toBe('S 2000 null');
      const { body } = await coordinator.get<{ items: { category: string }[] }>(
        `/v1/services/${serviceIds.attendance}/vat-treatments`,
      );
      expect(body.items.map(({ category }) => category)).toEqual(['E', 'AA', 'S']);
    });

    it('is not guessed for an invoice', async () => {
      const contracts = app.nest.get(ContractsService);
      const asked = app.database.read({ side: 'commissioner', orgId: buyer.id }, async (reader) => {
        const contract = await contracts.get(reader, contractId, '2026-10-01');
        return contracts.vatTreatmentOn(reader, contract, serviceIds.hour ?? '', '2026-10-01');
      });
      await expect(asked).rejects.toMatchObject({ code: 'vat_treatment.missing' });
    });

    it('is outside the scope of a grant', async () => {
      const id = await contractOf(provider, 'GRANT', { regime: 'grant', documentMode: 'grant_notice' });
      const request = { contractId: id, serviceCode: 'ATTENDANCE', servedAt: '2026-10-01T11:00:00Z' };
      expect((await buying.post('/v1/quotes', request)).body).toMatchObject({
        vat: { category: 'O', reason: 'grant' },
      });
    });

    it.each([
      ['a standard rate of nothing', { category: 'S', rateBasisPoints: 0 }],
      ['a rate on what is exempt', { category: 'E', rateBasisPoints: 2_000, reason: 'welfare' }],
      ['no reason for no VAT', { category: 'Z' }],
      ['a reason for no VAT where it is charged', { category: 'S', rateBasisPoints: 2_000, reason: 'welfare' }],
    ])('is refused with %s', async (_, body) => {
      await set('hour', { effectiveFrom: '2026-04-01', ...body }, 400);
    });
  });

  describe('self-billing', () => {
    const dates = { startsOn: '2026-04-01', endsOn: '2027-03-31' };
    let suppliers = 0;

    /** A provider of its own that changes its VAT number on 1 December. */
    async function supplier(): Promise<Party> {
      const party = await registered(app, buyer, 'provider', `SUPPLIER${++suppliers}`);
      const path = `/v1/organisations/${party.id}/vat-registrations`;
      await buying.post(path, { vatNumber: 'GB980780684', startsOn: '2026-01-01', endsOn: '2026-11-30' });
      return party;
    }

    const propose = async (party: Party, more: Record<string, unknown> = {}): Promise<string> => {
      const body = { providerId: party.id, ...dates, ...more };
      return (await buying.post<{ id: string }>('/v1/self-billing-agreements', body)).body.id;
    };
    const accept = async (party: Party, id: string, expect = 200) =>
      (await party.as('treasurer')).api.post(`/v1/self-billing-agreements/${id}/accept`, undefined, { expect });
    const heldOn = (party: Party, day: string) =>
      app.database.read({ side: 'commissioner', orgId: buyer.id }, async (reader) => {
        const parties = { commissionerId: buyer.id, providerId: party.id };
        return (await app.nest.get(ContractsService).agreementOn(reader, parties, day))?.id;
      });

    it('needs both, and the VAT number of the day', async () => {
      const party = await supplier();
      const id = await propose(party);
      expect(await heldOn(party, '2026-07-01')).toBeUndefined();
      expect((await accept(party, id)).body).toMatchObject({
        id,
        vatNumber: 'GB980780684',
        acceptedAt: expect.any(String),
      });
      expect(await heldOn(party, '2026-03-31')).toBeUndefined();
      expect(await heldOn(party, '2026-04-01')).toBe(id);
      expect(await heldOn(party, '2026-11-30')).toBe(id);
      expect(await heldOn(party, '2026-12-01')).toBeUndefined();
      expect((await accept(party, id, 409)).body).toMatchObject({ code: 'self_billing.accepted_before' });
    });

    it('does not overlap for one number', async () => {
      const party = await supplier();
      await accept(party, await propose(party));
      const again = await propose(party, { startsOn: '2026-10-01' });
      expect((await accept(party, again, 409)).body).toMatchObject({ code: 'self_billing.overlaps' });
    });

    it('starts anew with a new number, beside the old agreement', async () => {
      const party = await supplier();
      await accept(party, await propose(party));
      const early = await propose(party, { startsOn: '2026-12-01' });
      const registration = { vatNumber: 'GB123456782', startsOn: '2026-12-01' };
      await buying.post(`/v1/organisations/${party.id}/vat-registrations`, registration);
      expect((await accept(party, early, 422)).body).toMatchObject({ code: 'self_billing.vat_number_changed' });
      const next = await propose(party, { startsOn: '2026-12-01' });
      await accept(party, next);
      expect(await heldOn(party, '2026-12-01')).toBe(next);
    });

    it('is for the two of them', async () => {
      const party = await supplier();
      const path = `/v1/self-billing-agreements/${await propose(party)}/accept`;
      await (await provider.as('treasurer')).api.post(path, undefined, { expect: 404 });
      await buying.post(path, undefined, { expect: 403 });
      await (await party.as('coordinator')).api.post(path, undefined, { expect: 403 });
      expect((await coordinator.get('/v1/self-billing-agreements')).body).toEqual({ items: [] });
    });

    it('is in the journal without the number', async () => {
      const party = await supplier();
      await accept(party, await propose(party));
      const { rows } = await app.admin.query(
        `select type, convert_from(body, 'UTF8') as body from ledger.event
         where provider_id = $1 and type like 'self_billing.%' order by seq`,
        [party.id],
      );
      const events = rows as { type: string; body: string }[];
      expect(events.map(({ type }) => type)).toEqual(['self_billing.proposed', 'self_billing.accepted']);
      expect(events.map(({ body }) => body).join()).not.toContain('980780684');
    });
  });
});
