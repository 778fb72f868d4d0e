import type { Minor } from '../money/index.js';
import type { IsoDate } from '../platform/clock.js';
import type { TermsFinding } from './contract.rules.js';

/** A purchase order as it is now: its latest version, and what it has been used for. */
export interface OrderOnContract {
  readonly contractId: string;
  readonly number: string;
  readonly version: number;
  readonly valueMinor: Minor;
  /** Net value of the batches on it that are submitted or approved. */
  readonly usedMinor: Minor;
  /** Value less what is used; below zero when a batch went beyond it where the contract lets it. */
  readonly leftMinor: Minor;
  readonly startsOn: IsoDate;
  readonly endsOn: IsoDate;
}

/** A purchase order that is wanted, or one with a new value or new dates. */
export interface OrderRequest {
  readonly contractId: string;
  readonly number: string;
  readonly valueMinor: Minor;
  readonly startsOn: IsoDate;
  readonly endsOn: IsoDate;
}

/** All that stands against raising an order, or lowering it. A charge has one order: those of a contract never overlap. */
export function whyNotRaise(request: OrderRequest, orders: readonly OrderOnContract[]): TermsFinding[] {
  const findings: TermsFinding[] = [];
  if (request.endsOn < request.startsOn)
    findings.push({ code: 'ends_before_start', field: 'endsOn', message: 'The last day is before the first.' });
  const overlapped = orders.find(
    (other) =>
      other.number !== request.number &&
      other.contractId === request.contractId &&
      other.startsOn <= request.endsOn &&
      request.startsOn <= other.endsOn,
  );
  if (overlapped)
    findings.push({
      code: 'orders_overlap',
      field: 'startsOn',
      message: `Purchase order ${overlapped.number} holds from ${overlapped.startsOn} to ${overlapped.endsOn}.`,
    });
  return findings;
}

export type OrderRefusal = { readonly code: 'missing' } | { readonly code: 'exceeded'; readonly shortfallMinor: Minor };

/**
 * Why a net amount cannot be charged to the order in force. Where the contract needs no order, it may go beyond one: the
 * order is quoted on the invoice, and does not limit.
 */
export function whyNotCharge(
  poRequired: boolean,
  order: Pick<OrderOnContract, 'leftMinor'> | undefined,
  netMinor: Minor,
): OrderRefusal | undefined {
  if (!poRequired) return undefined;
  if (!order) return { code: 'missing' };
  return netMinor > order.leftMinor ? { code: 'exceeded', shortfallMinor: netMinor - order.leftMinor } : undefined;
}
