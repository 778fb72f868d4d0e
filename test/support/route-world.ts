import { rolesOf } from '../../src/organisations/member.rules.js';
import { SERVICE_SCOPES, type Role, type ServiceScope } from '../../src/platform/actor.js';
import { agreement, type Agreement } from './agreement.js';
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

/** Makes both tenants and what they have, through the API. */
export async function isolationWorld(app: TestApp): Promise<IsolationWorld> {
  const north = await commissioner(app, 'NORTH');
  const south = await commissioner(app, 'SOUTH');
  const choir = await registered(app, north, 'provider', 'CHOIR');
  const farm = await registered(app, north, 'provider', 'FARM');
  const kitchen = await registered(app, north, 'provider', 'KITCHEN');
  const northReferrer = await registered(app, north, 'referrer', 'LINKN');
  const southReferrer = await registered(app, south, 'referrer', 'LINKS');
  const parties = [north, south, choir, farm, kitchen, northReferrer, southReferrer];
  const marks: Mark[] = parties.map(({ id, code }) => ({ marker: `@${code}.EXAMPLE`, orgIds: [id] }));
  const northChoir = await dealing(marks, 'KESTREL', north, choir);
  const northFarm = await dealing(marks, 'HERON', north, farm);
  const northKitchen = await dealing(marks, 'PLOVER', north, kitchen);
  const southKitchen = await dealing(marks, 'DUNLIN', south, kitchen);
  const dealings = [northChoir, northFarm, northKitchen, southKitchen];
  for (const one of dealings) await referral(marks, `${one.agreement.serviceCode}-OWN`, one, null);
  await referral(marks, 'LAPWING-1', northChoir, northReferrer);
  await referral(marks, 'LAPWING-2', northFarm, northReferrer);
  await referral(marks, 'SANDPIPER-1', southKitchen, southReferrer);
  const organisations = { north, south, choir, farm, kitchen, northReferrer, southReferrer };
  return { ...organisations, northChoir, northFarm, northKitchen, southKitchen, dealings, parties, marks };
}

async function dealing(marks: Mark[], marker: string, by: Party, provider: Party): Promise<Dealing> {
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
  const manager = await by.as('contract_manager');
  await manager.api.post(`/v1/contracts/${made.contractId}/purchase-orders`, {
    number: `${marker}-PO`,
    valueMinor: '1000000',
    startsOn: '2026-04-01',
    endsOn: '2027-03-31',
  });
  await manager.api.post(`/v1/services/${made.serviceId}/vat-treatments`, {
    effectiveFrom: '2026-04-01',
    category: 'E',
    reason: 'welfare',
  });
  await manager.api.post('/v1/self-billing-agreements', {
    providerId: provider.id,
    startsOn: '2026-04-01',
    endsOn: '2027-03-31',
  });
  return { commissioner: by, provider, agreement: made };
}

/** A referral made by the commissioner itself, or by a referrer. */
async function referral(marks: Mark[], reference: string, to: Dealing, by: Party | null): Promise<void> {
  const { commissioner: payer, provider, agreement: under } = to;
  const { api } = by ? await by.as('referrer') : await payer.as('contract_manager');
  await api.post('/v1/referrals', {
    ...(by && { commissionerId: payer.id }),
    providerId: provider.id,
    service: under.serviceCode,
    reference,
    source: 'nhs',
    personReference: `${reference}-P`,
  });
  if (by) marks.push({ marker: reference, orgIds: [by.id, payer.id, provider.id] });
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
