import type { GivenAttendance, GivenSession } from './delivered-row.rules.js';
import type { FoundRow, KnownAttendance, KnownSession, PlanSetting } from './known-delivery.rules.js';
import type { RowRefusalCode } from './row-refusal.rules.js';

/** What stands against a row whatever else is recorded. */
export function whyNotTake({ given, referral }: FoundRow, setting: PlanSetting): RowRefusalCode | undefined {
  const { heldOn, startsAt, startRecorded, durationMinutes } = given.session;
  if (referral === 'unknown') return 'unknown_referral';
  if (referral === 'ambiguous') return 'ambiguous_referral';
  if (referral && referral.contractId !== setting.contractId) return 'referral_of_other_contract';
  if (referral && referral.acceptedOn === null) return 'referral_not_accepted';
  if (!setting.isInForce(heldOn)) return 'outside_contract';
  if (heldOn > setting.today || (startRecorded && startsAt > setting.now)) return 'in_future';
  const { rates } = setting;
  const facts = rates.chargeKinds(given.serviceId).map((kind) => rates.earningFact(given.serviceId, heldOn, kind));
  if (facts.every((fact) => fact === undefined)) return 'no_rate_card';
  if (durationMinutes === null && rates.isHourly(given.serviceId, heldOn)) return 'minutes_needed';
  const isWhole = given.attendance === null;
  return isWhole && facts.includes('attendance') && !facts.includes('session') ? 'referral_needed' : undefined;
}

/** What a row leaves out does not contradict what is recorded. */
export function sessionDiffers(known: KnownSession, given: GivenSession): boolean {
  return (
    known.kind !== given.kind ||
    differs(known.durationMinutes, given.durationMinutes) ||
    differs(known.mode, given.mode) ||
    differs(known.booked, given.booked) ||
    differs(known.outcome, given.outcome) ||
    differs(known.cancelledAt?.getTime() ?? null, given.cancelledAt?.getTime() ?? null)
  );
}

/** Travel is part of it, because a supplement may be due. */
export function attendanceDiffers(known: KnownAttendance, given: GivenAttendance): boolean {
  return (
    known.outcome !== given.outcome ||
    known.travel !== given.travel ||
    (known.cancelledAt?.getTime() ?? null) !== (given.cancelledAt?.getTime() ?? null)
  );
}

/** Whether two sides that both say something say different things. */
export function differs<T>(known: T | null, given: T | null): boolean {
  return known !== null && given !== null && known !== given;
}

/** A session of which nothing is stored yet, with what its first row left out and this one says; itself where it is all. */
export function completed<S extends KnownSession>(session: S, given: GivenSession): S {
  const adds = (['durationMinutes', 'mode', 'booked', 'outcome', 'cancelledAt'] as const).some(
    (part) => session[part] === null && given[part] !== null,
  );
  if (!adds) return session;
  return {
    ...session,
    durationMinutes: session.durationMinutes ?? given.durationMinutes,
    mode: session.mode ?? given.mode,
    booked: session.booked ?? given.booked,
    outcome: session.outcome ?? given.outcome,
    cancelledAt: session.cancelledAt ?? given.cancelledAt,
  };
}
