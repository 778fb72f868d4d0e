import { randomUUID } from 'node:crypto';
import { agreement, type Agreement } from '../../test/support/agreement.js';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { commissioner, registered, type Party } from '../../test/support/world.js';
import { FactClaims } from './fact-claims.service.js';

interface Answered {
  readonly status: number;
  readonly body: { readonly code?: string; readonly repeated?: boolean; readonly claims?: readonly Claimed[] };
  readonly receipt: string | null;
}

interface Claimed {
  readonly id: string;
  readonly fact: { readonly id: string };
  readonly flags: readonly { readonly code: string }[];
}

interface Fact {
  readonly kind: string;
  readonly id: string;
}

const MISSED = { basis: 'attendance', priceMinor: '3200', didNotAttend: { basisPoints: 5_000, maximumPerReferral: 1 } };
const FLAT = { basis: 'attendance', priceMinor: '3200' };

describe('facts that are claimed together', () => {
  let app: TestApp;
  let icb: Party;
  let choir: Party;
  let key: string;

  beforeAll(async () => {
    app = await startTestApp();
    icb = await commissioner(app, 'NELICB');
    choir = await registered(app, icb, 'provider', 'CHOIR');
    ({ key } = await choir.as('coordinator'));
  });
  afterAll(() => app.close());

  const post = async (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answered> => {
    const response = await fetch(`${app.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const receipt = response.headers.get('receipt');
    return { status: response.status, body: (await response.json()) as Answered['body'], receipt };
  };

  const claim = (deal: Agreement, fact: Fact, headers: Record<string, string> = {}) =>
    post('/v1/claims', { contract: deal.contractCode, fact }, headers);

  /** A session of one person, which nobody has claimed. */
  async function recorded(deal: Agreement, referral: string, date: string, outcome = 'attended'): Promise<Fact> {
    const { contractCode: contract, serviceCode: service } = deal;
    const { api } = await choir.as('coordinator');
    const { body } = await api.post<{ session: { attendances: { id: string }[] } }>('/v1/sessions', {
      contract,
      service,
      date,
      claim: false,
      attendances: [{ referral, outcome }],
    });
    return { kind: 'attendance', id: body.session.attendances[0]?.id ?? '' };
  }

  async function refer(deal: Agreement, reference: string): Promise<void> {
    const { api } = await choir.as('coordinator');
    const made = { contract: deal.contractCode, service: deal.serviceCode, reference, lawfulBasis: 'public_task' };
    const { body } = await api.post<{ id: string; state: string }>('/v1/referrals', { ...made, source: 'self' });
    if (body.state !== 'accepted') await api.post(`/v1/referrals/${body.id}/accept`, {});
  }

  /** Of so many persons, one session each. */
  async function attendedBy(deal: Agreement, prefix: string, persons: number): Promise<Fact[]> {
    const references = Array.from({ length: persons }, (_, person) => `${prefix}${person}`);
    for (const reference of references) await refer(deal, reference);
    const facts: Fact[] = [];
    for (const reference of references) facts.push(await recorded(deal, reference, '2026-10-05'));
    return facts;
  }

  /** In how many transactions the claims of a contract were submitted. */
  async function transactionsOf(deal: Agreement): Promise<number> {
    const { rows } = await app.admin.query<{ count: number }>(
      `select count(distinct e.xid)::int as count from claim c join ledger.event e on e.id = c.event_id where c.contract_id = $1`,
      [deal.contractId],
    );
    return rows[0]?.count ?? 0;
  }

  it('have each its own answer, its own events and its own receipt', async () => {
    const deal = await agreement(icb, choir, { card: FLAT });
    const facts = await attendedBy(deal, 'A-', 8);
    const answers = await Promise.all(facts.map((fact) => claim(deal, fact, { prefer: 'receipt' })));
    expect(await transactionsOf(deal)).toBeLessThan(8);
    expect(answers.map(({ status, body }) => [status, body.repeated])).toEqual(facts.map(() => [201, false]));
    expect(answers.map(({ body }) => body.claims?.map((one) => one.fact.id))).toEqual(facts.map(({ id }) => [id]));
    expect(new Set(answers.map(({ receipt }) => receipt)).size).toBe(8);
    const read = await Promise.all(
      answers.map(async ({ body }) => {
        const { id = '' } = body.claims?.[0] ?? {};
        const { rows } = await app.admin.query<{ type: string }>(
          'select type from ledger.event where subject_id = $1',
          [id],
        );
        const answer = await fetch(`${app.url}/v1/claims/${id}`, { headers: { authorization: `Bearer ${key}` } });
        return { types: rows.map(({ type }) => type), stored: await answer.json() };
      }),
    );
    expect(read.map(({ types }) => types)).toEqual(facts.map(() => ['claim.submitted']));
    expect(read.map(({ stored }) => stored)).toEqual(answers.map(({ body }) => body.claims?.[0]));
  });

  it('say of what was claimed before that it was, beside what is new', async () => {
    const deal = await agreement(icb, choir, { card: FLAT });
    const facts = await attendedBy(deal, 'B-', 4);
    const [first] = facts;
    if (!first) throw new Error('nothing was recorded');
    const before = await claim(deal, first);
    const answers = await Promise.all([...facts, first].map((fact) => claim(deal, fact)));
    expect(answers.map(({ status, body }) => [status, body.repeated])).toEqual([
      [201, true],
      ...facts.slice(1).map(() => [201, false]),
      [201, true],
    ]);
    expect(answers[0]?.body.claims).toEqual(before.body.claims);
    expect(answers[4]?.body.claims).toEqual(before.body.claims);
  });

  it('are claimed one after the other where they are of one person, whose claims are counted', async () => {
    const deal = await agreement(icb, choir, { card: MISSED });
    await refer(deal, 'C-0');
    const facts: Fact[] = [];
    for (const day of ['05', '06', '07']) facts.push(await recorded(deal, 'C-0', `2026-10-${day}`, 'did_not_attend'));
    const answers = await Promise.all(facts.map((fact) => claim(deal, fact)));
    const flagged = answers.filter(({ body }) =>
      body.claims?.some(({ flags }) => flags.some(({ code }) => code === 'over_missed_maximum')),
    );
    expect(flagged).toHaveLength(2);
    expect(await transactionsOf(deal)).toBe(3);
  });

  it('do not fail for one that is refused, which is refused alone', async () => {
    const deal = await agreement(icb, choir, { card: FLAT });
    const elsewhere = await agreement(icb, choir, { card: FLAT });
    const facts = await attendedBy(deal, 'D-', 3);
    const [foreign] = await attendedBy(elsewhere, 'E-', 1);
    const asked = [...facts, foreign ?? { kind: 'attendance', id: randomUUID() }];
    const answers = await Promise.all(asked.map((fact) => claim(deal, fact)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 404]);
  });

  it('answer a repeated key as the first time', async () => {
    const deal = await agreement(icb, choir, { card: FLAT });
    const [one, other] = await attendedBy(deal, 'F-', 2);
    if (!one || !other) throw new Error('nothing was recorded');
    const again = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all([claim(deal, one, again), claim(deal, other), claim(deal, one, again)]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(answers[2]?.body).toEqual(answers[0]?.body);
    expect((await claim(deal, other, again)).status).toBe(409);
  });

  it('are turned away when too many wait', async () => {
    const deal = await agreement(icb, choir, { card: FLAT });
    const [fact] = await attendedBy(deal, 'G-', 1);
    if (!fact) throw new Error('nothing was recorded');
    const { gathering } = app.nest.get(FactClaims).lots;
    gathering.waiting += 1_000;
    const refused = await claim(deal, fact).finally(() => (gathering.waiting -= 1_000));
    expect([refused.status, refused.body.code]).toEqual([503, 'request.too_busy']);
    expect((await claim(deal, fact)).status).toBe(201);
  });
});
