import type { QuietContract, ReadyBatch } from '../../batches/index.js';
import type { DomainError } from '../../platform/errors.js';
import type { Translate } from '../../words/index.js';
import { stateIn } from '../wording/state-words.rules.js';

/** Something to know, with the page on which something can be done about it. */
export interface Remark {
  readonly text: string;
  readonly href?: string;
  readonly link?: string;
}

/** How far a month is claimed, as a tag and a sentence. */
export interface StandingInWords {
  readonly tone: 'good' | 'attention' | 'waiting';
  readonly tag: string;
  readonly text: string;
}

type Standing = Pick<QuietContract, 'standing' | 'declaredAt' | 'claimBy' | 'lastClaimDay'>;

/** Whether more is to come of a month, and why that is thought. */
export function wordStandingIn(
  t: Translate,
  { standing, declaredAt, claimBy, lastClaimDay }: Standing,
): StandingInWords {
  const days = { by: t.day(claimBy), last: t.day(lastClaimDay) };
  switch (standing) {
    case 'declared':
      return {
        tone: 'good',
        tag: t('making.complete'),
        text: t('making.declared', { time: declaredAt === null ? '' : t.time(declaredAt) }),
      };
    case 'nil':
      return { tone: 'good', tag: t('making.complete'), text: t('making.nil') };
    case 'closed':
      return { tone: 'good', tag: t('making.complete'), text: t('making.closed', days) };
    case 'late':
      return { tone: 'attention', tag: t('making.notComplete'), text: t('making.late', days) };
    default:
      return { tone: 'waiting', tag: t('making.notComplete'), text: t('making.open', days) };
  }
}

/** What stands against a batch, with where to mend it; `wordOther` says what has no figures to be told. */
export function wordRefusalsIn(t: Translate, ready: ReadyBatch, wordOther: (refusal: DomainError) => string): Remark[] {
  return ready.refusals.map((refusal) => wordRefusal(t, ready, refusal) ?? other(t, ready, wordOther(refusal)));
}

function other(t: Translate, { contract }: ReadyBatch, text: string): Remark {
  return { text, href: `/contracts/${contract.id}`, link: t('making.against.contract') };
}

function wordRefusal(t: Translate, ready: ReadyBatch, refusal: DomainError): Remark | undefined {
  const { contract, batches, budgetLeftMinor, totalMinor, vatMinor } = ready;
  switch (refusal.code) {
    case 'batch.under_review': {
      const open = batches.find(({ state }) => state === 'submitted');
      const text = t('making.against.underReview', { code: open?.code ?? '' });
      return open ? { text, href: `/batches/${open.id}`, link: t('making.against.review') } : { text };
    }
    case 'batch.over_budget': {
      const shortfall = totalMinor + vatMinor - budgetLeftMinor;
      const figures = { left: t.money(budgetLeftMinor), shortfall: t.money(shortfall) };
      return { text: t('making.against.overBudget', figures), ...raise(t, contract.id) };
    }
    case 'purchase_order.missing':
      return { text: t('making.against.orderMissing'), ...enterOrder(t, contract.id) };
    case 'purchase_order.exceeded': {
      const { number, leftMinor, shortfallMinor } = refusal.details;
      const figures = { number: String(number), left: moneyIn(t, leftMinor), shortfall: moneyIn(t, shortfallMinor) };
      return { text: t('making.against.orderExceeded', figures), ...enterOrder(t, contract.id) };
    }
    default:
      return undefined;
  }
}

/** What does not stand against a batch, and should be known before it is made. */
export function wordWarningsIn(t: Translate, ready: ReadyBatch): Remark[] {
  const { flaggedCount, earlierCount, queriedCount, sinceCount, commitment, order, totalMinor, contract } = ready;
  const overOrder = order === null ? 0n : totalMinor - order.leftMinor;
  const { uncommittedMinor } = commitment;
  return [
    ...(flaggedCount > 0 ? [{ text: t('making.flagged', { count: flaggedCount }) }] : []),
    ...(sinceCount > 0 ? [{ text: t('making.since', { count: sinceCount }) }] : []),
    ...(queriedCount > 0 ? [{ text: t('making.queried', { count: queriedCount }) }] : []),
    ...(earlierCount > 0 ? [{ text: t('making.earlier', { count: earlierCount }) }] : []),
    ...(uncommittedMinor > 0n && ready.refusals.length === 0
      ? [{ text: t('making.overBudget', { lacking: t.money(uncommittedMinor) }), ...raise(t, contract.id) }]
      : []),
    ...(order !== null && overOrder > 0n
      ? [{ text: t('making.overOrder', { number: order.number, over: t.money(overOrder) }) }]
      : []),
  ];
}

/** What is known of a contract of which nothing waits. */
export function wordQuietIn(t: Translate, { standing, batches, queriedCount }: QuietContract): Remark[] {
  const made = batches.map(({ id, code, state }) => ({
    text: t('making.batchIs', { state: stateIn(t, 'batch', state).text }),
    href: `/batches/${id}`,
    link: code,
  }));
  const queried = queriedCount > 0 ? [{ text: t('making.queriedOnly', { count: queriedCount }) }] : [];
  if (made.length + queried.length > 0) return [...made, ...queried];
  return standing === 'nil' ? [] : [{ text: t('making.nothingClaimed') }];
}

function raise(t: Translate, contractId: string): Pick<Remark, 'href' | 'link'> {
  return { href: `/contracts/${contractId}/budget`, link: t('making.against.raise') };
}

function enterOrder(t: Translate, contractId: string): Pick<Remark, 'href' | 'link'> {
  return { href: `/contracts/${contractId}/orders/new`, link: t('making.against.order') };
}

/** An amount among the details of a refusal. */
function moneyIn(t: Translate, minor: unknown): string {
  return typeof minor === 'bigint' ? t.money(minor) : '';
}
