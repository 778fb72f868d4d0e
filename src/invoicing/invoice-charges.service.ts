import { Injectable } from '@nestjs/common';
import type { Batch } from '../batches/index.js';
import { ClaimsService, type BatchedClaim } from '../delivery/index.js';
import type { Reader } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { ContractsService, type ContractInForce, type VatOfService } from '../pricing/index.js';
import type { ApprovedLine } from './invoice.document.js';

/** An approved claim that is charged, with what a document says of it. */
export interface InvoicedCharge {
  readonly claim: BatchedClaim;
  readonly service: { readonly code: string; readonly name: string };
  readonly vat: VatOfService;
}

/** The charges of a batch. Recognised work is not among them: nobody owes anything for it, so no document names it. */
@Injectable()
export class InvoiceChargesService {
  constructor(
    private readonly claims: ClaimsService,
    private readonly contracts: ContractsService,
  ) {}

  /**
   * By service time, then id.
   *
   * @throws vat_treatment.missing
   */
  async ofBatch(reader: Reader, batch: Pick<Batch, 'id'>, contract: ContractInForce): Promise<InvoicedCharge[]> {
    const claims = await this.claims.ofBatch(reader, batch.id);
    const services = new Map((await this.contracts.servicesOf(reader, contract)).map((one) => [one.id, one]));
    const vatOn = await this.contracts.vatOf(reader, contract);
    return claims.filter(isCharged).map((claim) => {
      const service = services.get(claim.serviceId);
      assert(service, 'a claim is for a service of its contract');
      return { claim, service, vat: vatOn(claim.serviceId, claim.servedOn) };
    });
  }
}

function isCharged({ price }: BatchedClaim): boolean {
  return !(price.netMinor === 0n && price.indicativeMinor > 0n);
}

/** A charge as a line of an invoice: no reference, no person, only the service, the figures, and the reasons' codes. */
export function approvedLineOf({ claim, service, vat }: InvoicedCharge): ApprovedLine {
  const { quantity, unit, unitPriceMinor, netMinor, reasons } = claim.price;
  return {
    serviceCode: service.code,
    serviceName: service.name,
    servedOn: claim.servedOn,
    month: claim.forPeriod.slice(0, 7),
    unit,
    quantity,
    unitPriceMinor,
    netMinor,
    vat,
    claimCount: 1,
    reasons,
  };
}
