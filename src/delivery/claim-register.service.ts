import { Injectable } from '@nestjs/common';
import { ArrayContains, In, IsNull, MoreThan, Raw, type FindOptionsWhere } from 'typeorm';
import type { z } from 'zod';
import type { Actor } from '../platform/actor.js';
import { Database, type Reader } from '../platform/database.js';
import { pageOf, type Page } from '../platform/page.js';
import { wordReason } from '../pricing/index.js';
import type { ClaimFlagCode } from './claim-flag.rules.js';
import { Claim } from './claim.entity.js';
import { ClaimSettings } from './claim-setting.service.js';
import type { ClaimQuery, ClaimView } from './claims.schemas.js';
import { wordClaimFlag } from './claims.service.js';
import { claimNotFound } from './delivery.errors.js';

/** Claims as they stand, for whoever may read them. */
@Injectable()
export class ClaimRegister {
  constructor(
    private readonly database: Database,
    private readonly settings: ClaimSettings,
  ) {}

  /** @throws claim.not_found */
  async get(reader: Reader, id: string): Promise<Claim> {
    const claim = await reader.findOneBy(Claim, { id });
    if (!claim) throw claimNotFound();
    return claim;
  }

  /** @throws claim.not_found */
  read(actor: Actor, id: string): Promise<Claim> {
    return this.database.read(actor, (reader) => this.get(reader, id));
  }

  /** In the order of the ids. */
  async withIds(reader: Reader, ids: readonly string[]): Promise<Claim[]> {
    const claims = ids.length === 0 ? [] : await reader.findBy(Claim, { id: In([...ids]) });
    const byId = new Map(claims.map((claim) => [claim.id, claim]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }

  list(actor: Actor, query: ClaimQuery): Promise<Page<Claim>> {
    return this.database.read(actor, async (reader) => {
      const contract = query.contract === undefined ? null : await this.settings.loadNamed(reader, query.contract);
      const where = { ...whereOf(query), ...(contract && { contractId: contract.contractId }) };
      const claims = await reader.find(Claim, { where, order: { id: 'ASC' }, take: query.limit + 1 });
      return pageOf(claims, query.limit);
    });
  }
}

function whereOf(query: ClaimQuery): FindOptionsWhere<Claim> {
  const { period, state, flag, flagged, batchId, claimFileId, referralId, after } = query;
  return {
    ...(period !== undefined && { forPeriod: `${period}-01` }),
    ...(state === 'open' ? { state: 'submitted', batchId: IsNull() } : state !== undefined && { state }),
    ...(flagged !== undefined && { flags: Raw((column) => `(cardinality(${column}) > 0) = ${flagged}`) }),
    ...(flag !== undefined && { flags: ArrayContains([flag as ClaimFlagCode]) }),
    ...(batchId !== undefined && { batchId }),
    ...(claimFileId !== undefined && { claimFileId }),
    ...(referralId !== undefined && { referralId }),
    ...(after !== undefined && { id: MoreThan(after) }),
  };
}

/** A claim as people read it: every code with its words. */
export function claimView(claim: Claim): z.infer<typeof ClaimView> {
  const { pricing, claimFileId, rowNumber } = claim;
  return {
    id: claim.id,
    commissionerId: claim.commissionerId,
    providerId: claim.providerId,
    contractId: claim.contractId,
    serviceId: claim.serviceId,
    rateCardId: claim.rateCardId,
    chargeKind: claim.chargeKind,
    fact: { kind: claim.factKind, id: claim.factId },
    referralId: claim.referralId,
    sessionId: claim.sessionId,
    paidTo: claim.paidTo,
    deliveredBy: claim.deliveredBy,
    servedOn: claim.servedOn,
    forPeriod: claim.forPeriod.slice(0, 7),
    state: claim.state,
    batchId: claim.batchId,
    provisionalMinor: claim.provisionalMinor.toString(),
    priceMinor: claim.priceMinor?.toString() ?? null,
    indicativeMinor: claim.indicativeMinor.toString(),
    expectedMinor: claim.expectedMinor?.toString() ?? null,
    quantity: pricing.quantity,
    unit: pricing.unit,
    unitPriceMinor: pricing.unitPriceMinor,
    reasons: pricing.reasons.map((reason) => ({ code: reason.code, text: wordReason(reason) })),
    flags: pricing.flags.map((flag) => ({ code: flag.code, text: wordClaimFlag(flag) })),
    yourReference: claim.yourReference,
    claimFile: claimFileId === null || rowNumber === null ? null : { id: claimFileId, row: rowNumber },
    rejectReason: claim.rejectReason,
    submittedAt: claim.submittedAt.toISOString(),
  };
}
