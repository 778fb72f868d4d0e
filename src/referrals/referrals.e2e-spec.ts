import { agreement, type Agreement } from '../../test/support/agreement.js';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { occurrences } from '../../test/support/canaries.js';
import { commissioner, registered, type Party } from '../../test/support/world.js';

interface ReferralBody {
  id: string;
  state: string;
  unconfirmed: boolean;
  overdue: boolean;
  respondBy: string;
  budget: { leftMinor: string } | null;
}

/** Valid, of the range that is never issued. */
const NHS_NUMBER = '9990000018';

describe('referrals', () => {
  let app: TestApp;
  let icb: Party;
  let council: Party;
  let choir: Party;
  let rival: Party;
  let surgery: Party;
  let deal: Agreement;
  let made = 0;

  beforeAll(async () => {
    app = await startTestApp();
    icb = await commissioner(app, 'NELICB');
    council = await commissioner(app, 'LEEDS');
    choir = await registered(app, icb, 'provider', 'CHOIR');
    rival = await registered(app, icb, 'provider', 'RIVAL');
    surgery = await registered(app, icb, 'referrer', 'SURGERY');
    deal = await agreement(icb, choir, { budgetMinor: '250000' });
  });
  afterAll(() => app.close());

  const order = (more: Record<string, unknown> = {}) => ({
    service: deal.serviceCode,
    reference: `el-${++made}`,
    source: 'nhs',
    ...more,
  });
  const refer = async (more: Record<string, unknown> = {}) => {
    const { api } = await surgery.as('referrer');
    return (await api.post<ReferralBody>('/v1/referrals', order({ providerId: choir.id, ...more }))).body;
  };

  it('made by a referrer waits for the provider, who sees what is left of the budget', async () => {
    const { id, state, unconfirmed, respondBy, budget } = await refer();
    expect({ state, unconfirmed, respondBy, budget }).toEqual({
      state: 'made',
      unconfirmed: false,
      respondBy: '2026-11-12',
      budget: null,
    });
    const { api } = await choir.as('coordinator');
    const { body } = await api.post<ReferralBody>(`/v1/referrals/${id}/accept`, {});
    expect(body).toMatchObject({ state: 'accepted', acceptedOn: '2026-10-29', budget: { leftMinor: '250000' } });
    const again = await api.post(`/v1/referrals/${id}/accept`, {}, { expect: 409 });
    expect(again.body).toMatchObject({ code: 'referral.step_not_possible', details: { state: 'accepted' } });
    await api.post(`/v1/referrals/${id}/close`, { reason: 'completed' });
  });

  it('recorded by a provider stays unconfirmed until the commissioner confirms it', async () => {
    const { api } = await choir.as('coordinator');
    const { body } = await api.post<ReferralBody>('/v1/referrals', order());
    expect(body.unconfirmed).toBe(true);
    const { api: buyer } = await icb.as('contract_manager');
    expect((await buyer.get<{ items: ReferralBody[] }>('/v1/referrals?unconfirmed=true')).body.items).toHaveLength(1);
    const confirmed = await buyer.post<ReferralBody>(`/v1/referrals/${body.id}/confirm`, {});
    expect(confirmed.body.unconfirmed).toBe(false);
    await buyer.post(`/v1/referrals/${body.id}/confirm`, {}, { expect: 409 });
  });

  it('is refused where no contract covers the service on that day, and the refusal is journalled', async () => {
    const { api } = await surgery.as('referrer');
    const early = await api.post('/v1/referrals', order({ providerId: choir.id, madeOn: '2026-03-01' }), {
      expect: 422,
    });
    expect(early.body).toMatchObject({ code: 'referral.no_contract' });
    await api.post('/v1/referrals', order({ providerId: rival.id }), { expect: 422 });
    const { rows } = await app.admin.query(
      `select convert_from(body, 'UTF8')::jsonb -> 'data' ->> 'code' as code from ledger.event where type = 'command.refused'`,
    );
    expect(rows).toContainEqual({ code: 'referral.no_contract' });
  });

  it('tells that it is overdue once its day has passed', async () => {
    const { id } = await refer({ respondBy: '2026-10-30' });
    const { api } = await choir.as('coordinator');
    const start = app.clock.now();
    app.clock.moveTo(new Date('2026-10-31T09:00:00Z'));
    const { api: fresh } = await choir.another('coordinator');
    expect((await fresh.get<ReferralBody>(`/v1/referrals/${id}`)).body.overdue).toBe(true);
    app.clock.moveTo(start);
    expect((await api.get<ReferralBody>(`/v1/referrals/${id}`)).body.overdue).toBe(false);
    await api.post(`/v1/referrals/${id}/decline`, { reason: 'no_capacity' });
  });

  it('turns an NHS number into one pseudonym for each commissioner and keeps it nowhere', async () => {
    await refer({ nhsNumber: '999 000 0018' });
    await refer({ nhsNumber: NHS_NUMBER });
    const { rows } = await app.admin.query(`select pseudonym from person where pseudonym is not null`);
    expect(rows).toHaveLength(1);
    const { api } = await surgery.as('referrer');
    const wrong = await api.post('/v1/referrals', order({ providerId: choir.id, nhsNumber: '9990000019' }), {
      expect: 400,
    });
    expect(wrong.body).toMatchObject({ code: 'referral.nhs_number_invalid' });
    expect(wrong.text).not.toContain('9990000019');
    const hidden = order({ providerId: choir.id, reference: `SP ${NHS_NUMBER}` });
    expect((await api.post('/v1/referrals', hidden, { expect: 400 })).text).not.toContain(NHS_NUMBER);
    expect(await occurrences(app.admin, NHS_NUMBER)).toEqual([]);
  });

  it('is invisible to other providers, other commissioners and other referrers', async () => {
    const { id } = await refer();
    for (const [party, role] of [
      [rival, 'coordinator'],
      [council, 'contract_manager'],
      [await registered(app, council, 'referrer', 'OTHERGP'), 'referrer'],
    ] as const) {
      const { api } = await party.as(role);
      await api.get(`/v1/referrals/${id}`, { expect: 404 });
      expect((await api.get<{ items: unknown[] }>('/v1/referrals')).body.items).toEqual([]);
    }
    const { api } = await rival.as('coordinator');
    await api.post(`/v1/referrals/${id}/accept`, {}, { expect: 404 });
  });

  it('does not let a referrer of another commissioner refer into a contract', async () => {
    const stranger = await registered(app, council, 'referrer', 'STRANGER');
    const { api } = await stranger.as('referrer');
    const into = order({ providerId: choir.id, commissionerId: icb.id });
    await api.post('/v1/referrals', into, { expect: 404 });
    const written = 'select count(*)::int as count from ledger.event where actor_org_id = $1';
    expect((await app.admin.query(written, [stranger.id])).rows).toEqual([{ count: 0 }]);
  });

  it('lists in pages, each row once', async () => {
    const { api } = await icb.as('contract_manager');
    const ids: string[] = [];
    let next: string | null = null;
    do {
      const after: string = next === null ? '' : `&after=${next}`;
      const { body } = await api.get<{ items: ReferralBody[]; next: string | null }>(`/v1/referrals?limit=2${after}`);
      ids.push(...body.items.map(({ id }) => id));
      ({ next } = body);
    } while (next !== null);
    const { rows } = await app.admin.query('select count(*)::int as count from referral');
    expect(new Set(ids).size).toBe(ids.length);
    expect(rows[0].count).toBe(ids.length);
  });

  describe('from a file', () => {
    const HEADING = 'Reference;Activity;Referred by;Date of referral;NHS Number;Patient name\r\n';
    const row = (reference: string, day: string, nhsNumber = '') =>
      `${reference};${deal.serviceCode.toLowerCase()};Link worker;${day};${nhsNumber};Canary Jane\r\n`;
    const send = async (text: string, more = '') => {
      const { api } = await surgery.as('referrer');
      return (await api.post(`/v1/referral-files?providerId=${choir.id}${more}`, text)).body;
    };

    it('takes good rows, returns bad ones with row and reason, and repeats have no effect', async () => {
      const file = HEADING + row('F-1', '3/9/2026', NHS_NUMBER) + row('F-2', '31/9/2026') + row('F-3', '1 Mar 2026');
      const first = await send(file);
      expect(first).toMatchObject({ rows: 3, accepted: 1, repeated: 0, failed: 2, droppedColumns: ['Patient name'] });
      expect(first.failures).toMatchObject([
        { row: 3, entered: '31/9/2026' },
        { row: 4, code: 'no_contract' },
      ]);
      expect(first.failuresCsv).toContain('how to fix');
      expect(await send(file)).toMatchObject({ rows: 3, accepted: 0, repeated: 1, failed: 2 });
      const corrected = String(first.failuresCsv).replace('31/9/2026', '30/9/2026');
      expect(await send(corrected)).toMatchObject({ rows: 2, accepted: 1, failed: 1 });
      expect(await occurrences(app.admin, 'Canary')).toEqual([]);
    });

    it('takes several files at once without a second effect', async () => {
      const rows = Array.from({ length: 40 }, (_, index) => row(`C-${index}`, '2/9/2026')).join('');
      const results = await Promise.all(Array.from({ length: 6 }, () => send(HEADING + rows)));
      expect(results.reduce((sum, { accepted }) => sum + Number(accepted), 0)).toBe(40);
    });

    it('accepts at once what a provider brings along, unconfirmed', async () => {
      const { api } = await choir.as('coordinator');
      const { body } = await api.post('/v1/referral-files?accept=true', HEADING + row('P-1', '4/9/2026'));
      expect(body).toMatchObject({ accepted: 1 });
      const { rows } = await app.admin.query(
        `select state, confirmed_at, accepted_on from referral where reference = 'P-1'`,
      );
      expect(rows).toEqual([{ state: 'accepted', confirmed_at: null, accepted_on: expect.anything() }]);
    });

    it('says which column is missing and keeps nothing', async () => {
      const { api } = await surgery.as('referrer');
      const answer = await api.post(
        `/v1/referral-files?providerId=${choir.id}`,
        'Reference,Patient\r\nX-1,Canary\r\n',
        {
          expect: 400,
        },
      );
      expect(answer.body).toMatchObject({ code: 'referral_file.heading' });
      expect(answer.text).not.toContain('Canary');
      await api.post(`/v1/referral-files?providerId=${choir.id}`, { json: true }, { expect: 400 });
    });
  });
});
