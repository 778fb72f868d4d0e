import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import type { IsoDate } from '../platform/clock.js';
import type { Reader, Tx } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { Contract } from './contract.entity.js';
import { agreementOn, versionOn } from './contract.rules.js';
import { ContractVersion } from './contract-version.entity.js';
import { vatTreatmentMissing } from './contracts.errors.js';
import { LOCK_CONTRACTS } from './contracts.queries.js';
import { contractWith, type ContractInForce, type VatOfDay, type VatParties } from './contracts.service.js';
import { SelfBillingAgreement } from './self-billing-agreement.entity.js';
import { ContractedService } from './service.entity.js';
import { ServiceVatTreatment } from './vat-treatment.entity.js';
import { vatNumberIn, vatOfService, type VatRegistered } from './vat-treatment.rules.js';

/** What was agreed in several contracts, as one look found it. */
export interface ContractsFound {
  /**
   * The contract with the terms that govern a day, as `ContractsService.get` has it.
   *
   * @throws not_found
   */
  termsOn(contractId: string, day: IsoDate): ContractInForce;
  /** A service of one of the providers. */
  service(id: string): ContractedService | undefined;
  vatOf(parties: VatParties): VatOfDay;
  /** The VAT number of a provider on a day; null when it is not registered. */
  vatNumberOn(providerId: string, day: IsoDate): string | null;
  /** Whether a self-billing agreement of the provider is in force on a day, as `ContractsService.agreementOn` has it. */
  hasAgreementOn(providerId: string, day: IsoDate): boolean;
}

const REGISTRATIONS = `
select organisation_id as "providerId", vat_number as "vatNumber", starts_on as "startsOn", ends_on as "endsOn"
from vat_registration where organisation_id = any ($1::uuid[])`;

/** What was agreed, for work on many contracts of one commissioner at once: as many queries as for one. */
@Injectable()
export class ContractLookup {
  /** `ContractsService.lockContract` for several, in the order of their ids for everybody. */
  async lockAll(tx: Tx, contractIds: Iterable<string>): Promise<void> {
    await tx.query(LOCK_CONTRACTS, [[...new Set(contractIds)].sort()]);
  }

  /** Under the policies of the commissioner whose contracts they all are; what it does not see is not found. */
  async find(reader: Reader, contractIds: Iterable<string>): Promise<ContractsFound> {
    const contracts = await reader.find(Contract, { where: { id: In([...new Set(contractIds)]) } });
    const contractId = In(contracts.map(({ id }) => id));
    const versions = groupBy(await reader.find(ContractVersion, { where: { contractId } }), (one) => one.contractId);
    const ofProviders = providersOf(contracts);
    const services = new Map((await reader.findBy(ContractedService, ofProviders)).map((one) => [one.id, one]));
    const treatments = groupBy(await reader.findBy(ServiceVatTreatment, ofProviders), (one) => one.providerId);
    const agreements = groupBy(await reader.findBy(SelfBillingAgreement, ofProviders), (one) => one.providerId);
    const providerIds = contracts.map(({ providerId }) => providerId);
    const found = await reader.query<VatRegistered & { providerId: string }>(REGISTRATIONS, [providerIds]);
    const registrations = groupBy(found, ({ providerId }) => providerId);
    const byId = new Map(contracts.map((contract) => [contract.id, contract]));
    const vatNumberOn = (providerId: string, day: IsoDate) => vatNumberIn(registrations.get(providerId) ?? [], day);
    return {
      termsOn(id, day) {
        const contract = byId.get(id);
        const version = contract && versionOn(versions.get(id) ?? [], day);
        if (!contract || !version) throw notFound();
        return contractWith(contract, version);
      },
      service: (id) => services.get(id),
      vatOf({ providerId, regime }) {
        const [registered, said] = [registrations.get(providerId) ?? [], treatments.get(providerId) ?? []];
        const setting = { isGrant: regime === 'grant', registrations: registered, treatments: said };
        return (serviceId, day) => {
          const vat = vatOfService(setting, serviceId, day);
          if (!vat) throw vatTreatmentMissing({ serviceId, day });
          return vat;
        };
      },
      vatNumberOn,
      hasAgreementOn: (providerId, day) =>
        agreementOn(agreements.get(providerId) ?? [], vatNumberOn(providerId, day), day) !== null,
    };
  }
}

/** Of one commissioner, whose contracts the reader may see beside those of no other. */
function providersOf(contracts: readonly Contract[]) {
  const commissionerIds = new Set(contracts.map(({ commissionerId }) => commissionerId));
  return {
    commissionerId: In([...commissionerIds]),
    providerId: In([...new Set(contracts.map(({ providerId }) => providerId))]),
  };
}

function groupBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string): ReadonlyMap<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}
