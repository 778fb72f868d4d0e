import { type Verdict, verdictInWords } from '../../src/audit/index.js';
import { Sealer } from '../../src/sealing/index.js';
import type { ApiClient } from '../support/api-client.js';
import { archiveOf, codesOf, membersOf, verdictOf, withText } from '../support/bundle-tamper.js';
import { type PaymentStage, PaymentWorld } from './payment-stage.js';

/** A month is worked, approved, invoiced and paid; then an auditor takes the books away. */
describe('the books of a month, taken away', () => {
  let world: PaymentWorld;
  let stage: PaymentStage;
  let auditor: ApiClient;
  let early: { note: string; bundle: Buffer };
  let note: string;
  let bundle: Buffer;

  beforeAll(async () => {
    world = await PaymentWorld.open();
    stage = await world.stage();
    auditor = (await stage.icb.as('auditor')).api;
    const payee = await stage.payee(['2026-10-05', '2026-10-06', '2026-10-07']);
    early = await taken();
    await stage.onboard(payee);
    await stage.fund(100_000n);
    const payout = await stage.onlyPayout(await stage.run());
    await stage.stripe.settlePayout(payout.bankPayoutId ?? '');
    await stage.notices();
    await payee.stage.attend(await payee.stage.referral('REF-LATE'), '2026-10-08');
    ({ note, bundle } = await taken());
  });
  afterAll(() => world.close());

  async function taken(): Promise<{ note: string; bundle: Buffer }> {
    const { rows } = await world.app.admin.query<{ id: string }>(
      'select id from ledger.event where commissioner_id = $1 order by seq desc limit 1',
      [stage.icb.id],
    );
    expect(await world.app.nest.get(Sealer).ensureSealed(stage.icb.id, rows[0]?.id ?? '')).toBe(true);
    const { text } = await auditor.get('/v1/audit/checkpoint');
    return { note: text, bundle: await auditor.bytes('/v1/audit/bundle') };
  }

  const lines = (verdict: Verdict) => verdictInWords(verdict).join('\n');

  it('are proved without the instance, and say what happened', async () => {
    const keys = (await auditor.get('/v1/audit/keys')).text.trim().split('\n');
    const verdict = await verdictOf(bundle, {
      pins: keys,
      held: [
        { name: 'early', text: early.note },
        { name: 'now', text: note },
      ],
    });
    expect(lines(verdict)).toMatch(/^Proved\./);
    expect(verdict).toMatchObject({
      outcome: 'proved',
      keys: { isPinned: true },
      held: [
        { comparison: 'same', isSigned: true },
        { comparison: 'same', isSigned: true },
      ],
      notUnderstood: [],
    });
    const types = membersOf(bundle)[ENTRIES]?.content.toString('latin1') ?? '';
    for (const type of ['batch.approved', 'invoice.issued', 'payout.paid']) expect(types).toContain(`"type":"${type}"`);
  });

  it('were proved early in the month as well', async () => {
    expect(lines(await verdictOf(early.bundle, { held: [{ name: 'early', text: early.note }] }))).toMatch(/^Proved\./);
    expect(codesOf(await verdictOf(early.bundle, { held: [{ name: 'now', text: note }] }))).toEqual(['held_ahead']);
  });

  it('hold no more than the log, and the same bytes each time but for the time', async () => {
    const again = await auditor.bytes('/v1/audit/bundle');
    const [first, second] = [bundle, again].map((bytes) => membersOf(bytes).slice(1, 9));
    expect(second?.[3]).toEqual(first?.[3]);
    expect(second?.[0]).toEqual(first?.[0]);
  });

  it.each<[string, (bytes: Buffer) => Buffer, string]>([
    [
      'a session on another day',
      (bytes) =>
        withText(bytes, nameAt(bytes, ENTRIES), (text) =>
          text.replace('"heldOn":"2026-10-05"', '"heldOn":"2026-10-04"'),
        ),
      'leaf_differs',
    ],
    [
      'a larger payment',
      (bytes) =>
        withText(bytes, 'transfers/000', (text) => text.replaceAll('"amountMinor":"9600"', '"amountMinor":"9601"')),
      'transfers_differ',
    ],
    ['no transfers', (bytes) => withText(bytes, 'transfers/000', () => ''), 'transfers_differ'],
    ['other hashes', (bytes) => withText(bytes, nameAt(bytes, TILE), (text) => `x${text.slice(1)}`), 'leaf_differs'],
    ['without the last member', (bytes) => archiveOf(membersOf(bytes).slice(0, -1)), 'member_missing'],
  ])('are not proved with %s', async (_, change, code) => {
    const verdict = await verdictOf(change(bundle));
    expect([verdict.outcome, codesOf(verdict)]).toEqual(['tampered', expect.arrayContaining([code])]);
  });

  it('cannot be read when half of them arrived', async () => {
    expect(await verdictOf(bundle.subarray(0, bundle.length / 2))).toMatchObject({ outcome: 'unreadable' });
  });

  it('are told apart from books that a superuser changed', async () => {
    const { admin } = world.app;
    await admin.query(`set session_replication_role = replica`);
    await admin.query(
      `update ledger.transfer set amount_minor = amount_minor + 100 where commissioner_id = $1 and claim_id is not null`,
      [stage.icb.id],
    );
    const verdict = await verdictOf(await auditor.bytes('/v1/audit/bundle'));
    expect([verdict.outcome, codesOf(verdict)]).toEqual(['tampered', expect.arrayContaining(['transfers_differ'])]);
  });

  it('are given to auditors and finance of the commissioner alone', async () => {
    const others = [(await stage.icb.as('approver')).api, (await stage.icb.as('contract_manager')).api];
    for (const api of others)
      expect((await api.get('/v1/audit/bundle', { expect: 403 })).body).toMatchObject({
        code: 'request.not_permitted',
      });
    expect((await stage.finance.bytes('/v1/audit/bundle')).length).toBeGreaterThan(10_000);
  });
});

/** The places of members in a bundle of one segment. */
const ENTRIES = 4;
const TILE = 7;

function nameAt(bytes: Buffer, place: number): string {
  return membersOf(bytes)[place]?.name ?? '';
}
