import type { z } from 'zod';
import type { ErrorFactory } from '../platform/errors.js';
import { flagsInWords } from './batch-line.queries.js';
import type { BatchDetail } from './batch-register.service.js';
import type { ApprovalObstacle } from './batch.rules.js';
import type { BatchCandidate } from './batch-candidates.service.js';
import { batchAboveLimit, batchDecided, batchEmpty, batchOverBudget, batchOwn } from './batches.errors.js';
import type { BatchPreview } from './batches.schemas.js';
import type { BatchSummary } from './batches.service.js';
import { wordReason } from '../pricing/index.js';

/** A batch as the API shows it; whatever else the batch carries is kept. */
export function batchView<B extends BatchSummary>(batch: B) {
  const { eventId: _event, approvedEventId: _approved, ...shown } = batch;
  return { ...shown, period: batch.period.slice(0, 7), overBudget: batch.uncommittedMinor > 0n };
}

/** One batch as the API shows it to whoever may review it: people are known by their ids. */
export function batchDetailView(detail: BatchDetail) {
  const {
    contractTitle: _title,
    providerName: _provider,
    commissionerName: _commissioner,
    terms: _terms,
    ...rest
  } = detail;
  const { madeByName: _maker, decidedByName: _decider, submittedOn: _submitted, decidedOn: _decided, ...batch } = rest;
  const { leftCount: _left, isLate: _late, obstacles, ...shown } = batch;
  return { ...batchView(shown), obstacles: obstacles.map(wordObstacle) };
}

const OBSTACLES: Record<ApprovalObstacle['code'], ErrorFactory> = {
  decided: batchDecided,
  own: batchOwn,
  empty: batchEmpty,
  above_limit: batchAboveLimit,
  over_budget: batchOverBudget,
};

function wordObstacle({ code }: ApprovalObstacle): { code: string; message: string } {
  const { definition } = OBSTACLES[code];
  return { code: definition.code, message: `${definition.title} ${definition.fix}` };
}

/** Amounts as they are: the answer spells a bigint as text. */
type Unspelled<T> = T extends string ? T | bigint : T extends object ? { [K in keyof T]: Unspelled<T[K]> } : T;
type Preview = Unspelled<z.infer<typeof BatchPreview>>['items'][number];

/** A candidate as the API shows it: flagged lines first, with the total so far. */
export function previewView(candidate: BatchCandidate, limit: number): Preview {
  const { contract, period, claims, order, commitment, refusals } = candidate;
  const { totalMinor, vatMinor, indicativeMinor, budgetLeftMinor } = candidate;
  const lines = claims.map((claim) => ({ claim, flags: flagsInWords(claim.price.flags, claim.forPeriod, period) }));
  let runningTotalMinor = 0n;
  const inOrder = [...lines.filter(isFlagged), ...lines.filter((line) => !isFlagged(line))];
  return {
    contractId: contract.id,
    contractCode: contract.code,
    period: period.slice(0, 7),
    lineCount: claims.length,
    totalMinor,
    vatMinor,
    indicativeMinor,
    flaggedCount: claims.filter(({ price }) => price.flags.length > 0).length,
    budgetLeftMinor,
    uncommittedMinor: commitment.uncommittedMinor,
    purchaseOrder: order && { number: order.number, leftMinor: order.leftMinor },
    refusals: refusals.map(({ code, message }) => ({ code, message })),
    lines: inOrder.slice(0, limit).map(({ claim, flags }) => {
      const { claimId, serviceId, servedOn, forPeriod, provisionalMinor, expectedMinor, price } = claim;
      runningTotalMinor += price.netMinor;
      return {
        claimId,
        serviceId,
        servedOn,
        forPeriod,
        provisionalMinor,
        expectedMinor,
        priceMinor: price.netMinor,
        indicativeMinor: price.indicativeMinor,
        runningTotalMinor,
        reasons: price.reasons.map(wordReason),
        flags: [...flags],
      };
    }),
    linesLeftOff: Math.max(0, claims.length - limit),
  };
}

function isFlagged({ flags }: { flags: readonly unknown[] }): boolean {
  return flags.length > 0;
}
