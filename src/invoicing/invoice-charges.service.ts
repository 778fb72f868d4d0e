import { Injectable } from '@nestjs/common';
import type { Batch } from '../batches/index.js';
import { ClaimsService, type AlikeClaims, type BatchedClaim } from '../delivery/index.js';
import type { Reader } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { ContractsService, type ContractInForce, type VatOfService } from '../pricing/index.js';

/** Approved claims that are charged, with what a document says of them. */
export interface InvoicedCharge<Claim extends Pick<BatchedClaim, 'price'> = BatchedClaim> {
  readonly claim: Claim;
  readonly service: { readonly code: string; readonly name: string };
  readonly vat: VatOfService;
}

/** What is charged in a batch. Recognised work is not: nobody owes anything for it, so no document names it. */
@Injectable()
export class InvoiceChargesService {
  constructor(
    private readonly claims: ClaimsService,
    private readonly contracts: ContractsService,
  ) {}

  /**
   * Each charge, by service time, then id.
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

  /** The claims of several batches that are charged, those that are alike together; in no order. */
  async alikeOf(reader: Reader, batchIds: readonly string[]): Promise<ReadonlyMap<string, AlikeClaims[]>> {
    const alike = await this.claims.alikeOfBatches(reader, batchIds);
    return new Map(Array.from(alike, ([batchId, claims]) => [batchId, claims.filter(isCharged)]));
  }
}

function isCharged({ price }: Pick<BatchedClaim, 'price'>): boolean {
  return !(price.netMinor === 0n && price.indicativeMinor > 0n);
}
