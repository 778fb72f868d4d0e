import { ACCEPTED_ON, dayOf, monthOf, morningOf } from './england-calendar.js';
import { deliveredIn, referralsOf } from './england-delivery.js';
import { claimCsv, referralCsv } from './england-files.js';
import { inTurns, reach } from './england-hands.js';
import type { Stage } from './england-stage.js';
import { grossOf, NOTHING, plus, tallyOf } from './england-tally.js';
import { type Charity, contractCodeOf, type Desk, openDesks, renewKey, SERVICE } from './england-world.js';

/** Requests under way at a time: files, and short requests of people. */
const FILES_AT_ONCE = 4;
const AT_ONCE = 8;
/** An approver has many under way, which are then approved together. */
const APPROVALS_AT_ONCE = 32;
const ACCEPTED_TOGETHER = 200;
/** Of the month after: claims are sent on the second day, and the referrals of the new month come on the third. */
const CLAIMED_ON = 2;
const PAID_ON = 4;

/** Referrals of a month: imported by the commissioner from the link workers' systems, and accepted by the providers' programs. */
export async function refer(stage: Stage, month: number): Promise<void> {
  const { plan, desks, watch } = stage;
  await openDesks(stage.app, desks, morningOf(month, ACCEPTED_ON));
  await watch.time('referrals imported and accepted', 'referrals', async () => {
    let referrals = 0;
    await inTurns(FILES_AT_ONCE, charitiesOf(desks), async ([desk, charity]) => {
      watch.goOn();
      const rows = [...referralsOf(plan, charity.plan, month)];
      const text = referralCsv(rows, SERVICE, dayOf(month, 1));
      const path = `/v1/referral-files?providerId=${charity.id}&contract=${contractCodeOf(charity.plan)}`;
      const { body } = await desk.buyer.post<{ accepted: number }>(path, text);
      if (body.accepted !== rows.length) throw new Error(`${charity.plan.code}: ${JSON.stringify(body)}`);
      if (month === Math.floor(plan.months / 2)) await renewKey(stage.app, charity);
      await accept(charity);
      referrals += rows.length;
      await watch.say(monthOf(month));
    });
    stage.tally = plus(stage.tally, { ...NOTHING, referrals: BigInt(referrals) });
    return referrals;
  });
}

async function accept({ program, plan }: Charity): Promise<void> {
  for (let left = plan.cohort; left > 0;) {
    const { body: open } = await program.get<{ items: { id: string }[] }>(
      `/v1/referrals?state=made&limit=${ACCEPTED_TOGETHER}`,
    );
    const referrals = open.items.map(({ id }) => ({ referralId: id }));
    const { body } = await program.post<{ accepted: string[] }>('/v1/referrals/accept', { referrals });
    if (body.accepted.length === 0) throw new Error(`${plan.code} can accept none of ${left} referrals`);
    left -= body.accepted.length;
  }
}

/** Claim files, each as a provider's system exports its month; what must come of each is added up beside it. */
export async function claim(stage: Stage, month: number): Promise<void> {
  const { plan, desks, watch } = stage;
  await openDesks(stage.app, desks, morningOf(month + 1, CLAIMED_ON));
  await watch.time('claim files taken', 'claims', async () => {
    let claims = 0;
    await inTurns(FILES_AT_ONCE, charitiesOf(desks), async ([, charity]) => {
      watch.goOn();
      const rows = [...deliveredIn(plan, charity.plan, month)];
      stage.months.set(charity.id, tallyOf(charity.plan.kind, rows));
      if (rows.length === 0) return;
      const text = claimCsv(rows, SERVICE);
      const path = `/v1/claim-files?contract=${contractCodeOf(charity.plan)}`;
      const { body } = await charity.program.post<{ accepted: number; failed: number }>(path, text);
      if (body.accepted !== rows.length || body.failed > 0)
        throw new Error(`${charity.plan.code}, ${monthOf(month)}: ${JSON.stringify(body).slice(0, 600)}`);
      claims += rows.length;
      watch.rows(rows.length);
      await watch.say(monthOf(month));
    });
    return claims;
  });
  stage.files += stage.months.size;
  stage.tally = [...stage.months.values()].reduce(plus, stage.tally);
}

interface BatchBody extends Record<string, unknown> {
  readonly id: string;
  readonly totalMinor: string;
  readonly lineCount: number;
  readonly flaggedCount: number;
  readonly digest: string;
}

/** Batches submitted, reviewed and approved by two people; their documents follow by themselves. */
export async function close(stage: Stage, month: number): Promise<void> {
  const { desks, watch } = stage;
  const claimed = charitiesOf(desks).filter(([, { id }]) => stage.of(id).batches > 0n);
  const batches = new Map<string, string>();
  await watch.time('batches submitted', 'batches', async () => {
    await inTurns(AT_ONCE, claimed, async ([{ buyer }, { id, plan }]) => {
      watch.goOn();
      const order = { contract: contractCodeOf(plan), period: monthOf(month) };
      const { body } = await buyer.post<{ items: BatchBody[] }>('/v1/batches', order);
      const [batch] = body.items;
      const what = `${contractCodeOf(plan)}, ${monthOf(month)}, as submitted`;
      stage.hold(what, batch?.totalMinor ?? '0', stage.of(id).claimedMinor);
      batches.set(id, batch?.id ?? '');
      await watch.say(monthOf(month));
    });
    return batches.size;
  });
  await watch.time('batches reviewed and approved', 'batches', async () => {
    await inTurns(APPROVALS_AT_ONCE, claimed, async ([desk, { id, plan }]) => {
      watch.goOn();
      const { totalMinor } = await approve(desk, batches.get(id) ?? '');
      stage.hold(`${contractCodeOf(plan)}, ${monthOf(month)}, as approved`, totalMinor, stage.of(id).approvedMinor);
      await watch.say(monthOf(month));
    });
    return claimed.length;
  });
  stage.batches += claimed.length;
  await watch.time('documents drawn and issued', 'documents', async () => {
    await reach('Documents issued', stage.batches, async () => {
      watch.goOn();
      await watch.say(monthOf(month));
      return stage.count(`select count(*) as n from invoice where state = 'issued'`);
    });
    return claimed.length;
  });
}

/** Whoever reviews rejects the first line that is over a cap, and says why the other flagged lines are paid. */
async function approve({ approver }: Desk, id: string): Promise<BatchBody> {
  const path = `/v1/batches/${id}`;
  let { body: batch } = await approver.get<BatchBody>(path);
  if (batch.flaggedCount > 0) {
    const { body } = await approver.get<{ items: { claimId: string; flags: { code: string }[] }[] }>(
      `${path}/lines?limit=1`,
    );
    const [first] = body.items;
    if (first?.flags.some(({ code }) => code === 'over_cap')) {
      await approver.post(`${path}/claims/${first.claimId}/reject`, { reason: 'More than the card covers.' });
      ({ body: batch } = await approver.get<BatchBody>(path));
    }
  }
  const flagsReason = batch.flaggedCount > 0 ? { flagsReason: 'Each was looked at.' } : {};
  return (await approver.post<BatchBody>(`${path}/approve`, { digest: batch.digest, ...flagsReason })).body;
}

/** What is approved is funded to the penny, paid once it is sealed, and has reached the banks some days later. */
export async function pay(stage: Stage, month: number): Promise<void> {
  const { app, desks, watch } = stage;
  await openDesks(app, desks, morningOf(month + 1, PAID_ON));
  await watch.time('waited for the last seal of a month', 'logs', () => stage.seal());
  await watch.time('funds received', 'arrivals', async () => {
    for (const desk of desks) {
      const due = desk.providers.map(({ id }) => stage.of(id)).reduce(plus, NOTHING);
      await app.stripe(desk.code).receiveFunds(grossOf(due), `${desk.code} ${monthOf(month)}`);
    }
    stage.arrivals += desks.length;
    await reach('Funds received', stage.arrivals, () => stage.count('select count(*) as n from funding'));
    return desks.length;
  });
  const before = stage.payouts;
  stage.payouts += charitiesOf(desks).filter(([, { id }]) => grossOf(stage.of(id)) > 0n).length;
  await watch.time('payouts reserved and sent', 'payouts', async () => {
    for (const { finance } of desks) await finance.post('/v1/payment-runs', {});
    await reach('Payouts sent', stage.payouts, () => inStates(stage, month, `'sent', 'paid'`));
    return stage.payouts - before;
  });
  await watch.time('payouts paid', 'payouts', async () => {
    await openDesks(app, desks, morningOf(month + 1, PAID_ON + 3));
    await reach('Payouts paid', stage.payouts, () => inStates(stage, month, `'paid'`));
    return stage.payouts - before;
  });
  stage.months.clear();
  watch.goOn();
}

/** Waits until the background has nothing left to do. */
export async function endYear(stage: Stage): Promise<void> {
  const advised = () => stage.count('select count(*) as n from payout where remittance_id is not null');
  await stage.watch.time('waited for the last remittance advices', 'advices', async () => {
    const before = await advised();
    await reach('Remittance advices', stage.payouts, advised);
    await stage.app.jobs.settle();
    return stage.payouts - before;
  });
  await stage.watch.time('waited for the last seal of a month', 'logs', () => stage.seal());
}

async function inStates(stage: Stage, month: number, states: string): Promise<number> {
  stage.watch.goOn();
  await stage.watch.say(monthOf(month));
  return stage.count(`select count(*) as n from payout where state in (${states})`);
}

function charitiesOf(desks: readonly Desk[]): (readonly [Desk, Charity])[] {
  return desks.flatMap((desk) => desk.providers.map((charity) => [desk, charity] as const));
}
