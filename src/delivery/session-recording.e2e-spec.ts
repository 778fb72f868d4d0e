import { randomUUID } from 'node:crypto';
import { agreement, type Agreement } from '../../test/support/agreement.js';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { commissioner, registered, type Party } from '../../test/support/world.js';
import { Commands } from '../ledger/index.js';
import { PreparingClient } from '../platform/preparing-client.js';
import { SessionRecording } from './session-recording.service.js';

interface Answered {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly receipt: string | null;
}

const CARD = { basis: 'attendance', priceMinor: '3200', didNotAttend: { basisPoints: 5000, maximumPerReferral: 3 } };

describe('sessions that are recorded together', () => {
  let app: TestApp;
  let icb: Party;
  let choir: Party;
  let rival: Party;

  beforeAll(async () => {
    app = await startTestApp();
    icb = await commissioner(app, 'NELICB');
    choir = await registered(app, icb, 'provider', 'CHOIR');
    rival = await registered(app, icb, 'provider', 'RIVAL');
  });
  afterAll(() => app.close());

  async function refer(by: Party, deal: Agreement, reference: string): Promise<void> {
    const { api } = await by.as('coordinator');
    const made = { contract: deal.contractCode, service: deal.serviceCode, reference, lawfulBasis: 'public_task' };
    const { body } = await api.post<{ id: string; state: string }>('/v1/referrals', { ...made, source: 'self' });
    if (body.state !== 'accepted') await api.post(`/v1/referrals/${body.id}/accept`, {});
  }

  const send = async (key: string, body: unknown, headers: Record<string, string> = {}): Promise<Answered> => {
    const response = await fetch(`${app.url}/v1/sessions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const receipt = response.headers.get('receipt');
    return { status: response.status, body: (await response.json()) as Record<string, unknown>, receipt };
  };

  /** How many requests each lot had, until `end`. */
  function countLots(): { readonly lots: number[]; readonly end: () => void } {
    const lots: number[] = [];
    const options = Reflect.get(app.nest.get(SessionRecording).lots.gathering, 'options') as {
      run: (sent: readonly unknown[]) => Promise<unknown>;
    };
    const { run } = options;
    options.run = (sent) => {
      lots.push(sent.length);
      return run(sent);
    };
    return { lots, end: () => (options.run = run) };
  }

  /** Without what differs each time: ids, instants, references. */
  const plain = (body: unknown, prefix: string): string =>
    JSON.stringify(body)
      .replaceAll(/"[0-9a-f]{8}-[0-9a-f-]{27}"/g, '"id"')
      .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"instant"')
      .replaceAll(prefix, 'P');

  it('have each the answer, the rows and the events that they have alone', async () => {
    const { key } = await choir.as('coordinator');
    const told: string[][] = [];
    const commands = app.nest.get(Commands);
    const runTogether = commands.runTogether.bind(commands);
    for (const way of ['alone', 'a lot for each', 'together']) {
      const deal = await agreement(icb, choir, { card: CARD });
      const prefix = `T${told.length}-`;
      for (let person = 0; person < 12; person++) await refer(choir, deal, `${prefix}${person}`);
      const session = (person: string, more: Record<string, unknown> = {}, outcome = 'attended') => ({
        contract: deal.contractCode,
        service: deal.serviceCode,
        date: '2026-10-05',
        start: '10:00',
        claim: true,
        attendances: [{ referral: person, outcome }],
        ...more,
      });
      const requests = [
        ...Array.from({ length: 8 }, (_, person) =>
          session(`${prefix}${person}`, {}, person % 3 === 1 ? 'did_not_attend' : 'attended'),
        ),
        session(`${prefix}0`), // the same again
        session(`${prefix}0`, { date: '2026-10-06' }),
        { ...session(`${prefix}8`), reference: `${prefix}G`, booked: 4 },
        { ...session(`${prefix}9`), reference: `${prefix}G`, booked: 4 },
      ];
      const counting = countLots();
      const answers: Answered[] = [];
      if (way === 'alone') commands.runTogether = () => Promise.resolve(undefined);
      if (way === 'together') answers.push(...(await Promise.all(requests.map((one) => send(key, one)))));
      else for (const one of requests) answers.push(await send(key, one));
      counting.end();
      commands.runTogether = runTogether;
      expect(Math.max(...counting.lots) > 1).toBe(way === 'together');
      const { rows } = await app.admin.query<{ type: string; body: string }>(
        `select type, convert_from(body, 'UTF8') as body from ledger.event
         where convert_from(body, 'UTF8') like '%' || $1 || '%' and type in ('session.recorded', 'attendance.recorded', 'claim.submitted')
         order by type`,
        [deal.contractId],
      );
      const events = rows.map(({ type }) => type);
      const claims = await app.admin.query(
        `select served_on::text, provisional_minor::text, state, line_kind from claim where contract_id = $1 order by 1, 2, 3, 4`,
        [deal.contractId],
      );
      told.push([
        ...answers.map(({ status, body }) =>
          plain([status, body], prefix).replaceAll(deal.serviceCode, 'S').replaceAll(deal.contractCode, 'C'),
        ),
        JSON.stringify(events),
        JSON.stringify(claims.rows),
      ]);
    }
    expect(told[1]).toEqual(told[0]);
    expect(told[2]).toEqual(told[0]);
  });

  it('do not fail for one that is refused, which is refused alone and journalled', async () => {
    const { key } = await choir.as('coordinator');
    const deal = await agreement(icb, choir, { card: CARD });
    await Promise.all(['R-1', 'R-2', 'R-3'].map((reference) => refer(choir, deal, reference)));
    const session = (referral: string) => ({
      contract: deal.contractCode,
      service: deal.serviceCode,
      date: '2026-10-05',
      claim: true,
      attendances: [{ referral, outcome: 'attended' }],
    });
    const answers = await Promise.all(['R-1', 'R-2', 'NOBODY', 'R-3'].map((one) => send(key, session(one))));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 422, 201]);
    const refused = await app.admin.query(
      `select count(*)::int as count from ledger.event where type = 'command.refused' and actor_org_id = $1
       and convert_from(body, 'UTF8') like '%session.record%'`,
      [choir.id],
    );
    expect(refused.rows).toEqual([{ count: 1 }]);
  });

  it('answer a repeated key as the first time, also within one lot, and other requests with it not at all', async () => {
    const { key } = await choir.as('coordinator');
    const deal = await agreement(icb, choir, { card: CARD });
    await Promise.all(['K-1', 'K-2'].map((reference) => refer(choir, deal, reference)));
    const session = (referral: string, day: string) => ({
      contract: deal.contractCode,
      service: deal.serviceCode,
      date: day,
      claim: true,
      attendances: [{ referral, outcome: 'attended' }],
    });
    const [idempotencyKey, other] = [randomUUID(), randomUUID()];
    const answers = await Promise.all([
      send(key, session('K-1', '2026-10-05'), { 'idempotency-key': idempotencyKey, prefer: 'receipt' }),
      send(key, session('K-2', '2026-10-05'), { 'idempotency-key': other, prefer: 'receipt' }),
      send(key, session('K-1', '2026-10-05'), { 'idempotency-key': idempotencyKey, prefer: 'receipt' }),
      send(key, session('K-2', '2026-10-07'), { 'idempotency-key': idempotencyKey }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 409]);
    expect(answers[2]?.body).toEqual(answers[0]?.body);
    const again = await send(key, session('K-2', '2026-10-05'), { 'idempotency-key': other, prefer: 'receipt' });
    expect(again.body).toEqual(answers[1]?.body);
    // Each receipt promises the events of its own request, and no other.
    const subjects = answers.slice(0, 2).map(({ receipt }) => receipt);
    expect(new Set(subjects).size).toBe(2);
    expect(subjects.every((receipt) => receipt !== null)).toBe(true);
  });

  it('never meet those of another provider, whose referrals nobody else can name', async () => {
    const [mine, theirs] = [await agreement(icb, choir, { card: CARD }), await agreement(icb, rival, { card: CARD })];
    await refer(choir, mine, 'MINE');
    await refer(rival, theirs, 'THEIRS');
    const [me, them] = [await choir.as('coordinator'), await rival.as('coordinator')];
    const session = (deal: Agreement, referral: string) => ({
      contract: deal.contractCode,
      service: deal.serviceCode,
      date: '2026-10-05',
      claim: true,
      attendances: [{ referral, outcome: 'attended' }],
    });
    const answers = await Promise.all([
      send(me.key, session(mine, 'MINE')),
      send(them.key, session(theirs, 'THEIRS')),
      send(me.key, session(mine, 'THEIRS')),
      send(me.key, session(theirs, 'THEIRS')),
      send(them.key, session(theirs, 'MINE')),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 422, 404, 422]);
    const { rows } = await app.admin.query(
      `select distinct c.provider_id = r.provider_id and c.provider_id = s.provider_id as own
       from claim c join referral r on r.id = c.referral_id join session s on s.id = c.session_id`,
    );
    expect(rows).toEqual([{ own: true }]);
  });

  it('are turned away when too many wait, with the seconds after which to come again', async () => {
    const { key } = await choir.as('coordinator');
    const deal = await agreement(icb, choir, { card: CARD });
    await refer(choir, deal, 'W-1');
    const { gathering } = app.nest.get(SessionRecording).lots;
    const body = {
      contract: deal.contractCode,
      service: deal.serviceCode,
      date: '2026-10-05',
      claim: true,
      attendances: [{ referral: 'W-1', outcome: 'attended' }],
    };
    gathering.waiting += 1_000;
    try {
      const response = await fetch(`${app.url}/v1/sessions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
      expect(await response.json()).toMatchObject({ code: 'request.too_busy' });
    } finally {
      gathering.waiting -= 1_000;
    }
    expect((await send(key, body)).status).toBe(201);
  });

  /** Requests of different persons under one contract, each with a key of its own. */
  async function fourOf(world: { icb: Party; choir: Party }, prefix: string) {
    const deal = await agreement(world.icb, world.choir, { card: CARD });
    const references = Array.from({ length: 4 }, (_, index) => `${prefix}${index}`);
    for (const reference of references) await refer(world.choir, deal, reference);
    const requests = references.map((referral) => ({
      key: randomUUID(),
      body: {
        contract: deal.contractCode,
        service: deal.serviceCode,
        date: '2026-10-05',
        claim: true,
        attendances: [{ referral, outcome: 'attended' }],
      },
    }));
    return { deal, requests };
  }

  const stored = async (from: TestApp, deal: Agreement) => {
    const { rows } = await from.admin.query<{ sessions: number; claims: number }>(
      `select (select count(*)::int from session where contract_id = $1) as sessions,
              (select count(*)::int from claim where contract_id = $1) as claims`,
      [deal.contractId],
    );
    return rows[0];
  };

  it('are not known to be done when the answer to their COMMIT is lost, and have one effect when they are sent again', async () => {
    const { key } = await choir.as('coordinator');
    const { deal, requests } = await fourOf({ icb, choir }, 'L-');
    const commit = Reflect.get(PreparingClient.prototype, 'commit');
    let lost = 0;
    const counting = countLots();
    PreparingClient.prototype.commit = async function (this: PreparingClient) {
      await commit.call(this);
      if (counting.lots.some((length) => length > 1)) {
        lost++;
        throw new Error('Connection terminated unexpectedly');
      }
    };
    const first = await Promise.all(requests.map((one) => send(key, one.body, { 'idempotency-key': one.key }))).finally(
      () => {
        PreparingClient.prototype.commit = commit;
        counting.end();
      },
    );
    const unknown = first.filter(({ status }) => status === 503);
    expect(lost).toBeGreaterThan(0);
    expect(unknown.length).toBeGreaterThan(1);
    expect(first.every(({ status }) => status === 503 || status === 201)).toBe(true);
    expect(await stored(app, deal)).toEqual({ sessions: 4, claims: 4 });
    const again = await Promise.all(requests.map((one) => send(key, one.body, { 'idempotency-key': one.key })));
    expect(again.map(({ status, body }) => [status, body.repeated])).toEqual(requests.map(() => [201, false]));
    const withoutKey = await Promise.all(requests.map((one) => send(key, one.body)));
    expect(withoutKey.map(({ status, body }) => [status, body.repeated])).toEqual(requests.map(() => [201, true]));
    expect(await stored(app, deal)).toEqual({ sessions: 4, claims: 4 });
  });

  it('are all answered when the process is told to end while they wait', async () => {
    const own = await startTestApp();
    const buyer = await commissioner(own, 'ENDING');
    const world = { icb: buyer, choir: await registered(own, buyer, 'provider', 'LASTLY') };
    const { key } = await world.choir.as('coordinator');
    const { deal, requests } = await fourOf(world, 'E-');
    const { gathering } = own.nest.get(SessionRecording).lots;
    await own.admin.query('select pg_advisory_lock(hashtextextended($1, 0))', [deal.contractId]);
    const answers = requests.map((one) =>
      fetch(`${own.url}/v1/sessions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify(one.body),
      }),
    );
    while (gathering.waiting < requests.length) await new Promise((resolve) => setImmediate(resolve));
    const closed = own.nest.close();
    await own.admin.query('select pg_advisory_unlock(hashtextextended($1, 0))', [deal.contractId]);
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    await closed;
    expect(await stored(own, deal)).toEqual({ sessions: 4, claims: 4 });
    await own.admin.end();
    await own.testDatabase.drop();
  });
});
