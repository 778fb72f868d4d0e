import type { DeliveredRow, Outcome, ReferralRow } from './england-delivery.js';
import { GROUP_SIZE } from './england-plan.js';

const REFERRAL_HEADING = 'reference,service,source,made on,person reference,NHS number,sessions planned';
const CLAIM_HEADING = 'referral,service,date,start,minutes,outcome,notice hours,session,booked,your reference';

/** As charities' systems say it. */
const OUTCOMES: Readonly<Record<Outcome, string>> = {
  attended: 'attended,',
  missed: 'DNA,',
  cancelled_late: 'cancelled late,3',
};

/** Referrals as a link worker's system exports them. */
export function referralCsv(rows: Iterable<ReferralRow>, service: string, madeOn: string): string {
  const lines = [REFERRAL_HEADING];
  for (const { reference, person, nhsNumber, sessionsPlanned } of rows) {
    lines.push(`${reference},${service},NHS,${british(madeOn)},${person ?? ''},${nhsNumber ?? ''},${sessionsPlanned}`);
  }
  return lines.join('\r\n');
}

/** A month of a provider as it claims it. */
export function claimCsv(rows: readonly DeliveredRow[], service: string): string {
  const lines = [CLAIM_HEADING];
  for (const [index, { referral, on, start, minutes, outcome, session }] of rows.entries()) {
    const group = session === null ? ',' : `${session},${GROUP_SIZE}`;
    lines.push(
      `${referral},${service},${british(on)},${start},${minutes},${OUTCOMES[outcome]},${group},${on.slice(2, 7)}-${index}`,
    );
  }
  return lines.join('\r\n');
}

function british(day: string): string {
  return day.split('-').toReversed().join('/');
}
