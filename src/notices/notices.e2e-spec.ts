import { Database, type Reader } from '../platform/database.js';
import { readNews } from './notice-news.queries.js';
import { openNoticesStage, type NoticesStage } from '../../test/support/notices-stage.js';
import type { Party, Person } from '../../test/support/world.js';
import { MonthStage } from '../../test/stories/month-stage.js';

const WELSH = 'cy';

describe('people are told by e-mail', () => {
  let stage: NoticesStage;
  let icb: Party;
  let month: MonthStage;
  let coordinator: Person;

  beforeAll(async () => {
    stage = await openNoticesStage();
  });
  beforeEach(async () => {
    await stage.moveTo('2026-10-29T09:00:00Z');
    icb = await stage.icb();
    month = await MonthStage.of(stage.app, icb, { terms: { rail: 'outside' } });
    coordinator = await month.provider.as('coordinator');
  });
  afterAll(() => stage.close());

  async function refer(reference: string, by = month.contractManager, more: object = {}): Promise<string> {
    const { contractCode, serviceCode } = month.contract;
    const { body } = await by.post<{ id: string }>('/v1/referrals', {
      ...(by === month.contractManager && { providerId: month.provider.id }),
      service: serviceCode,
      contract: contractCode,
      reference,
      source: 'nhs',
      ...more,
    });
    return body.id;
  }

  const subjects = async (person: Person) => (await stage.mailsTo(person)).map(({ subject }) => subject);

  it('that referrals wait: together, and at most once a day', async () => {
    await refer('REF-1');
    await stage.tell();
    expect(await stage.mailsTo(coordinator)).toEqual([]);
    const first = await refer('REF-2');
    await stage.collect();
    await refer('REF-3');
    await stage.collect();
    const [mail, ...others] = await stage.mailsTo(coordinator);
    expect(others).toEqual([]);
    expect(mail?.subject).toBe('Referrals are waiting for you');
    expect(mail?.text).toContain('2 referrals are waiting for your answer.');
    expect(mail?.text).toContain('https://pay.example.org/referrals\n');
    expect(mail?.text).toContain(`Ask ${icb.organisation.name}.`);
    expect(mail?.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail?.headers.get('message-id')).toMatch(/^<[0-9a-f-]{36}@wellpaid\.example>$/);

    await month.coordinator.post(`/v1/referrals/${first}/accept`, {});
    await stage.moveTo('2026-10-30T07:59:00Z');
    await stage.tell();
    expect(await stage.mailsTo(coordinator)).toHaveLength(1);
    await stage.moveTo('2026-10-30T08:00:00Z');
    await stage.tell();
    const [, next] = await stage.mailsTo(coordinator);
    expect(next?.text).toContain('2 referrals are waiting');
  });

  it('of no referral that was answered before the post goes, and of none that they recorded themselves', async () => {
    await refer('REF-1', month.coordinator);
    const accepted = await refer('REF-2');
    await month.coordinator.post(`/v1/referrals/${accepted}/accept`, {});
    await stage.collect();
    expect(await stage.mailsTo(coordinator)).toEqual([]);
  });

  it('that a batch waits, that claims were queried, and that claims were rejected', async () => {
    const approver = await icb.as('approver');
    await month.attend(await month.referral('REF-1'), '2026-10-05', '2026-10-06', '2026-10-07');
    const batch = await month.submit();
    await stage.collect();
    const [waiting] = await stage.mailsTo(approver);
    expect(waiting?.subject).toBe('Claims are waiting for your review');
    expect(waiting?.text).toContain('1 batch is waiting for review.');
    expect(waiting?.text).toContain('Ask an admin of your organisation.');

    const [one, two, three] = await month.lines(batch);
    const ask = (claimId = '', question = '') =>
      month.approver.post(`/v1/batches/${batch.id}/claims/${claimId}/query`, { question });
    await ask(one?.claimId, 'Who was it that came?');
    await ask(two?.claimId, 'And who was this?');
    const reason = { reason: 'Not what was agreed.' };
    await month.approver.post(`/v1/batches/${batch.id}/claims/${three?.claimId}/reject`, reason);
    await stage.collect();
    expect((await subjects(coordinator)).toSorted()).toEqual(['A claim was rejected', 'Questions about your claims']);
    const mails = await stage.mailsTo(coordinator);
    const queried = mails.find(({ subject }) => subject.startsWith('Questions'));
    expect(queried?.text).toContain(`2 claims in batch ${batch.code} were queried.`);
    expect(queried?.text).toContain('https://pay.example.org/queries\n');
    expect(mails.map(({ raw }) => raw).join()).not.toMatch(/who was this|what was agreed/i);
  });

  it('that they were paid', async () => {
    const treasurer = await month.provider.as('treasurer');
    await month.approvedMonth(['2026-10-05', '2026-10-06']);
    const [finance, second] = [(await icb.as('finance')).api, (await icb.another('finance')).api];
    const { body: run } = await finance.post<{ id: string }>('/v1/payment-runs', {});
    await stage.app.jobs.settle();
    const { body } = await finance.get<{ payouts: { id: string; reference: string }[] }>(`/v1/payment-runs/${run.id}`);
    const [payout] = body.payouts;
    const paid = { reference: 'BACS 004512', paidOn: stage.app.clock.today() };
    await finance.post(`/v1/payouts/${payout?.id}/outside-payment`, paid);
    await second.post(`/v1/payouts/${payout?.id}/confirm`, {});
    await stage.app.jobs.settle();
    const [mail, ...others] = await stage.mailsTo(treasurer);
    expect(others).toEqual([]);
    expect(mail?.text).toContain(`£64.00 was paid to you. Your bank statement shows it as ${payout?.reference}.`);
    expect(mail?.text).toContain(`https://pay.example.org/payouts/${payout?.id}\n`);
    expect(`${mail?.subject}`).not.toMatch(/64|PROV/);
  });

  it('that a month is to be claimed, before its claim day and before its last day, and only while it is not', async () => {
    const treasurer = await month.provider.as('treasurer');
    const claimsOf = async (person: Person) => (await stage.mailsTo(person)).map(({ text }) => text);
    await month.attend(await month.referral('REF-1'), '2026-10-05');
    const unclaimed = { contract: month.contract.contractCode, service: month.contract.serviceCode };
    const session = { ...unclaimed, kind: 'one_to_one', start: '10:00', durationMinutes: 60 };
    const attended = { attendances: [{ referral: 'REF-1', outcome: 'attended' }] };
    await month.coordinator.post('/v1/sessions', { ...session, ...attended, date: '2026-10-06', claim: false });
    const months = ['2026-04', '2026-05', '2026-06', '2026-08', '2026-09'];
    for (const period of months)
      await month.coordinator.post('/v1/nil-declarations', { contract: month.contract.contractCode, period });

    await stage.moveTo('2026-11-01T07:59:00Z');
    await stage.tell();
    expect(await claimsOf(treasurer)).toEqual([]);
    await stage.moveTo('2026-11-01T08:00:00Z');
    await stage.tell();
    const told = (await claimsOf(treasurer)).toSorted();
    expect(told).toHaveLength(2);
    expect(told[0]).toContain(`1 session in October 2026 under contract ${month.contract.contractCode} is recorded`);
    expect(told[0]).toContain('by 6 November 2026 to be paid sooner. The last day is 4 February 2027.');
    expect(told[1]).toContain('You have sent no claims for July 2026');
    expect(told[1]).toContain(`Send your claims by 5 November 2026. After that day ${icb.organisation.name} looks`);
    expect(await claimsOf(coordinator)).toHaveLength(2);

    for (const day of ['2026-11-02', '2026-11-05', '2026-11-06', '2026-11-07']) {
      await stage.moveTo(`${day}T10:00:00Z`);
      await stage.tell();
    }
    expect(await claimsOf(treasurer)).toHaveLength(2);
  });

  it('in their own language and the commissioner’s own words', async () => {
    const { memberId } = coordinator;
    await stage.app.admin.query(
      `with l as (insert into login (id, email, display_name, locale, created_at)
                  values (gen_random_uuid(), $2, 'Nia', $3, now()) returning id)
       update member set login_id = (select id from l) where id = $1`,
      [memberId, `nia.${icb.code.toLowerCase()}@example.org`, WELSH],
    );
    await stage.app.admin.query(
      `insert into wording (commissioner_id, locale, key, message, changed_at)
       values ($1, 'cy', 'terms.claim.one', 'cais', now())`,
      [icb.id],
    );
    await month.attend(await month.referral('REF-1'), '2026-10-05');
    const batch = await month.submit();
    const [line] = await month.lines(batch);
    await month.approver.post(`/v1/batches/${batch.id}/claims/${line?.claimId}/query`, { question: 'Why?' });
    await stage.collect();
    const [mail] = await stage.mailsTo(coordinator);
    expect(mail?.subject).toBe("Cwestiwn am un o'ch hawliadau");
    expect(mail?.text).toContain(`Mae ymholiad am 1 cais yn swp ${batch.code}.`);
    expect(mail?.html).toContain('<html lang="cy">');
  });

  it('of what a topic is about, which finds the news of that alone', async () => {
    const [first, second] = [await refer('REF-1'), await refer('REF-2')];
    const since = new Date(stage.app.clock.now().getTime() - 1_000);
    const newsOf = async (subject?: string) => {
      const read = (reader: Reader) => readNews(reader, icb.id, since, subject);
      const news = await stage.app.nest.get(Database).read({ side: 'commissioner', orgId: icb.id }, read);
      return news.map(({ subjectId }) => subjectId);
    };
    expect(await newsOf()).toEqual([first, second]);
    expect(await newsOf(second)).toEqual([second]);
    expect(await newsOf(month.provider.id)).toEqual([]);
  });

  it('unless they have left', async () => {
    const gone = await month.provider.another('coordinator');
    await stage.app.admin.query('update member set disabled_at = now() where id = $1', [gone.memberId]);
    await refer('REF-1');
    await stage.collect();
    expect(await stage.mailsTo(gone)).toEqual([]);
    expect(await stage.mailsTo(coordinator)).toHaveLength(1);
  });
});
