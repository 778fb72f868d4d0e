import type { JournalEvent } from '../../assurance/index.js';
import type { Payout } from '../../payouts/index.js';
import type { Translate } from '../../words/index.js';
import { wordActorIn, wordEventIn } from '../wording/event-words.rules.js';

/** Where a payment stands, in a sentence: what has happened, and what happens next. */
export function standingOf(t: Translate, payout: Pick<Payout, 'rail' | 'state' | 'outsidePaidOn'>): string {
  const { rail, state, outsidePaidOn } = payout;
  switch (state) {
    case 'requested':
      if (rail === 'stripe') return t('treasury.payout.standing.requested');
      return t(outsidePaidOn === null ? 'treasury.payout.standing.listed' : 'treasury.payout.standing.entered');
    case 'sent':
      return t('treasury.payout.standing.sent');
    case 'paid':
      return t('treasury.payout.standing.paid');
    case 'failed':
      return t('treasury.payout.standing.failed');
    case 'returned':
      return t('treasury.payout.standing.returned');
    case 'unknown':
      return t('treasury.payout.standing.unknown');
    default:
      return t('treasury.payout.standing.cancelled');
  }
}

/** What the journal says of a payment, for the timeline macro. What was tried and refused is for auditors. */
export function payoutTimeline(t: Translate, events: readonly JournalEvent[]) {
  return events
    .filter(({ type }) => type !== 'command.refused')
    .map(({ type, occurredAt, body }) => ({
      title: wordEventIn(t, type),
      at: occurredAt,
      who: wordActorIn(t, actorOf(body)),
    }));
}

/** Which kind of actor it was, on which side: all that is said of anybody. */
function actorOf(body: JournalEvent['body']): { kind: string; side: string } {
  const { kind, orgId } = body['actor'] as { kind: string; orgId: string };
  const side = orgId === body['commissionerId'] ? 'commissioner' : 'provider';
  return { kind, side };
}
