import type { ApiClient } from '../../test/support/api-client.js';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { actorOf } from '../../test/support/ledger-stage.js';
import { commissioner, registered, type Party } from '../../test/support/world.js';
import { CardPreviewsService, ContractRegister } from './index.js';

const TERMS = {
  agreedOn: '2025-01-10',
  documentMode: 'provider_issued',
  rail: 'stripe',
  payablesAddress: ['PO Box 312', 'LS11 1HP'],
  regime: 'other',
  vatRecoverable: true,
};

/** Today is 29 October 2026. */
describe('the register of contracts', () => {
  let app: TestApp;
  let buyer: Party;
  let rival: Party;
  let walkers: Party;
  let singers: Party;
  let api: ApiClient;
  let register: ContractRegister;
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    app = await startTestApp();
    buyer = await commissioner(app, 'NELICB');
    rival = await commissioner(app, 'NCLICB');
    walkers = await registered(app, buyer, 'provider', 'WALKCO', { name: 'Walk Together' });
    singers = await registered(app, buyer, 'provider', 'SINGCO', { name: 'Sing Together' });
    ({ api } = await buyer.as('contract_manager'));
    register = app.nest.get(ContractRegister);
    await contract('A-OVER', walkers, '2025-04-01', '2026-03-31');
    await contract('B-NOW', walkers, '2026-04-01', '2027-03-31');
    await contract('C-SOON', singers, '2026-04-01', '2026-12-28');
    await contract('D-LATER', singers, '2026-12-29', '2027-12-28');
    await contract('E-SHORT', singers, '2026-01-01', '2027-03-31');
    const ended = { ...TERMS, effectiveFrom: '2026-06-01', agreedOn: '2026-05-01', endsOn: '2026-10-28' };
    await api.post(`/v1/contracts/${ids['E-SHORT']}/versions`, ended);
  });

  afterAll(() => app.close());

  async function contract(code: string, party: Party, startsOn: string, endsOn: string): Promise<void> {
    const body = { providerId: party.id, code, title: `Contract ${code}`, startsOn, endsOn, ...TERMS };
    ids[code] = (await api.post<{ id: string }>('/v1/contracts', body)).body.id;
  }

  const asBuyer = () => actorOf('commissioner', buyer.id);
  const asWalkers = () => actorOf('provider', walkers.id);

  it('gives the codes of those contracts that may be seen', async () => {
    const all = [ids['C-SOON'] ?? '', ids['B-NOW'] ?? '', buyer.id];
    expect([...(await register.codes(asBuyer(), all))]).toEqual([
      [ids['B-NOW'], 'B-NOW'],
      [ids['C-SOON'], 'C-SOON'],
    ]);
    expect([...(await register.codes(asWalkers(), all)).values()]).toEqual(['B-NOW']);
    expect((await register.codes(actorOf('commissioner', rival.id), all)).size).toBe(0);
    expect((await register.codes(asBuyer(), [])).size).toBe(0);
  });

  it('says where each stands, by code, with its parties and its budget', async () => {
    await api.post(`/v1/contracts/${ids['B-NOW']}/budget-changes`, {
      amountMinor: '120000',
      effectiveOn: '2026-04-01',
    });
    const { items } = await register.list(asBuyer(), { limit: 50 });
    expect(items.map(({ code, standing }) => `${code} ${standing}`)).toEqual([
      'A-OVER over',
      'B-NOW in_force',
      'C-SOON ending_soon',
      'D-LATER to_come',
      'E-SHORT over',
    ]);
    expect(items[1]).toMatchObject({
      providerName: 'Walk Together',
      commissionerName: 'Commissioner NELICB',
      authorisedMinor: 120_000n,
      leftMinor: 120_000n,
    });
  });

  it('finds those that stand so, and by provider', async () => {
    const codes = async (filter: Partial<Parameters<ContractRegister['list']>[1]>) =>
      (await register.list(asBuyer(), { limit: 50, ...filter })).items.map(({ code }) => code);
    expect(await codes({ standing: 'in_force' })).toEqual(['B-NOW', 'C-SOON']);
    expect(await codes({ standing: 'ending_soon' })).toEqual(['C-SOON']);
    expect(await codes({ standing: 'to_come' })).toEqual(['D-LATER']);
    expect(await codes({ standing: 'over' })).toEqual(['A-OVER', 'E-SHORT']);
    expect(await codes({ providerId: walkers.id })).toEqual(['A-OVER', 'B-NOW']);
    const first = await register.list(asBuyer(), { limit: 2 });
    expect(await codes({ after: first.next ?? '' })).toEqual(['C-SOON', 'D-LATER', 'E-SHORT']);
  });

  it('shows a provider its own, and another commissioner nothing', async () => {
    const own = await register.list(asWalkers(), { limit: 50 });
    expect(own.items.map(({ code }) => code)).toEqual(['A-OVER', 'B-NOW']);
    const theirs = await register.list(actorOf('commissioner', rival.id), { limit: 50 });
    expect(theirs.items).toEqual([]);
    await expect(register.read(asWalkers(), ids['C-SOON'] ?? '')).rejects.toMatchObject({ code: 'not_found' });
    expect(await register.providers(asWalkers())).toEqual([{ id: walkers.id, name: 'Walk Together' }]);
    expect((await register.providers(asBuyer())).map(({ name }) => name)).toEqual(['Sing Together', 'Walk Together']);
  });

  it('has the services of the provider, with today’s cards', async () => {
    const contractId = ids['B-NOW'] ?? '';
    const add = async (code: string) =>
      (await api.post<{ id: string }>('/v1/services', { providerId: walkers.id, code, name: `Service ${code}` })).body
        .id;
    const walk = await add('WALK');
    await add('DANCE');
    const publish = (more: object) =>
      api.post(`/v1/contracts/${contractId}/rate-cards`, { serviceCode: 'WALK', agreedOn: '2026-03-01', ...more });
    await publish({ effectiveFrom: '2026-04-01', terms: { basis: 'attendance', priceMinor: '3200' } });
    await publish({ effectiveFrom: '2026-11-01', terms: { basis: 'attendance', priceMinor: '3300' } });
    const bonus = [{ code: 'done', name: 'Done', priceMinor: '5000' }];
    await publish({
      effectiveFrom: '2027-01-01',
      chargeKind: 'bonus',
      terms: { basis: 'milestone', milestones: bonus },
    });
    const { services } = await register.read(asBuyer(), contractId);
    expect(services.map(({ service, cards }) => [service.code, cards.length])).toEqual([
      ['WALK', 3],
      ['DANCE', 0],
    ]);
    expect(services[0]?.current.map(({ chargeKind, effectiveFrom }) => `${chargeKind} ${effectiveFrom}`)).toEqual([
      'bonus 2027-01-01',
      'primary 2026-04-01',
    ]);
    expect(services[0]?.vat).toMatchObject({ category: 'O', reason: 'not_registered' });
    const { entry, treatments } = await register.readService(asWalkers(), contractId, walk);
    expect([entry.service.code, treatments]).toEqual(['WALK', []]);
    await expect(register.readService(asBuyer(), contractId, contractId)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('keeps why a budget was changed for the commissioner, and out of the journal', async () => {
    const path = `/v1/contracts/${ids['C-SOON']}/budget-changes`;
    const reason = 'More walks in winter';
    const { body } = await api.post(path, { amountMinor: '5000', effectiveOn: '2026-05-01', reason });
    expect(body).toMatchObject({ amountMinor: '5000', reason });
    await api.post(path, { amountMinor: '1', effectiveOn: '2026-05-01', reason: ' ' }, { expect: 400 });
    const { rows } = await app.admin.query(
      `select convert_from(body, 'UTF8') as body from ledger.event where subject_id = $1`,
      [ids['C-SOON']],
    );
    const bodies = (rows as { body: string }[]).map((row) => row.body).join('\n');
    expect(bodies).toContain('reasonCommitment');
    expect(bodies).not.toContain('winter');
  });

  describe('a preview of a card that nobody published', () => {
    const GROUP = { basis: 'group_split', priceMinor: '10001', splitBy: 'present' };
    const card = {
      serviceCode: 'WALK',
      effectiveFrom: '2026-04-01',
      agreedOn: '2026-03-01',
      terms: GROUP,
      example: { servedAt: '2026-07-04T10:00:00Z', minutes: 90, booked: 6, present: 5 },
    };
    const ask = (more: object = {}, expect = 200, by = api) =>
      by.post<{ code: string; lines: { reasons: { words: string }[] }[] }>(
        `/v1/contracts/${ids['B-NOW']}/rate-cards/preview`,
        { ...card, ...more },
        { expect },
      );

    it('prices the example and says why, and what stands against publishing it', async () => {
      const { body } = await ask();
      expect(body).toMatchObject({
        servedOn: '2026-07-04',
        netMinor: '10001',
        nowMinor: null,
        vat: { category: 'O' },
        lines: [
          { count: 1, outcome: 'attended', netMinor: '2001', unit: 'person' },
          { count: 4, outcome: 'attended', netMinor: '2000' },
          { count: 1, outcome: 'did_not_attend', netMinor: '0' },
        ],
        findings: [{ code: 'same_dates', field: 'agreedOn' }],
      });
      expect(body.lines[1]?.reasons[0]?.words).toBe('Share of £100.01 between 5 people present: £20.00');
      const cards = await api.get<{ items: unknown[] }>(`/v1/contracts/${ids['B-NOW']}/rate-cards`);
      expect(cards.body.items).toHaveLength(3);
    });

    it('compares with the card in force where that pays for the same', async () => {
      const terms = { basis: 'attendance', priceMinor: '3500' };
      expect((await ask({ effectiveFrom: '2026-06-01', terms })).body).toMatchObject({
        netMinor: '17500',
        nowMinor: '16000',
        findings: [],
      });
    });

    it('asks for what the card prices and the example does not say', async () => {
      const terms = { basis: 'hour', priceMinor: '4000', minuteStep: 15, minuteRounding: 'up' };
      const { body } = await ask({ terms, example: { servedAt: '2026-07-04T10:00:00Z' } }, 400);
      expect(body).toMatchObject({ code: 'quote.incomplete', details: { missing: 'minutes' } });
      await ask({ example: { ...card.example, present: 7 } }, 400);
    });

    it('knows a day of each kind', async () => {
      const days = await app.nest.get(CardPreviewsService).exampleDays(asBuyer(), '2026-12-25');
      expect(days).toEqual({
        weekday: '2026-12-29',
        saturday: '2026-12-26',
        sunday: '2026-12-27',
        bank_holiday: '2026-12-25',
      });
    });

    it('is for the commissioner of the contract', async () => {
      await ask({}, 403, (await walkers.as('coordinator')).api);
      await ask({}, 404, (await rival.as('contract_manager')).api);
    });
  });
});
