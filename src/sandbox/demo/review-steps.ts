import { formatPounds } from '../../money/index.js';
import { refusalOf, type Api } from './api.js';
import { contractOf } from './claim-steps.js';
import type { Stage } from './stage.js';
import { count } from './terminal.js';
import type { DemoContract } from './world.schemas.js';

export interface Batch {
  id: string;
  contractId: string;
  state: 'submitted' | 'approved' | 'rejected';
  lineCount: number;
  totalMinor: string;
  vatMinor: string;
  digest: string;
  madeBy: string | null;
  decidedBy: string | null;
}

interface Line {
  claimId: string;
  flags: { code: string; text: string }[];
}

/** A card agreed anew after the claims came: what they cite earns nothing on it. */
const RECONSIDERED = {
  contract: 'SB-GROW',
  card: {
    serviceCode: 'SEEDS',
    effectiveFrom: '2026-04-01',
    agreedOn: '2026-10-06',
    terms: { basis: 'session', priceMinor: '3000' },
  },
};

const REJECTED: Readonly<Record<string, string>> = {
  referral_closed: 'The referral was closed a week before: please check the register of that day.',
  milestone_not_on_card: 'This outcome is not one that the contract pays for.',
  fact_does_not_earn: 'The taster is paid by the session from now on: please claim the session.',
};

const QUERIED: Readonly<Record<string, string>> = {
  unconfirmed_referral: 'Who made this referral? We have no record of it.',
  another_that_day: 'Were there two sessions on this day?',
};

/** Its contract manager is an approver too, and tries to approve what she has submitted. */
const TRIES_OWN = 'NM-SING';

const PAID_ALL_THE_SAME =
  'Each flagged line was looked at: caps and minimums were agreed to be exceeded this month, late and early ones are explained.';

/** 6 October: claims become batches, and lines that look wrong are queried or rejected. */
export async function review(stage: Stage): Promise<void> {
  const { world, progress } = stage;
  await progress.phase('Submitting batches', async () => {
    await agreeCardAnew(stage);
    for (const [index, contract] of world.contracts.entries()) {
      await ensureSubmitted(stage, contract);
      progress.step(`${index + 1} of ${world.contracts.length}`);
    }
    const batches = await batchesOf(stage);
    const refused = world.contracts.filter(({ order, raisedBudgetMinor }) => order?.raisedToMinor ?? raisedBudgetMinor);
    const outcome = `${count(batches.length, 'batch', 'batches')}, after ${refused.map(({ code }) => code).join(', ')} got more order or budget`;
    return { answer: undefined, outcome };
  });
  await progress.phase('Reviewing flagged lines', async () => {
    let [queried, rejected] = [0, 0];
    for (const contract of world.contracts) {
      const done = await reviewLines(stage, contract);
      queried += done.queried;
      rejected += done.rejected;
      progress.step(`${queried} queried, ${rejected} rejected`);
    }
    const answered = await answerQueries(stage);
    const outcome = `${queried} queried and ${rejected} rejected now, ${count(answered, 'query', 'queries')} answered`;
    return { answer: undefined, outcome };
  });
}

/** 7 October: other people approve. Whoever submitted a batch tries too, and is refused. */
export async function approve(stage: Stage): Promise<void> {
  const { world, progress } = stage;
  await progress.phase('Approving', async () => {
    let approved = 0;
    for (const contract of world.contracts) approved += await ensureApproved(stage, contract);
    await stage.settle();
    return { answer: undefined, outcome: `${count(approved, 'batch', 'batches')} approved now` };
  });
}

/** The batches of the month, whatever became of them; a rejected one is none. */
export async function batchesOf(stage: Stage): Promise<Batch[]> {
  const batches: Batch[] = [];
  for (const { code } of stage.world.commissioners) {
    const auditor = await stage.as(code, 'auditor');
    const all = await auditor.list<Batch>(`/v1/batches?period=${month(stage)}`);
    batches.push(...all.filter(({ state }) => state !== 'rejected'));
  }
  return batches;
}

function month(stage: Stage): string {
  return stage.world.period.slice(0, 7);
}

async function agreeCardAnew(stage: Stage): Promise<void> {
  const { commissioner, code } = contractOf(stage, RECONSIDERED.contract);
  const contractManager = await stage.as(commissioner, 'contract_manager');
  const path = `/v1/contracts/${stage.idOf(code)}/rate-cards`;
  const { serviceCode, agreedOn } = RECONSIDERED.card;
  const { items } = await contractManager.get<{ items: { agreedOn: string }[] }>(`${path}?serviceCode=${serviceCode}`);
  if (!items.some((card) => card.agreedOn === agreedOn)) await contractManager.post(path, RECONSIDERED.card);
}

async function findBatch(api: Api, stage: Stage, { code }: DemoContract): Promise<Batch | undefined> {
  const query = `contractId=${stage.idOf(code)}&period=${month(stage)}`;
  return (await api.list<Batch>(`/v1/batches?${query}`)).find(({ state }) => state !== 'rejected');
}

/** A batch beyond its order or budget is refused, naming what is missing; then the order or the budget is raised. */
async function ensureSubmitted(stage: Stage, contract: DemoContract): Promise<void> {
  const contractManager = await stage.as(contract.commissioner, 'contract_manager');
  if (await findBatch(contractManager, stage, contract)) return;
  const submit = () => contractManager.post('/v1/batches', { period: month(stage), contract: contract.code });
  if (contract.order?.raisedToMinor && !(await isOrderRaised(stage, contract))) {
    await refusalOf('purchase_order.exceeded', submit);
    await raiseOrder(stage, contract);
  }
  if (contract.raisedBudgetMinor && contract.budgetRule === 'refuse' && !(await isBudgetRaised(stage, contract))) {
    await refusalOf('batch.over_budget', submit);
    await raiseBudget(stage, contract);
  }
  await submit();
}

async function isOrderRaised(stage: Stage, { commissioner, code, order }: DemoContract): Promise<boolean> {
  const finance = await stage.as(commissioner, 'finance');
  const path = `/v1/contracts/${stage.idOf(code)}/purchase-orders`;
  const { items } = await finance.get<{ items: { number: string; valueMinor: string }[] }>(path);
  return items.some(({ number: name, valueMinor }) => name === order?.number && valueMinor === order.raisedToMinor);
}

async function raiseOrder(stage: Stage, { commissioner, code, order, startsOn, endsOn }: DemoContract): Promise<void> {
  const finance = await stage.as(commissioner, 'finance');
  const raised = { number: order?.number, valueMinor: order?.raisedToMinor, startsOn, endsOn };
  await finance.post(`/v1/contracts/${stage.idOf(code)}/purchase-orders`, raised);
}

async function isBudgetRaised(stage: Stage, { commissioner, code, raisedBudgetMinor }: DemoContract): Promise<boolean> {
  const finance = await stage.as(commissioner, 'finance');
  const budget = await finance.get<{ authorisedMinor: string }>(`/v1/contracts/${stage.idOf(code)}/budget`);
  return budget.authorisedMinor === raisedBudgetMinor;
}

async function raiseBudget(stage: Stage, contract: DemoContract): Promise<void> {
  const finance = await stage.as(contract.commissioner, 'finance');
  const amountMinor = String(BigInt(contract.raisedBudgetMinor ?? 0) - BigInt(contract.budgetMinor ?? 0));
  const change = { amountMinor, effectiveOn: contract.startsOn };
  await finance.post(`/v1/contracts/${stage.idOf(contract.code)}/budget-changes`, change);
}

async function reviewLines(stage: Stage, contract: DemoContract): Promise<{ queried: number; rejected: number }> {
  const contractManager = await stage.as(contract.commissioner, 'contract_manager');
  const done = { queried: 0, rejected: 0 };
  const batch = await findBatch(contractManager, stage, contract);
  if (batch?.state !== 'submitted') return done;
  const { items } = await contractManager.get<{ items: Line[] }>(`/v1/batches/${batch.id}/lines?limit=500`);
  for (const { claimId, flags } of items) {
    const reason = firstOf(REJECTED, flags);
    const question = firstOf(QUERIED, flags);
    if (reason) await contractManager.post(`/v1/batches/${batch.id}/claims/${claimId}/reject`, { reason });
    else if (question) await contractManager.post(`/v1/batches/${batch.id}/claims/${claimId}/query`, { question });
    done.rejected += reason ? 1 : 0;
    done.queried += !reason && question ? 1 : 0;
  }
  return done;
}

function firstOf(texts: Readonly<Record<string, string>>, flags: Line['flags']): string | undefined {
  return flags.map(({ code }) => texts[code]).find((text) => text !== undefined);
}

/** The providers answer; the claims wait for the batch of the next month. */
async function answerQueries(stage: Stage): Promise<number> {
  let answered = 0;
  for (const { code } of stage.world.providers) {
    const coordinator = await stage.as(code, 'coordinator');
    for (const { id } of await coordinator.list<{ id: string }>('/v1/queries?open=true')) {
      await coordinator.post(`/v1/queries/${id}/answer`, { answer: 'Yes. Our register of the day shows it.' });
      answered += 1;
    }
  }
  return answered;
}

/** Gives 1 when it was approved now. */
async function ensureApproved(stage: Stage, contract: DemoContract): Promise<number> {
  const { commissioner } = contract;
  const contractManager = await stage.as(commissioner, 'contract_manager');
  const batch = await findBatch(contractManager, stage, contract);
  if (batch?.state !== 'submitted') return 0;
  const detail = await contractManager.get<Batch & { flaggedCount: number; uncommittedMinor: string }>(
    `/v1/batches/${batch.id}`,
  );
  const path = `/v1/batches/${batch.id}/approve`;
  const decision = { digest: detail.digest, ...(detail.flaggedCount > 0 && { flagsReason: PAID_ALL_THE_SAME }) };
  if (contract.code === TRIES_OWN)
    await refusalOf('batch.own', () => contractManager.post(path, decision, `demo-own-${batch.id}`));
  if (detail.uncommittedMinor !== '0') {
    const approver = await approverFor(stage, contract, detail);
    await refusalOf('batch.over_budget', () => approver.post(path, decision, `demo-unfunded-${batch.id}`));
    await raiseBudget(stage, contract);
  }
  await (await approverFor(stage, contract, detail)).post(path, decision);
  return 1;
}

/** Somebody else than who submitted it. A deputy tries first, where there is one with a limit. */
async function approverFor(stage: Stage, { commissioner }: DemoContract, batch: Batch): Promise<Api> {
  const own = stage.member(commissioner, 'contract_manager').email;
  const approvers = approversAt(stage, commissioner).filter(({ email }) => email !== own);
  for (const { position, approvalLimitMinor } of approvers) {
    if (approvalLimitMinor === undefined || BigInt(batch.totalMinor) <= BigInt(approvalLimitMinor))
      return stage.as(commissioner, 'approver', position);
  }
  throw new Error(`Nobody at ${commissioner} may approve ${formatPounds(BigInt(batch.totalMinor))}`);
}

function approversAt(stage: Stage, code: string) {
  const members = stage.world.commissioners.find((one) => one.code === code)?.members ?? [];
  const approvers = members.filter(({ roles }) => roles.includes('approver'));
  return approvers.map((member, position) => ({ ...member, position }));
}
