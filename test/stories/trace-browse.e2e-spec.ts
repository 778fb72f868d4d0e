import { JournalService, TraceService, type JournalEntry, type JournalWindow } from '../../src/assurance/index.js';
import { DashboardsService } from '../../src/insights/index.js';
import type { Actor } from '../../src/platform/actor.js';
import { newId } from '../../src/platform/ids.js';
import type { ApiClient } from '../support/api-client.js';
import { commissioner, registered, type Party } from '../support/world.js';
import { PaymentWorld, type Payee, type PaymentStage, type PayoutBody } from './payment-stage.js';

interface Matches {
  items: { id: string; kind: string; reference: string | null; state: string; amountMinor: string | null }[];
}

/** How screens find what to follow, and how they leaf through the journal. */
describe('a month that was paid, and looked into', () => {
  let world: PaymentWorld;
  let stage: PaymentStage;
  let icb: Party;
  let payee: Payee;
  let payout: PayoutBody;
  let auditor: ApiClient;

  beforeAll(async () => {
    world = await PaymentWorld.open();
    stage = await world.stage();
    ({ icb } = stage);
    auditor = (await icb.as('auditor')).api;
    payee = await stage.payee(['2026-10-05', '2026-10-12']);
    await stage.onboard(payee);
    await stage.fund(100_000n);
    payout = await stage.onlyPayout(await stage.run());
    await stage.stripe.settlePayout(payout.bankPayoutId ?? '');
    await stage.notices();
  });
  afterAll(() => world.close());

  const actorOf = (party: Party, side: Actor['side'] = 'commissioner'): Actor => ({
    kind: 'person',
    side,
    orgId: party.id,
    memberId: null,
    keyId: null,
    roles: [],
    scopes: [],
    approvalLimitMinor: null,
    correlationId: 'test',
  });
  const lookUp = async (api: ApiClient, reference: string): Promise<Matches['items']> =>
    (await api.get<Matches>(`/v1/trace?reference=${encodeURIComponent(reference)}`)).body.items;

  describe('is found', () => {
    it('by the reference of the payment, however it is typed', async () => {
      const expected = [
        { id: payout.id, kind: 'payout', reference: payout.reference, state: 'paid', amountMinor: '6400' },
      ];
      for (const typed of [
        payout.reference,
        ` ${payout.reference.toLowerCase()} `,
        payout.id,
        payout.id.toUpperCase(),
      ]) {
        expect(await lookUp(auditor, typed)).toMatchObject(expected);
      }
    });

    it('by the number of the invoice, the code of the batch and the reference of the referral', async () => {
      const { rows } = await world.app.admin.query<{ number: string; code: string; referral: string }>(
        `select i.number, b.code, r.reference as referral
         from invoice i join batch b on b.id = i.batch_id join referral r on r.provider_id = i.provider_id
         where i.provider_id = $1`,
        [payee.id],
      );
      const [known] = rows;
      expect(await lookUp(auditor, known?.number ?? '')).toMatchObject([{ kind: 'invoice', reference: known?.number }]);
      expect(await lookUp(auditor, known?.code ?? '')).toMatchObject([{ kind: 'batch', reference: known?.code }]);
      const { api } = await payee.stage.provider.as('treasurer');
      expect(await lookUp(api, known?.referral ?? '')).toMatchObject([{ kind: 'referral', state: 'accepted' }]);
    });

    it('with everything else that has the same reference, payments first', async () => {
      const [line] = await world.app.admin
        .query<{ id: string }>('select id from claim where provider_id = $1 order by id limit 1', [payee.id])
        .then(({ rows }) => rows);
      await world.app.admin.query('set session_replication_role = replica');
      await world.app.admin.query('update claim set your_reference = $2 where id = $1', [line?.id, payout.reference]);
      await world.app.admin.query('set session_replication_role = origin');
      expect((await lookUp(auditor, payout.reference)).map(({ kind }) => kind)).toEqual(['payout', 'claim']);
    });

    it('by nobody who has no part in it, and never by what is not there', async () => {
      const stranger = await registered(world.app, icb, 'provider', 'STRANGER');
      const referrer = await registered(world.app, icb, 'referrer', 'SURGERY');
      const elsewhere = await commissioner(world.app, 'ELSEWHERE');
      const others = [
        (await stranger.as('coordinator')).api,
        (await referrer.as('referrer')).api,
        (await elsewhere.as('auditor')).api,
      ];
      for (const api of others) {
        expect(await lookUp(api, payout.reference)).toEqual([]);
        expect(await lookUp(api, payout.id)).toEqual([]);
      }
      expect(await lookUp(auditor, newId())).toEqual([]);
      await auditor.get('/v1/trace?reference=%20', { expect: 400 });
    });
  });

  describe('has a journal', () => {
    const journal = () => world.app.nest.get(JournalService);
    const seqs = ({ items }: JournalWindow) => items.map(({ seq }) => seq);

    it('that is leafed through from the newest event to the oldest, and back', async () => {
      const { rows } = await world.app.admin.query<{ seq: string }>(
        'select seq from ledger.event where commissioner_id = $1 order by seq desc',
        [icb.id],
      );
      const there: JournalWindow[] = [];
      for (let before: string | undefined; there.length === 0 || before !== undefined;) {
        const window = await journal().browse(actorOf(icb), { limit: 7, before });
        there.push(window);
        before = window.older ?? undefined;
      }
      expect(there.flatMap(seqs).map(String)).toEqual(rows.map(({ seq }) => seq));
      expect(there.map(({ newer }) => newer === null)).toEqual([
        true,
        ...Array.from({ length: there.length - 1 }, () => false),
      ]);
      const [, second] = there;
      const back = await journal().browse(actorOf(icb), { limit: 7, after: second?.newer ?? '' });
      expect(seqs(back)).toEqual(seqs(there[0] as JournalWindow));
      expect(back.newer).toBeNull();
      expect(back.older).toBe(there[0]?.older);
    });

    it('that is narrowed to days in London', async () => {
      const on = async (day: { from?: string; to?: string }) =>
        (await journal().browse(actorOf(icb), { limit: 500, ...day })).items.length;
      const query = 'from=2000-01-01&to=2000-01-02';
      expect((await auditor.get<{ items: unknown[] }>(`/v1/events?${query}`)).body.items).toEqual([]);
      await auditor.get('/v1/events?from=2026-10-02&to=2026-10-01', { expect: 400 });
      world.app.clock.moveTo(new Date('2026-10-30T00:30:00Z'));
      const { api } = await icb.another('contract_manager');
      await api.post('/v1/organisations', {
        kind: 'referrer',
        code: 'MIDNIGHT',
        name: 'Midnight surgery',
        legalForm: 'charity',
        address: ['1 High Street'],
        postcode: 'E1 6AN',
      });
      const all = await on({});
      expect(await on({ from: '2026-10-30', to: '2026-10-30' })).toBe(2); // somebody joined, and registered somebody
      expect(await on({ from: '2026-10-30' })).toBe(2);
      expect(await on({ to: '2026-10-29' })).toBe(all - 2);
      expect(await on({ from: '2026-10-31' })).toBe(0);
    });

    const only = async (party: Party, side: Actor['side'], type: string): Promise<JournalEntry> => {
      const { items } = await journal().browse(actorOf(party, side), { limit: 5, type });
      expect(items).toHaveLength(1);
      return journal().get(actorOf(party, side), items[0]?.id ?? '');
    };

    it('that says what each event moved, added up, to both sides', async () => {
      const approved = {
        subjectKind: 'batch',
        actorSide: 'commissioner',
        moves: expect.arrayContaining([
          expect.objectContaining({ debit: 'activity', credit: 'accrued', amountMinor: 6400n, transferCount: 2 }),
          expect.objectContaining({ debit: 'committed', credit: 'spent', amountMinor: 6400n }),
        ]),
      };
      expect(await only(icb, 'commissioner', 'batch.approved')).toMatchObject(approved);
      expect(await only(payee.stage.provider, 'provider', 'batch.approved')).toMatchObject(approved);
      expect((await only(icb, 'commissioner', 'rate_card.published')).subjectKind).toBeNull();
    });

    it('whose events are nobody else’s', async () => {
      const { id } = await only(icb, 'commissioner', 'payout.paid');
      const elsewhere = await commissioner(world.app, 'FARAWAY');
      await expect(journal().get(actorOf(elsewhere), id)).rejects.toMatchObject({ code: 'not_found' });
    });
  });

  it('is followed from what is found', async () => {
    const trace = await world.app.nest.get(TraceService).trace(actorOf(icb), payout.id);
    expect(trace.nodes.filter(({ kind }) => kind === 'claim')).toHaveLength(2);
  });

  it('has contracts to choose from, with both parties', async () => {
    const dashboards = world.app.nest.get(DashboardsService);
    const expected = [
      {
        contractId: payee.stage.contract.contractId,
        code: payee.stage.contract.contractCode,
        providerId: payee.id,
        commissionerId: icb.id,
        commissionerName: icb.organisation.name,
        startsOn: '2026-04-01',
      },
    ];
    expect(await dashboards.choices(actorOf(icb))).toMatchObject(expected);
    expect(await dashboards.choices(actorOf(payee.stage.provider, 'provider'))).toMatchObject(expected);
  });
});
