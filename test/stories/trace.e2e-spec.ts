import type { Trace } from '../../src/assurance/index.js';
import { traceText, type TraceAsked } from '../../src/commands/trace.command.js';
import { newId } from '../../src/platform/ids.js';
import { LogKeys, Sealer } from '../../src/sealing/index.js';
import {
  openNote,
  parseCheckpoint,
  parseTlogProof,
  parseVerifierKey,
  verifyInclusion,
} from '../../src/transparency/index.js';
import type { ApiClient } from '../support/api-client.js';
import type { TestApp } from '../support/app.js';
import { plantRow } from '../support/planted-rows.js';
import { visitor } from '../support/visitors.js';
import { commissioner, registered, type Party } from '../support/world.js';
import { PaymentWorld, type Payee, type PaymentStage, type PayoutBody } from './payment-stage.js';

/** As it comes over the wire: amounts and instants are text, which no test here takes for anything else. */
type Wire = Trace;

interface Recorded {
  id: string;
  attendances: { id: string }[];
  claims: { id: string }[];
}

describe('a trace', () => {
  let world: PaymentWorld;
  let app: TestApp;
  let stage: PaymentStage;
  let icb: Party;
  let payee: Payee;
  let link: Party;
  let stranger: Party;
  let auditor: ApiClient;
  let referral: string;
  let companion: string;
  let alone: Recorded[];
  let together: Recorded;
  let claims: string[];
  let batch: string;
  let invoice: string;
  let payout: PayoutBody;

  beforeAll(async () => {
    world = await PaymentWorld.open();
    ({ app } = world);
    stage = await world.stage();
    ({ icb } = stage);
    auditor = (await icb.as('auditor')).api;
    payee = await stage.payee([]);
    link = await registered(app, icb, 'referrer', 'LINK');
    stranger = await registered(app, icb, 'provider', 'STRANGER');
    await play();
  });
  afterAll(() => world.close());

  /** A link worker's referral with two sessions alone and one in a group of two; claimed, approved, invoiced, paid. */
  async function play(): Promise<void> {
    const { contract, coordinator, provider } = payee.stage;
    const { api: contracts } = await icb.as('contract_manager');
    const { api: referrer } = await link.as('referrer');
    const made = await referrer.post<{ id: string }>('/v1/referrals', {
      providerId: provider.id,
      service: contract.serviceCode,
      reference: 'EMIS-1',
      source: 'nhs',
      madeOn: '2026-09-01',
      sessionsPlanned: 6,
    });
    referral = made.body.id;
    await coordinator.post(`/v1/referrals/${referral}/accept`, { acceptedOn: '2026-09-02' });
    await payee.stage.referral('SELF-1');
    const { rows } = await app.admin.query<{ id: string }>(`select id from referral where reference = 'SELF-1'`);
    companion = rows[0]?.id ?? '';
    alone = [
      await hold('2026-10-05', contract.serviceCode, [referral]),
      await hold('2026-10-12', contract.serviceCode, [referral]),
    ];
    await contracts.post('/v1/services', { providerId: provider.id, code: 'CHOIR', name: 'Choir' });
    await contracts.post(`/v1/contracts/${contract.contractId}/rate-cards`, {
      serviceCode: 'CHOIR',
      effectiveFrom: '2026-04-01',
      agreedOn: '2026-03-20',
      terms: { basis: 'session', priceMinor: '6000' },
    });
    together = await hold('2026-10-19', 'CHOIR', [referral, companion]);
    claims = alone.flatMap((session) => session.claims.map(({ id }) => id));
    const approved = await payee.stage.approve(await payee.stage.submit());
    batch = approved.id;
    await stage.settle();
    invoice = (await payee.stage.invoices(approved))[0]?.id ?? '';
    await stage.onboard(payee);
    await stage.fund(100_000n);
    payout = await stage.onlyPayout(await stage.run());
    await stage.stripe.settlePayout(payout.bankPayoutId ?? '');
    await stage.notices();
    await seal();
  }

  /** What is sealed later changes no trace while it is read twice. */
  async function seal(): Promise<void> {
    const { rows } = await app.admin.query<{ id: string }>(
      'select id from ledger.event where commissioner_id = $1 order by seq desc limit 1',
      [icb.id],
    );
    expect(await app.nest.get(Sealer).ensureSealed(icb.id, rows[0]?.id ?? '')).toBe(true);
  }

  async function hold(date: string, service: string, people: readonly string[]): Promise<Recorded> {
    const { contract, coordinator } = payee.stage;
    const { body } = await coordinator.post<{ claims: { id: string }[] }>('/v1/sessions', {
      contract: contract.contractCode,
      service,
      kind: people.length > 1 ? 'group' : 'one_to_one',
      ...(people.length > 1 && { reference: 'CHOIR-1' }),
      date,
      start: '14:00',
      durationMinutes: 60,
      attendances: people.map((referralId) => ({ referralId, outcome: 'attended' })),
      claim: true,
    });
    const { rows } = await app.admin.query<{ id: string; session: string }>(
      `select a.id, a.session_id as session from attendance a join session s on s.id = a.session_id
       where s.held_on = $1 and s.provider_id = $2 order by a.id`,
      [date, payee.id],
    );
    return { id: rows[0]?.session ?? '', attendances: rows, claims: body.claims };
  }

  const trace = async (api: ApiClient, id: string, query = ''): Promise<Wire> =>
    (await api.get<Wire>(`/v1/trace/${id}${query}`)).body;
  const groupClaim = (): string => together.claims[0]?.id ?? '';
  const ids = ({ nodes }: Wire, kind: string, direction?: string): string[] =>
    nodes.filter((node) => node.kind === kind && (direction ?? node.direction) === node.direction).map(({ id }) => id);

  it('of a payout goes down to every referral that earned it', async () => {
    const found = await trace(auditor, payout.id);
    expect(ids(found, 'payout', 'root')).toEqual([payout.id]);
    expect(ids(found, 'invoice', 'from')).toEqual([invoice]);
    expect(ids(found, 'batch', 'from')).toEqual([batch]);
    expect(ids(found, 'claim', 'from')).toEqual([...claims, groupClaim()].sort());
    expect(ids(found, 'referral', 'from').sort()).toEqual([referral, companion].sort());
    expect(found.edges).toContainEqual({ from: invoice, to: payout.id, amountMinor: '12400' });
    expect(found.edges).toContainEqual({ from: claims[0], to: batch, amountMinor: '3200' });
    expect(found.cut).toEqual([]);
  });

  it('of a referral goes up to the payout that it became', async () => {
    const found = await trace(auditor, referral);
    expect(ids(found, 'payout', 'to')).toEqual([payout.id]);
    expect(ids(found, 'claim', 'to')).toEqual([...claims, groupClaim()].sort());
    expect(ids(found, 'attendance', 'to')).toHaveLength(3);
    expect(found.nodes.find(({ id }) => id === referral)?.outcomes).toMatchObject({ planned: 6, attended: 3 });
  });

  it('of a claim for one person shows nobody else who came', async () => {
    const found = await trace(auditor, claims[0] ?? '');
    expect(ids(found, 'attendance')).toEqual([alone[0]?.attendances[0]?.id]);
    expect(ids(found, 'session')).toHaveLength(1);
    expect(ids(found, 'referral')).toEqual([referral]);
    expect(ids(found, 'claim')).toEqual([claims[0]]);
  });

  it('of a claim for a session shows who came', async () => {
    const found = await trace(auditor, groupClaim());
    expect(ids(found, 'session', 'from')).toEqual([together.id]);
    expect(ids(found, 'referral', 'from').sort()).toEqual([referral, companion].sort());
  });

  it('of a session shows both who came and what was claimed', async () => {
    const found = await trace(auditor, together.id);
    expect(ids(found, 'attendance', 'from')).toHaveLength(2);
    expect(ids(found, 'claim', 'to')).toEqual([groupClaim()]);
  });

  it('says what each step moved, when, by which side, and the hash that proves it', async () => {
    const { nodes } = await trace(auditor, payout.id);
    const paid = nodes.find(({ id }) => id === payout.id);
    expect(paid).toMatchObject({ reference: payout.reference, amountMinor: '12400', state: 'paid' });
    expect(paid?.events.map(({ type }) => type)).toEqual(await stage.journal(payout.id));
    expect(paid?.actor).toEqual({ kind: 'system', side: 'commissioner' });
    expect(paid?.transfers.map(({ debit, credit }) => `${debit} ${credit}`)).toEqual(
      expect.arrayContaining(['owed in_transit', 'rail funds_reserved', 'in_transit rail']),
    );
    const claim = nodes.find(({ id }) => id === claims[0]);
    expect(claim).toMatchObject({ state: 'approved', amountMinor: '3200' });
    expect(claim?.transfers).toMatchObject([{ debit: 'activity', credit: 'accrued', amountMinor: '3200' }]);
    const [hash] = (
      await app.admin.query(`select encode(leaf_hash, 'hex') as hash from ledger.event where subject_id = $1`, [
        claims[0],
      ])
    ).rows as { hash: string }[];
    expect(claim?.events).toMatchObject([{ type: 'claim.submitted', leafHash: hash?.hash }]);
  });

  it('gives an attendance the event of the session that it was recorded with', async () => {
    const { nodes } = await trace(auditor, alone[0]?.attendances[0]?.id ?? '');
    expect(nodes.find(({ id }) => id === alone[0]?.attendances[0]?.id)?.events).toMatchObject([
      { type: 'session.recorded' },
    ]);
  });

  it('starts from an event as from what it is about', async () => {
    const { nodes } = await trace(auditor, payout.id);
    const event = nodes.find(({ id }) => id === invoice)?.events[0];
    expect((await trace(auditor, event?.id ?? '')).root).toBe(invoice);
  });

  it('is the same from the side of the provider, but for the funds of the commissioner', async () => {
    const { coordinator } = payee.stage;
    expect(await trace(coordinator, together.id)).toEqual(withoutFunds(await trace(auditor, together.id)));
    expect(await trace(coordinator, payout.id)).toEqual(withoutFunds(await trace(auditor, payout.id)));
  });

  function withoutFunds(whole: Wire): Wire {
    const nodes = whole.nodes.map((node) => ({
      ...node,
      transfers: node.transfers.filter(({ debit, credit }) => !(debit === 'funds_reserved' && credit === 'funds')),
    }));
    expect(nodes).not.toEqual(whole.nodes);
    return { ...whole, nodes };
  }

  it('shows a referrer its referral and how it goes, and no money', async () => {
    const { api } = await link.as('referrer');
    const found = await trace(api, referral);
    expect(found).toMatchObject({
      edges: [],
      cut: [],
      nodes: [{ kind: 'referral', outcomes: { planned: 6, attended: 3 }, transfers: [] }],
    });
    expect(found.nodes[0]?.events.map(({ type }) => type)).toEqual(['referral.made', 'referral.accepted']);
    // Ids and hashes have any digits.
    const text = JSON.stringify(found).replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}/g, '');
    expect(text).not.toMatch(/3200|6000|12400/);
  });

  it.each([
    ['another commissioner', async () => (await commissioner(app, 'OTHER')).as('auditor')],
    ['another provider', () => stranger.as('treasurer')],
    ['a referrer that has only referred', () => link.as('referrer')],
  ])('shows nothing to %s', async (_, whom) => {
    const { api } = await whom();
    for (const id of [payout.id, invoice, batch, groupClaim(), together.id, together.attendances[0]?.id, companion]) {
      expect((await api.get(`/v1/trace/${id}`, { expect: 404 })).body.code).toBe('not_found');
    }
  });

  it('is refused without an id that exists', async () => {
    await auditor.get(`/v1/trace/${newId()}`, { expect: 404 });
    await auditor.get('/v1/trace/everything', { expect: 400 });
    await auditor.get(`/v1/trace/${batch}?after=${batch}`, { expect: 400 });
  });

  describe('of much', () => {
    let large: string;
    let all: string[];

    beforeAll(async () => {
      large = newId();
      await plantRow(app.admin, 'batch', {
        commissioner_id: icb.id,
        provider_id: payee.id,
        id: large,
        contract_id: payee.stage.contract.contractId,
        code: 'SP-202610-2',
        state: 'submitted',
        total_minor: 450,
        vat_minor: 0,
        indicative_minor: 0,
        uncommitted_minor: 0,
        line_count: 450,
        charge_count: 450,
        period: '2026-10-01',
      });
      await app.admin.query('set session_replication_role = replica');
      await app.admin.query(
        `insert into claim select (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), 'fact_id',
           gen_random_uuid(), 'batch_id', $2::text))).* from claim c, generate_series(1, 450) where c.id = $1`,
        [groupClaim(), large],
      );
      await app.admin.query('set session_replication_role = origin');
      const { rows } = await app.admin.query<{ id: string }>('select id from claim where batch_id = $1 order by id', [
        large,
      ]);
      all = rows.map(({ id }) => id);
    });

    it('shows the first, says how many more there are, and reads on', async () => {
      const found: string[] = [];
      let path: string | undefined = `/v1/trace/${large}`;
      const notShown: number[] = [];
      while (path !== undefined) {
        const page: Wire = (await auditor.get<Wire>(path)).body;
        found.push(...ids(page, 'claim'));
        const cut: Wire['cut'][number] | undefined = page.cut.find(({ kind }) => kind === 'claim');
        if (cut) notShown.push(cut.notShown);
        path = cut?.next;
      }
      expect(notShown).toEqual([250, 50]);
      expect(found).toEqual(all);
    });
  });

  describe('shows where each event is sealed', () => {
    const eventsOf = ({ nodes }: Wire) => nodes.flatMap(({ events }) => events);

    it('to every side that sees the event, with a proof that can be checked', async () => {
      const { api: referrer } = await link.as('referrer');
      for (const [api, id] of [
        [auditor, payout.id],
        [payee.stage.coordinator, batch],
        [referrer, referral],
      ] as const) {
        const event = eventsOf(await trace(api, id))[0];
        const { status, text } = await api.get(event?.sealed?.proof ?? '');
        expect([status, event?.sealed?.leafIndex]).toEqual([200, parseTlogProof(text).index]);
        expect(isProved(text, event?.leafHash)).toBe(true);
        expect(isProved(text, '0'.repeat(64))).toBe(false);
      }
    });

    it('each event in a place of its own, under the first checkpoint that covers it', async () => {
      const events = new Map(eventsOf(await trace(auditor, payout.id)).map((event) => [event.id, event]));
      const places = [...events.values()].map(({ sealed }) => sealed?.leafIndex);
      expect(new Set(places).size).toBe(events.size);
      expect(places).not.toContain(undefined);
      const { rows } = await app.admin.query<{ size: number }>(
        'select size::int as size from ledger.checkpoint where log_id = $1 and note is not null order by size',
        [icb.id],
      );
      for (const { sealed } of events.values()) {
        const covering = rows.find(({ size }) => size > (sealed?.leafIndex ?? Number.MAX_SAFE_INTEGER));
        expect(sealed?.checkpointSize).toBe(covering?.size);
      }
    });

    it('in the portal, where each event offers its proof to keep', async () => {
      const auditorsVisit = await visitor(app, await icb.as('auditor'));
      const { nodes } = await trace(auditor, payout.id);
      const event = nodes.find(({ kind }) => kind === 'batch')?.events.find(({ type }) => type === 'batch.approved');
      const path = `/follow/${event?.id}/proof`;
      const { text: page } = await auditorsVisit.get(`/follow/${payout.id}`);
      expect(page).toContain(`href="${path}"`);
      expect(page).toContain(`Leaf ${event?.sealed?.leafIndex?.toLocaleString('en-GB')} of the log.`);
      const { headers, text } = await auditorsVisit.get(path);
      expect(headers.get('content-disposition')).toContain(`attachment; filename="${event?.id}.tlog-proof"`);
      expect(isProved(text, event?.leafHash)).toBe(true);
      expect((await auditorsVisit.get(`/journal/${event?.id}`)).text).toContain(`href="${path}"`);
      const strangersVisit = await visitor(app, await stranger.as('coordinator'));
      expect((await strangersVisit.get(path)).status).toBe(404);
    });

    function isProved(text: string, leafHash: string | undefined): boolean {
      const { index, proof, checkpoint } = parseTlogProof(text);
      const keys = app.nest.get(LogKeys);
      const verifiers = keys.verifierKeys(keys.originOf(icb.id)).map(parseVerifierKey);
      const { size, root } = parseCheckpoint(openNote(checkpoint, verifiers).text);
      return verifyInclusion(Buffer.from(leafHash ?? '', 'hex'), index, size, proof, root);
    }
  });

  const printed = (id: string, as: TraceAsked['as'] = 'tree') => traceText(app.nest, { id, as });

  it('prints as a tree that follows the money down to the referral', async () => {
    const text = await printed(payout.id);
    const lines = text.split('\n');
    expect(lines[0]).toBe(`payout  ${payout.reference}  paid  £124.00`);
    const depth = (part: string) => lines.find((line) => line.includes(part))?.search(/[a-z]/);
    const depths = ['invoice  ', 'batch  ', 'claim  ', 'attendance  ', 'referral  EMIS-1'].map(depth);
    expect(depths).toEqual([3, 6, 9, 12, 15]);
    expect(text).toContain('£32.00  debit activity, credit accrued, effective 2026-10-29');
    expect(text).toContain('referral  EMIS-1  accepted  (see above)');
    expect(text).not.toContain('It led to');
    expect(text).toMatch(/claim\.submitted by the provider {2}sealed #\d+ {2}[0-9a-f]{12}$/m);
    expect(text).not.toContain('not sealed yet');
    await expect(printed(newId())).rejects.toThrow('Nothing that can be traced');
  });

  it('prints as the API answers', async () => {
    expect(JSON.parse(await printed(payout.id, 'json'))).toEqual(await trace(auditor, payout.id));
  });

  it('prints the proof of an event, by its id or the number that the tree shows', async () => {
    const event = (await trace(auditor, claims[0] ?? '')).nodes.find(({ kind }) => kind === 'claim')?.events[0];
    const proof = (await auditor.get(event?.sealed?.proof ?? '')).text;
    for (const proofOf of [event?.id ?? '', String(event?.sealed?.leafIndex), `#${event?.sealed?.leafIndex}`]) {
      expect(parseTlogProof(await printed(payout.id, { proofOf })).index).toBe(parseTlogProof(proof).index);
    }
    await expect(printed(payout.id, { proofOf: newId() })).rejects.toThrow('No event in this trace');
    await expect(printed(payout.id, { proofOf: '' })).rejects.toThrow('No event in this trace');
  });
});
