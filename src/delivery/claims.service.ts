import { Injectable } from '@nestjs/common';
import type { BoundText } from '../ledger/index.js';
import type { Minor } from '../money/index.js';
import type { IsoDate } from '../platform/clock.js';
import type { Reader, Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { ContractsService, wordFlag, type ContractInForce } from '../pricing/index.js';
import type { Charge, ClaimPrice } from './claim-charge.rules.js';
import { wordDeliveryFlag, type ClaimFlag } from './claim-flag.rules.js';
import { ClaimPricer } from './claim-pricer.service.js';
import { ClaimSettings } from './claim-setting.service.js';
import {
  ALIKE_OF_BATCHES,
  FIX_PRICES,
  OF_BATCH,
  OPEN_CLAIMS,
  PRICE_BY_EVENTS,
  PRICED,
  RELEASE,
  REJECT,
  REOPEN,
  type AlikeRow,
  type BatchedRow,
  type OpenRow,
} from './claims.queries.js';
import { pricedData, priceOfColumns, storedPrice, type PriceColumns, type PricedData } from './claim-price.rules.js';

/** A claim that waits for a batch, with the price that it would have if the batch were submitted now. */
export interface OpenClaim extends Charge {
  readonly forPeriod: IsoDate;
  readonly paidTo: string;
  readonly deliveredBy: string;
  readonly provisionalMinor: Minor;
  /** Final once `fixPrices` has stored it. */
  readonly price: ClaimPrice;
}

/** A claim as its batch holds it, for what is made of the batch: lines of an invoice, postings, a statement. */
export interface BatchedClaim {
  readonly claimId: string;
  readonly eventId: string;
  readonly contractId: string;
  readonly providerId: string;
  readonly serviceId: string;
  readonly chargeKind: string;
  readonly factKind: Charge['factKind'];
  readonly factId: string;
  readonly referralId: string | null;
  readonly sessionId: string | null;
  readonly paidTo: string;
  readonly deliveredBy: string;
  readonly servedOn: IsoDate;
  readonly forPeriod: IsoDate;
  readonly yourReference: string | null;
  readonly price: ClaimPrice;
}

/** Claims of one batch that are alike in day, service and price: what a document sums. */
export interface AlikeClaims extends Pick<BatchedClaim, 'serviceId' | 'servedOn' | 'forPeriod' | 'price'> {
  readonly claimCount: number;
}

/**
 * The claims of a contract, for the batches above: which are open, what they cost together, and who holds them. A claim is
 * `submitted`, `queried`, `rejected` or `withdrawn`; a submitted one is open until a batch holds it (`batch_id`), and what
 * becomes of it then follows from the batch. Nothing here writes events: whoever decides records the decision.
 */
@Injectable()
export class ClaimsService {
  constructor(
    private readonly contracts: ContractsService,
    private readonly settings: ClaimSettings,
    private readonly pricer: ClaimPricer,
  ) {}

  /**
   * Locks the contract until `tx` ends, and gives its open claims of a period and of those before it (late lines keep
   * their `forPeriod`), priced together: by service time, then id, after all lines that a batch holds already or that wait
   * for the answer to a query, which keep their numbers. Flags are found anew, as things stand now. Nothing is stored.
   *
   * @param period the first day of the month
   */
  async lockForBatch(tx: Tx, contract: Pick<ContractInForce, 'id'>, period: IsoDate): Promise<OpenClaim[]> {
    await this.contracts.lockContract(tx, contract.id);
    return this.openClaims(tx, contract.id, period);
  }

  /** The same for whoever only looks, without the lock. */
  async openClaims(reader: Reader, contractId: string, period: IsoDate): Promise<OpenClaim[]> {
    const setting = await this.settings.load(reader, contractId);
    const open = await reader.query<OpenRow>(OPEN_CLAIMS, [setting.commissionerId, contractId, period]);
    const prices = await this.pricer.price(reader, setting, open, 'in_batches');
    return open.map((claim) => {
      const price = prices.get(claim.claimId);
      assert(price, 'every open claim has a price');
      return { ...claim, price };
    });
  }

  /**
   * Puts claims into a batch with their final prices, reasons and flags. The batch's row is there already; all claims are
   * open ones that `lockForBatch` gave in the same transaction.
   */
  async fixPrices(tx: Tx, commissionerId: string, batchId: string, claims: readonly OpenClaim[]): Promise<void> {
    const rows = claims.map(({ claimId, price }) => ({ id: claimId, ...storedPrice(price) }));
    const fixed = await tx.execute(FIX_PRICES, [commissionerId, batchId, JSON.stringify(rows)]);
    assert(fixed === claims.length, 'every claim of a batch was open');
  }

  /**
   * Takes claims out of their batch. As `submitted` they are open again, priced as before, and get new prices in a later
   * batch (the batch was rejected as a whole); as `queried` they wait for an answer, count towards caps meanwhile, and the rest of the batch goes
   * on. Gives the ids that a batch held.
   */
  async release(
    tx: Tx,
    commissionerId: string,
    claimIds: readonly string[],
    as: 'submitted' | 'queried',
  ): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(RELEASE, [commissionerId, claimIds, as]);
    const released = rows.map(({ id }) => id);
    if (as === 'submitted') await tx.execute(PRICE_BY_EVENTS, [commissionerId, released]);
    return released;
  }

  /** What a claim is priced by now, for the event that says that it leaves its batch. */
  async pricedData(reader: Reader, commissionerId: string, claimId: string): Promise<PricedData> {
    const [columns] = await reader.query<PriceColumns>(PRICED, [commissionerId, claimId]);
    assert(columns, 'a claim that leaves its batch is there');
    return pricedData(priceOfColumns(columns, 0n));
  }

  /**
   * Rejects a claim that is open, queried or held by a batch, and takes it out of it. That frees its earning fact, and it
   * counts no more. False of one that was rejected already, or withdrawn.
   */
  async reject(tx: Tx, commissionerId: string, claimId: string, { text, salt }: BoundText): Promise<boolean> {
    return (await tx.execute(REJECT, [commissionerId, claimId, text, salt])) === 1;
  }

  /**
   * Opens claims again that were queried and are answered, or that were rejected and are reinstated. Gives their ids.
   *
   * @throws claim.fact_claimed when another claim has taken the earning fact of a rejected one meanwhile
   */
  async reopen(tx: Tx, commissionerId: string, claimIds: readonly string[]): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(REOPEN, [commissionerId, claimIds]);
    return rows.map(({ id }) => id);
  }

  /** The claims that a batch holds, by service time, then id. */
  async ofBatch(reader: Reader, batchId: string): Promise<BatchedClaim[]> {
    const rows = await reader.query<BatchedRow>(OF_BATCH, [batchId]);
    return rows.map((row) => ({
      claimId: row.claimId,
      eventId: row.eventId,
      contractId: row.contractId,
      providerId: row.providerId,
      serviceId: row.serviceId,
      chargeKind: row.chargeKind,
      factKind: row.factKind,
      factId: row.factId,
      referralId: row.referralId,
      sessionId: row.sessionId,
      paidTo: row.paidTo,
      deliveredBy: row.deliveredBy,
      servedOn: row.servedOn,
      forPeriod: row.forPeriod,
      yourReference: row.yourReference,
      price: priceOfColumns(row, row.priceMinor),
    }));
  }

  /** What several batches hold, claims that are alike together; in no order. */
  async alikeOfBatches(reader: Reader, batchIds: readonly string[]): Promise<ReadonlyMap<string, AlikeClaims[]>> {
    const alike = new Map<string, AlikeClaims[]>(batchIds.map((id) => [id, []]));
    for (const row of await reader.query<AlikeRow>(ALIKE_OF_BATCHES, [batchIds])) {
      const { batchId, serviceId, servedOn, forPeriod, claimCount } = row;
      const price = priceOfColumns(row, row.priceMinor);
      alike.get(batchId)?.push({ serviceId, servedOn, forPeriod, price, claimCount });
    }
    return alike;
  }
}

/** What a person is asked to look at, in one line of plain English, whoever raised the flag. */
export function wordClaimFlag(flag: ClaimFlag): string {
  return wordDeliveryFlag(flag) ?? wordFlag(flag as Parameters<typeof wordFlag>[0]);
}
