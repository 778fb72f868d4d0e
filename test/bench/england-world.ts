import type { ApiClient } from '../support/api-client.js';
import { commissioner, type Party, registered } from '../support/world.js';
import type { EnglandApp } from './england-app.js';
import { YEAR } from './england-calendar.js';
import { bearsVat, CARDS, CONTRACT_TERMS, isSelfBilled, vatNumberOf } from './england-cards.js';
import { inTurns } from './england-hands.js';
import type { ProviderPlan, YearPlan } from './england-plan.js';
import type { Watch } from './england-watch.js';

/** The people who work on the books of a commissioner, with keys of the day. */
interface Staff {
  buyer: ApiClient;
  approver: ApiClient;
  finance: ApiClient;
  auditorKey: string;
}

/** A commissioner and those it pays. */
export interface Desk extends Staff {
  readonly code: string;
  readonly party: Party;
  readonly providers: Charity[];
}

/** A provider, whose program sends what it does. */
export interface Charity {
  readonly plan: ProviderPlan;
  readonly id: string;
  readonly contractId: string;
  /** With a service key; see `renewKey`. */
  program: ApiClient;
  keyId: string;
}

const ROLES = ['contract_manager', 'approver', 'finance', 'auditor'] as const;
/** The code of the one service of each provider. */
export const SERVICE = 'SESSION';
const SCOPES = ['referrals:read', 'referrals:write', 'claims:read', 'claims:write', 'statements:read'];
/** Providers that are set up at the same time. */
const AT_ONCE = 4;

export const contractCodeOf = ({ code }: ProviderPlan): string => `SP-${code}`;

/**
 * Everybody of the year, through the routes that people use: organisations, services, contracts, rate cards, budgets, VAT, agreements
 * to self-billing, keys of programs, and accounts at Stripe. Only commissioners and their people are made as the operator makes them.
 */
export async function layEngland(app: EnglandApp, plan: YearPlan, watch: Watch): Promise<Desk[]> {
  const desks: Desk[] = [];
  for (const code of plan.commissioners) {
    const party = await commissioner(app, code);
    for (const role of ROLES) await app.enrol(party.organisation, role);
    const staff = await staffOf(app, code);
    await staff.finance.post('/v1/funds/refresh'); // a first call tells the double where its notices go
    // Who bills itself must be registered too.
    const registration = { vatNumber: vatNumberOf(plan.providers.length + desks.length), startsOn: YEAR.from };
    await staff.buyer.post(`/v1/organisations/${party.id}/vat-registrations`, registration);
    desks.push({ code, party, ...staff, providers: [] });
  }
  await inTurns(AT_ONCE, plan.providers, async (provider) => {
    watch.goOn();
    const desk = desks[provider.commissioner];
    if (!desk) throw new Error(`Provider ${provider.code} has no commissioner`);
    desk.providers.push(await layCharity(app, desk, provider));
    await watch.say(`Setting up ${provider.index + 1} of ${plan.providers.length} providers`);
  });
  for (const { providers } of desks) providers.sort((one, other) => one.plan.index - other.plan.index);
  return desks;
}

/** A new day: everybody at the commissioners signs in again. */
export async function openDesks(app: EnglandApp, desks: readonly Desk[], day: Date): Promise<void> {
  await app.moveTo(day);
  for (const desk of desks) Object.assign(desk, await staffOf(app, desk.code));
}

async function staffOf(app: EnglandApp, code: string): Promise<Staff> {
  return {
    buyer: app.api(await app.signIn(code, 'contract_manager')),
    approver: app.api(await app.signIn(code, 'approver')),
    finance: app.api(await app.signIn(code, 'finance')),
    auditorKey: await app.signIn(code, 'auditor'),
  };
}

async function layCharity(app: EnglandApp, { party: icb, buyer }: Desk, plan: ProviderPlan): Promise<Charity> {
  const party = await registered(app, icb, 'provider', plan.code);
  for (const role of ['admin', 'treasurer'] as const) await app.enrol(party.organisation, role);
  const treasurer = app.api(await app.signIn(plan.code, 'treasurer'));
  if (bearsVat(plan.kind)) {
    const registration = { vatNumber: vatNumberOf(plan.index), startsOn: YEAR.from };
    await buyer.post(`/v1/organisations/${party.id}/vat-registrations`, registration);
  }
  const contractId = await agree(buyer, party, plan);
  if (isSelfBilled(plan.kind)) {
    const proposal = { providerId: party.id, startsOn: YEAR.from, endsOn: YEAR.to };
    const { body } = await buyer.post<{ id: string }>('/v1/self-billing-agreements', proposal);
    await treasurer.post(`/v1/self-billing-agreements/${body.id}/accept`);
  }
  await openAccount(app, icb, plan, treasurer);
  return { plan, id: party.id, contractId, ...(await issueKey(app, plan)) };
}

/** A key lasts a year at the most: half way through it the provider's admin gives the program a new one, and ends the old one. */
export async function renewKey(app: EnglandApp, charity: Charity): Promise<void> {
  const admin = app.api(await app.signIn(charity.plan.code, 'admin'));
  const old = charity.keyId;
  Object.assign(charity, await issueKey(app, charity.plan));
  await admin.delete(`/v1/keys/${old}`);
}

async function issueKey(app: EnglandApp, { code }: ProviderPlan): Promise<Pick<Charity, 'program' | 'keyId'>> {
  const admin = app.api(await app.signIn(code, 'admin'));
  const order = { label: 'Register', scopes: SCOPES, days: 365 };
  const { body } = await admin.post<{ id: string; key: string }>('/v1/keys', order);
  return { program: app.api(body.key), keyId: body.id };
}

async function agree(buyer: ApiClient, party: Party, plan: ProviderPlan): Promise<string> {
  const { kind, cohort } = plan;
  const service = await buyer.post<{ id: string }>('/v1/services', {
    providerId: party.id,
    code: SERVICE,
    name: 'Sessions',
  });
  if (bearsVat(kind)) {
    const treatment = { effectiveFrom: YEAR.from, category: 'S', rateBasisPoints: 2_000 };
    await buyer.post(`/v1/services/${service.body.id}/vat-treatments`, treatment);
  }
  const { body: contract } = await buyer.post<{ id: string }>('/v1/contracts', {
    providerId: party.id,
    code: contractCodeOf(plan),
    title: 'Social prescribing',
    startsOn: YEAR.from,
    endsOn: YEAR.to,
    agreedOn: YEAR.agreedOn,
    rail: 'stripe',
    payablesAddress: ['PO Box 312', 'LS11 1HP'],
    regime: 'procurement_act',
    vatRecoverable: true,
    ...CONTRACT_TERMS[kind],
  });
  const card = { serviceCode: SERVICE, effectiveFrom: YEAR.from, agreedOn: YEAR.agreedOn, terms: CARDS[kind] };
  await buyer.post(`/v1/contracts/${contract.id}/rate-cards`, card);
  const budget = { amountMinor: String(BigInt(cohort) * 12n * 1_000_00n), effectiveOn: YEAR.from };
  await buyer.post(`/v1/contracts/${contract.id}/budget-changes`, budget);
  return contract.id;
}

/** The provider goes through the pages of the payment platform. */
async function openAccount(app: EnglandApp, icb: Party, plan: ProviderPlan, treasurer: ApiClient): Promise<void> {
  const { body } = await treasurer.post<{ account: { id: string }; onboarding: { url: string } }>(
    '/v1/payout-accounts',
    { commissionerId: icb.id, rail: 'stripe', contactEmail: `money@${plan.code.toLowerCase()}.example` },
  );
  await app.stripe(icb.code).followLink(body.onboarding.url);
  const { body: account } = await treasurer.post<{ state: string }>(`/v1/payout-accounts/${body.account.id}/refresh`);
  if (account.state !== 'active') throw new Error(`The payout account of ${plan.code} is ${account.state}`);
}
