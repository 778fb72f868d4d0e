import { curtain } from './curtain.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { withoutIds } from '../support/ids.js';
import { commissioner, type Party } from '../support/world.js';
import { closeBooks, MonthStage, refusalOf, type BatchBody, type LineBody } from './month-stage.js';

const OCTOBER = ['2026-10-06', '2026-10-13', '2026-10-20'];

describe('a month from claims to approval', () => {
  let app: TestApp;
  let icb: Party;

  beforeAll(async () => {
    app = await startTestApp({ now: '2026-11-05T09:00:00Z' });
    icb = await commissioner(app);
  });
  afterAll(() => app.close());

  const journal = async (subjectId: string): Promise<{ type: string; data: Record<string, unknown> }[]> => {
    const { rows } = await app.admin.query<{ type: string; said: { data: Record<string, unknown> } }>(
      `select type, convert_from(body, 'UTF8')::jsonb as said from ledger.event where subject_id = $1 order by seq`,
      [subjectId],
    );
    return rows.map(({ type, said }) => ({ type, data: said.data }));
  };

  it('shows the batch before it is submitted, fixes prices at submission, and owes its total at approval', async () => {
    const first = await commissioner(app, 'HAPPYICB');
    const month = await MonthStage.of(app, first, { providerCode: 'HAPPY', code: 'HAPPY-1', budgetMinor: '20000' });
    const claims = await month.attend(await month.referral('REF-1'), ...OCTOBER);

    const preview = await month.contractManager.get<{ items: Record<string, unknown>[] }>(
      `/v1/batches/preview?providerId=${month.provider.id}&period=2026-10`,
    );
    expect(preview.body.items).toMatchObject([
      {
        contractCode: 'HAPPY-1',
        lineCount: 3,
        totalMinor: '9600',
        budgetLeftMinor: '20000',
        uncommittedMinor: '0',
        refusals: [],
        lines: [{ runningTotalMinor: '3200' }, { runningTotalMinor: '6400' }, { runningTotalMinor: '9600' }],
      },
    ]);

    const { body } = await month.contractManager.post<{ items: BatchBody[] }>('/v1/batches', {
      providerId: month.provider.id,
      period: '2026-10',
    });
    const [batch] = body.items;
    if (!batch) throw new Error('no batch');
    expect(batch).toMatchObject({ code: 'HAPPY-1-202610-1', state: 'submitted', lineCount: 3, totalMinor: '9600' });
    const lines = await month.lines(batch);
    expect(lines.map(({ claimId }) => claimId)).toEqual(claims);
    expect(lines).toMatchObject([{ state: 'in_review', priceMinor: '3200', flags: [] }, {}, {}]);
    expect(lines[0]?.reasons).not.toEqual([]);

    const approved = await month.approve(batch);
    expect(approved).toMatchObject({ state: 'approved', flaggedLines: [], digest: batch.digest });
    expect((await month.lines(batch)).map(({ state }) => state)).toEqual(['approved', 'approved', 'approved']);
    expect((await journal(batch.id)).map(({ type }) => type)).toEqual(['batch.submitted', 'batch.approved']);
    const budget = await month.contractManager.get(`/v1/contracts/${month.contract.contractId}/budget`);
    expect(budget.body).toMatchObject({ leftMinor: '10400', committedMinor: '0', spentMinor: '9600' });
    await app.jobs.settle();
    expect(`\n${await closeBooks(app, first, names(month))}\n`).toBe(`
money book             debits  credits  balance
accrued:HAPPY:HAPPY-1   96.00    96.00      - C
activity                96.00        -  96.00 D
owed:HAPPY:HAPPY-1          -    96.00  96.00 C
total                  192.00   192.00

budget book               debits  credits   balance
authorised:HAPPY:HAPPY-1  200.00        -  200.00 D
budget:HAPPY:HAPPY-1       96.00   200.00  104.00 C
committed:HAPPY:HAPPY-1    96.00    96.00       - C
spent:HAPPY:HAPPY-1            -    96.00   96.00 C
total                     392.00   392.00
`);
  });

  it('takes late lines of earlier months along and says so, but no later ones', async () => {
    const month = await MonthStage.of(app, icb, { code: 'LATE-1' });
    const referral = await month.referral('REF-1');
    const [late] = await month.attend(referral, '2026-09-22');
    const [inTime] = await month.attend(referral, '2026-10-06');
    await month.attend(referral, '2026-11-03');
    const batch = await month.submit('2026-10');
    const lines = await month.lines(batch);
    expect(lines.map(({ claimId }) => claimId)).toEqual([late, inTime]);
    expect(lines.map(({ flags }) => flags.map(({ code }) => code))).toEqual([['earlier_period'], []]);
    const again = await month.contractManager.post(
      '/v1/batches',
      { contract: 'LATE-1', period: '2026-10' },
      { expect: 422 },
    );
    expect(again.body.code).toBe('batch.no_claims');
    const ahead = await month.contractManager.post(
      '/v1/batches',
      { contract: 'LATE-1', period: '2026-12' },
      { expect: 422 },
    );
    expect(ahead.body.code).toBe('batch.period_not_begun');
    await month.attend(referral, '2026-10-07');
    const second = await month.contractManager.post(
      '/v1/batches',
      { contract: 'LATE-1', period: '2026-10' },
      { expect: 409 },
    );
    expect(second.body).toMatchObject({ code: 'batch.under_review', details: { batch: 'LATE-1-202610-1' } });
    await closeBooks(app, icb);
  });

  it('puts flagged lines first, and pays them only when the approver says why', async () => {
    const month = await MonthStage.of(app, icb, {
      card: { basis: 'attendance', priceMinor: '3200', caps: { perReferral: 2 } },
    });
    const claims = await month.attend(await month.referral('REF-1'), ...OCTOBER);
    const batch = await month.submit();
    const [first, ...others] = await month.lines(batch);
    expect(first).toMatchObject({ claimId: claims[2], flags: [{ code: 'over_cap' }] });
    expect(others.map(({ claimId }) => claimId)).toEqual(claims.slice(0, 2));
    const path = `/v1/batches/${batch.id}/approve`;
    const refused = await month.approver.post(path, { digest: batch.digest }, { expect: 422 });
    expect(refused.body).toMatchObject({ code: 'batch.flagged_lines', details: { flaggedCount: 1 } });
    const approved = await month.approve(batch, { flagsReason: 'The seventh session was agreed by telephone.' });
    expect(approved).toMatchObject({ state: 'approved', flaggedLines: [{ claimId: claims[2] }] });
    expect((await journal(batch.id)).map(({ type }) => type)).toEqual([
      'batch.submitted',
      'command.refused',
      'batch.approved',
    ]);
    await app.jobs.settle();
    await closeBooks(app, icb);
  });

  it('lets a queried line leave, goes on without it, and takes it into the next batch once it is answered', async () => {
    const month = await MonthStage.of(app, icb, { code: 'QUERY-1', budgetMinor: '9600' });
    const [queried = '', ...others] = await month.attend(await month.referral('REF-1'), ...OCTOBER);
    const batch = await month.submit();
    const path = `/v1/batches/${batch.id}/claims/${queried}/query`;
    const personal = await month.approver.post(path, { question: 'Was this 943 476 5919?' }, { expect: 400 });
    expect(withoutIds(personal.text)).not.toContain('5919');

    const { body: smaller } = await month.approver.post<BatchBody>(path, { question: 'Was this session held?' });
    expect(smaller).toMatchObject({ lineCount: 2, totalMinor: '6400' });
    expect(smaller.digest).not.toBe(batch.digest);
    const twice = await month.approver.post(path, { question: 'Was this session held?' }, { expect: 409 });
    expect(twice.body.code).toBe('batch.line_not_held');

    const stale = await month.approver.post(
      `/v1/batches/${batch.id}/approve`,
      { digest: batch.digest },
      { expect: 409 },
    );
    expect(stale.body).toMatchObject({ code: 'batch.changed_since_review', details: { digest: smaller.digest } });
    await month.approve(smaller);

    const { body } = await month.coordinator.get<{ items: { id: string; claimId: string }[] }>('/v1/queries?open=true');
    expect(body.items).toMatchObject([{ claimId: queried, batchId: batch.id, open: true, answer: null }]);
    const answerPath = `/v1/queries/${body.items[0]?.id}/answer`;
    await month.coordinator.post(answerPath, { answer: 'Yes: the register is signed.' });
    const again = await month.coordinator.post(answerPath, { answer: 'Yes.' }, { expect: 409 });
    expect(again.body.code).toBe('query.closed');
    const next = await month.submit();
    expect(next).toMatchObject({ code: 'QUERY-1-202610-2', lineCount: 1, totalMinor: '3200' });
    expect((await month.lines(next)).map(({ claimId }) => claimId)).toEqual([queried]);
    await month.approve(next);
    expect((await journal(queried)).map(({ type }) => type)).toEqual([
      'claim.submitted',
      'claim.queried',
      'command.refused',
      'claim.answered',
      'command.refused',
    ]);
    expect((await month.lines(batch)).map(({ claimId }) => claimId)).toEqual(others);
    await app.jobs.settle();
    await closeBooks(app, icb);
  });

  it('frees the fact of a rejected line, and gives its budget back', async () => {
    const month = await MonthStage.of(app, icb, { budgetMinor: '9600' });
    const [claim = ''] = await month.attend(await month.referral('REF-1'), ...OCTOBER);
    const batch = await month.submit();
    const path = `/v1/batches/${batch.id}/claims/${claim}`;
    const { body } = await month.approver.post<BatchBody>(`${path}/reject`, { reason: 'Not of this service.' });
    expect(body).toMatchObject({ lineCount: 2, totalMinor: '6400' });
    const budget = await month.contractManager.get(`/v1/contracts/${month.contract.contractId}/budget`);
    expect(budget.body).toMatchObject({ leftMinor: '3200', committedMinor: '6400' });
    const sessions = await month.coordinator.get<{ items: { heldOn: string; attendances: { id: string }[] }[] }>(
      `/v1/sessions?contract=${month.contract.contractCode}`,
    );
    const attendance = sessions.body.items.find(({ heldOn }) => heldOn === OCTOBER[0])?.attendances[0];
    const fact = { kind: 'attendance', id: attendance?.id };
    await month.coordinator.post('/v1/claims', { contract: month.contract.contractCode, fact });
    await month.approve(body);
    const next = await month.submit();
    expect(next).toMatchObject({ lineCount: 1, totalMinor: '3200' });

    await month.approver.post(`/v1/batches/${next.id}/claims/${(await month.lines(next))[0]?.claimId}/query`, {
      question: 'Again?',
    });
    const emptied = await month.read(next);
    expect(emptied).toMatchObject({ lineCount: 0, totalMinor: '0', openQueryCount: 1 });
    const empty = await month.approver.post(
      `/v1/batches/${next.id}/approve`,
      { digest: emptied.digest },
      { expect: 422 },
    );
    expect(empty.body.code).toBe('batch.empty');
    await app.jobs.settle();
    await closeBooks(app, icb);
  });

  it('rejects a claim that waits for an answer nobody gives', async () => {
    const month = await MonthStage.of(app, icb);
    const [claim = ''] = await month.attend(await month.referral('REF-1'), ...OCTOBER);
    const batch = await month.submit();
    const path = `/v1/batches/${batch.id}/claims/${claim}`;
    const { body } = await month.approver.post<BatchBody>(`${path}/query`, { question: 'Was this held?' });
    await month.approve(body);
    await month.approver.post(`${path}/reject`, { reason: 'No answer in a month.' });
    const { body: queries } = await month.coordinator.get<{ items: { id: string }[] }>('/v1/queries');
    expect(queries.items).toMatchObject([{ open: false, answer: null }]);
    const answer = await month.coordinator.post(
      `/v1/queries/${queries.items[0]?.id}/answer`,
      { answer: 'It was.' },
      { expect: 409 },
    );
    expect(answer.body.code).toBe('query.closed');
    const held = (await month.lines(batch))[0]?.claimId ?? '';
    const late = await month.approver.post(
      `/v1/batches/${batch.id}/claims/${held}/reject`,
      { reason: 'Too late.' },
      { expect: 409 },
    );
    expect(late.body).toMatchObject({ code: 'batch.decided', details: { state: 'approved' } });
    await app.jobs.settle();
    await closeBooks(app, icb);
  });

  it('releases all lines of a rejected batch, for a new one', async () => {
    const month = await MonthStage.of(app, icb, { budgetMinor: '9600' });
    await month.attend(await month.referral('REF-1'), ...OCTOBER);
    const batch = await month.submit();
    const { body } = await month.contractManager.post(`/v1/batches/${batch.id}/reject`, { reason: 'Wrong month.' });
    expect(body).toMatchObject({ state: 'rejected', rejectReason: 'Wrong month.', totalMinor: '9600' });
    expect(await month.lines(batch)).toEqual([]);
    const next = await month.submit();
    expect(next).toMatchObject({ lineCount: 3, totalMinor: '9600', digest: batch.digest });
    const gone = await month.approver.post(
      `/v1/batches/${batch.id}/approve`,
      { digest: batch.digest },
      { expect: 409 },
    );
    expect(gone.body).toMatchObject({ code: 'batch.decided', details: { state: 'rejected' } });
    await closeBooks(app, icb);
  });

  it('refuses approval by the maker, beyond a limit, without the role and by a program, and remembers it', async () => {
    const month = await MonthStage.of(app, icb);
    await month.attend(await month.referral('REF-1'), ...OCTOBER);
    const both = await icb.as('contract_manager', 'approver');
    const { body } = await both.api.post<{ items: BatchBody[] }>('/v1/batches', {
      contract: month.contract.contractCode,
      period: '2026-10',
    });
    const [batch] = body.items;
    if (!batch) throw new Error('no batch');
    const path = `/v1/batches/${batch.id}/approve`;
    const own = await both.api.post(path, { digest: batch.digest }, { expect: 403 });
    expect(own.body.code).toBe('batch.own');

    const limited = await icb.another('approver');
    const limit = `/v1/members/${limited.memberId}/approval-limit`;
    await (await icb.as('admin')).api.post(limit, { approvalLimitMinor: '9599' });
    const above = await limited.api.post(path, { digest: batch.digest }, { expect: 403 });
    expect(above.body).toMatchObject({
      code: 'batch.above_limit',
      details: { totalMinor: '9600', limitMinor: '9599' },
    });
    for (const role of ['contract_manager', 'finance', 'auditor', 'admin'] as const) {
      const { api } = await icb.as(role);
      await api.post(path, { digest: batch.digest }, { expect: 403 });
    }
    await month.coordinator.post(path, { digest: batch.digest }, { expect: 403 });
    const admin = await icb.as('admin');
    const key = await admin.api.post<{ key: string }>('/v1/keys', { label: 'program', scopes: ['claims:write'] });
    await app.api(key.body.key).post(path, { digest: batch.digest }, { expect: 403 });

    const refusals = (await journal(batch.id)).filter(({ type }) => type === 'command.refused');
    expect(refusals.map(({ data }) => data)).toMatchObject([
      { command: 'batch.approve', code: 'batch.own' },
      { command: 'batch.approve', code: 'batch.above_limit', figures: { totalMinor: '9600', limitMinor: '9599' } },
    ]);
    await (await icb.as('admin')).api.post(limit, { approvalLimitMinor: '9600' });
    await limited.api.post(path, { digest: batch.digest });
    await app.jobs.settle();
    await closeBooks(app, icb);
  });

  it('is not seen by other providers and other commissioners', async () => {
    const month = await MonthStage.of(app, icb);
    const claims = await month.attend(await month.referral('REF-1'), ...OCTOBER);
    const batch = await month.submit();
    const stranger = await MonthStage.of(app, icb);
    const elsewhere = await commissioner(app, 'ELSE1');
    const foreign = (await elsewhere.as('approver', 'contract_manager')).api;
    for (const api of [stranger.coordinator, foreign]) {
      await api.get(`/v1/batches/${batch.id}`, { expect: 404 });
      await api.get(`/v1/batches/${batch.id}/lines`, { expect: 404 });
    }
    const reason = { reason: 'Mine now.' };
    await foreign.post(`/v1/batches/${batch.id}/approve`, { digest: batch.digest }, { expect: 404 });
    await foreign.post(`/v1/batches/${batch.id}/reject`, reason, { expect: 404 });
    await foreign.post(`/v1/batches/${batch.id}/claims/${claims[0]}/reject`, reason, { expect: 404 });
    const other = await stranger.attend(await stranger.referral('REF-2'), '2026-10-06');
    const mixed = await month.approver.post(`/v1/batches/${batch.id}/claims/${other[0]}/reject`, reason, {
      expect: 409,
    });
    expect(mixed.body.code).toBe('batch.line_not_held');
    expect(
      (await month.coordinator.get<{ items: LineBody[] }>(`/v1/batches/${batch.id}/lines`)).body.items,
    ).toHaveLength(3);
    await closeBooks(app, icb);
  });

  it('approves once, whoever presses how often at the same time', async () => {
    for (const round of [1, 2, 3]) {
      const month = await MonthStage.of(app, icb);
      await month.attend(await month.referral(`REF-${round}`), ...OCTOBER);
      const batch = await month.submit();
      const approvers = [await icb.as('approver'), await icb.another('approver'), await icb.another('approver')];
      const calls = Array.from({ length: 50 }, async (_, index) => {
        const api = approvers[index % approvers.length]?.api ?? month.approver;
        return refusalOf(api.post(`/v1/batches/${batch.id}/approve`, { digest: batch.digest }).catch(problemOf));
      });
      const outcomes = await Promise.all(calls);
      expect(outcomes.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(outcomes.filter(({ code }) => code === 'batch.decided')).toHaveLength(49);
      const approvals = (await journal(batch.id)).filter(({ type }) => type === 'batch.approved');
      expect(approvals).toHaveLength(1);
    }
    await app.jobs.settle();
    await closeBooks(app, icb);
  });

  it('answers a repeated approval with the same key as the first time', async () => {
    const month = await MonthStage.of(app, icb);
    await month.attend(await month.referral('REF-1'), ...OCTOBER);
    const batch = await month.submit();
    const headers = { 'idempotency-key': `approve-${batch.id}` };
    const call = () => month.approver.post(`/v1/batches/${batch.id}/approve`, { digest: batch.digest }, { headers });
    const answers = await Promise.all([call(), call(), call()]);
    const [first] = answers;
    expect(first?.body).toMatchObject({ state: 'approved' });
    expect(answers.map(({ body }) => body)).toEqual([first?.body, first?.body, first?.body]);
    await app.jobs.settle();
    await closeBooks(app, icb);
  });

  it('ends with books that balance', () => curtain(app));
});

function names({ contract, provider }: MonthStage): Record<string, string> {
  return { [provider.id]: provider.code, [contract.contractId]: contract.contractCode };
}

/** What a client threw, as the answer it was. */
function problemOf(error: unknown): { status: number; body: Record<string, unknown> } {
  const [, status, text] = /answered (\d+): (.*)$/s.exec((error as Error).message) ?? [];
  return { status: Number(status), body: JSON.parse(text ?? '{}') as Record<string, unknown> };
}
