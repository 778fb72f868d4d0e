import { OUTSIDE_SCOPE, type VatTreatment } from '../money/index.js';
import type { IsoDate } from '../platform/clock.js';

export const SERVICE_VAT_REASONS = ['welfare', 'health', 'education', 'zero_rated', 'not_business', 'other'] as const;
/** Why a service bears no VAT, where that lies in the service. Welfare: VATA 1994 Sch 9 Group 7. */
export type ServiceVatReason = (typeof SERVICE_VAT_REASONS)[number];

/** Why no VAT is charged on a line; null where it is charged. */
export type VatReason = ServiceVatReason | 'not_registered' | 'grant';

export interface VatOfService extends VatTreatment {
  readonly reason: VatReason | null;
}

/** A treatment set for a service from a day on; of those for one day the later id corrects the earlier. */
export interface DatedVatTreatment extends VatTreatment {
  readonly id: string;
  readonly serviceId: string;
  readonly effectiveFrom: IsoDate;
  readonly reason: ServiceVatReason | null;
}

/** A period in which a provider is registered for VAT. Both days are included; without a last day it goes on. */
export interface VatRegistered {
  readonly vatNumber: string;
  readonly startsOn: IsoDate;
  readonly endsOn: IsoDate | null;
}

export interface VatSetting {
  /** Whether the contract pays for a supply at all. */
  readonly isGrant: boolean;
  readonly registrations: readonly VatRegistered[];
  readonly treatments: readonly DatedVatTreatment[];
}

/**
 * VAT on a service on the day it was delivered. A grant is no supply, and a provider that is not registered on the day
 * charges no VAT, whatever the service: both are outside the scope. Undefined where the provider is registered and nobody
 * has said how the service is treated: that is not guessed.
 */
export function vatOfService(setting: VatSetting, serviceId: string, day: IsoDate): VatOfService | undefined {
  if (setting.isGrant) return { ...OUTSIDE_SCOPE, reason: 'grant' };
  if (vatNumberIn(setting.registrations, day) === null) return { ...OUTSIDE_SCOPE, reason: 'not_registered' };
  let best: DatedVatTreatment | undefined;
  for (const treatment of setting.treatments) {
    if (treatment.serviceId !== serviceId || treatment.effectiveFrom > day) continue;
    if (!best || isLater(treatment, best)) best = treatment;
  }
  return best && { category: best.category, rateBasisPoints: best.rateBasisPoints, reason: best.reason };
}

/** The number under which a provider is registered on a day; null when it is not. */
export function vatNumberIn(registrations: readonly VatRegistered[], day: IsoDate): string | null {
  const held = registrations.find(({ startsOn, endsOn }) => startsOn <= day && (endsOn === null || day <= endsOn));
  return held?.vatNumber ?? null;
}

function isLater(a: DatedVatTreatment, b: DatedVatTreatment): boolean {
  return a.effectiveFrom === b.effectiveFrom ? a.id > b.id : a.effectiveFrom > b.effectiveFrom;
}
