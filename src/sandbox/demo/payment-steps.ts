import { refusalOf, type Api } from './api.js';
import type { Stage } from './stage.js';
import { count, number } from './terminal.js';
import type { DemoCommissioner, DemoProvider } from './world.schemas.js';

export interface Payout {
  id: string;
  reference: string;
  providerId: string;
  rail: 'stripe' | 'outside';
  amountMinor: string;
  state: 'requested' | 'sent' | 'paid' | 'failed' | 'returned' | 'unknown' | 'cancelled';
  bankPayoutId: string | null;
  outside: { reference: string; paidOn: string; confirmed: boolean } | null;
}

export interface Invoice {
  id: string;
  providerId: string;
  contractId: string;
  batchId: string;
  kind: 'invoice' | 'self_billed_invoice' | 'provider_invoice' | 'grant_notice';
  state: 'draft' | 'issued';
  waitsFor: 'agreement' | 'authority' | 'own_number' | null;
  number: string | null;
  grossMinor: string;
}

interface Account {
  id: string;
  commissionerId: string;
  rail: 'stripe' | 'outside';
  state: 'pending' | 'active' | 'restricted';
}

interface Run {
  id: string;
  state: 'scheduled' | 'running' | 'finished' | 'cancelled';
  payouts: Payout[];
}

const TRIES = 120;
const TRIES_IN_AN_HOUR = 30;
const PAUSE_MS = 100;

/** 6 October: providers open their payout accounts and go through the platform's pages; one stops half way. */
export async function openAccounts(stage: Stage): Promise<void> {
  const { world, progress } = stage;
  await progress.phase('Opening payout accounts', async () => {
    const states: Account['state'][] = [];
    for (const provider of world.providers.filter(({ stripe }) => stripe)) {
      const paidBy = world.contracts.filter(({ provider: code, rail }) => code === provider.code && rail === 'stripe');
      for (const commissioner of new Set(paidBy.map((contract) => contract.commissioner)))
        states.push(await ensureAccount(stage, provider, commissioner));
      progress.step(count(states.length, 'account'));
    }
    const ready = states.filter((state) => state === 'active').length;
    return { answer: undefined, outcome: `${count(ready, 'account')} ready, ${states.length - ready} not` };
  });
}

/** 7 October: the providers issue what only they can issue; one leaves its draft waiting. */
export async function issueDocuments(stage: Stage, leaveWaiting: readonly string[]): Promise<void> {
  await stage.progress.phase('Issuing documents', async () => {
    for (const contract of stage.world.contracts) {
      if (leaveWaiting.includes(contract.code)) continue;
      const treasurer = await stage.as(contract.provider, 'treasurer');
      const drafts = await treasurer.list<Invoice>(`/v1/invoices?contractId=${stage.idOf(contract.code)}&state=draft`);
      for (const draft of drafts) await issue(stage, treasurer, draft, contract.code);
    }
    await stage.settle();
    const documents = await documentsOf(stage);
    const issued = documents.filter(({ state }) => state === 'issued').length;
    return { answer: undefined, outcome: `${number(issued)} issued, ${number(documents.length - issued)} waiting` };
  });
}

/** 8 and 9 October: finance funds and releases a run; what accounts payable pays is entered and confirmed by two people. */
export async function pay(stage: Stage): Promise<void> {
  const { world, progress } = stage;
  await stage.advanceTo('2026-10-08T08:00:00Z');
  await progress.phase('Paying through Stripe', async () => {
    for (const commissioner of world.commissioners) {
      await fund(stage, commissioner);
      await ensureRun(stage, commissioner.code);
    }
    const paid: Payout[] = [];
    for (const { code } of world.commissioners) paid.push(...(await carryOut(stage, code)));
    return { answer: undefined, outcome: `${count(paid.length, 'payout')} reached the bank` };
  });
  await stage.advanceTo('2026-10-09T08:00:00Z');
  await progress.phase('Paying outside', async () => {
    for (const { code } of world.commissioners) await recordOutside(stage, code);
    await stage.settle();
    return { answer: undefined, outcome: 'entered by one person in finance, confirmed by another' };
  });
  await progress.phase('A bank sends one back', async () => {
    const returned: Payout[] = [];
    for (const { code } of world.commissioners) returned.push(...(await returnPayouts(stage, code)));
    return { answer: undefined, outcome: `${count(returned.length, 'payout')} returned, owed again` };
  });
}

export async function payoutsOf(stage: Stage): Promise<(Payout & { commissioner: string })[]> {
  const payouts: (Payout & { commissioner: string })[] = [];
  for (const { code } of stage.world.commissioners) {
    const finance = await stage.as(code, 'finance');
    const mine = await finance.list<Payout>('/v1/payouts');
    payouts.push(...mine.map((payout) => ({ ...payout, commissioner: code })));
  }
  return payouts;
}

export async function documentsOf(stage: Stage): Promise<(Invoice & { commissioner: string })[]> {
  const documents: (Invoice & { commissioner: string })[] = [];
  for (const { code } of stage.world.commissioners) {
    const finance = await stage.as(code, 'finance');
    const mine = await finance.list<Invoice>('/v1/invoices');
    documents.push(...mine.map((document) => ({ ...document, commissioner: code })));
  }
  return documents;
}

async function ensureAccount(stage: Stage, provider: DemoProvider, commissioner: string): Promise<Account['state']> {
  const treasurer = await stage.as(provider.code, 'treasurer');
  const commissionerId = stage.idOf(commissioner);
  const { items } = await treasurer.get<{ items: Account[] }>('/v1/payout-accounts');
  const known = items.find((account) => account.commissionerId === commissionerId && account.rail === 'stripe');
  // A bank that sends money back takes an account out of service: that stays so.
  if (known && (known.state !== 'pending' || provider.stripe === 'unfinished')) return known.state;
  const contactEmail = stage.member(provider.code, 'treasurer').email;
  const opened = known ?? (await openAccount(treasurer, { commissionerId, rail: 'stripe', contactEmail }));
  if (provider.stripe === 'unfinished') return opened.state;
  const { url } = await treasurer.post<{ url: string }>(`/v1/payout-accounts/${opened.id}/onboarding-link`);
  await stage.double(commissioner).followLink(url);
  return (await treasurer.post<Account>(`/v1/payout-accounts/${opened.id}/refresh`)).state;
}

async function openAccount(treasurer: Api, request: object): Promise<Account> {
  return (await treasurer.post<{ account: Account }>('/v1/payout-accounts', request)).account;
}

async function issue(stage: Stage, treasurer: Api, draft: Invoice, contract: string): Promise<void> {
  if (draft.waitsFor === 'authority') await treasurer.post(`/v1/invoices/${draft.id}/issue`);
  if (draft.waitsFor !== 'own_number') return;
  const own = { number: `${contract}/0926`, issuedOn: stage.today, totalMinor: draft.grossMinor };
  await treasurer.post(`/v1/invoices/${draft.id}/own-number`, own);
}

/** The commissioner pays in what is missing; a notice of the platform brings it into the books. */
async function fund(stage: Stage, { code, fundsMinor }: DemoCommissioner): Promise<void> {
  const finance = await stage.as(code, 'finance');
  const read = async () => {
    const { arrivals } = await finance.get<{ arrivals: { amountMinor: string }[] }>('/v1/funds');
    return arrivals.reduce((sum, { amountMinor }) => sum + BigInt(amountMinor), 0n);
  };
  const wanted = BigInt(fundsMinor);
  if (wanted === 0n || (await read()) >= wanted) return;
  await finance.post('/v1/funds/refresh'); // a run that was cut off may have paid it in already
  const missing = wanted - (await read());
  if (missing > 0n) await stage.double(code).receiveFunds(missing, `${code} SEPT 2026`);
  await until('funds have arrived', stage, async () => (await read()) < wanted && 'no notice came');
}

async function ensureRun(stage: Stage, code: string): Promise<void> {
  const finance = await stage.as(code, 'finance');
  const runs = await finance.list<Run>('/v1/payment-runs');
  if (!runs.some(({ state }) => state !== 'cancelled')) await finance.post('/v1/payment-runs');
}

/** Waits until each payout through Stripe is paid, or has come back; the banks are told to settle at once. */
async function carryOut(stage: Stage, code: string): Promise<Payout[]> {
  const finance = await stage.as(code, 'finance');
  const double = stage.double(code);
  const settled = async () => {
    const payouts = await stripePayouts(finance);
    const moving = payouts.filter(({ state }) => state === 'requested' || state === 'sent' || state === 'unknown');
    for (const { state, bankPayoutId } of moving)
      if (state === 'sent' && bankPayoutId) await double.settlePayout(bankPayoutId);
    return (
      moving.length > 0 &&
      moving.map(({ reference, state, bankPayoutId }) => `${reference} ${state} ${bankPayoutId}`).join(', ')
    );
  };
  await until(`${code} has paid`, stage, settled);
  return stripePayouts(finance);
}

function stripePayouts(finance: Api): Promise<Payout[]> {
  return finance.list<Payout>('/v1/payouts?rail=stripe');
}

async function recordOutside(stage: Stage, code: string): Promise<void> {
  const first = await stage.as(code, 'finance');
  const second = await stage.as(code, 'finance', 1);
  const payouts = await first.list<Payout>('/v1/payouts?rail=outside&state=requested');
  for (const { id, reference, outside } of payouts) {
    const paid = { reference: `BACS ${reference}`, paidOn: stage.today };
    if (!outside) await first.post(`/v1/payouts/${id}/outside-payment`, paid);
    await refusalOf('payout.own_confirmation', () => first.post(`/v1/payouts/${id}/confirm`, {}, `demo-own-${id}`));
    await second.post(`/v1/payouts/${id}/confirm`, { reference: outside?.reference ?? paid.reference });
  }
}

/** The bank gives back what it took, because the account is closed; finance takes it home, and it is owed again. */
async function returnPayouts(stage: Stage, code: string): Promise<Payout[]> {
  const finance = await stage.as(code, 'finance');
  const back = stage.world.providers.filter(({ stripe }) => stripe === 'returns').map((one) => stage.idOf(one.code));
  const mine = async () => (await stripePayouts(finance)).filter(({ providerId }) => back.includes(providerId));
  for (const { id, state, bankPayoutId } of await mine()) {
    if (state === 'paid' && bankPayoutId) await stage.double(code).failPayout(bankPayoutId, 'account_closed');
    if (state === 'returned') continue;
    const now = async () => (await finance.get<Payout>(`/v1/payouts/${id}`)).state;
    await until('the bank has sent it back', stage, async () => (await now()) === 'paid' && 'paid');
    if ((await now()) === 'failed') await finance.post(`/v1/payouts/${id}/return`);
    await until('it is owed again', stage, async () => {
      const found = await now();
      return found !== 'returned' && found;
    });
  }
  return mine();
}

/**
 * Asks again and again, with the background work done in between; what is missing yet is said in words. A notice may have
 * been lost when an earlier run was cut off: then an hour passes, and the platform is asked instead.
 */
async function until(what: string, stage: Stage, findMissing: () => Promise<string | false>): Promise<void> {
  let missing: string | false = '';
  for (let tries = 1; tries <= TRIES; tries += 1) {
    await stage.settle();
    missing = await findMissing();
    if (missing === false) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    if (tries % TRIES_IN_AN_HOUR === 0) await stage.letAnHourPass();
  }
  throw new Error(`The demo waited in vain until ${what}: ${missing}`);
}
