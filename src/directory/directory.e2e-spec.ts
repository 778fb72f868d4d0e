import fc from 'fast-check';
import { agreement, type Agreement } from '../../test/support/agreement.js';
import type { ApiClient } from '../../test/support/api-client.js';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { withoutIds } from '../../test/support/ids.js';
import { BARE_LISTING, FULL_LISTING, list } from '../../test/support/listings.js';
import { unlikeOpenReferral } from '../../test/support/open-referral.js';
import { commissioner, registered, type Party } from '../../test/support/world.js';

interface Item {
  id: string;
  name: string;
  organization: { id: string; name: string };
}
interface Items {
  total_items: number;
  total_pages: number;
  page_number: number;
  size: number;
  first_page: boolean;
  last_page: boolean;
  empty: boolean;
  contents: Item[];
}

describe('the directory that anybody can read', () => {
  let app: TestApp;
  let anybody: ApiClient;
  let north: Party;
  let south: Party;
  let singers: Party;
  let singing: Agreement;
  let walking: Agreement;
  let hidden: Agreement;
  let ended: Agreement;
  let elsewhere: Agreement;

  beforeAll(async () => {
    app = await startTestApp();
    anybody = app.api();
    north = await commissioner(app, 'NORTH', 'North Board');
    south = await commissioner(app, 'SOUTH');
    singers = await registered(app, north, 'provider', 'SINGERS');
    singing = await agreement(north, singers);
    walking = await agreement(north, singers);
    hidden = await agreement(north, singers);
    ended = await agreement(north, singers, { endsOn: '2026-10-28' });
    elsewhere = await agreement(south, singers);
    await list(north, singing.serviceId, FULL_LISTING);
    await list(north, walking.serviceId, { ...BARE_LISTING, name: 'Walking group', summary: 'Gentle walks.' });
    await list(north, ended.serviceId, { ...BARE_LISTING, name: 'Ended group' });
    await list(south, elsewhere.serviceId, { ...BARE_LISTING, name: 'Group elsewhere' });
    const { api } = await north.as('contract_manager');
    await api.put(`/v1/services/${hidden.serviceId}/listing`, { ...BARE_LISTING, name: 'Hidden group' });
  });
  afterAll(() => app.close());

  const items = async (query = '', code = 'NORTH') =>
    (await anybody.get<Items>(`/directory/${code}/services${query}`)).body;
  const names = async (query: string) => (await items(query)).contents.map(({ name }) => name);

  it('answers the three endpoints as the UK profile of HSDS 3.0 has them', async () => {
    for (const path of ['/directory/NORTH', '/directory/NORTH/']) {
      const { body } = await anybody.get(path);
      expect(unlikeOpenReferral('api', body)).toEqual([]);
      expect(body.version).toBe('HSDS-UK-3.0');
    }
    expect(unlikeOpenReferral('services', await items())).toEqual([]);
    for (const { serviceId } of [singing, walking]) {
      const { body } = await anybody.get(`/directory/NORTH/services/${serviceId}`);
      expect(unlikeOpenReferral('service', body)).toEqual([]);
    }
  });

  it('says what was written, and names no person and no price', async () => {
    const { body, text } = await anybody.get(`/directory/NORTH/services/${singing.serviceId}`);
    expect(body).toMatchObject({
      id: singing.serviceId,
      organization_id: singers.id,
      name: 'Singing group',
      description: 'Sing with others.\n\nAn hour of songs.\nNo need to read music, and tea after it.',
      eligibility_description: 'Anybody who lives with a lung condition.',
      application_process: 'Send a referral, and we ring within a week.',
      url: 'https://singers.example/group',
      email: 'hello@singers.example',
      minimum_age: 18,
      maximum_age: 99,
      assured_date: '2026-10-29',
      alert: 'There is a waiting list.',
      organization: {
        id: singers.id,
        name: 'Provider SINGERS',
        description: 'Provides services for North Board.',
      },
      schedules: [
        { freq: 'WEEKLY', byday: 'TU', opens_at: '14:00', closes_at: '15:30', attending_type: 'In person or online' },
        { freq: 'WEEKLY', byday: 'FR', opens_at: '10:00', closes_at: '11:00' },
      ],
      service_areas: [{ name: 'Northmarsh' }, { name: 'ZE9' }],
      languages: [
        { code: 'en', name: 'English' },
        { code: 'bn', name: 'Bangla' },
      ],
      cost_options: [{ option: 'Free', amount: 0, amount_description: 'Tea is 50p.' }],
      phones: [{ number: '01632 960 001' }],
    });
    const [place] = body.service_at_locations as { location: { name: string; addresses: object[] } }[];
    expect(place?.location).toMatchObject({
      name: 'Quay Hall',
      addresses: [{ address_1: 'Upper room, 1 Quay Road', city: 'Northmarsh', postal_code: 'ZE9 4DA', country: 'GB' }],
    });
    const { rows } = await app.admin.query<{ id: string }>('select id from member');
    for (const { id } of rows) expect(text).not.toContain(id);
    for (const secret of ['3200', singing.contractCode, singing.serviceCode, 'changed_by', 'budget']) {
      expect(withoutIds(text)).not.toContain(secret);
    }
  });

  it('gives a service without a page of its own the address of its entry, and ids that stay', async () => {
    const read = async () => (await anybody.get(`/directory/NORTH/services/${walking.serviceId}`)).body;
    const first = await read();
    expect(first.url).toMatch(new RegExp(`/directory/NORTH/services/${walking.serviceId}$`));
    expect(await read()).toEqual(first);
    const ids = JSON.stringify((await anybody.get(`/directory/NORTH/services/${singing.serviceId}`)).body).match(
      /"id":"[^"]+"/g,
    );
    expect(new Set(ids).size).toBe(ids?.length);
  });

  it('shows what is listed and in force of that commissioner, and nothing else', async () => {
    expect(await names('')).toEqual(['Singing group', 'Walking group']);
    expect((await items('', 'south')).contents.map(({ name }) => name)).toEqual(['Group elsewhere']);
    for (const { serviceId } of [hidden, ended, elsewhere]) {
      await anybody.get(`/directory/NORTH/services/${serviceId}`, { expect: 404 });
    }
    for (const path of ['NOBODY', 'NOBODY/services', 'SINGERS', 'SINGERS/services']) {
      await anybody.get(`/directory/${path}`, { expect: 404 });
    }
  });

  it('stops showing a service on the day after its contract, and when the commissioner hides it', async () => {
    app.clock.moveTo(new Date('2026-10-28T12:00:00Z'));
    expect(await names('')).toEqual(['Ended group', 'Singing group', 'Walking group']);
    app.clock.moveTo(new Date('2026-10-29T09:00:00Z'));
    const { api } = await north.as('contract_manager');
    await api.post(`/v1/services/${walking.serviceId}/listing/unlist`);
    expect(await names('')).toEqual(['Singing group']);
    await api.post(`/v1/services/${walking.serviceId}/listing/list`);
    expect(await names('')).toEqual(['Singing group', 'Walking group']);
  });

  it.each([
    ['?search=sing', ['Singing group']],
    ['?search=SONG', ['Singing group']],
    ['?search=walked', ['Walking group']],
    ['?search=alki', ['Walking group']],
    ['?search=group', ['Singing group', 'Walking group']],
    ['?search=%25', []],
    ['?search=hidden', []],
    ['?minimum_age=18', ['Singing group']],
    ['?minimum_age=19', []],
    ['?maximum_age=99', ['Singing group']],
    ['?maximum_age=98', []],
    ['?day=TU', ['Singing group']],
    ['?day=MO', []],
    ['?start_time=14:00', ['Singing group']],
    ['?day=FR&start_time=14:00', []],
    ['?end_time=11:00:00&day=FR', ['Singing group']],
    ['?postcode=ze9', ['Singing group']],
    ['?postcode=E1%206AN', ['Singing group']],
    ['?modified_after=2026-10-29', ['Singing group', 'Walking group']],
    ['?modified_after=2026-10-30T00:00:00%2B01:00', []],
    ['?taxonomy_id=anything', []],
    ['?taxonomy_term_id=anything', []],
    ['?search=sing&day=MO', []],
  ])('finds by %s', async (query, expected) => {
    expect(await names(query)).toEqual(expected);
  });

  it('finds by organisation', async () => {
    expect(await names(`?organization_id=${singers.id}`)).toHaveLength(2);
    expect(await names(`?organization_id=${north.id}`)).toEqual([]);
  });

  it('pages without losing or repeating one, whatever the size', async () => {
    const all = (await items()).contents;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }), async (size, page) => {
        const got = await items(`?per_page=${size}&page=${page}`);
        const expected = all.slice((page - 1) * size, page * size);
        expect(got.contents).toEqual(expected);
        expect(got).toMatchObject({
          total_items: all.length,
          total_pages: Math.ceil(all.length / size),
          page_number: page,
          size: expected.length,
          first_page: page === 1,
          last_page: page * size >= all.length,
          empty: expected.length === 0,
        });
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    '?per_page=101',
    '?per_page=0',
    '?page=0',
    '?page=10001',
    '?day=XX',
    '?postcode=1',
    '?search=%00',
    '?unheard=1',
  ])('refuses %s, to any page that asks', async (query) => {
    const { headers } = await anybody.get(`/directory/NORTH/services${query}`, { expect: 400 });
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('cache-control')).toContain('no-store');
  });

  it('survives hostile words and shows them as they are', async () => {
    const hostile = `</script><img src=x onerror=alert(1)> '; drop table service_listing; -- {{7*7}} \u{1F3A4}`;
    const other = await agreement(north, singers);
    await list(north, other.serviceId, { ...BARE_LISTING, name: hostile, summary: hostile });
    const { body } = await anybody.get(`/directory/NORTH/services/${other.serviceId}`);
    expect(body).toMatchObject({ name: hostile, description: hostile });
    await (await north.as('contract_manager')).api.post(`/v1/services/${other.serviceId}/listing/unlist`);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 50 }), async (words) => {
        const query = new URLSearchParams({ search: words.replaceAll('\0', '') }).toString();
        expect((await items(`?${query}`)).total_items).toBeLessThanOrEqual(2);
      }),
      { numRuns: 60 },
    );
  });

  it('may be read by any page and kept by caches, unlike everything else', async () => {
    const { headers, body } = await anybody.get('/directory/NORTH/services');
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(headers.get('cache-control')).toBe('public, max-age=300');
    const etag = headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    const again = (value: string) =>
      fetch(`${app.url}/directory/NORTH/services`, { headers: { 'if-none-match': value } });
    for (const value of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const unchanged = await again(value);
      expect([value, unchanged.status, await unchanged.text()]).toEqual([value, 304, '']);
      expect(unchanged.headers.get('etag')).toBe(etag);
      expect(unchanged.headers.get('cache-control')).toBe('public, max-age=300');
    }
    const changed = await again('"other"');
    expect([changed.status, await changed.json()]).toEqual([200, body]);
    const elsewhereToo = (await anybody.get('/health')).headers;
    expect(elsewhereToo.get('access-control-allow-origin')).toBeNull();
    expect(elsewhereToo.get('cache-control')).toContain('no-store');
  });
});
