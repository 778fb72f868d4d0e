import type { IsoDate } from '../platform/clock.js';
import { earnedBy, type Charge, type Rates } from './claim-charge.rules.js';
import { londonInstant } from './london-time.rules.js';
import type { UnclaimedRow } from './unclaimed-delivery.queries.js';

/** As far back as the longest late window reaches. */
const LOOKED_BACK_DAYS = 460;

/** The first day of what may still be claimed without a second person. */
export function lookedBackTo(today: IsoDate): IsoDate {
  const before = new Date(`${today}T00:00:00Z`);
  before.setUTCDate(before.getUTCDate() - LOOKED_BACK_DAYS);
  return before.toISOString().slice(0, 10);
}

/** Whether the rows of a session cannot be priced for want of its length. */
export function lacksMinutes({ durationMinutes, serviceId, heldOn }: UnclaimedRow, rates: Rates): boolean {
  return durationMinutes === null && rates.isHourly(serviceId, heldOn);
}

/**
 * What sessions would be claimed as, each fact once: nothing for a session whose length is needed and not known. The fee
 * of an acceptance is no delivery.
 */
export function deliveredCharges(
  rows: readonly UnclaimedRow[],
  rates: Rates,
  today: IsoDate,
  newId: () => string,
): Charge[] {
  const charges = new Map<string, Charge>();
  for (const row of rows) {
    if (lacksMinutes(row, rates)) continue;
    const { serviceId, sessionId, heldOn, startsAt, attendanceId, referralId: id, acceptedOn } = row;
    const isAccepted = id !== null && acceptedOn !== null;
    const referral = isAccepted ? { id, acceptedOn, acceptedAt: londonInstant(acceptedOn, '12:00') } : null;
    const session = { id: sessionId, heldOn, startsAt };
    for (const fact of earnedBy({ serviceId, session, attendanceId, referral }, rates)) {
      if (fact.factKind !== 'session' && fact.factKind !== 'attendance') continue;
      const of = { serviceId, periodEndsOn: null, expectedMinor: null, submittedOn: today };
      charges.set(`${fact.factId} ${fact.chargeKind}`, { ...fact, ...of, claimId: newId() });
    }
  }
  return [...charges.values()];
}
