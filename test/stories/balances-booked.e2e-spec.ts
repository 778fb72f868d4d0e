import { Sealer } from '../../src/sealing/index.js';
import { agreement, type Agreement } from '../support/agreement.js';
import type { ApiClient } from '../support/api-client.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { commissioner, type Party, registered } from '../support/world.js';

interface Balances {
  size: number | null;
  items: { account: string; balanceMinor: string }[];
}

describe('balances as they were booked', () => {
  let app: TestApp;
  let icb: Party;
  let contract: Agreement;
  let finance: ApiClient;
  let treasurer: ApiClient;

  beforeAll(async () => {
    app = await startTestApp();
    icb = await commissioner(app);
    const provider = await registered(app, icb, 'provider', 'CHOIR');
    contract = await agreement(icb, provider, { budgetMinor: '1000000' });
    finance = (await icb.as('finance')).api;
    treasurer = (await provider.as('treasurer')).api;
  });
  afterAll(() => app.close());

  /** Seals what was posted; the size of the log then. */
  async function sealed(): Promise<number> {
    const sealer = app.nest.get(Sealer);
    while ((await sealer.waitingMs()) > 0) await sealer.pass();
    const sizes = await sealer.sizes();
    return sizes.find(({ logId }) => logId === icb.id)?.size ?? 0;
  }

  async function budget(api: ApiClient, query: string): Promise<[number | null, string | undefined]> {
    const { body } = await api.get<Balances>(`/v1/ledger/balances?${query}`);
    return [body.size, body.items.find(({ account }) => account === 'budget')?.balanceMinor];
  }

  it('stay as a checkpoint has them, whatever is posted later into the same days', async () => {
    const before = await sealed();
    const { api } = await icb.as('contract_manager');
    await api.post(`/v1/contracts/${contract.contractId}/budget-changes`, {
      amountMinor: '500000',
      effectiveOn: '2026-04-01',
    });
    await expect(budget(finance, 'on=2026-10-29')).resolves.toEqual([null, '1500000']);
    await expect(budget(finance, `on=2026-10-29&size=${before}`)).resolves.toEqual([before, '1000000']);
    const after = await sealed();
    await expect(budget(finance, `size=${after}`)).resolves.toEqual([after, '1500000']);
    await expect(budget(finance, `size=${before}&on=2026-03-31`)).resolves.toEqual([before, '0']);

    const named = `contract=${contract.contractCode}`;
    await expect(budget(treasurer, `${named}&size=${before}`)).resolves.toEqual([before, '1000000']);
    await expect(budget(treasurer, `${named}&size=${after}`)).resolves.toEqual([after, '1500000']);
    // After a restore into another cluster the leaves tell what the snapshots did.
    await app.admin.query('update ledger.seal_cursor set epoch = epoch + 1');
    await expect(budget(finance, `size=${before}`)).resolves.toEqual([before, '1000000']);
    await expect(budget(treasurer, `${named}&size=${after}`)).resolves.toEqual([after, '1500000']);
  });

  it('are of a checkpoint that there is, of one commissioner', async () => {
    const size = await sealed();
    await finance.get(`/v1/ledger/balances?size=${size + 1}`, { expect: 404 });
    await finance.get('/v1/ledger/balances?size=0', { expect: 400 });
    const { body } = await treasurer.get<{ code: string }>(`/v1/ledger/balances?size=${size}`, { expect: 400 });
    expect(body.code).toBe('balances.contract_not_named');
  });
});
