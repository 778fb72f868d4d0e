import { agreement, type Agreement } from '../../test/support/agreement.js';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { FULL_LISTING, list } from '../../test/support/listings.js';
import { commissioner, registered, type Party } from '../../test/support/world.js';
import type { Actor } from '../platform/actor.js';
import { DirectoryBrowser } from './directory-browser.service.js';
import { ServiceEntries } from './service-entries.service.js';
import type { ServiceEntry } from './service-entries.queries.js';

describe('services as those see them who describe and look for them', () => {
  let app: TestApp;
  let north: Party;
  let south: Party;
  let singers: Party;
  let farm: Party;
  let links: Party;
  let shown: Agreement;
  let unwritten: Agreement;

  beforeAll(async () => {
    app = await startTestApp();
    north = await commissioner(app, 'NORTH');
    south = await commissioner(app, 'SOUTH');
    singers = await registered(app, north, 'provider', 'SINGERS');
    farm = await registered(app, south, 'provider', 'FARM');
    links = await registered(app, north, 'referrer', 'LINKS');
    shown = await agreement(north, singers, { serviceCode: 'SING' });
    unwritten = await agreement(north, singers, { serviceCode: 'WALK' });
    await agreement(south, singers, { serviceCode: 'DANCE' });
    await list(north, shown.serviceId, FULL_LISTING);
  });
  afterAll(() => app.close());

  const actorOf = ({ organisation, id }: Party): Actor => ({
    kind: 'person',
    side: organisation.kind,
    orgId: id,
    memberId: null,
    keyId: null,
    roles: ['admin'],
    scopes: [],
    approvalLimitMinor: null,
    correlationId: id,
  });
  const entriesOf = async (party: Party, search?: string) => {
    const found: ServiceEntry[] = [];
    let after: string | undefined;
    do {
      const page = await app.nest.get(ServiceEntries).list(actorOf(party), { search }, { after, limit: 1 });
      found.push(...page.items);
      after = page.next ?? undefined;
    } while (after !== undefined);
    return found;
  };

  it('come with their entry, or without one, page by page', async () => {
    const found = await entriesOf(singers);
    expect(found.map(({ code }) => code).toSorted()).toEqual(['DANCE', 'SING', 'WALK']);
    expect(found.find(({ code }) => code === 'SING')?.entry).toMatchObject({
      name: FULL_LISTING.name,
      listed: true,
      places: 'waiting_list',
      assuredOn: '2026-10-29',
    });
    expect(found.find(({ code }) => code === 'WALK')?.entry).toBeNull();
    expect((await entriesOf(north)).map(({ code }) => code).toSorted()).toEqual(['SING', 'WALK']);
    expect(await entriesOf(farm)).toEqual([]);
  });

  it('are found by part of a name or a code', async () => {
    expect((await entriesOf(singers, 'alk')).map(({ code }) => code)).toEqual(['WALK']);
    expect(await entriesOf(singers, 'provider sing')).toHaveLength(3);
    expect(await entriesOf(singers, '%_')).toEqual([]);
  });

  it('are not there for others', async () => {
    const entries = app.nest.get(ServiceEntries);
    expect(await entries.get(actorOf(singers), unwritten.serviceId)).toMatchObject({ commissionerCode: 'NORTH' });
    const missing = { code: 'not_found' };
    await expect(entries.get(actorOf(farm), unwritten.serviceId)).rejects.toMatchObject(missing);
    await expect(entries.get(actorOf(south), unwritten.serviceId)).rejects.toMatchObject(missing);
  });

  it('are looked for in the directories of those whom one works with', async () => {
    const browser = app.nest.get(DirectoryBrowser);
    const codesOf = async (party: Party) => (await browser.owners(actorOf(party))).map(({ code }) => code);
    expect(await codesOf(singers)).toEqual(['NORTH', 'SOUTH']);
    expect(await codesOf(links)).toEqual(['NORTH']);
    expect(await codesOf(north)).toEqual(['NORTH']);
    expect(await codesOf(farm)).toEqual([]);
    const page = { offset: 0, limit: 10 };
    const found = await browser.search(actorOf(links), undefined, { search: 'songs' }, page);
    expect(found).toMatchObject({ owner: { code: 'NORTH' }, total: 1, listings: [{ serviceId: shown.serviceId }] });
    expect(await browser.search(actorOf(singers), 'SOUTH', {}, page)).toMatchObject({ total: 0 });
    await expect(browser.search(actorOf(links), 'SOUTH', {}, page)).rejects.toMatchObject({ code: 'not_found' });
    await expect(browser.search(actorOf(farm), undefined, {}, page)).rejects.toMatchObject({ code: 'not_found' });
  });
});
