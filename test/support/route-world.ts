import { rolesOf } from '../../src/organisations/member.rules.js';
import { SERVICE_SCOPES, type Role, type ServiceScope } from '../../src/platform/actor.js';
import { StripeDoubleControl } from '../../src/sandbox/stripe/index.js';
import { agreement, type Agreement } from './agreement.js';
import { BARE_LISTING, list } from './listings.js';
import type { ApiClient } from './api-client.js';
import type { TestApp } from './app.js';
import { commissioner, registered, type Party } from './world.js';

export type OrganisationSide = 'commissioner' | 'provider' | 'referrer';

/** Somebody who calls: a person with one role, or a program with some scopes. */
export interface Caller {
  /** Such as `SOUTH approver` or `FARM service claims:read`. */
  name: string;
  side: OrganisationSide;
  orgId: string;
  kind: 'person' | 'service';
  roles: readonly Role[];
  scopes: readonly ServiceScope[];
  key: string;
}

/** A provider's work for one commissioner. */
export interface Dealing {
  commissioner: Party;
  provider: Party;
  agreement: Agreement;
  /** Reference of one that the commissioner made. */
  referral: string;
}

/** A word that is in names, codes and references of some organisations, and may be shown to no other. */
export interface Mark {
  marker: string;
  orgIds: string[];
}

/**
 * Two commissioners. North works with a choir and a farm, South with neither; both work with the kitchen. A referrer each.
 */
export interface IsolationWorld {
  north: Party;
  south: Party;
  choir: Party;
  farm: Party;
  kitchen: Party;
  northReferrer: Party;
  southReferrer: Party;
  northChoir: Dealing;
  northFarm: Dealing;
  northKitchen: Dealing;
  southKitchen: Dealing;
  dealings: Dealing[];
  parties: Party[];
  marks: Mark[];
}

/** Makes both tenants and what they have, through the API; money moves at the Stripe double of the application. */
export async function isolationWorld(app: TestApp, stripeUrl: string): Promise<IsolationWorld> {
  const north = await commissioner(app, 'NORTH');
  const south = await commissioner(app, 'SOUTH');
  const choir = await registered(app, north, 'provider', 'CHOIR');
  const farm = await registered(app, north, 'provider', 'FARM');
  const kitchen = await registered(app, north, 'provider', 'KITCHEN');
  const northReferrer = await registered(app, north, 'referrer', 'LINKN');
  const southReferrer = await registered(app, south, 'referrer', 'LINKS');
  const parties = [north, south, choir, farm, kitchen, northReferrer, southReferrer];
  const marks: Mark[] = parties.map(({ id, code }) => ({ marker: `@${code}.EXAMPLE`, orgIds: [id] }));
  for (const party of parties) await invite(party);
  const northChoir = await dealing(marks, 'KESTREL', [north, choir]);
  const northFarm = await dealing(marks, 'HERON', [north, farm]);
  const northKitchen = await dealing(marks, 'PLOVER', [north, kitchen]);
  const southKitchen = await dealing(marks, 'DUNLIN', [south, kitchen]);
  const dealings = [northChoir, northFarm, northKitchen, southKitchen];
  await list(north, northChoir.agreement.serviceId);
  await app.jobs.settle();
  for (const by of [north, south]) await payAll(app, stripeUrl, by, dealings);
  await refer(marks, 'LAPWING-1', northChoir, northReferrer);
  await refer(marks, 'LAPWING-2', northFarm, northReferrer);
  await refer(marks, 'SANDPIPER-1', southKitchen, southReferrer);
  const organisations = { north, south, choir, farm, kitchen, northReferrer, southReferrer };
  return { ...organisations, northChoir, northFarm, northKitchen, southKitchen, dealings, parties, marks };
}

/** Somebody who has not answered yet. */
async function invite(party: Party): Promise<void> {
  const { kind, code } = party.organisation;
  const invitation = { email: `invited@${code}.example`, roles: rolesOf(kind).slice(0, 1) };
  await (await party.as('admin')).api.post('/v1/invitations', invitation);
}

async function dealing(marks: Mark[], marker: string, [by, provider]: [Party, Party]): Promise<Dealing> {
  marks.push({ marker, orgIds: [by.id, provider.id] });
  const made = await agreement(by, provider, {
    code: `${marker}-C`,
    serviceCode: `${marker}-S`,
    terms: {
      title: `${marker} contract`,
      costCode: `${marker} cost`,
      buyerReference: `${marker} buyer`,
      payablesAddress: [`${marker} payables`],
    },
  });
  await agreeMore(by, provider, made, marker);
  const { reference, id } = await acceptedReferral(by, provider, made, marker);
  await deliver(by, provider, { made, marker, reference, referralId: id });
  await advance(by, made, marker);
  return { commissioner: by, provider, agreement: made, referral: reference };
}

/** An order, a VAT treatment, an entry in the directory that is not shown, a self-billing agreement that waits. */
async function agreeMore(by: Party, provider: Party, made: Agreement, marker: string): Promise<void> {
  const { api } = await by.as('contract_manager');
  const dates = { startsOn: '2026-04-01', endsOn: '2027-03-31' };
  const order = { number: `${marker}-PO`, valueMinor: '1000000', ...dates };
  await api.post(`/v1/contracts/${made.contractId}/purchase-orders`, order);
  const treatment = { effectiveFrom: '2026-04-01', category: 'E', reason: 'welfare' };
  await api.post(`/v1/services/${made.serviceId}/vat-treatments`, treatment);
  await api.put(`/v1/services/${made.serviceId}/listing`, { ...BARE_LISTING, summary: `${marker} hidden words` });
  await api.post('/v1/self-billing-agreements', { providerId: provider.id, ...dates });
}

/** Money ahead of invoices, which the payment run pays with them. */
async function advance(by: Party, { contractId }: Agreement, marker: string): Promise<void> {
  const { body } = await (
    await by.as('finance')
  ).api.post<{ id: string }>('/v1/advances', {
    contractId,
    amountMinor: '1000',
    reasonCode: 'cash_flow',
    reason: `${marker} needs it`,
    recovery: { sharePercent: 10, recoverBy: '2027-03-31' },
  });
  await (await by.as('approver')).api.post(`/v1/advances/${body.id}/approve`);
}

async function acceptedReferral(by: Party, provider: Party, made: Agreement, marker: string) {
  const reference = `${marker}-R`;
  const { body } = await (
    await by.as('contract_manager')
  ).api.post<{ id: string }>('/v1/referrals', {
    providerId: provider.id,
    service: made.serviceCode,
    reference,
    source: 'nhs',
    madeOn: '2026-09-01',
    personReference: `${marker}-P`,
  });
  const coordinator = await provider.as('coordinator');
  await coordinator.api.post(`/v1/referrals/${body.id}/accept`, { acceptedOn: '2026-09-02' });
  return { reference, id: body.id };
}

interface Delivered {
  made: Agreement;
  marker: string;
  reference: string;
  referralId: string;
}

/** A month with a batch that was approved and invoiced, a line in query, a file with a failed row, a batch in review. */
async function deliver(by: Party, provider: Party, it: Delivered): Promise<void> {
  const { made, marker, reference, referralId } = it;
  const { api } = await provider.as('coordinator');
  const contracting = (await by.as('contract_manager')).api;
  const first = await attend(api, it, '2026-10-06');
  await attend(api, it, '2026-10-13');
  const batch = await submit(contracting, made);
  await contracting.post(`/v1/batches/${batch}/claims/${first}/query`, { question: `Which ${marker} session?` });
  const { body } = await contracting.get<{ digest: string }>(`/v1/batches/${batch}`);
  await (await by.as('approver')).api.post(`/v1/batches/${batch}/approve`, { digest: body.digest });
  const rows = [
    'referral,service,date,start,minutes,outcome,your reference',
    `${reference},${made.serviceCode},20/10/2026,14:00,60,attended,${marker}-YOURS`,
    `${marker}-UNKNOWN,${made.serviceCode},20/10/2026,15:00,60,attended,${marker}-LOST`,
  ];
  await api.post(`/v1/claim-files?contract=${made.contractCode}`, rows.join('\n'));
  const reached = { referralId, name: 'completed', reachedOn: '2026-10-20', claim: false };
  await api.post('/v1/milestones', { contract: made.contractCode, ...reached });
  await api.post('/v1/nil-declarations', { contract: made.contractCode, period: '2026-08' });
  await attend(api, it, '2026-10-27');
  await submit(contracting, made);
}

async function attend(coordinator: ApiClient, { made, reference }: Delivered, date: string): Promise<string> {
  const { body } = await coordinator.post<{ claims: { id: string }[] }>('/v1/sessions', {
    contract: made.contractCode,
    service: made.serviceCode,
    date,
    start: '14:00',
    durationMinutes: 60,
    attendances: [{ referral: reference, outcome: 'attended' }],
    claim: true,
  });
  return body.claims[0]?.id ?? '';
}

async function submit(contracting: ApiClient, { contractCode }: Agreement): Promise<string> {
  const request = { contract: contractCode, period: '2026-10' };
  const { body } = await contracting.post<{ items: { id: string }[] }>('/v1/batches', request);
  return body.items[0]?.id ?? '';
}

/** The providers of a commissioner are paid what was invoiced, as far as their banks. */
async function payAll(app: TestApp, stripeUrl: string, by: Party, dealings: readonly Dealing[]): Promise<void> {
  const finance = (await by.as('finance')).api;
  const stripe = new StripeDoubleControl(stripeUrl, by.code.toLowerCase());
  for (const { provider } of dealings.filter(({ commissioner: payer }) => payer === by)) {
    const { api } = await provider.as('treasurer');
    const account = { commissionerId: by.id, rail: 'stripe', contactEmail: `money@${provider.code}.example` };
    const { body } = await api.post<{ onboarding: { url: string } }>('/v1/payout-accounts', account);
    await stripe.followLink(body.onboarding.url);
  }
  await stripe.receiveFunds(1_000_000n);
  await finance.post('/v1/funds/refresh');
  await stripe.flush();
  await app.jobs.settle();
  await finance.post('/v1/payment-runs', {});
  await app.jobs.settle();
  const { body } = await finance.get<{ items: { bankPayoutId: string | null }[] }>('/v1/payouts');
  for (const { bankPayoutId } of body.items) if (bankPayoutId !== null) await stripe.settlePayout(bankPayoutId);
  await stripe.flush();
  await app.jobs.settle();
  await proposeChanges(by, dealings);
}

/** Each provider that was paid asks for a change of where the money goes. */
async function proposeChanges(by: Party, dealings: readonly Dealing[]): Promise<void> {
  for (const { provider } of dealings.filter(({ commissioner: payer }) => payer === by)) {
    const { api } = await provider.as('treasurer');
    const { body } = await api.get<{ items: { id: string; commissionerId: string }[] }>('/v1/payout-accounts');
    const own = body.items.find(({ commissionerId }) => commissionerId === by.id);
    await api.post(`/v1/payout-accounts/${own?.id}/changes`, { kind: 'link' });
  }
}

/** A referral made by a referrer. */
async function refer(marks: Mark[], reference: string, to: Dealing, by: Party): Promise<void> {
  const { commissioner: payer, provider, agreement: under } = to;
  const { api } = await by.as('referrer');
  await api.post('/v1/referrals', {
    commissionerId: payer.id,
    providerId: provider.id,
    service: under.serviceCode,
    reference,
    source: 'nhs',
    personReference: `${reference}-P`,
  });
  marks.push({ marker: reference, orgIds: [by.id, payer.id, provider.id] });
}

/** Everybody who can call for an organisation: a person for each role, a program with every scope, one for each scope. */
export async function callersOf(party: Party): Promise<Caller[]> {
  const side = party.organisation.kind;
  const base = { side, orgId: party.id };
  const callers: Caller[] = [];
  for (const role of rolesOf(side)) {
    const { key } = await party.as(role);
    callers.push({ ...base, name: `${party.code} ${role}`, kind: 'person', roles: [role], scopes: [], key });
  }
  for (const scopes of [...SERVICE_SCOPES.map((scope) => [scope]), [...SERVICE_SCOPES]]) {
    const key = await serviceKey(party, scopes);
    const name = `${party.code} service ${scopes.length === 1 ? scopes[0] : 'of every scope'}`;
    callers.push({ ...base, name, kind: 'service', roles: [], scopes, key });
  }
  return callers;
}

async function serviceKey(party: Party, scopes: readonly ServiceScope[]): Promise<string> {
  const admin = await party.as('admin');
  const { body } = await admin.api.post<{ key: string }>('/v1/keys', { label: 'program', scopes });
  return body.key;
}
