import { ApiProblem, type Api } from './api.js';
import type { Stage } from './stage.js';
import { count } from './terminal.js';
import type { DemoCommissioner, DemoContract, DemoProvider } from './world.schemas.js';

type Named = { id: string; code: string };
type Card = { serviceCode: string; chargeKind: string; effectiveFrom: string; agreedOn: string };

/** Makes sure that everybody and every agreement of the world is there. What is there already is left alone. */
export async function setUp(stage: Stage): Promise<void> {
  const { world, progress } = stage;
  await progress.phase('Setting up', async () => {
    for (const commissioner of world.commissioners) await setUpCommissioner(stage, commissioner);
    for (const provider of world.providers) await setUpProvider(stage, provider);
    for (const [index, contract] of world.contracts.entries()) {
      progress.step(`contract ${index + 1} of ${world.contracts.length}`);
      await setUpContract(stage, contract);
    }
    const outcome = [
      count(world.commissioners.length, 'commissioner'),
      count(world.providers.length, 'provider'),
      `${count(world.contracts.length, 'contract')} with their rate cards`,
    ].join(', ');
    return { answer: undefined, outcome };
  });
}

async function setUpCommissioner(stage: Stage, commissioner: DemoCommissioner): Promise<void> {
  const { members, referrers, vat, fundsMinor: _funds, ...organisation } = commissioner;
  const admin = members.find(({ roles }) => roles.includes('admin'));
  if (!admin) throw new Error(`world.json has no admin at ${commissioner.code}`);
  const known = await stage.findOrganisation(commissioner.code);
  const { name: displayName, email, roles } = admin;
  const made =
    known ?? (await stage.organisations.setUp({ ...organisation, admin: { displayName, email, roles } })).organisation;
  stage.learn(commissioner.code, made.id);
  await stage.enrol(made, members);
  await ensureVat(stage, commissioner.code, commissioner.code, vat);
  for (const referrer of referrers) await register(stage, commissioner.code, 'referrer', referrer);
}

async function setUpProvider(stage: Stage, provider: DemoProvider): Promise<void> {
  const { registeredBy, vat, stripe: _stripe, ...organisation } = provider;
  await register(stage, registeredBy, 'provider', organisation);
  if (vat) await ensureVat(stage, registeredBy, provider.code, vat);
}

/** Records a VAT registration, unless an earlier run did. */
async function ensureVat(stage: Stage, by: string, of: string, vat: NonNullable<DemoProvider['vat']>): Promise<void> {
  const contractManager = await stage.as(by, 'contract_manager');
  try {
    await contractManager.post(`/v1/organisations/${stage.idOf(of)}/vat-registrations`, vat);
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.problem.code !== 'organisation.vat_registration_overlaps') throw error;
  }
}

async function register(
  stage: Stage,
  by: string,
  kind: 'provider' | 'referrer',
  { members, ...organisation }: DemoCommissioner['referrers'][number],
): Promise<void> {
  const { code } = organisation;
  let known = await stage.findOrganisation(code);
  if (!known) {
    const contractManager = await stage.as(by, 'contract_manager');
    await contractManager.post('/v1/organisations', { kind, ...organisation }, `demo-organisation-${code}`);
    known = await stage.findOrganisation(code);
  }
  if (!known) throw new Error(`${code} was registered and is not there`);
  stage.learn(code, known.id);
  await stage.enrol(known, members);
}

async function setUpContract(stage: Stage, contract: DemoContract): Promise<void> {
  const contractManager = await stage.as(contract.commissioner, 'contract_manager');
  const [known] = await contractManager.list<Named>(`/v1/contracts?code=${contract.code}`);
  const { id } =
    known ?? (await contractManager.post<Named>('/v1/contracts', termsOf(stage, contract), `demo-${contract.code}`));
  stage.learn(contract.code, id);
  await setUpServices(stage, contractManager, contract);
  await setUpCards(stage, contractManager, contract);
  await setUpFunding(contractManager, contract, id);
  if (contract.documentMode === 'self_billed') await agreeOnSelfBilling(stage, contractManager, contract);
}

function termsOf(stage: Stage, contract: DemoContract): object {
  const { commissioner: _c, provider, services: _s, referralsBy: _r, ...rest } = contract;
  const { budgetMinor: _b, raisedBudgetMinor: _rb, order: _o, ...terms } = rest;
  return { ...terms, providerId: stage.idOf(provider) };
}

async function setUpServices(stage: Stage, contractManager: Api, contract: DemoContract): Promise<void> {
  const providerId = stage.idOf(contract.provider);
  const known = await contractManager.get<{ items: Named[] }>(`/v1/services?providerId=${providerId}`);
  for (const { code, name, kind, vat } of contract.services) {
    const found = known.items.find((service) => service.code === code);
    const { id } = found ?? (await contractManager.post<Named>('/v1/services', { providerId, code, name, kind }));
    stage.learn(`${contract.code} ${code}`, id);
    if (!vat) continue;
    const treatments = await contractManager.get<{ items: unknown[] }>(`/v1/services/${id}/vat-treatments`);
    if (treatments.items.length > 0) continue;
    await contractManager.post(`/v1/services/${id}/vat-treatments`, { effectiveFrom: contract.startsOn, ...vat });
  }
}

async function setUpCards(stage: Stage, contractManager: Api, contract: DemoContract): Promise<void> {
  const path = `/v1/contracts/${stage.idOf(contract.code)}/rate-cards`;
  const { items: known } = await contractManager.get<{ items: Card[] }>(path);
  for (const service of contract.services) {
    for (const card of service.cards) {
      const wanted = { serviceCode: service.code, chargeKind: 'primary', ...card };
      if (!known.some((one) => isSameCard(one, wanted))) await contractManager.post(path, wanted);
    }
  }
}

function isSameCard(one: Card, other: Card): boolean {
  return (['serviceCode', 'chargeKind', 'effectiveFrom', 'agreedOn'] as const).every((key) => one[key] === other[key]);
}

async function setUpFunding(contractManager: Api, contract: DemoContract, id: string): Promise<void> {
  const { order, budgetMinor, startsOn, endsOn } = contract;
  if (order) {
    const orders = await contractManager.get<{ items: unknown[] }>(`/v1/contracts/${id}/purchase-orders`);
    const { number, valueMinor } = order;
    if (orders.items.length === 0)
      await contractManager.post(`/v1/contracts/${id}/purchase-orders`, { number, valueMinor, startsOn, endsOn });
  }
  if (budgetMinor === undefined) return;
  const changes = await contractManager.list(`/v1/contracts/${id}/budget-changes`);
  if (changes.length > 0) return;
  const budget = { amountMinor: budgetMinor, effectiveOn: startsOn };
  await contractManager.post(`/v1/contracts/${id}/budget-changes`, budget);
}

async function agreeOnSelfBilling(stage: Stage, contractManager: Api, contract: DemoContract): Promise<void> {
  type Agreement = { id: string; acceptedAt: string | null };
  const providerId = stage.idOf(contract.provider);
  const { items } = await contractManager.get<{ items: Agreement[] }>(
    `/v1/self-billing-agreements?providerId=${providerId}`,
  );
  const period = { startsOn: '2026-04-01', endsOn: '2027-03-31' };
  const agreement =
    items[0] ?? (await contractManager.post<Agreement>('/v1/self-billing-agreements', { providerId, ...period }));
  if (agreement.acceptedAt !== null) return;
  const treasurer = await stage.as(contract.provider, 'treasurer');
  await treasurer.post(`/v1/self-billing-agreements/${agreement.id}/accept`);
}
