import { Injectable } from '@nestjs/common';
import type { OpenClaim } from '../delivery/index.js';
import { sumMinor, type Minor } from '../money/index.js';
import { OrganisationsService } from '../organisations/index.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';
import { DomainError } from '../platform/errors.js';
import { ContractsService, type ContractInForce, type OrderOnContract } from '../pricing/index.js';
import { chargedOn, commitmentOf, irrecoverableVat, lastDayOf, type Commitment } from './batch.rules.js';
import { batchNotSelfBillable, batchOverBudget, batchUnderReview } from './batches.errors.js';
import { batchesOfPeriod } from './batches.queries.js';

/** What a batch would be if it were submitted now. */
export interface BatchCandidate {
  readonly contract: ContractInForce;
  readonly period: IsoDate;
  readonly claims: readonly OpenClaim[];
  /** Net of VAT. */
  readonly totalMinor: Minor;
  /** VAT that the commissioner does not get back. */
  readonly vatMinor: Minor;
  readonly indicativeMinor: Minor;
  readonly order: OrderOnContract | null;
  readonly budgetLeftMinor: Minor;
  readonly commitment: Commitment;
  /** All that stands against submitting it. */
  readonly refusals: readonly DomainError[];
}

/** Works out what a batch of claims would be, with all that stands against it. Writes nothing and locks nothing. */
@Injectable()
export class BatchCandidates {
  constructor(
    private readonly contracts: ContractsService,
    private readonly organisations: OrganisationsService,
    private readonly clock: Clock,
  ) {}

  /** What the claims, which wait for a batch under the contract, would be together. `period` is the first day of a month. */
  async of(reader: Reader, contractId: string, period: IsoDate, claims: readonly OpenClaim[]): Promise<BatchCandidate> {
    const contract = await this.contracts.get(reader, contractId, lastDayOf(period));
    const refusals: DomainError[] = [];
    const orRefused = async <T>(otherwise: T, ask: () => Promise<T>): Promise<T> => {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        const { kind, code, message, details } = error;
        refusals.push(new DomainError(kind, code, message, { contract: contract.code, ...details }));
        return otherwise;
      }
    };
    const totalMinor = sumMinor(claims.map(({ price }) => price.netMinor));
    await orRefused(undefined, () => this.refuseSecond(reader, contract, period));
    const vatMinor = await orRefused(0n, () => this.irrecoverableVatOf(reader, contract, claims));
    const order = await orRefused(null, () =>
      this.contracts.orderToCharge(reader, contract, chargedOn(period, contract), totalMinor),
    );
    const budgetLeftMinor = await this.contracts.budgetLeft(reader, contractId);
    const commitment = commitmentOf(totalMinor + vatMinor, budgetLeftMinor);
    await orRefused(undefined, async () => refuseOverBudget(contract, totalMinor + vatMinor, budgetLeftMinor));
    return {
      contract,
      period,
      claims,
      totalMinor,
      vatMinor,
      indicativeMinor: sumMinor(claims.map(({ price }) => price.indicativeMinor)),
      order,
      budgetLeftMinor,
      commitment,
      refusals,
    };
  }

  private async refuseSecond(reader: Reader, contract: ContractInForce, period: IsoDate): Promise<void> {
    const { underReview } = await batchesOfPeriod(reader, contract.id, period);
    if (underReview !== null) throw batchUnderReview({ batch: underReview });
  }

  /** Asks for all that the invoice will need of VAT, so that nothing is approved that cannot be invoiced. */
  private async irrecoverableVatOf(
    reader: Reader,
    contract: ContractInForce,
    claims: readonly OpenClaim[],
  ): Promise<Minor> {
    const vatOn = await this.contracts.vatOf(reader, contract);
    const lines = claims.map(({ serviceId, servedOn, price }) => ({
      netMinor: price.netMinor,
      vat: vatOn(serviceId, servedOn),
    }));
    if (contract.documentMode === 'self_billed' && lines.some(({ vat }) => vat.rateBasisPoints > 0)) {
      const number = await this.organisations.vatNumberOn(reader, contract.commissionerId, this.clock.today());
      if (number === null) throw batchNotSelfBillable();
    }
    return irrecoverableVat(contract.vatRecoverable, lines);
  }
}

function refuseOverBudget(contract: ContractInForce, askedMinor: Minor, leftMinor: Minor): void {
  if (contract.budgetRule === 'flag' || askedMinor <= leftMinor) return;
  throw batchOverBudget({ leftMinor, askedMinor, shortfallMinor: askedMinor - leftMinor });
}
