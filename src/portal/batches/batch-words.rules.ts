import type { ApprovalObstacle, BatchDetail, REVIEW_WORDS } from '../../batches/index.js';
import type { Translate } from '../../words/index.js';
import type { Form } from '../page/form.js';
import { stateIn } from '../wording/state-words.rules.js';
import type { SeenAddress } from './batches.schemas.js';

/** Something that stands against an approval, with what would take it away. */
export interface ObstacleInWords {
  readonly title: string;
  readonly text: string;
}

/** All that stands against approving a batch, in words. That it is decided is said by its state. */
export function wordObstaclesIn(t: Translate, obstacles: readonly ApprovalObstacle[]): ObstacleInWords[] {
  return obstacles.flatMap((obstacle) => wordObstacle(t, obstacle) ?? []);
}

function wordObstacle(t: Translate, obstacle: ApprovalObstacle): ObstacleInWords | undefined {
  switch (obstacle.code) {
    case 'own':
      return { title: t('batches.against.own'), text: t('batches.against.ownText') };
    case 'empty':
      return { title: t('batches.against.empty'), text: t('batches.against.emptyText') };
    case 'above_limit': {
      const { totalMinor, limitMinor } = obstacle.figures;
      const figures = { total: t.money(totalMinor), limit: t.money(limitMinor) };
      return { title: t('batches.against.aboveLimit'), text: t('batches.against.aboveLimitText', figures) };
    }
    case 'over_budget': {
      const { leftMinor, shortfallMinor } = obstacle.figures;
      const figures = { left: t.money(leftMinor), shortfall: t.money(shortfallMinor) };
      return { title: t('batches.against.overBudget'), text: t('batches.against.overBudgetText', figures) };
    }
    default:
      return undefined;
  }
}

/** A row of a summary list. */
interface Fact {
  readonly key: string;
  readonly value: string;
  readonly note?: string | undefined;
  readonly actions?: readonly { readonly href: string; readonly text: string; readonly hiddenText: string }[];
}

/** What is known of a batch besides its figures: for whoever reviews it, looks at it, or waits for its money. */
export function factsOf(t: Translate, batch: BatchDetail, { side, isApprover, limitMinor }: Reader): Fact[] {
  const { contractId, contractCode, contractTitle, terms, obstacles, submittedOn, madeByName } = batch;
  const { vatMinor, indicativeMinor, earlierPeriodCount } = batch;
  const isOurs = side === 'commissioner';
  const isOpen = batch.state === 'submitted';
  const isOwn = obstacles.some(({ code }) => code === 'own');
  const contract = t('batches.facts.contractIs', { code: contractCode, title: contractTitle });
  const look = { href: `/contracts/${contractId}`, text: t('batches.facts.look'), hiddenText: contract };
  const submitted = { day: t.day(submittedOn), name: madeByName ?? batch.commissionerName };
  const decideBy = t('batches.facts.decideDays', { count: terms.decideDays });
  return [
    { key: t('batches.facts.contract'), value: contract, actions: [look] },
    {
      key: t('batches.facts.submitted'),
      value: t('batches.facts.submittedBy', submitted),
      note: isOwn ? t('batches.facts.own') : undefined,
    },
    ...(isOpen ? [{ key: t('batches.facts.decideBy'), value: t.day(batch.decideBy), note: decideBy }] : []),
    ...(isApprover && isOpen
      ? [
          {
            key: t('batches.facts.limit'),
            value: limitMinor === null ? t('batches.facts.noLimit') : t.money(limitMinor),
          },
        ]
      : []),
    ...(isOurs && vatMinor > 0n
      ? [{ key: t('batches.facts.vat'), value: t.money(vatMinor), note: t('batches.facts.vatNote') }]
      : []),
    ...(indicativeMinor > 0n
      ? [
          {
            key: t('batches.facts.indicative'),
            value: t.money(indicativeMinor),
            note: t('batches.facts.indicativeNote'),
          },
        ]
      : []),
    ...(earlierPeriodCount > 0 ? [{ key: t('batches.facts.earlier'), value: t.number(earlierPeriodCount) }] : []),
    {
      key: t('batches.facts.terms'),
      value: t('batches.facts.paid', { count: terms.paymentDays }),
      note: stateIn(t, 'document_mode', terms.documentMode).text,
    },
  ];
}

interface Reader {
  readonly side: 'commissioner' | 'provider' | 'referrer' | undefined;
  readonly isApprover: boolean;
  readonly limitMinor: bigint | null;
}

/** What is approved, and what is left after it. */
export function approvalFactsOf(t: Translate, batch: BatchDetail): Fact[] {
  const { lineCount, totalMinor, vatMinor, flaggedCount, flaggedMinor, purchaseOrderNumber: number } = batch;
  const { budgetLeftAfterMinor, purchaseOrderLeftMinor: orderLeft, terms, payBy } = batch;
  return [
    { key: t('batches.review.lines'), value: t.number(lineCount) },
    { key: t('batches.review.total'), value: t.money(totalMinor), note: t('batches.review.net') },
    ...(flaggedCount > 0
      ? [
          {
            key: t('batches.review.flagged'),
            value: t.number(flaggedCount),
            note: t('batches.review.flaggedSum', { total: t.money(flaggedMinor) }),
          },
        ]
      : []),
    ...(vatMinor > 0n
      ? [{ key: t('batches.facts.vat'), value: t.money(vatMinor), note: t('batches.facts.vatNote') }]
      : []),
    { key: t('batches.review.budgetAfter'), value: t.money(budgetLeftAfterMinor) },
    ...(orderLeft !== null && number !== null
      ? [
          {
            key: t('batches.review.orderAfter'),
            value: t.money(orderLeft),
            note: t('batches.review.orderIs', { number }),
          },
        ]
      : []),
    {
      key: t('batches.facts.payBy'),
      value: t.day(payBy),
      note: t('batches.facts.paid', { count: terms.paymentDays }),
    },
  ];
}

const DOCUMENTS: Readonly<Record<BatchDetail['terms']['documentMode'], string>> = {
  self_billed: 'batches.approved.selfBilled',
  provider_issued: 'batches.approved.drafted',
  provider_own: 'batches.approved.ownInvoice',
  grant_notice: 'batches.approved.grantNotice',
};

const RAILS: Readonly<Record<BatchDetail['terms']['rail'], string>> = {
  stripe: 'batches.approved.byRun',
  outside: 'batches.approved.outside',
};

/** What happens to a batch once it is approved, one sentence each: its document, who pays it, and by when. */
export function nextStepsOf(t: Translate, { terms, payBy }: BatchDetail): string[] {
  const { documentMode, standingAuthority, rail, paymentDays: count } = terms;
  return [
    t(standingAuthority ? 'batches.approved.issuedForThem' : DOCUMENTS[documentMode]),
    t(RAILS[rail]),
    t('batches.approved.payBy', { day: t.day(payBy), count }),
  ];
}

/** What people write about a claim, which must not say whom it is about; undefined when it is to be mended. */
export function readWords(
  form: Form,
  { name, text, missing }: { readonly name: string; readonly text: string; readonly missing: string },
  { whyNot, max }: typeof REVIEW_WORDS,
): string | undefined {
  const wrong = whyNot(text);
  if (wrong === undefined) return text;
  if (wrong === 'missing') form.refuse(name, missing);
  else if (wrong === 'too_long') form.refuse(name, 'batches.words.tooLong', { max });
  else form.refuse(name, 'batches.words.namesPerson');
  return undefined;
}

/** How to say that a batch was decided before. */
export function decidedAlready(
  { state, decidedBy }: Pick<BatchDetail, 'state' | 'decidedBy'>,
  memberId: string | null,
): string {
  if (decidedBy !== null && decidedBy === memberId) {
    return state === 'approved' ? 'batches.already.approvedByYou' : 'batches.already.rejectedByYou';
  }
  return state === 'approved' ? 'batches.already.approved' : 'batches.already.rejected';
}

/** How a batch differs from what somebody saw of it; undefined when it is the same. */
export function wordChangeIn(
  t: Translate,
  { digest, lineCount, totalMinor }: Pick<BatchDetail, 'digest' | 'lineCount' | 'totalMinor'>,
  seen: SeenAddress,
): { readonly seen: string | undefined; readonly now: string } | undefined {
  if (seen.digest === digest) return undefined;
  const { count, total } = seen;
  return {
    seen:
      count === undefined || total === undefined
        ? undefined
        : t('batches.changed.seen', { count, total: t.money(total) }),
    now: t('batches.changed.now', { count: lineCount, total: t.money(totalMinor) }),
  };
}
