import { hash, randomUUID } from 'node:crypto';
import { ClaimsService } from '../../src/delivery/index.js';
import { checkInvariants, LedgerService } from '../../src/ledger/index.js';
import { commitmentTo } from '../../src/platform/commitments.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { commissioner, type Party } from '../support/world.js';
import { curtain } from './curtain.js';
import { textOfTables } from './demo-canaries.js';
import { ErasureStage, type Referred } from './erasure-stage.js';

interface TextBody {
  id: string;
  eventType: string;
  subjectId: string;
  hash: string;
  isSalted: boolean;
  text: string | null;
  salt: string | null;
  redactedAt: string | null;
}

const QUESTION = 'Was Ada Lovelace there?';
const ANSWER = 'Ada came.';
const REASON = 'Ada was ill.';
const OLD_REASON = 'Not Ada.';
const OF_CLAIMS = [QUESTION, ANSWER, REASON, OLD_REASON];
const BATCH_REASON = 'Ask Ada first.';
const FLAGS_REASON = 'Ada asked for it.';
const BUDGET_REASON = 'More people like Ada.';
const OF_OTHERS = [BATCH_REASON, FLAGS_REASON, BUDGET_REASON];
const REQUEST = { ground: 'objection', askedBy: 'person' };

describe('what people wrote about somebody', () => {
  let app: TestApp;
  let icb: Party;
  let stage: ErasureStage;
  let one: Referred;

  beforeAll(async () => {
    app = await startTestApp();
    icb = await commissioner(app, 'NELICB');
    stage = await ErasureStage.of(app, icb);
    one = await stage.refer('TX-1', { personReference: 'NORTHGATE-1' });
    const { month } = stage;
    const [first, second, third] = await month.attend(one.reference, '2026-10-06', '2026-10-13', '2026-10-20');
    const batch = await month.submit();
    const ask = (claimId: string | undefined, question: string) =>
      month.approver.post(`/v1/batches/${batch.id}/claims/${claimId}/query`, { question }, keyed());
    await ask(first, QUESTION);
    await month.approver.post(`/v1/batches/${batch.id}/claims/${second}/reject`, { reason: REASON }, keyed());
    await ask(third, 'Who was it?');
    const { body } = await month.coordinator.get<{ items: { id: string; claimId: string }[] }>('/v1/queries');
    const query = body.items.find(({ claimId }) => claimId === first);
    await month.coordinator.post(`/v1/queries/${query?.id}/answer`, { answer: ANSWER }, keyed());
    await rejectAsBefore(batch.id, third ?? '');
    await month.approver.post(`/v1/batches/${batch.id}/reject`, { reason: BATCH_REASON }, keyed());
    await month.contractManager.post(
      `/v1/contracts/${month.contract.contractId}/budget-changes`,
      { amountMinor: '5000', effectiveOn: '2026-10-01', reason: BUDGET_REASON },
      keyed(),
    );
    await month.attend(one.reference, '2026-10-27', '2026-10-28');
    const again = await month.submit();
    const flagged = (await month.lines(again)).some(({ flags }) => flags.length > 0);
    await month.approve(again, flagged ? { flagsReason: FLAGS_REASON } : {});
    await stage.close(one);
    await app.jobs.settle();
  });
  afterAll(() => app.close());

  /** As a version before did it: the event binds the reason by a hash without a salt, and the row has none. */
  const rejectAsBefore = async (batchId: string, claimId: string) => {
    const { memberId } = await icb.as('approver');
    const actor = { side: 'commissioner', orgId: icb.id, memberId, keyId: null, roles: [], scopes: [] };
    await app.database.transaction({ side: 'commissioner', orgId: icb.id }, async (tx) => {
      const occurredAt = app.clock.now();
      await tx.execute('update claim_query set closed_at = $2 where claim_id = $1', [claimId, occurredAt]);
      await app.nest.get(ClaimsService).reject(tx, icb.id, claimId, { text: OLD_REASON, salt: null } as never);
      await app.nest.get(LedgerService).record(tx, {
        type: 'claim.rejected',
        commissionerId: icb.id,
        subjectId: claimId,
        actor: { kind: 'person', ...actor } as never,
        providerId: stage.month.provider.id,
        occurredAt,
        data: { batchId, reasonSha256: hash('sha256', OLD_REASON) },
      });
    });
  };
  const keyed = () => ({ headers: { 'idempotency-key': randomUUID() } });
  const texts = async () => (await stage.admin.get<{ items: TextBody[] }>('/v1/texts?limit=100')).body.items;
  const textOf = async (text: string) => (await texts()).find((each) => each.text === text);

  /** Which of the texts stand where, as a superuser sees it. */
  const places = async (wanted: readonly string[]) => {
    const found: string[] = [];
    for await (const { name, text } of textOfTables(app.admin))
      found.push(...wanted.filter((each) => text.includes(each)).map((each) => `${name}: ${each}`));
    return found.sort();
  };
  const bodies = async () =>
    (await app.admin.query<{ body: string }>(`select convert_from(body, 'UTF8') as body from ledger.event`)).rows
      .map(({ body }) => body)
      .join('\n');
  /** What the checks find once a superuser has done something, which is undone. */
  const brokenBy = async (sql: string) => {
    await app.admin.query('begin');
    await app.admin.query('set local session_replication_role = replica');
    expect((await app.admin.query(sql)).rowCount).toBe(1);
    const findings = await checkInvariants(async (ask) => (await app.admin.query<Record<string, unknown>>(ask)).rows);
    await app.admin.query('rollback');
    return findings.flatMap(({ violations }) => violations.flatMap(({ differs }) => (differs ?? []) as string[]));
  };
  const broken = (table: string, set: string, column: string, text: string) =>
    brokenBy(`update ${table} set ${set} where ${column} = '${text.replaceAll("'", "''")}'`);

  it('stands in its row alone, and in no answer that is kept under a key', async () => {
    expect(await places([QUESTION, ANSWER, REASON, OLD_REASON, BATCH_REASON, BUDGET_REASON])).toEqual(
      [
        `public.batch: ${BATCH_REASON}`,
        `public.budget_change: ${BUDGET_REASON}`,
        `public.claim: ${OLD_REASON}`,
        `public.claim: ${REASON}`,
        `public.claim_query: ${ANSWER}`,
        `public.claim_query: ${QUESTION}`,
      ].sort(),
    );
  });

  it('is bound by a commitment that nobody can try without the salt, and shown by whoever has it', async () => {
    const written = await bodies();
    for (const text of [QUESTION, ANSWER, REASON, BATCH_REASON, BUDGET_REASON]) {
      const kept = await textOf(text);
      const salt = Buffer.from(kept?.salt ?? '', 'hex');
      expect(commitmentTo({ kind: 'text', text }, salt).toString('hex')).toBe(kept?.hash);
      expect(commitmentTo({ kind: 'text', text: `${text} ` }, salt).toString('hex')).not.toBe(kept?.hash);
      expect(kept).toMatchObject({ isSalted: true });
      expect(salt).toHaveLength(32);
      expect(written).toContain(kept?.hash);
      expect(written).not.toContain(kept?.salt);
      expect(written).not.toContain(hash('sha256', text));
    }
    expect(await textOf(OLD_REASON)).toMatchObject({ isSalted: false, salt: null, hash: hash('sha256', OLD_REASON) });
  });

  it('is held to the journal: edited, taken away without an event, or with another salt, it shows', async () => {
    const zeros = `'\\x${'00'.repeat(32)}'`;
    expect(await broken('claim_query', `question = 'x'`, 'question', QUESTION)).toEqual(['question']);
    expect(await broken('claim_query', `answer_salt = ${zeros}`, 'answer', ANSWER)).toEqual(['answer']);
    expect(await broken('claim', 'reject_reason = null, reject_reason_salt = null', 'reject_reason', REASON)).toEqual([
      'reject_reason',
    ]);
    expect(await broken('batch', 'reject_reason_salt = null', 'reject_reason', BATCH_REASON)).toEqual(
      expect.arrayContaining(['reject_reason', 'reject_reason_salt']),
    );
    expect(await broken('budget_change', `reason = 'For Ben.'`, 'reason', BUDGET_REASON)).toEqual(['reason']);
    expect(await broken('claim', `reject_reason = 'Not Ben.'`, 'reject_reason', OLD_REASON)).toEqual(['reject_reason']);
    expect(await broken('claim', `reject_reason_salt = ${zeros}`, 'reject_reason', OLD_REASON)).toEqual([
      'reject_reason_salt',
    ]);
  });

  it('is gone with its person, with its salt, and every proof still verifies', async () => {
    const salts = (await texts()).flatMap(({ text, salt }) =>
      salt !== null && OF_CLAIMS.includes(text ?? '') ? [salt] : [],
    );
    expect(salts).toHaveLength(3);
    const questions = await texts();
    const [asked] = questions.filter(({ eventType }) => eventType === 'claim.queried');
    const proof = await stage.proofOf(asked?.id ?? '');
    const before = await stage.log();

    const { erasure } = await stage.erase(one.personId);

    expect(erasure).toMatchObject({ texts: 5, keys: 1 });
    expect(erasure?.remains.find(({ what }) => what === 'hashes')).toMatchObject({ count: 1 });
    expect(await places([...OF_CLAIMS, 'Who was it?', ...salts])).toEqual([]);
    expect(await stage.isProved(proof, asked?.id ?? '')).toBe(true);
    expect((await stage.log()).upTo(before.size).root).toEqual(before.root);
    const written = await bodies();
    for (const text of [QUESTION, ANSWER, REASON]) {
      expect(written).not.toContain(hash('sha256', text));
      expect(written).not.toContain(commitmentTo({ kind: 'text', text }, Buffer.alloc(32)).toString('hex'));
    }
    expect(written).toContain(hash('sha256', OLD_REASON)); // which docs/privacy.md says
    const { body } = await stage.month.coordinator.get<{ items: Record<string, unknown>[] }>('/v1/queries');
    expect(body.items.map(({ question, answer }) => [question, answer])).toEqual([
      [null, null],
      [null, null],
    ]);
    await curtain(app);
  });

  it('must not be put back, or be left where it was erased', async () => {
    const [asked] = (await texts()).filter(({ eventType }) => eventType === 'claim.queried');
    const { subjectId } = asked ?? {};
    expect(await brokenBy(`update claim_query set question = '${QUESTION}' where claim_id = '${subjectId}'`)).toEqual([
      'question',
      'question_salt',
    ]);
  });

  it('is redacted by itself where it is about no single person', async () => {
    const of = OF_OTHERS.filter((text) => text !== FLAGS_REASON);
    const before = await stage.log();
    for (const text of of) {
      const kept = await textOf(text);
      const path = `/v1/texts/${kept?.id}/redaction`;
      const { body } = await stage.admin.post<TextBody>(path, REQUEST, keyed());
      expect(body).toMatchObject({ id: kept?.id, text: null, salt: null, hash: kept?.hash });
      expect(body.redactedAt).not.toBeNull();
      const again = await stage.admin.post(path, REQUEST, { expect: 409 });
      expect(again.body).toMatchObject({ code: 'text.already_gone' });
      expect(await places([text, kept?.salt ?? ''])).toEqual([]);
      expect(await stage.eventsOf(kept?.subjectId ?? '', 'text.redacted')).toHaveLength(1);
    }
    expect((await stage.log()).upTo(before.size).root).toEqual(before.root);
    expect((await texts()).filter(({ redactedAt }) => redactedAt !== null).map(({ eventType }) => eventType)).toEqual(
      expect.arrayContaining(['contract.authorised', 'batch.rejected']),
    );
    await curtain(app);
  });

  it('is redacted by the administrator of its commissioner alone, and not under a legal hold', async () => {
    const two = await stage.refer('TX-2', { personReference: 'NORTHGATE-2' });
    const { month } = stage;
    const [claim] = await month.attend(two.reference, '2026-10-22');
    const batch = await month.submit();
    await month.approver.post(`/v1/batches/${batch.id}/claims/${claim}/reject`, { reason: REASON });
    const path = `/v1/texts/${(await textOf(REASON))?.id}/redaction`;
    const rival = await commissioner(app, 'LEEDS');
    await (await rival.as('admin')).api.post(path, REQUEST, { expect: 404 });
    for (const [party, role] of [
      [icb, 'approver'],
      [icb, 'auditor'],
      [month.provider, 'admin'],
    ] as const)
      await (await party.as(role)).api.post(path, REQUEST, { expect: 403 });
    await stage.admin.post(`/v1/texts/${randomUUID()}/redaction`, REQUEST, { expect: 404 });
    await stage.admin.post(`/v1/persons/${two.personId}/hold`, { holdReason: 'complaint' });
    expect((await stage.admin.post(path, REQUEST, { expect: 409 })).body).toMatchObject({ code: 'person.on_hold' });
    await stage.admin.post(`/v1/persons/${two.personId}/release`);
    expect((await stage.admin.post<TextBody>(path, REQUEST)).body).toMatchObject({ text: null });
    expect(await places([REASON])).toEqual([]);
    expect((await stage.erase(two.personId, { ground: 'unlawful', force: true })).erasure).toMatchObject({ texts: 0 });
    await curtain(app);
  });
});
