import type { LineKind, RollEntry } from './price-line.rules.js';
import type { DeliveryTerms } from './rate-card-terms.rules.js';

/** How a line or a person's booking ended, as its card sees it. */
export interface Ending {
  readonly kind: LineKind;
  /** Elapsed before the start, rounded down; negative after it; null where nobody recorded when notice was given. */
  readonly noticeMinutes: number | null;
  /** The card's notice period, or null where it has none. */
  readonly requiredMinutes: number | null;
}

const MINUTE_MS = 60_000;

/**
 * Notice is elapsed time between two instants, across clock changes; exactly the notice period is in time, and so is
 * anything before the start where the card has no period. After the start it is late. Where notice is known it decides,
 * whatever was recorded; where not, the recorded outcome does.
 */
export function endingOf(
  { outcome, cancelledAt }: Pick<RollEntry, 'outcome' | 'cancelledAt'>,
  startsAt: Date,
  terms: DeliveryTerms,
): Ending {
  const requiredMinutes = requiredNoticeOf(terms);
  if (outcome === 'attended' || (outcome === 'did_not_attend' && isDueThoughNobodyCame(terms)))
    return { kind: 'delivered', noticeMinutes: null, requiredMinutes };

  const noticeMs = cancelledAt ? startsAt.getTime() - cancelledAt.getTime() : undefined;
  const noticeMinutes = noticeMs === undefined ? null : Math.floor(noticeMs / MINUTE_MS);
  const inTime = noticeMs !== undefined && noticeMs >= (requiredMinutes ?? 0) * MINUTE_MS;

  if (outcome === 'did_not_attend')
    return { kind: inTime && requiredMinutes !== null ? 'nil' : 'did_not_attend', noticeMinutes, requiredMinutes };
  if (noticeMs === undefined)
    return { kind: outcome === 'cancelled_late' ? 'cancelled_late' : 'nil', noticeMinutes, requiredMinutes };
  return { kind: inTime ? 'nil' : 'cancelled_late', noticeMinutes, requiredMinutes };
}

function requiredNoticeOf(terms: DeliveryTerms): number | null {
  switch (terms.basis) {
    case 'group_split':
      return terms.noticeMinutes ?? null;
    case 'recognised':
      return null;
    default:
      return terms.lateCancel?.noticeMinutes ?? null;
  }
}

/** A session that was held is due although nobody came. */
function isDueThoughNobodyCame(terms: DeliveryTerms): boolean {
  return terms.basis === 'session' || (terms.basis === 'hour' && terms.didNotAttend === undefined);
}
