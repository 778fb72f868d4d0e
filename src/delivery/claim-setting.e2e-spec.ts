import { AsyncResource } from 'node:async_hooks';
import { agreement, type Agreement } from '../../test/support/agreement.js';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { commissioner, registered, type Party } from '../../test/support/world.js';
import type { Scope } from '../platform/actor.js';
import type { Reader } from '../platform/database.js';
import { stampOf } from '../pricing/index.js';
import { ClaimSettings } from './claim-setting.service.js';

describe('what contracts say', () => {
  let app: TestApp;
  let icb: Party;
  let choir: Party;
  let rival: Party;
  let settings: ClaimSettings;
  let deal: Agreement;

  beforeAll(async () => {
    app = await startTestApp();
    icb = await commissioner(app, 'NELICB');
    choir = await registered(app, icb, 'provider', 'CHOIR');
    rival = await registered(app, icb, 'provider', 'RIVAL');
    settings = app.nest.get(ClaimSettings);
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    deal = await agreement(icb, choir);
  });

  /** Where no transaction is open. */
  const outside = new AsyncResource('elsewhere');
  const asProvider = (): Scope => ({ side: 'provider', orgId: choir.id });
  const asCommissioner = (): Scope => ({ side: 'commissioner', orgId: icb.id });
  const load = (scope: Scope, contract = deal.contractId) =>
    app.database.read(scope, (reader) => settings.loadNamed(reader, contract));
  const publish = async (effectiveFrom: string) => {
    const { api } = await icb.as('contract_manager');
    return api.post(`/v1/contracts/${deal.contractId}/rate-cards`, {
      serviceCode: deal.serviceCode,
      effectiveFrom,
      agreedOn: '2026-03-20',
      terms: { basis: 'attendance', priceMinor: '3300' },
    });
  };
  /** As a reader, what a superuser's transaction sees that is not committed. */
  const admin = () =>
    ({
      query: async (sql: string, values: unknown[]) => (await app.admin.query(sql, values)).rows,
    }) as unknown as Reader;
  const stamp = async () => (await stampOf(admin(), { id: deal.contractId })).stamp;

  it('are read once, by id or by code, for whoever sees the same of them', async () => {
    const first = await load(asProvider());
    expect(first.cards).toHaveLength(1);
    expect(await load(asProvider())).toBe(first);
    expect(await load(asProvider(), deal.contractCode)).toBe(first);
  });

  it('are read anew once a card, a service or a holiday is added or a contract amended, by whichever process', async () => {
    const changes: [string, () => Promise<unknown>][] = [
      ['card', () => publish('2026-11-01')],
      [
        'service',
        () =>
          app.admin.query(
            `insert into service (commissioner_id, id, provider_id, code, name, kind, created_at)
             select commissioner_id, gen_random_uuid(), provider_id, code || 'X', name, kind, created_at from service where id = $1`,
            [deal.serviceId],
          ),
      ],
      ['holiday', () => app.admin.query(`insert into bank_holiday (day, name) values ('2031-01-01', 'A day')`)],
      ['no holiday', () => app.admin.query(`delete from bank_holiday where day = '2031-01-01'`)],
      [
        'version',
        () => app.admin.query('update contract_version set rail = rail where contract_id = $1', [deal.contractId]),
      ],
    ];
    for (const [what, change] of changes) {
      const before = await load(asProvider());
      await change();
      const after = await load(asProvider());
      expect([what, after === before]).toEqual([what, false]);
      expect([what, (await load(asProvider())) === after]).toEqual([what, true]);
    }
    expect((await load(asProvider())).cards.map(({ effectiveFrom }) => effectiveFrom)).toEqual([
      '2026-04-01',
      '2026-11-01',
    ]);
  });

  it('hold for a snapshot as they were when it was taken, whatever others have read since', async () => {
    const seen = await app.database.read(asCommissioner(), async (reader) => {
      const before = await settings.load(reader, deal.contractId);
      await publish('2026-11-01');
      const others = await outside.runInAsyncScope(() => load(asCommissioner()));
      const after = await settings.load(reader, deal.contractId);
      return [before, others, after].map(({ cards }) => cards.length);
    });
    expect(seen).toEqual([1, 2, 1]);
    expect((await load(asCommissioner())).cards).toHaveLength(2);
  });

  it('of a transaction that is undone are nobody else’s', async () => {
    const before = await load(asCommissioner());
    const work = app.database.transaction(asCommissioner(), async (tx) => {
      await tx.execute(
        `insert into rate_card (commissioner_id, id, contract_id, provider_id, service_id, charge_kind, basis, effective_from,
                                agreed_on, terms, published_at)
         select commissioner_id, gen_random_uuid(), contract_id, provider_id, service_id, charge_kind, basis, '2026-12-01',
                agreed_on, terms, published_at from rate_card where contract_id = $1`,
        [deal.contractId],
      );
      const { cards } = await settings.load(tx, deal.contractId);
      throw new Error(`undone with ${cards.length} cards`);
    });
    await expect(work).rejects.toThrow('undone with 2 cards');
    expect((await load(asCommissioner())).cards).toEqual(before.cards);
  });

  it('differ after each change of one transaction', async () => {
    const seen = [await stamp()];
    await app.admin.query('begin');
    for (const name of ['first', 'second', 'third']) {
      await app.admin.query('update service set name = $2 where id = $1', [deal.serviceId, name]);
      seen.push(await stamp());
    }
    await app.admin.query('commit');
    expect(new Set(seen).size).toBe(4);
    expect(await stamp()).toBe(seen.at(-1));
  });

  it('are not found by another provider, however often their own side has read them', async () => {
    await load(asProvider());
    await load(asCommissioner());
    const asRival: Scope = { side: 'provider', orgId: rival.id };
    await expect(load(asRival)).rejects.toMatchObject({ code: 'not_found' });
    await expect(load(asRival, deal.contractCode)).rejects.toMatchObject({ code: 'not_found' });
  });
});
