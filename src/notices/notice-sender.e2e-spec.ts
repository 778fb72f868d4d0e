import { withoutIds } from '../../test/support/ids.js';
import { occurrences } from '../../test/support/canaries.js';
import { openNoticesStage, type NoticesStage } from '../../test/support/notices-stage.js';
import type { Party, Person } from '../../test/support/world.js';
import { emit } from '../platform/events.js';
import { credentialAdded, credentialRemoved } from '../sign-in/index.js';
import { MonthStage } from '../../test/stories/month-stage.js';

/** What a mail's parts are told apart by, at random. */
const BOUNDARIES = /_NmP-[0-9a-f]+-/g;

interface Row {
  sentTo: string | null;
  attempts: number;
  because: string | null;
  sealed: Buffer | null;
}

describe('a notice', () => {
  let stage: NoticesStage;
  let icb: Party;
  let month: MonthStage;
  let coordinator: Person;

  beforeAll(async () => {
    stage = await openNoticesStage();
  });
  beforeEach(async () => {
    await stage.moveTo('2026-10-29T09:00:00Z');
    stage.sink.answer = '250 OK';
    icb = await stage.icb();
    month = await MonthStage.of(stage.app, icb, { terms: { rail: 'outside' } });
    coordinator = await month.provider.as('coordinator');
  });
  afterAll(() => stage.close());

  async function refer(more: object = {}): Promise<void> {
    const { contractCode: contract, serviceCode: service } = month.contract;
    const body = { providerId: month.provider.id, contract, service, source: 'nhs', reference: 'REF-1', ...more };
    await month.contractManager.post('/v1/referrals', body);
  }

  async function rowsOf(kind: string): Promise<Row[]> {
    const { rows } = await stage.app.admin.query<Row>(
      `select sent_to as "sentTo", attempts, given_up_because as because, sealed from notice
       where kind = $1 and organisation_id in ($2, $3) order by id`,
      [kind, month.provider.id, icb.id],
    );
    return rows;
  }

  it('is written once and sent once, however often its jobs run', async () => {
    await month.provider.another('coordinator');
    await refer();
    await stage.tell();
    await stage.moveTo('2026-10-29T09:06:00Z');
    await Promise.all([stage.tell(), stage.tell(), stage.tell()]);
    await stage.app.admin.query(
      `insert into outbox (org_id, topic, data)
       select organisation_id, 'notice.written', jsonb_build_object('commissionerId', organisation_id, 'id', id) from notice`,
    );
    await stage.tell();
    expect(await rowsOf('referral_waiting')).toMatchObject([
      { sentTo: 'mailbox', attempts: 1 },
      { sentTo: 'mailbox', attempts: 1 },
    ]);
    expect(await stage.mailsTo(coordinator)).toHaveLength(1);
  });

  it('is sent once when the server refuses first and takes it later', async () => {
    stage.sink.answer = '451 4.3.0 try later';
    await refer();
    await stage.collect();
    const [tried] = await rowsOf('referral_waiting');
    expect(tried).toMatchObject({ sentTo: null, because: null });
    expect(tried?.attempts).toBeGreaterThanOrEqual(4);
    stage.sink.answer = '250 OK';
    await stage.tell();
    expect(await rowsOf('referral_waiting')).toMatchObject([{ sentTo: 'mailbox' }]);
    expect(await stage.mailsTo(coordinator)).toHaveLength(1);
  });

  it('is kept while the server is away, and sent when it is back', async () => {
    await stage.sink.close();
    await refer();
    await stage.collect();
    expect(await rowsOf('referral_waiting')).toMatchObject([{ sentTo: null, because: null }]);
    const { rows: letters } = await stage.app.admin.query<{ error: string }>(
      `select error from dead_letter where job = 'notices.send' order by id desc limit 1`,
    );
    expect(letters).toEqual([{ error: 'MailNotTaken ESOCKET' }]);
    await stage.sink.open();
    await stage.tell();
    expect(await stage.mailsTo(coordinator)).toHaveLength(1);
  });

  it('is sent again under the same id when a process died before it could say so', async () => {
    await refer();
    await stage.collect();
    await stage.app.admin.query('update notice set sent_at = null, sent_to = null where organisation_id = $1', [
      month.provider.id,
    ]);
    await stage.tell();
    expect(await stage.mailsTo(coordinator)).toHaveLength(1); // somebody may still be at it
    await stage.moveTo('2026-10-29T09:12:00Z');
    await stage.tell();
    const ids = (await stage.mailsTo(coordinator)).map(({ headers }) => headers.get('message-id'));
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  it('is given up when the server knows no such mailbox, with a dead letter that names nobody', async () => {
    stage.sink.answer = '550 5.1.1 <canary.mailbox@example.org> unknown';
    await refer();
    await stage.collect();
    await stage.tell();
    expect(await rowsOf('referral_waiting')).toMatchObject([{ because: 'not_taken', attempts: 8 }]);
    stage.sink.answer = '250 OK';
    await stage.tell();
    expect(await stage.mailsTo(coordinator)).toEqual([]);
    const { rows: letters } = await stage.app.admin.query<{ error: string }>(
      `select error from dead_letter where job = 'notices.send' order by id desc limit 1`,
    );
    expect(letters).toEqual([{ error: 'MailNotTaken EENVELOPE 550' }]);
    expect(await occurrences(stage.app.admin, 'canary.mailbox')).toEqual([]);
  });

  it('is given up when its recipient has left meanwhile, or when it is no news any more', async () => {
    await stage.sink.close();
    const gone = await month.provider.another('coordinator');
    await refer();
    await stage.collect();
    await stage.app.admin.query('update member set disabled_at = now() where id = $1', [gone.memberId]);
    await stage.moveTo('2026-11-06T09:00:00Z');
    await stage.sink.open();
    await stage.tell();
    const reasons = (await rowsOf('referral_waiting')).map(({ because }) => String(because));
    expect(new Set(reasons)).toEqual(new Set(['member_disabled', 'too_old']));
    const mails = [...(await stage.mailsTo(coordinator)), ...(await stage.mailsTo(gone))];
    expect(mails.filter(({ subject }) => subject === 'Referrals are waiting for you')).toEqual([]);
  });

  it('knows no person, no free text and no bank details, and its address is nowhere but with the member', async () => {
    const canaries = ['Zebedee Quillfeather', '9434765919', 'Wednesday’s child', 'Ruby Thistlewaite'];
    const [name, nhsNumber, question, reason] = canaries;
    await refer({ reference: 'REF-2', personReference: 'CANARY-PERSON-77' });
    await refer({ reference: 'REF-3', nhsNumber });
    await month.attend(await month.referral('REF-9'), '2026-10-05', '2026-10-06');
    const batch = await month.submit();
    const [one, two] = await month.lines(batch);
    const at = `/v1/batches/${batch.id}/claims`;
    await month.approver.post(`${at}/${one?.claimId}/query`, { question: `${question} ${name}` });
    await month.approver.post(`${at}/${two?.claimId}/reject`, { reason: `${reason} was not there` });
    await stage.collect();
    expect(await stage.mailsTo(coordinator)).toHaveLength(3);

    const mails = stage.sink.mails
      .map(({ raw, text, html, subject }) => [raw, text, html, subject].join('\n'))
      .join('\n');
    for (const canary of [...canaries, 'CANARY-PERSON-77']) {
      expect(mails).not.toContain(canary);
      expect(await occurrences(stage.app.admin, canary)).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/notice|outbox|dead_letter|bullmq/)]),
      );
    }
    expect(await occurrences(stage.app.admin, question ?? '')).toEqual(['public.claim_query']);
    expect(await occurrences(stage.app.admin, await stage.addressOf(coordinator))).toEqual(['public.member']);
  });

  it('tells both sides of each step when bank details change, and holds none of them', async () => {
    const [treasurer, admin] = [await month.provider.as('treasurer'), await month.provider.as('admin')];
    const finance = await icb.as('finance');
    const details = { accountName: 'Canary Account', sortCode: '404784', accountNumber: '70872490' };
    const { body } = await treasurer.api.post<{ account: { id: string } }>('/v1/payout-accounts', {
      commissionerId: icb.id,
      rail: 'outside',
      ...details,
    });
    const changes = `/v1/payout-accounts/${body.account.id}/changes`;
    const next = { kind: 'details', accountName: 'Canary Other', sortCode: '404784', accountNumber: '70872491' };
    const { body: change } = await treasurer.api.post<{ id: string }>(changes, next);
    await stage.app.jobs.settle();
    await admin.api.post(`/v1/payout-account-changes/${change.id}/confirm`);
    await stage.app.jobs.settle();
    await admin.api.post(`/v1/payout-account-changes/${change.id}/cancel`);
    await stage.app.jobs.settle();
    for (const person of [treasurer, admin, finance]) {
      const mails = await stage.mailsTo(person);
      expect(mails.map(({ subject }) => subject)).toEqual(Array(3).fill('Bank details: check this change'));
      expect(mails[0]?.text).toContain(`bank details of provider ${month.provider.code}. Nothing changes until`);
      expect(mails[1]?.text).toContain('It takes effect on 31 October 2026.');
      expect(mails[2]?.text).toContain('was cancelled');
      expect(mails[0]?.text).toContain(`https://pay.example.org/payout-accounts/${body.account.id}\n`);
      const said = withoutIds(mails.map(({ raw, text }) => raw + text).join()).replaceAll(BOUNDARIES, '');
      expect(said).not.toMatch(/canary|4047|7087249/i);
    }
  });

  it('tells people that a way to sign in has come or gone, once for each address', async () => {
    const other = await icb.as('finance');
    const own = [coordinator.memberId, other.memberId];
    const { rows } = await stage.app.admin.query<{ id: string }>(
      `with l as (insert into login (id, email, display_name, created_at)
                  values (gen_random_uuid(), 'canary.login@example.org', 'Canary', now()) returning id)
       update member set login_id = l.id, email = $2 from l where member.id = any ($1) returning l.id`,
      [own, `same.${icb.code.toLowerCase()}@example.org`],
    );
    const data = { commissionerId: icb.id, id: rows[0]?.id ?? '' };
    const auth = { side: 'auth', orgId: null } as const;
    for (const topic of [credentialAdded, credentialAdded, credentialRemoved])
      await stage.app.database.transaction(auth, (tx) => emit(tx, icb.id, topic, data));
    await stage.app.jobs.settle();
    const mails = await stage.mailsTo(coordinator);
    expect(mails.map(({ subject }) => subject).toSorted()).toEqual([
      'A new way to sign in',
      'A way to sign in was removed',
    ]);
    expect(mails[0]?.text).toContain('29 October 2026, 9:00am');
    expect(mails[0]?.text).toContain('https://pay.example.org/account\n');
    await stage.moveTo('2026-10-29T09:10:00Z');
    await stage.app.database.transaction(auth, (tx) => emit(tx, icb.id, credentialAdded, data));
    await stage.app.jobs.settle();
    expect(await stage.mailsTo(coordinator)).toHaveLength(3);
  });

  it('with the link of an invitation keeps its token sealed, and no longer than until it is sent', async () => {
    const { api: admin } = await month.provider.as('admin');
    const email = `new.volunteer@${month.provider.code.toLowerCase()}.example`;
    const { body } = await admin.post<{ id: string; token: string }>('/v1/invitations', {
      email,
      roles: ['treasurer'],
    });
    await stage.sink.close();
    await stage.notices.sendInvitation(body);
    await stage.notices.sendInvitation(body);
    expect((await rowsOf('invitation'))[0]?.sealed).toBeInstanceOf(Buffer);
    expect(await occurrences(stage.app.admin, body.token)).toEqual([]);
    await stage.app.jobs.settle();
    await stage.sink.open();
    await stage.tell();
    const mails = stage.sink.mails.filter(({ to }) => to.includes(email));
    expect(mails).toHaveLength(1);
    expect(mails[0]?.text).toContain(`https://pay.example.org/join/${body.token}\n`);
    expect(mails[0]?.text).toContain(`${month.provider.organisation.name} invites you`);
    expect(await rowsOf('invitation')).toMatchObject([{ sentTo: 'mailbox', sealed: null }]);
    expect(await occurrences(stage.app.admin, email)).toEqual(['public.invitation']);
    const { items } = await stage.notices.listRecent({ limit: 1 });
    expect(items[0]?.link).toBe('https://pay.example.org/join/…');
  });

  it('with the link of an invitation that was used is not sent', async () => {
    const { api: admin } = await month.provider.as('admin');
    const email = `used@${month.provider.code.toLowerCase()}.example`;
    const { body } = await admin.post<{ id: string; token: string }>('/v1/invitations', {
      email,
      roles: ['treasurer'],
    });
    await stage.app.api().post('/v1/invitations/accept', { token: body.token, displayName: 'New Treasurer' });
    await stage.notices.sendInvitation(body);
    await stage.tell();
    expect(await rowsOf('invitation')).toMatchObject([{ because: 'invitation_over', sealed: null }]);
    expect((await stage.notices.countFates()).givenUp).toBeGreaterThan(0);
    expect(stage.sink.mails.filter(({ to }) => to.includes(email))).toEqual([]);
  });
});

describe('without a mail server', () => {
  it('a notice of a sandbox goes to its outbox page, words and link and all', async () => {
    const stage = await openNoticesStage({ mail: false });
    try {
      const icb = await stage.icb();
      const month = await MonthStage.of(stage.app, icb);
      const { api: admin } = await month.provider.as('admin');
      const asked = { email: 'new@example.org', roles: ['treasurer'] };
      const { body } = await admin.post<{ id: string; token: string }>('/v1/invitations', asked);
      await stage.notices.sendInvitation(body);
      await month.attend(await month.referral('REF-1'), '2026-10-05');
      await icb.as('approver');
      await month.submit();
      await stage.collect();
      const { items, next } = await stage.notices.listRecent({ limit: 1 });
      expect(items).toMatchObject([
        {
          kind: 'batch_waiting',
          organisationName: icb.organisation.name,
          subject: 'Claims are waiting for your review',
          sentTo: 'outbox_page',
          link: 'https://pay.example.org/batches',
        },
      ]);
      expect(items[0]?.text).toContain('This is a practice system. No money moves.');
      const { items: others } = await stage.notices.listRecent({ limit: 9, after: next ?? undefined });
      expect(others).toMatchObject([{ kind: 'invitation', link: `https://pay.example.org/join/${body.token}` }]);
      expect(stage.notices.delivery).toBe('outbox_page');
      const outbox = await stage.notices.listOutbox({ limit: 9 });
      expect(outbox.items.map(({ to }) => to)).toEqual([`approver of ${icb.code}`, 'new@example.org']);
      const fates = await stage.notices.listFates({ limit: 9 });
      expect(fates.items.map(({ kind, sentTo }) => [kind, sentTo])).toEqual([
        ['batch_waiting', 'outbox_page'],
        ['invitation', 'outbox_page'],
      ]);
      expect(JSON.stringify(fates)).not.toMatch(/example|NOTE|join/);
      expect(await stage.notices.countFates()).toEqual({ waiting: 0, givenUp: 0 });
      const own = await stage.notices.listRecent({ limit: 9, organisationId: icb.id });
      expect(own.items).toHaveLength(1);
      expect(stage.sink.connections).toBe(0);
    } finally {
      await stage.close();
    }
  });
});
