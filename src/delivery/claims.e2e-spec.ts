import { randomUUID } from 'node:crypto';
import { agreement, type Agreement, type AgreementOptions } from '../../test/support/agreement.js';
import type { ApiClient } from '../../test/support/api-client.js';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { commissioner, registered, type Party } from '../../test/support/world.js';
import { bindText } from '../ledger/index.js';
import { ClaimsService, type OpenClaim } from './index.js';

interface ClaimBody {
  id: string;
  fact: { kind: string; id: string };
  provisionalMinor: string;
  indicativeMinor: string;
  servedOn: string;
  forPeriod: string;
  state: string;
  unit: string;
  reasons: { code: string; text: string }[];
  flags: { code: string; text: string }[];
}
interface RecordedBody {
  session: { id: string; heldOn: string; startsAt: string | null; attendances: { id: string; outcome: string }[] };
  claims: ClaimBody[];
  repeated: boolean;
}
interface SubmittedBody {
  claims: ClaimBody[];
  repeated: boolean;
}
interface Problem {
  code: string;
  details?: Record<string, unknown>;
}

const ATTENDANCE = { basis: 'attendance', priceMinor: '3200' };

describe('sessions and claims', () => {
  let app: TestApp;
  let icb: Party;
  let choir: Party;
  let rival: Party;
  let surgery: Party;
  let stranger: Party;
  let api: ApiClient;
  let made = 0;

  beforeAll(async () => {
    app = await startTestApp();
    icb = await commissioner(app, 'NELICB');
    choir = await registered(app, icb, 'provider', 'CHOIR');
    rival = await registered(app, icb, 'provider', 'RIVAL');
    surgery = await registered(app, icb, 'referrer', 'SURGERY');
    stranger = await registered(app, icb, 'referrer', 'STRANGER');
    ({ api } = await choir.as('coordinator'));
  });
  afterAll(() => app.close());

  const agree = (options: AgreementOptions = {}) => agreement(icb, choir, options);

  /** A referral that is confirmed and accepted; gives its reference and id. */
  async function referral(deal: Agreement, more: Record<string, unknown> = {}) {
    const referrer = await surgery.as('referrer');
    const reference = `EL-${++made}`;
    const request = { providerId: choir.id, service: deal.serviceCode, contract: deal.contractCode, source: 'nhs' };
    const { body } = await referrer.api.post<{ id: string }>('/v1/referrals', {
      ...request,
      reference,
      madeOn: '2026-09-01',
      ...more,
    });
    await api.post(`/v1/referrals/${body.id}/accept`, { acceptedOn: '2026-09-02' });
    return { id: body.id, reference };
  }

  const session = (deal: Agreement, more: Record<string, unknown> = {}) => ({
    contract: deal.contractCode,
    service: deal.serviceCode,
    date: '2026-10-05',
    start: '14:00',
    durationMinutes: 60,
    mode: 'in_person',
    claim: true,
    ...more,
  });
  const record = async (body: Record<string, unknown>) => (await api.post<RecordedBody>('/v1/sessions', body)).body;
  const refused = async (path: string, body: unknown, expect: number) =>
    (await api.post<Problem>(path, body, { expect })).body;
  const claim = async (body: Record<string, unknown>) => (await api.post<SubmittedBody>('/v1/claims', body)).body;
  const open = (deal: Agreement, period = '2026-10-01'): Promise<OpenClaim[]> =>
    app.database.transaction({ side: 'commissioner', orgId: icb.id }, (tx) =>
      app.nest.get(ClaimsService).lockForBatch(tx, { id: deal.contractId }, period),
    );

  describe('each basis', () => {
    it('attendance: one claim for each person who came, with its reasons', async () => {
      const deal = await agree({ card: ATTENDANCE });
      const [ann, bob] = [await referral(deal), await referral(deal)];
      const { session: held, claims } = await record(
        session(deal, {
          reference: 'MON-1',
          attendances: [
            { referral: ann.reference, outcome: 'attended' },
            { referralId: bob.id, outcome: 'did_not_attend' },
          ],
        }),
      );
      expect(held.startsAt).toBe('2026-10-05T13:00:00.000Z');
      expect(claims.map(({ fact, provisionalMinor }) => [fact.kind, provisionalMinor])).toEqual([
        ['attendance', '3200'],
        ['attendance', '0'],
      ]);
      expect(claims.map(({ reasons }) => reasons.map(({ text }) => text))).toEqual([
        ['Person who attended: £32.00'],
        ['Did not attend: the card pays nothing for it'],
      ]);
      expect(claims[0]).toMatchObject({ servedOn: '2026-10-05', forPeriod: '2026-10', state: 'submitted', flags: [] });
    });

    it('session: one claim for all of it, however many come', async () => {
      const deal = await agree({ card: { basis: 'session', priceMinor: '12000' } });
      const people = [await referral(deal), await referral(deal)];
      const first = await record(
        session(deal, { reference: 'G1', attendances: [{ referral: people[0]?.reference, outcome: 'attended' }] }),
      );
      expect(first.claims.map(({ fact, provisionalMinor }) => [fact.kind, provisionalMinor])).toEqual([
        ['session', '12000'],
      ]);
      const second = await record(
        session(deal, { reference: 'G1', attendances: [{ referral: people[1]?.reference, outcome: 'attended' }] }),
      );
      expect(second).toMatchObject({ claims: [], repeated: false, session: { id: first.session.id } });
      expect(second.session.attendances).toHaveLength(2);
    });

    it('group split: the penny that is left goes to the first who booked', async () => {
      const deal = await agree({ card: { basis: 'group_split', priceMinor: '10000', splitBy: 'present' } });
      const people = [await referral(deal), await referral(deal), await referral(deal)];
      const attendances = people.map(({ reference }) => ({ referral: reference, outcome: 'attended' }));
      const { claims } = await record(session(deal, { reference: 'G', attendances }));
      expect(claims.map(({ provisionalMinor }) => provisionalMinor)).toEqual(['3334', '3333', '3333']);
    });

    it('group split by booking: says so when not all who booked are recorded', async () => {
      const deal = await agree({ card: { basis: 'group_split', priceMinor: '10000', splitBy: 'booked' } });
      const { reference } = await referral(deal);
      const { claims } = await record(
        session(deal, { reference: 'G', booked: 4, attendances: [{ referral: reference, outcome: 'attended' }] }),
      );
      expect(claims[0]?.flags.map(({ text }) => text)).toEqual([
        '4 people were booked, 1 are recorded: the price is divided by those who are',
      ]);
    });

    it('hour: by elapsed minutes, which must be known', async () => {
      const terms = { basis: 'hour', priceMinor: '4000', minuteStep: 15, minuteRounding: 'up' };
      const deal = await agree({ card: terms });
      const { reference } = await referral(deal);
      const attendances = [{ referral: reference, outcome: 'attended' }];
      const { durationMinutes: _, ...without } = session(deal, { attendances });
      expect(await refused('/v1/sessions', without, 422)).toMatchObject({ code: 'delivery.minutes_needed' });
      const { claims } = await record(session(deal, { attendances, durationMinutes: 80 }));
      expect(claims[0]).toMatchObject({ fact: { kind: 'session' }, provisionalMinor: '6000' });
    });

    it('referral: once, on the day of acceptance, with the first delivery or asked for', async () => {
      const deal = await agree({ card: { basis: 'referral', priceMinor: '5500' } });
      const [ann, bob] = [await referral(deal), await referral(deal)];
      const attendances = [{ referral: ann.reference, outcome: 'attended' }];
      const { claims } = await record(session(deal, { attendances }));
      expect(claims[0]).toMatchObject({ fact: { kind: 'referral', id: ann.id }, servedOn: '2026-09-02' });
      expect((await record(session(deal, { date: '2026-10-12', attendances }))).claims).toEqual([]);
      const fact = { kind: 'referral', id: bob.id };
      const asked = await claim({ contract: deal.contractId, fact });
      expect(asked).toMatchObject({ repeated: false, claims: [{ provisionalMinor: '5500' }] });
      const again = await claim({ contract: deal.contractId, fact });
      expect(again).toMatchObject({ repeated: true, claims: [{ id: asked.claims[0]?.id }] });
    });

    it('milestone: once for each name; one that the card does not know is nil and flagged', async () => {
      const milestones = [{ code: 'completed', name: 'Completed the course', priceMinor: '9000' }];
      const deal = await agree({ card: { basis: 'milestone', milestones } });
      const { id } = await referral(deal);
      const reach = (name: string, reachedOn = '2026-10-20') => ({
        contract: deal.contractCode,
        referralId: id,
        name,
        reachedOn,
      });
      const { body } = await api.post<SubmittedBody>('/v1/milestones', reach('completed'));
      expect(body).toMatchObject({ repeated: false, claims: [{ provisionalMinor: '9000', unit: 'milestone' }] });
      expect((await api.post<SubmittedBody>('/v1/milestones', reach('completed'))).body.repeated).toBe(true);
      expect(await refused('/v1/milestones', reach('completed', '2026-10-21'), 409)).toMatchObject({
        code: 'milestone.recorded_twice',
        details: { reachedOn: '2026-10-20' },
      });
      const unknown = await api.post<SubmittedBody>('/v1/milestones', reach('ran_a_marathon'));
      expect(unknown.body.claims[0]).toMatchObject({
        provisionalMinor: '0',
        flags: [{ code: 'milestone_not_on_card' }],
      });
    });

    it('block: a month once, and not before it is over', async () => {
      const deal = await agree({ card: { basis: 'block', monthlyMinor: '200000' } });
      const fact = (month: string) => ({ kind: 'period', month, service: deal.serviceCode });
      const september = await claim({ contract: deal.contractCode, fact: fact('2026-09') });
      expect(september.claims[0]).toMatchObject({ provisionalMinor: '200000', servedOn: '2026-09-01' });
      expect((await claim({ contract: deal.contractCode, fact: fact('2026-09') })).repeated).toBe(true);
      const early = { contract: deal.contractCode, fact: fact('2026-10') };
      expect(await refused('/v1/claims', early, 422)).toMatchObject({ code: 'claim.period_not_over' });
      const attended = [{ referral: (await referral(deal)).reference, outcome: 'attended' }];
      expect((await record(session(deal, { attendances: attended }))).claims).toEqual([]);
    });

    it('recognised: nothing is paid, and the work is shown at its value', async () => {
      const deal = await agree({ card: { basis: 'recognised', indicativeMinor: '2500' } });
      const { reference } = await referral(deal);
      const { claims } = await record(session(deal, { attendances: [{ referral: reference, outcome: 'attended' }] }));
      expect(claims[0]).toMatchObject({ provisionalMinor: '0', indicativeMinor: '2500' });
    });
  });

  describe('the same fact', () => {
    it('recorded and claimed again does nothing; with another amount it is another claim, and refused', async () => {
      const deal = await agree();
      const { reference } = await referral(deal);
      const attendance = { referral: reference, outcome: 'attended', expectedMinor: '3200' };
      const first = await record(session(deal, { attendances: [attendance] }));
      const again = await record(session(deal, { attendances: [attendance] }));
      expect(again).toMatchObject({ repeated: true, claims: [], session: { id: first.session.id } });
      const dearer = session(deal, { attendances: [{ ...attendance, expectedMinor: '3300' }] });
      expect(await refused('/v1/sessions', dearer, 409)).toMatchObject({ code: 'delivery.claimed_before' });
      const absent = session(deal, { attendances: [{ ...attendance, outcome: 'did_not_attend' }] });
      expect(await refused('/v1/sessions', absent, 409)).toMatchObject({ code: 'delivery.attendance_differs' });
    });

    it('sent eight times at once, with keys of their own, has one effect', async () => {
      const deal = await agree();
      const { reference } = await referral(deal);
      const body = session(deal, { attendances: [{ referral: reference, outcome: 'attended' }] });
      const answers = await Promise.all(
        Array.from({ length: 8 }, () =>
          api.post<RecordedBody>('/v1/sessions', body, { headers: { 'idempotency-key': randomUUID() } }),
        ),
      );
      expect(answers.reduce((sum, answer) => sum + answer.body.claims.length, 0)).toBe(1);
      const { rows } = await app.admin.query('select 1 from claim where contract_id = $1', [deal.contractId]);
      expect(rows).toHaveLength(1);
    });

    it('with one idempotency key gets the first answer', async () => {
      const deal = await agree();
      const { reference } = await referral(deal);
      const body = session(deal, { attendances: [{ referral: reference, outcome: 'attended' }] });
      const options = { headers: { 'idempotency-key': randomUUID() } };
      const first = await api.post('/v1/sessions', body, options);
      expect((await api.post('/v1/sessions', body, options)).body).toEqual(first.body);
    });

    it('is free again once its claim was withdrawn, which is done once', async () => {
      const deal = await agree();
      const { reference } = await referral(deal);
      const body = session(deal, { attendances: [{ referral: reference, outcome: 'attended' }] });
      const id = (await record(body)).claims[0]?.id;
      expect((await api.post<ClaimBody>(`/v1/claims/${id}/withdraw`, {})).body.state).toBe('withdrawn');
      expect(await refused(`/v1/claims/${id}/withdraw`, {}, 409)).toMatchObject({
        code: 'claim.not_withdrawable',
        details: { because: 'withdrawn' },
      });
      expect((await record(body)).claims).toHaveLength(1);
    });
  });

  describe('refusals are told apart', () => {
    it.each<[code: string, change: (deal: Agreement) => Promise<Record<string, unknown>>]>([
      ['unknown_referral', async () => ({ attendances: [{ referral: 'NOBODY-1', outcome: 'attended' }] })],
      ['outside_contract', async () => ({ date: '2026-03-31' })],
      ['in_future', async () => ({ date: '2026-10-29', start: '23:00' })],
      ['referral_needed', async () => ({ attendances: [], outcome: 'held', reference: 'G' })],
      [
        'referral_of_other_contract',
        async () => {
          const other = await referral(await agree());
          return { attendances: [{ referral: other.reference, outcome: 'attended' }] };
        },
      ],
      [
        'referral_not_accepted',
        async (deal) => {
          const body = { service: deal.serviceCode, contract: deal.contractCode, source: 'self', reference: 'WAITS' };
          await api.post('/v1/referrals', body);
          return { attendances: [{ referral: 'WAITS', outcome: 'attended' }] };
        },
      ],
    ])('%s', async (code, change) => {
      const deal = await agree();
      const { reference } = await referral(deal);
      const attendances = [{ referral: reference, outcome: 'attended' }];
      const body = session(deal, { attendances, ...(await change(deal)) });
      expect(await refused('/v1/sessions', body, 422)).toMatchObject({ code: `delivery.${code}` });
      const { rows } = await app.admin.query(
        `select convert_from(body, 'UTF8')::jsonb -> 'data' as data from ledger.event
         where type = 'command.refused' order by seq desc limit 1`,
      );
      expect(rows[0]).toMatchObject({ data: { command: 'session.record', code: `delivery.${code}` } });
    });

    it('and a fact that no card is earned by is named with what is', async () => {
      const deal = await agree();
      const { reference } = await referral(deal);
      const { session: held } = await record(
        session(deal, { claim: false, attendances: [{ referral: reference, outcome: 'attended' }] }),
      );
      const request = { contract: deal.contractCode, fact: { kind: 'session', id: held.id } };
      expect(await refused('/v1/claims', request, 422)).toMatchObject({
        code: 'claim.fact_earns_nothing',
        details: { earnedBy: ['attendance'] },
      });
      const fact = { kind: 'attendance', id: held.attendances[0]?.id };
      expect((await claim({ contract: deal.contractCode, fact })).claims).toHaveLength(1);
    });
  });

  describe('flags', () => {
    it('a seventh session of six is priced and flagged', async () => {
      const deal = await agree({ card: { ...ATTENDANCE, caps: { perReferral: 6 } } });
      const { reference } = await referral(deal);
      const attendances = [{ referral: reference, outcome: 'attended' }];
      const flags: string[][] = [];
      for (let day = 1; day <= 7; day++) {
        const { claims } = await record(session(deal, { date: `2026-10-0${day}`, attendances }));
        flags.push(claims.flatMap((one) => one.flags.map(({ text }) => text)));
      }
      expect(flags.slice(0, 6).flat()).toEqual([]);
      expect(flags[6]).toEqual(['Over the cap: 7th session; the card covers 6']);
    });

    it('an amount that differs, a late claim, a closed or unconfirmed referral, a second session that day', async () => {
      const deal = await agree({ terms: { claimDay: 5, lateWindowDays: 0 } });
      const mine = { service: deal.serviceCode, contract: deal.contractCode, source: 'self', madeOn: '2026-08-01' };
      const { body } = await api.post<{ id: string }>('/v1/referrals', { ...mine, reference: 'OWN-1' });
      await api.post(`/v1/referrals/${body.id}/accept`, { acceptedOn: '2026-08-20' });
      await api.post(`/v1/referrals/${body.id}/close`, { reason: 'completed', closedOn: '2026-09-10' });
      const attendance = { referral: 'OWN-1', outcome: 'attended' };
      const codes = async (more: Record<string, unknown>) =>
        (await record(session(deal, more))).claims.flatMap(({ flags }) => flags.map(({ code }) => code));
      expect(await codes({ date: '2026-08-10', attendances: [attendance] })).toEqual([
        'unconfirmed_referral',
        'before_acceptance',
        'late_claim',
      ]);
      const dear = { ...attendance, expectedMinor: '4000' };
      expect(await codes({ date: '2026-10-10', attendances: [dear] })).toEqual([
        'unconfirmed_referral',
        'referral_closed',
        'amount_differs',
      ]);
      expect(await codes({ date: '2026-10-10', start: '16:00', attendances: [attendance] })).toContain(
        'another_that_day',
      );
    });
  });

  describe('for a batch', () => {
    it('open claims are priced together, in order of service, whatever the order of arrival', async () => {
      const deal = await agree({ card: { ...ATTENDANCE, caps: { perReferral: 1 } } });
      const { reference } = await referral(deal);
      const attendances = [{ referral: reference, outcome: 'attended' }];
      await record(session(deal, { date: '2026-10-20', attendances }));
      await record(session(deal, { date: '2026-09-20', attendances }));
      const claims = await open(deal);
      expect(claims.map(({ servedOn, price }) => [servedOn, price.flags.map(({ code }) => code)])).toEqual([
        ['2026-09-20', []],
        ['2026-10-20', ['over_cap']],
      ]);
      expect((await open(deal, '2026-09-01')).map(({ servedOn }) => servedOn)).toEqual(['2026-09-20']);
    });

    it('a queried claim waits and counts; a rejected one is free, and comes back only while it is', async () => {
      const deal = await agree({ card: { ...ATTENDANCE, caps: { perReferral: 1 } } });
      const { reference } = await referral(deal);
      const attendances = [{ referral: reference, outcome: 'attended' }];
      const first = session(deal, { date: '2026-10-01', attendances });
      await record(first);
      await record(session(deal, { date: '2026-10-02', attendances }));
      const service = app.nest.get(ClaimsService);
      const inTx = <T>(work: Parameters<typeof app.database.transaction<T>>[1]) =>
        app.database.transaction({ side: 'commissioner', orgId: icb.id }, work);
      const [one, two] = await open(deal);
      // The batch itself is of a module above: here only its id matters.
      await app.admin.query('alter table claim drop constraint claim_commissioner_id_batch_id_provider_id_fkey');
      const batchId = randomUUID();
      await inTx(async (tx) => {
        const locked = await service.lockForBatch(tx, { id: deal.contractId }, '2026-10-01');
        await service.fixPrices(tx, icb.id, batchId, locked);
      });
      const held = await inTx((tx) => service.ofBatch(tx, batchId));
      expect(held.map(({ claimId, price }) => [claimId, price.netMinor, price.flags.length])).toEqual([
        [one?.claimId, 3200n, 0],
        [two?.claimId, 3200n, 1],
      ]);
      expect(await refused(`/v1/claims/${one?.claimId}/withdraw`, {}, 409)).toMatchObject({
        details: { because: 'in_batch', batchId },
      });
      expect(await inTx((tx) => service.release(tx, icb.id, [one?.claimId ?? ''], 'queried'))).toEqual([one?.claimId]);
      expect(await open(deal)).toEqual([]);
      expect(await inTx((tx) => service.reject(tx, icb.id, one?.claimId ?? '', bindText('not delivered')))).toBe(true);
      expect((await record(first)).claims).toHaveLength(1);
      await expect(inTx((tx) => service.reopen(tx, icb.id, [one?.claimId ?? '']))).rejects.toMatchObject({
        code: 'claim.fact_claimed',
      });
    });
  });

  it('nil is declared once for a month that is over and has no claims', async () => {
    const deal = await agree();
    const { reference } = await referral(deal);
    const nil = (period: string) => ({ contract: deal.contractCode, period });
    expect((await api.post('/v1/nil-declarations', nil('2026-08'))).body).toMatchObject({ period: '2026-08' });
    expect(await refused('/v1/nil-declarations', nil('2026-08'), 409)).toMatchObject({
      code: 'nil_declaration.declared_twice',
    });
    expect(await refused('/v1/nil-declarations', nil('2026-10'), 422)).toMatchObject({ code: 'claim.period_not_over' });
    await record(session(deal, { date: '2026-09-09', attendances: [{ referral: reference, outcome: 'attended' }] }));
    expect(await refused('/v1/nil-declarations', nil('2026-09'), 422)).toMatchObject({
      code: 'nil_declaration.claims_exist',
      details: { claims: 1 },
    });
  });

  it('lists go by contract, month, state, flag and referral, page by page', async () => {
    const deal = await agree({ card: { ...ATTENDANCE, caps: { perReferral: 1 } } });
    const { id, reference } = await referral(deal);
    for (const date of ['2026-09-28', '2026-10-01', '2026-10-02'])
      await record(session(deal, { date, attendances: [{ referral: reference, outcome: 'attended' }] }));
    const list = async (query: string) => {
      const path = `/v1/claims?contract=${deal.contractCode}&${query}`;
      return (await api.get<{ items: ClaimBody[]; next: string | null }>(path)).body;
    };
    const days = async (query: string) => (await list(query)).items.map(({ servedOn }) => servedOn);
    expect(await days('period=2026-10')).toEqual(['2026-10-01', '2026-10-02']);
    expect(await days('flagged=true')).toEqual(['2026-10-01', '2026-10-02']);
    expect(await days('flagged=false')).toEqual(['2026-09-28']);
    expect(await days('flag=over_cap&state=open')).toHaveLength(2);
    expect(await days('state=withdrawn')).toEqual([]);
    const { items, next } = await list(`referralId=${id}&limit=2`);
    expect(items).toHaveLength(2);
    expect(await days(`after=${next}`)).toEqual(['2026-10-02']);
    const sessions = (query: string) =>
      api.get<{ items: { heldOn: string }[] }>(`/v1/sessions?contract=${deal.contractCode}&${query}`);
    expect((await sessions('period=2026-09')).body.items.map(({ heldOn }) => heldOn)).toEqual(['2026-09-28']);
    expect((await sessions(`referralId=${id}`)).body.items).toHaveLength(3);
  });

  it('another provider, or another commissioner, sees none of it and changes none of it', async () => {
    const deal = await agree();
    const { reference } = await referral(deal);
    const { session: held, claims } = await record(
      session(deal, { attendances: [{ referral: reference, outcome: 'attended' }] }),
    );
    const other = await commissioner(app, 'LEEDS');
    const outsiders = [(await rival.as('coordinator')).api, (await other.as('contract_manager')).api];
    for (const outsider of outsiders) {
      await outsider.get(`/v1/claims/${claims[0]?.id}`, { expect: 404 });
      await outsider.get(`/v1/sessions/${held.id}`, { expect: 404 });
      expect((await outsider.get<{ items: unknown[] }>('/v1/claims')).body.items).toEqual([]);
    }
    const [thief] = outsiders;
    await thief?.post(`/v1/claims/${claims[0]?.id}/withdraw`, {}, { expect: 404 });
    const body = session(deal, { attendances: [{ referral: reference, outcome: 'attended' }] });
    await thief?.post('/v1/sessions', body, { expect: 404 });
    const contractManager = await icb.as('contract_manager');
    expect((await contractManager.api.get<ClaimBody>(`/v1/claims/${claims[0]?.id}`)).body.state).toBe('submitted');
    await contractManager.api.post('/v1/sessions', body, { expect: 403 });
  });

  it('the referrer reads "attended 1 of 6", and nobody else’s referral', async () => {
    const deal = await agree();
    const { id, reference } = await referral(deal, { sessionsPlanned: 6 });
    await record(session(deal, { attendances: [{ referral: reference, outcome: 'attended' }] }));
    await record(
      session(deal, { date: '2026-10-06', attendances: [{ referral: reference, outcome: 'did_not_attend' }] }),
    );
    const referrer = await surgery.as('referrer');
    expect((await referrer.api.get(`/v1/referrals/${id}/progress`)).body).toEqual({
      referralId: id,
      planned: 6,
      attended: 1,
      didNotAttend: 1,
      cancelled: 0,
      lastAttendedOn: '2026-10-05',
      words: 'attended 1 of 6',
    });
    const outsider = await stranger.as('referrer');
    await outsider.api.get(`/v1/referrals/${id}/progress`, { expect: 404 });
  });

  it('the journal holds each step with its figures, and a claim names the event that led to it', async () => {
    const deal = await agree();
    const { id, reference } = await referral(deal);
    const { session: held, claims } = await record(
      session(deal, {
        attendances: [{ referral: reference, outcome: 'attended', yourReference: 'my free words' }],
      }),
    );
    const { rows } = await app.admin.query<{ type: string; id: string; cause: string | null; body: string }>(
      `select type, id, cause_id as cause, convert_from(body, 'UTF8') as body from ledger.event
       where subject_id = any ($1) order by seq`,
      [[held.id, claims[0]?.id]],
    );
    expect(rows.map(({ type }) => type)).toEqual(['session.recorded', 'claim.submitted']);
    expect(rows[1]?.cause).toBe(rows[0]?.id);
    expect(JSON.parse(rows[0]?.body ?? '')).toMatchObject({
      data: { attendances: [{ referralId: id, outcome: 'attended' }] },
    });
    expect(JSON.parse(rows[1]?.body ?? '')).toMatchObject({
      data: {
        provisionalMinor: '3200',
        fact: { kind: 'attendance', id: held.attendances[0]?.id },
        reasons: [{ code: 'unit_price', unit: 'person', unitMinor: '3200' }],
      },
    });
    expect(rows[1]?.body).not.toContain('my free words');
  });
});
