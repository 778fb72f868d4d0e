import type { Api } from './api.js';
import type { Stage } from './stage.js';
import { count, number } from './terminal.js';
import type { DemoContract } from './world.schemas.js';

interface Referral {
  id: string;
  reference: string;
  state: 'made' | 'accepted' | 'declined' | 'closed';
  madeOn: string;
  unconfirmed: boolean;
}

interface FileAnswer {
  rows: number;
  accepted: number;
  repeated: number;
  failed: number;
}

const DAY_MS = 86_400_000;
/** As many as one request accepts. */
const TOGETHER_MAX = 200;

/** Sends the referrals of all systems and lets the providers answer them; gives how many are open. */
export async function referAndAnswer(stage: Stage): Promise<{ open: number }> {
  const { world, progress } = stage;
  await progress.phase('Importing referrals', async () => {
    const sums = { rows: 0, accepted: 0, repeated: 0, failed: 0 };
    for (const contract of world.contracts) {
      for (const [name, answer] of await sendReferrals(stage, contract)) {
        expectCounts(stage, name, answer);
        for (const key of ['rows', 'accepted', 'repeated', 'failed'] as const) sums[key] += answer[key];
        progress.step(`${number(sums.rows)} rows`);
      }
    }
    const outcome = `${count(sums.rows, 'row')}: ${number(sums.accepted)} new, ${number(sums.repeated)} known, ${number(sums.failed)} to correct`;
    return { answer: undefined, outcome };
  });
  const open = await progress.phase('Answering referrals', async () => {
    let accepted = 0;
    let openCount = 0;
    for (const contract of world.contracts) {
      accepted += await answerReferrals(stage, contract, (done) =>
        progress.step(`${number(accepted + done)} accepted`),
      );
      const coordinator = await stage.as(contract.provider, 'coordinator');
      openCount += (await coordinator.list(`/v1/referrals?contractId=${stage.idOf(contract.code)}&state=accepted`))
        .length;
    }
    return { answer: openCount, outcome: `${number(accepted)} answered now, ${number(openCount)} open` };
  });
  return { open };
}

async function sendReferrals(stage: Stage, contract: DemoContract): Promise<[string, FileAnswer][]> {
  const { code, commissioner, provider, referralsBy } = contract;
  const sender = await senderOf(stage, contract);
  const whose = `providerId=${stage.idOf(provider)}&contract=${code}`;
  const from = referralsBy === 'referrer' ? `&commissionerId=${stage.idOf(commissioner)}` : '';
  const answers: [string, FileAnswer][] = [
    [code, await sender.sendCsv(`/v1/referral-files?${whose}${from}`, stage.file('referrals', `${code}.csv`))],
  ];
  const own = `${code}-own`;
  if (stage.expected.referrals[own]) {
    const coordinator = await stage.as(provider, 'coordinator');
    const path = `/v1/referral-files?contract=${code}&accept=true&commissionerId=${stage.idOf(commissioner)}`;
    answers.push([own, await coordinator.sendCsv(path, stage.file('referrals', `${own}.csv`))]);
  }
  return answers;
}

function senderOf(stage: Stage, { commissioner, referralsBy }: DemoContract): Promise<Api> {
  if (referralsBy === 'commissioner') return stage.as(commissioner, 'contract_manager');
  const found = stage.world.commissioners.find(({ code }) => code === commissioner);
  return stage.as(found?.referrers[0]?.code ?? '', 'referrer');
}

/** The program that made the file knows what must come of it; a second time all good rows are known. */
function expectCounts(stage: Stage, name: string, answer: FileAnswer): void {
  const expected = stage.expected.referrals[name];
  const good = expected && expected.accepted + expected.repeated;
  const isRight =
    answer.rows === expected?.rows && answer.failed === expected.failed && answer.accepted + answer.repeated === good;
  if (!isRight)
    throw new Error(`referrals/${name}.csv: got ${JSON.stringify(answer)}, expected ${JSON.stringify(expected)}`);
}

/** Gives how many were accepted now. */
async function answerReferrals(stage: Stage, contract: DemoContract, done: (count: number) => void): Promise<number> {
  const { declined = [], waiting = [], closed = [] } = stage.journey.answers[contract.code] ?? {};
  const coordinator = await stage.as(contract.provider, 'coordinator');
  const mine = `/v1/referrals?contractId=${stage.idOf(contract.code)}`;
  const made = await coordinator.list<Referral>(`${mine}&state=made`);
  for (const { id } of made.filter(({ reference }) => declined.includes(reference)))
    await coordinator.post(`/v1/referrals/${id}/decline`, { reason: 'no_capacity' });
  const wanted = made.filter(({ reference }) => !declined.includes(reference) && !waiting.includes(reference));
  let accepted = 0;
  const answers = wanted.map(({ id, madeOn }) => {
    return { referralId: id, acceptedOn: daysAfter(madeOn, stage.world.acceptAfterDays) };
  });
  for (let from = 0; from < answers.length; from += TOGETHER_MAX) {
    const referrals = answers.slice(from, from + TOGETHER_MAX);
    accepted += (await coordinator.post<{ accepted: string[] }>('/v1/referrals/accept', { referrals })).accepted.length;
    done(accepted);
  }
  if (accepted !== wanted.length) {
    throw new Error(`${contract.code}: ${accepted} of ${wanted.length} referrals were accepted`);
  }
  for (const { reference, closedOn, reason } of closed) {
    const [referral] = await coordinator.list<Referral>(`${mine}&reference=${encodeURIComponent(reference)}`);
    if (referral?.state === 'accepted')
      await coordinator.post(`/v1/referrals/${referral.id}/close`, { closedOn, reason });
  }
  await confirmOwn(stage, contract, mine);
  return wanted.length;
}

/** The commissioner confirms some of those that only the provider knew of. */
async function confirmOwn(stage: Stage, contract: DemoContract, mine: string): Promise<void> {
  const contractManager = await stage.as(contract.commissioner, 'contract_manager');
  for (const { reference } of stage.journey.confirmed.filter((one) => one.contract === contract.code)) {
    const [referral] = await contractManager.list<Referral>(`${mine}&reference=${encodeURIComponent(reference)}`);
    if (referral?.unconfirmed) await contractManager.post(`/v1/referrals/${referral.id}/confirm`);
  }
}

function daysAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}
