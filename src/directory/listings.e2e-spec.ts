import { agreement, type Agreement } from '../../test/support/agreement.js';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { BARE_LISTING, FULL_LISTING, list } from '../../test/support/listings.js';
import { commissioner, registered, type Party } from '../../test/support/world.js';

interface View extends Record<string, unknown> {
  serviceId: string;
  name: string;
  listed: boolean;
  shown: boolean;
  assuredOn: string | null;
}

const NHS_NUMBER = '943 476 5919';

describe('entries of the directory, for those with a key', () => {
  let app: TestApp;
  let north: Party;
  let south: Party;
  let singers: Party;
  let farm: Party;
  let links: Party;
  let strangers: Party;
  let singing: Agreement;
  let digging: Agreement;

  beforeAll(async () => {
    app = await startTestApp({ now: '2026-10-29T18:00:00Z' });
    north = await commissioner(app, 'NORTH');
    south = await commissioner(app, 'SOUTH');
    singers = await registered(app, north, 'provider', 'SINGERS');
    farm = await registered(app, north, 'provider', 'FARM');
    links = await registered(app, north, 'referrer', 'LINKS');
    strangers = await registered(app, south, 'referrer', 'STRANGE');
    singing = await agreement(north, singers);
    digging = await agreement(north, farm);
  });
  afterAll(() => app.close());

  const pathOf = ({ serviceId }: Agreement) => `/v1/services/${serviceId}/listing`;
  const listOf = async (party: Party, role: 'coordinator' | 'referrer' | 'auditor', query = '') =>
    (await (await party.as(role)).api.get<{ items: View[]; next: string | null }>(`/v1/listings${query}`)).body;
  const events = async (serviceId: string) => {
    const { rows } = await app.admin.query<{ type: string; provider_id: string; body: string }>(
      `select type, provider_id, convert_from(body, 'UTF8') as body from ledger.event where subject_id = $1 order by id`,
      [serviceId],
    );
    return rows;
  };

  it('are written by the provider and shown by the commissioner, who has then checked them', async () => {
    const coordinator = (await singers.as('coordinator')).api;
    const contracting = (await north.as('contract_manager')).api;
    await coordinator.get(pathOf(singing), { expect: 404 });
    const refused = await contracting.post(`${pathOf(singing)}/list`, {}, { expect: 422 });
    expect(refused.body.code).toBe('listing.not_written');

    const { body: written } = await coordinator.put<View>(pathOf(singing), FULL_LISTING);
    expect(written).toMatchObject({
      ...FULL_LISTING,
      commissionerId: north.id,
      serviceId: singing.serviceId,
      providerId: singers.id,
      providerName: 'Provider SINGERS',
      venue: { ...FULL_LISTING.venue, postcode: 'ZE9 4DA' },
      schedule: [FULL_LISTING.schedule[0], { ...FULL_LISTING.schedule[1], note: null }],
      listed: false,
      shown: false,
      assuredOn: null,
      changedAt: expect.stringMatching(/^2026-10-29T18/),
    });
    await coordinator.post(`${pathOf(singing)}/list`, {}, { expect: 403 });

    const { body: shown } = await contracting.post<View>(`${pathOf(singing)}/list`);
    expect(shown).toMatchObject({ listed: true, shown: true, assuredOn: '2026-10-29' });
    app.clock.moveTo(new Date('2026-10-30T04:00:00Z'));
    const { body: full } = await coordinator.put<View>(pathOf(singing), { ...FULL_LISTING, places: 'full' });
    expect(full).toMatchObject({ places: 'full', listed: true, shown: true, assuredOn: '2026-10-29' });
    const { body: checked } = await contracting.put<View>(pathOf(singing), BARE_LISTING);
    expect(checked).toMatchObject({ description: null, venue: null, listed: true, assuredOn: '2026-10-30' });
    const { body: unlisted } = await contracting.post<View>(`${pathOf(singing)}/unlist`);
    expect(unlisted).toMatchObject({ listed: false, shown: false, assuredOn: '2026-10-30' });
  });

  it('leave facts without words in the journal, which the provider may read', async () => {
    const journal = await events(singing.serviceId);
    expect(journal.map(({ type }) => type)).toEqual([
      'service.added',
      'command.refused',
      'service.described',
      'service.listed',
      'service.described',
      'service.described',
      'service.unlisted',
    ]);
    for (const { provider_id, body } of journal.slice(2)) {
      expect(provider_id).toBe(singers.id);
      expect(body).not.toMatch(/Quay Hall|hello@|Sing/);
    }
  });

  it('are refused with an NHS number or an e-mail address among the words, which are not repeated', async () => {
    const { api } = await singers.as('coordinator');
    const cases = [
      [{ description: `Ask for ${NHS_NUMBER}` }, 'listing.nhs_number', 'description'],
      [{ howToRefer: 'Write to sam@singers.example' }, 'listing.email_in_text', 'howToRefer'],
    ] as const;
    for (const [wrong, code, field] of cases) {
      const { body, text } = await api.put(pathOf(singing), { ...BARE_LISTING, ...wrong }, { expect: 422 });
      expect(body).toMatchObject({ code, details: { field } });
      expect(text).not.toMatch(/943 ?476|sam@/);
    }
    const journal = JSON.stringify(await events(singing.serviceId));
    expect(journal).not.toMatch(/943 476|sam@/);
  });

  it.each([
    ['a closing before the opening', { schedule: [{ day: 'MO', opensAt: '15:00', closesAt: '14:00' }] }],
    ['an age that ends before it begins', { minimumAge: 60, maximumAge: 18 }],
    ['a script for an address', { url: 'javascript:alert(1)' }],
    ['words that turn around', { summary: 'Sing \u202Egnis' }],
    ['a name of two lines', { name: 'Singing\ngroup' }],
    ['a language that nobody speaks', { languages: ['qqq'] }],
    ['a language that is no code', { languages: ['x">'] }],
    ['too many words', { description: 'x'.repeat(4001) }],
    ['too many times', { schedule: Array.from({ length: 29 }, () => ({ ...FULL_LISTING.schedule[1] })) }],
    ['a telephone number of words', { phone: 'ask Sam' }],
    ['a field that it has not', { listed: true }],
    ['half a venue', { venue: { name: 'Quay Hall' } }],
  ])('are refused with %s', async (_what, wrong) => {
    const { api } = await singers.as('coordinator');
    await api.put(pathOf(singing), { ...BARE_LISTING, ...wrong }, { expect: 400 });
  });

  it('are seen by their own sides, and by referrers once they are shown', async () => {
    await list(north, digging.serviceId, { ...BARE_LISTING, name: 'Digging group', summary: 'Dig.', minimumAge: 18 });
    const farmers = (await farm.as('coordinator')).api;
    await farmers.get(pathOf(singing), { expect: 404 });
    await farmers.put(pathOf(singing), BARE_LISTING, { expect: 404 });
    const outsiders = (await south.as('contract_manager')).api;
    for (const verb of ['list', 'unlist']) {
      await outsiders.post(`${pathOf(digging)}/${verb}`, {}, { expect: 404 });
    }
    const names = async (...asked: Parameters<typeof listOf>) => (await listOf(...asked)).items.map(({ name }) => name);
    expect(await names(north, 'auditor')).toEqual(['Singing group', 'Digging group']);
    expect(await names(singers, 'coordinator')).toEqual(['Singing group']);
    expect(await names(farm, 'coordinator')).toEqual(['Digging group']);
    expect(await names(links, 'referrer')).toEqual(['Digging group']);
    expect(await names(strangers, 'referrer')).toEqual([]);
    const referrer = (await links.as('referrer')).api;
    expect((await referrer.get<View>(pathOf(digging))).body).toMatchObject({ name: 'Digging group', shown: true });
    await referrer.get(pathOf(singing), { expect: 404 });
    await referrer.put(pathOf(digging), BARE_LISTING, { expect: 403 });
    await (await strangers.as('referrer')).api.get(pathOf(digging), { expect: 404 });
  });

  it('are found by what a link worker looks for', async () => {
    const found = async (query: string) => (await listOf(links, 'referrer', query)).items.length;
    expect(await found('?search=digs')).toBe(1);
    expect(await found('?search=singing')).toBe(0);
    expect(await found('?age=17')).toBe(0);
    expect(await found('?age=70')).toBe(1);
    expect(await found('?places=full')).toBe(0);
    expect(await found('?day=MO')).toBe(0);
    expect(await found('?postcode=E1')).toBe(0);
    expect((await listOf(north, 'auditor', '?listed=false')).items.map(({ name }) => name)).toEqual(['Singing group']);
    expect((await listOf(north, 'auditor', `?providerId=${farm.id}`)).items).toHaveLength(1);
  });

  it('come page by page', async () => {
    const first = await listOf(north, 'auditor', '?limit=1');
    const second = await listOf(north, 'auditor', `?limit=1&after=${first.next}`);
    expect([...first.items, ...second.items].map(({ serviceId }) => serviceId)).toEqual([
      singing.serviceId,
      digging.serviceId,
    ]);
    expect(second.next).toBeNull();
  });

  it('say when the contract is over that nobody sees them any more', async () => {
    const ended = await agreement(north, farm, { endsOn: '2026-10-29' });
    await list(north, ended.serviceId, { ...BARE_LISTING, name: 'Ended group' });
    const found = await listOf(north, 'auditor', '?search=ended');
    expect(found.items).toEqual([expect.objectContaining({ listed: true, shown: false })]);
    expect((await listOf(links, 'referrer', '?search=ended')).items).toEqual([]);
  });
});
