import { createHash } from 'node:crypto';
import { canonicalJson, type CanonicalObject } from '../../src/platform/canonical-json.js';
import type { ApiClient } from '../support/api-client.js';
import { commissioner, type Party } from '../support/world.js';
import { PaymentWorld, type Payee, type PaymentStage } from './payment-stage.js';

interface Item {
  seq: string;
  type: string;
  subjectId: string;
  leafHash: string;
  body: CanonicalObject;
}

interface Page {
  items: Item[];
  next: string | null;
}

interface Check {
  holds: boolean;
  sentences: { sentence: string; violations: number; examples: Record<string, unknown>[] }[];
}

describe('a month that was paid', () => {
  let world: PaymentWorld;
  let stage: PaymentStage;
  let icb: Party;
  let payee: Payee;
  let auditor: ApiClient;

  beforeAll(async () => {
    world = await PaymentWorld.open();
    stage = await world.stage();
    ({ icb } = stage);
    auditor = (await icb.as('auditor')).api;
    payee = await stage.payee(['2026-10-05', '2026-10-12']);
    await stage.onboard(payee);
    await stage.fund(100_000n);
    const payout = await stage.onlyPayout(await stage.run());
    await stage.stripe.settlePayout(payout.bankPayoutId ?? '');
    await stage.notices();
  });
  afterAll(() => world.close());

  const page = async (api: ApiClient, query = ''): Promise<Page> => (await api.get<Page>(`/v1/events?${query}`)).body;

  async function whole(api: ApiClient, limit: number): Promise<Item[]> {
    const items: Item[] = [];
    for (let next: string | null = '0'; next !== null;) {
      const read: Page = await page(api, `limit=${limit}&after=${next}`);
      items.push(...read.items);
      ({ next } = read);
    }
    return items;
  }

  describe('its journal', () => {
    it('is read page by page in the order of the log, nothing twice and nothing missing', async () => {
      const items = await whole(auditor, 7);
      const { rows } = await world.app.admin.query<{ seq: string }>(
        'select seq from ledger.event where commissioner_id = $1 order by seq',
        [icb.id],
      );
      expect(items.map(({ seq }) => seq)).toEqual(rows.map(({ seq }) => seq));
    });

    it('gives bodies whose canonical spelling is what was hashed', async () => {
      for (const { body, leafHash } of await whole(auditor, 100)) {
        const leaf = createHash('sha256')
          .update(Buffer.from([0]))
          .update(canonicalJson(body))
          .digest('hex');
        expect(leaf).toBe(leafHash);
      }
    });

    it('is narrowed by type and by subject', async () => {
      const { items } = await page(auditor, 'type=payout.paid');
      expect(items).toMatchObject([{ type: 'payout.paid', body: { data: { amountMinor: '6400' } } }]);
      const of = await page(auditor, `subject=${items[0]?.subjectId}`);
      expect(of.items.map(({ type }) => type)).toEqual(await stage.journal(items[0]?.subjectId ?? ''));
      expect((await page(auditor, 'type=never.happened')).items).toEqual([]);
    });

    it('shows a provider what concerns it, and another commissioner nothing', async () => {
      const { api } = await payee.stage.provider.as('auditor');
      const items = await whole(api, 100);
      expect(items.length).toBeGreaterThan(5);
      expect(new Set(items.map(({ body }) => body.providerId))).toEqual(new Set([payee.id]));
      const stranger = await commissioner(world.app, 'OTHER');
      const { items: theirs, next } = await page((await stranger.as('auditor')).api);
      expect(theirs.map(({ body }) => body.commissionerId)).toEqual([stranger.id, stranger.id, stranger.id]); // itself and its two people
      expect(next).toBeNull();
    });

    it.each([
      ['limit=0', 'limit'],
      ['after=x', 'after'],
      ['type=PAID', 'type'],
    ])('is not asked for with %s', async (query, said) => {
      expect((await auditor.get(`/v1/events?${query}`, { expect: 400 })).text).toContain(said);
    });

    it('is not for an approver, nor for a coordinator', async () => {
      await payee.stage.approver.get('/v1/events', { expect: 403 });
      await payee.stage.coordinator.get('/v1/events', { expect: 403 });
    });
  });

  it('has a statement that says what was invoiced and what arrived', async () => {
    const period = 'from=2026-10-01&to=2026-10-29';
    const { body } = await payee.treasurer.get<{
      lines: { kind: string; reference: string; balanceMinor: string }[];
      foot: Record<string, unknown>;
    }>(`/v1/statements?party=commissioner&id=${icb.id}&${period}`);
    const { items } = await page(auditor, 'type=invoice.issued');
    const number = (items[0]?.body.data as Record<string, unknown> | undefined)?.number;
    expect(body.lines).toMatchObject([
      { kind: 'invoice', reference: number, balanceMinor: '6400' },
      { kind: 'payout', reference: `${icb.code}-P000001`, balanceMinor: '0' },
    ]);
    expect(body.foot).toMatchObject({ closingMinor: '0', ageing: { notDueMinor: '0' } });
  });

  it('has a trial balance in which both sides of each book are equal', async () => {
    const { body } = await stage.finance.get<{
      items: {
        account: string;
        book: string;
        side: string;
        debitsMinor: string;
        creditsMinor: string;
        balanceMinor: string;
      }[];
    }>('/v1/ledger/balances');
    const sum = (book: string, of: 'debitsMinor' | 'creditsMinor') =>
      body.items.filter((item) => item.book === book).reduce((total, item) => total + BigInt(item[of]), 0n);
    for (const book of ['money', 'budget']) expect(sum(book, 'debitsMinor')).toBe(sum(book, 'creditsMinor'));
    const balance = (name: string) => body.items.find(({ account }) => account === name)?.balanceMinor;
    expect([balance('funds'), balance('bank'), balance('activity')]).toEqual(['93600', '-100000', '6400']);
  });

  it('shows a provider the accounts of its contract, and of no other', async () => {
    const path = `/v1/ledger/balances?contract=${payee.stage.contract.contractId}`;
    const { body } = await payee.treasurer.get<{ items: { account: string; balanceMinor: string; meaning: string }[] }>(
      path,
    );
    expect(body.items.find(({ account }) => account === 'spent')).toMatchObject({
      balanceMinor: '6400',
      meaning: 'approved',
    });
    expect(
      (await payee.treasurer.get(`/v1/ledger/balances?contract=${payee.stage.contract.contractCode}`)).body,
    ).toEqual(body);
    expect(body.items.map(({ account }) => account)).not.toContain('funds');
    const stranger = await stage.payee([]);
    await stranger.treasurer.get(path, { expect: 404 });
  });

  describe('everything that must be true', () => {
    it('is, sentence by sentence', async () => {
      const { body } = await auditor.get<Check>('/v1/assurance/invariants');
      expect(body.sentences.filter(({ violations }) => violations > 0)).toEqual([]);
      expect(body.holds).toBe(true);
      expect(body.sentences.map(({ sentence }) => sentence)).toEqual(
        expect.arrayContaining([
          'Every strict balance is the sum of its transfers.',
          'Every claim that counts cites an earning fact that is on record, and of its own provider.',
          'What is accrued is what was approved and is on no issued document.',
          'What is owed is what issued documents and approved advances come to, less what payouts and recoveries have taken.',
          'Every penny in a payout is of an issued document, of an approved batch of the same contract.',
        ]),
      );
    });

    it('is told to another commissioner of its own books alone', async () => {
      const { api } = await (await commissioner(world.app, 'THIRD')).as('finance');
      expect((await api.get<Check>('/v1/assurance/invariants')).body.holds).toBe(true);
    });

    describe('after somebody has tampered', () => {
      let broken: Payee;

      beforeAll(async () => {
        broken = await stage.payee(['2026-10-05', '2026-10-12']);
        await stage.onboard(broken);
        await stage.run();
      });

      it.each([
        [
          'Every claim that counts cites an earning fact that is on record, and of its own provider.',
          'update claim set fact_id = gen_random_uuid() where provider_id = $1',
          2,
        ],
        [
          'What is accrued is what was approved and is on no issued document.',
          `update batch set total_minor = total_minor + 1 where provider_id = $1`,
          1,
        ],
        [
          'What is owed is what issued documents and approved advances come to, less what payouts and recoveries have taken.',
          `update invoice set vat_minor = vat_minor + 1, gross_minor = gross_minor + 1 where provider_id = $1`,
          1,
        ],
        [
          'Every penny in a payout is of an issued document, of an approved batch of the same contract.',
          `update payout_item set contract_id = gen_random_uuid() where provider_id = $1`,
          1,
        ],
      ])('does not hold: %s', async (sentence, tampering, violations) => {
        const { admin } = world.app;
        await admin.query('set session_replication_role = replica');
        await admin.query(tampering, [broken.id]);
        await admin.query('set session_replication_role = origin');
        const { body } = await auditor.get<Check>('/v1/assurance/invariants');
        expect(body.holds).toBe(false);
        const told = body.sentences.find((one) => one.sentence === sentence);
        expect(told?.violations).toBeGreaterThanOrEqual(violations);
        expect(told?.examples[0]).toMatchObject({ commissioner_id: icb.id });
      });
    });
  });
});
