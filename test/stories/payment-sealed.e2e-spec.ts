import { PaymentWorld, type PaymentStage } from './payment-stage.js';

/** The signer of this instance no longer finds its own signature under the newest checkpoint; and finds it again. */
async function tamper(stage: PaymentStage): Promise<() => Promise<void>> {
  const { admin } = stage.app;
  const newest = `select size, note from ledger.checkpoint where log_id = $1 and note is not null order by size desc limit 1`;
  const { rows } = await admin.query<{ size: string; note: string }>(newest, [stage.icb.id]);
  const [signed] = rows;
  if (!signed) throw new Error('the log is signed');
  const write = async (note: string) => {
    await admin.query('alter table ledger.checkpoint disable trigger user');
    await admin.query('update ledger.checkpoint set note = $3 where log_id = $1 and size = $2', [
      stage.icb.id,
      signed.size,
      note,
    ]);
    await admin.query('alter table ledger.checkpoint enable trigger user');
  };
  await write(signed.note.replace(/\n\n— [^\n]*/, '\n\n— somebody.example AAAAAAAA'));
  return () => write(signed.note);
}

describe('a payout', () => {
  let world: PaymentWorld;
  let stage: PaymentStage;
  beforeAll(async () => {
    world = await PaymentWorld.open();
    stage = await world.stage();
  });
  afterAll(() => world.close());

  async function isSealed(): Promise<void> {
    const open = `select from ledger.event e where e.commissioner_id = $1 and not exists (
      select from ledger.tile t join ledger.checkpoint c using (log_id)
      where t.log_id = e.commissioner_id and t.level = 0 and e.id = any (t.event_ids) and c.note is not null
        and c.size >= t.n * 256 + array_position(t.event_ids, e.id))`;
    while ((await stage.app.admin.query(open, [stage.icb.id])).rowCount !== 0) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  it('waits until its approval is sealed, loses nothing, and is paid once the log is signed again', async () => {
    const payee = await stage.payee(['2026-10-05']);
    await stage.onboard(payee);
    await stage.fund(10_000n);
    await isSealed();
    const mend = await tamper(stage);

    const payout = await stage.onlyPayout(await stage.run());
    expect(payout).toMatchObject({ state: 'requested', reasonCode: null, transferId: null });
    expect(payout.attempts).toEqual([
      expect.objectContaining({ step: 'transfer', attempt: 1, outcome: 'planned', calls: 0, reasonCode: 'not_sealed' }),
    ]);
    expect(await stage.sent(/\/v1\/transfers$/)).toEqual([]);
    const { rows } = await stage.app.admin.query('select code from ledger.log_hold where log_id = $1', [stage.icb.id]);
    expect(rows).toEqual([{ code: 'key_unknown' }]);
    const { body } = await stage.finance.get(`/v1/events/${payout.id}/proof`, { expect: 404 });
    expect(body).toMatchObject({ code: 'not_found' });
    const [requested] = (
      await stage.app.admin.query<{ id: string }>('select event_id as id from payout where id = $1', [payout.id])
    ).rows;
    const refused = await stage.finance.get(`/v1/events/${requested?.id}/proof`, { expect: 409 });
    expect(refused.headers.get('retry-after')).toBe('60');
    expect(refused.body).toMatchObject({ code: 'event.not_sealed', details: { held: 'key_unknown' } });

    await stage.later(20_000);
    expect(await stage.payout(payout.id)).toMatchObject({ state: 'requested' });
    expect(await stage.closeBooks()).toMatch(/^funds_reserved +32\.00 +- +32\.00 D$/m);

    await mend();
    await stage.later(20_000);
    const sent = await stage.payout(payout.id);
    expect(sent).toMatchObject({ state: 'sent', attempts: expect.any(Array) });
    expect(sent.attempts[0]).toMatchObject({
      step: 'transfer',
      attempt: 1,
      outcome: 'done',
      calls: 1,
      reasonCode: null,
    });
    expect(await stage.sent(/\/v1\/transfers$/)).toHaveLength(1);
    expect(await stage.journal(payout.id)).toEqual(['payout.requested', 'payout.sent', 'payout.forwarded']);
  });
});
