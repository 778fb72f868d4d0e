import type { Party } from './world.js';

export interface Agreement {
  contractId: string;
  contractCode: string;
  serviceId: string;
  serviceCode: string;
}

export interface AgreementOptions {
  code?: string;
  serviceCode?: string;
  /** Terms of the rate card on the wire. */
  card?: Record<string, unknown>;
  /** Changes to the terms of the contract. */
  terms?: Record<string, unknown>;
  /** Pence. */
  budgetMinor?: string;
  startsOn?: string;
  endsOn?: string;
}

let made = 0;

/** A contract with a service, a rate card and a budget, made through the API: a year from April 2026 unless said. */
export async function agreement(by: Party, provider: Party, options: AgreementOptions = {}): Promise<Agreement> {
  const { api } = await by.as('contract_manager');
  made++;
  const contractCode = options.code ?? `SP-${made}`;
  const serviceCode = options.serviceCode ?? `SING-${made}`;
  const startsOn = options.startsOn ?? '2026-04-01';
  const service = await api.post<{ id: string }>('/v1/services', {
    providerId: provider.id,
    code: serviceCode,
    name: 'Singing group',
  });
  const contract = await api.post<{ id: string }>('/v1/contracts', {
    providerId: provider.id,
    code: contractCode,
    title: 'Singing for lung health',
    startsOn,
    endsOn: options.endsOn ?? '2027-03-31',
    agreedOn: '2026-03-20',
    documentMode: 'provider_issued',
    standingAuthority: true,
    rail: 'stripe',
    payablesAddress: ['PO Box 312', 'LS11 1HP'],
    regime: 'procurement_act',
    vatRecoverable: true,
    ...options.terms,
  });
  await api.post(`/v1/contracts/${contract.body.id}/rate-cards`, {
    serviceCode,
    effectiveFrom: startsOn,
    agreedOn: '2026-03-20',
    terms: options.card ?? { basis: 'attendance', priceMinor: '3200' },
  });
  await api.post(`/v1/contracts/${contract.body.id}/budget-changes`, {
    amountMinor: options.budgetMinor ?? '1000000',
    effectiveOn: startsOn,
  });
  return { contractId: contract.body.id, contractCode, serviceId: service.body.id, serviceCode };
}
