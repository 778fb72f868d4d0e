import type { Role } from '../platform/actor.js';
import { COLLECTED_MS, type BankDetailsStep, type NoticeContent, type Recipients } from './notice.rules.js';

/** An event of the journal that somebody is told of, with what is true of its subject now. */
export interface News {
  readonly eventId: string;
  readonly type: NewsType;
  readonly subjectId: string;
  readonly commissionerId: string;
  readonly providerId: string;
  readonly recordedAt: Date;
  /** When it was put off until; null when nobody has looked at it yet. */
  readonly lookAgainAt: Date | null;
  /** The code of the provider. */
  readonly provider: string;
  /** Whether it still asks for anything: a query that was answered meanwhile does not. */
  readonly stands: boolean;
  readonly batchId: string | null;
  /** The code of the batch. */
  readonly batch: string | null;
  readonly reference: string | null;
  readonly amountMinor: bigint | null;
  readonly accountId: string | null;
  readonly appliesOn: string | null;
}

/** News that one notice can tell together. */
export interface NewsGroup {
  readonly kind: NoticeContent['kind'];
  /** What it is about. */
  readonly subject: string;
  /** Told together, and at most once a day: what comes later waits for the next morning. */
  readonly isCollected: boolean;
  readonly recipients: readonly Recipients[];
  readonly news: readonly News[];
}

export const NEWS_TYPES = [
  'referral.made',
  'claim.queried',
  'claim.rejected',
  'batch.submitted',
  'payout.paid',
  'payout_account.change_proposed',
  'payout_account.change_confirmed',
  'payout_account.change_cancelled',
  'payout_account.change_applied',
] as const;
export type NewsType = (typeof NEWS_TYPES)[number];

const BANK_DETAILS = 'payout_account.change_';
const COORDINATORS: readonly Role[] = ['coordinator'];
const TREASURERS: readonly Role[] = ['treasurer'];

/** Puts together what one notice can tell, in the order in which it happened. */
export function groupNews(all: readonly News[]): NewsGroup[] {
  const groups = new Map<string, NewsGroup & { news: News[] }>();
  for (const news of all) {
    const group = groupOf(news);
    const key = `${group.kind} ${group.subject}`;
    const known = groups.get(key);
    if (known) known.news.push(news);
    else groups.set(key, { ...group, news: [news] });
  }
  return [...groups.values()];
}

function groupOf(news: News): Omit<NewsGroup, 'news'> {
  const { type, eventId, providerId, commissionerId } = news;
  const collected = { isCollected: true, recipients: [{ organisationId: providerId, roles: COORDINATORS }] };
  switch (type) {
    case 'referral.made':
      return { kind: 'referral_waiting', subject: providerId, ...collected };
    case 'claim.queried':
      return { kind: 'query', subject: news.batchId ?? eventId, ...collected };
    case 'claim.rejected':
      return { kind: 'rejection', subject: news.batchId ?? eventId, ...collected };
    case 'batch.submitted': {
      const recipients = [{ organisationId: commissionerId, roles: ['approver' as const] }];
      return { kind: 'batch_waiting', subject: commissionerId, isCollected: true, recipients };
    }
    case 'payout.paid': {
      const recipients = [{ organisationId: providerId, roles: TREASURERS }];
      return { kind: 'remittance', subject: news.subjectId, isCollected: false, recipients };
    }
    default: {
      const recipients = [
        { organisationId: providerId, roles: ['treasurer', 'admin'] as const },
        { organisationId: commissionerId, roles: ['finance'] as const },
      ];
      return { kind: 'bank_details_changed', subject: eventId, isCollected: false, recipients };
    }
  }
}

/** From when on a group is told: at once, or when the first of it has waited for the rest. */
export function tellableAt({ isCollected, news }: NewsGroup): Date {
  const times = news.map(({ recordedAt, lookAgainAt }) => {
    return lookAgainAt?.getTime() ?? recordedAt.getTime() + (isCollected ? COLLECTED_MS : 0);
  });
  return new Date(Math.min(...times));
}

/**
 * What a group says, or undefined when nothing of it stands. `waiting`: how many referrals or batches wait altogether,
 * whether somebody was told of them or not.
 */
export function contentOf({ kind, news }: NewsGroup, waiting: number): NoticeContent | undefined {
  const standing = news.filter(({ stands }) => stands);
  const [first] = standing;
  if (!first) return undefined;
  switch (kind) {
    case 'referral_waiting':
    case 'batch_waiting':
      return { kind, data: { count: Math.max(waiting, standing.length) } };
    case 'query':
    case 'rejection':
      return { kind, data: { batchId: first.batchId ?? '', batch: first.batch ?? '', count: standing.length } };
    case 'remittance': {
      const { subjectId: payoutId, reference, amountMinor } = first;
      return { kind, data: { payoutId, reference: reference ?? '', amountMinor: String(amountMinor ?? 0n) } };
    }
    case 'bank_details_changed': {
      const { type, accountId, provider, appliesOn } = first;
      const step = type.slice(BANK_DETAILS.length) as BankDetailsStep;
      return { kind, data: { step, accountId: accountId ?? '', provider, appliesOn } };
    }
    default:
      return undefined;
  }
}
