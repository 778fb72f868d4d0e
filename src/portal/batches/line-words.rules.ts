import type { LineThatLeft, ReviewLine } from '../../batches/index.js';
import type { Translate } from '../../words/index.js';
import { wordClaimFlagIn, wordReasonIn } from '../wording/reason-words.rules.js';
import { stateIn } from '../wording/state-words.rules.js';

/** A line in words: what the row of a table says. Made before the template runs, which then only writes it down. */
export interface LineInWords {
  readonly claimId: string;
  /** What people know it by: of the referral, else the provider's own, else what kind of thing it is. */
  readonly reference: string;
  /** The provider's own reference beside that of the referral. */
  readonly note: string;
  /** Of the box that selects it. */
  readonly label: string;
  readonly service: string;
  readonly day: string;
  readonly what: string;
  /** Why it has this price. */
  readonly reasons: string;
  /** What to look at. */
  readonly flags: readonly string[];
  readonly isFlagged: boolean;
  readonly price: string;
  /** Pence, for the running total. */
  readonly minor: string;
}

/** The lines of a page. What many of them say, such as why they cost what they cost, is worded once. */
export function wordLinesIn(t: Translate, lines: readonly ReviewLine[]): LineInWords[] {
  const reasonIn = once((reason: ReviewLine['reasons'][number]) => wordReasonIn(t, reason));
  const flagIn = once((flag: ReviewLine['flags'][number]) => wordClaimFlagIn(t, flag));
  const deedIn = once((deed: Deed) => whatIn(t, deed));
  return lines.map((line) => {
    const { claimId, serviceName: service, servedOn, yourReference, priceMinor, isFlagged, isEarlier } = line;
    const { factKind, kind, people, attended, milestone, forPeriod } = line;
    const reference = referenceIn(t, line);
    const day = t.day(servedOn);
    const flags = line.flags.map(flagIn);
    return {
      claimId,
      reference,
      note: yourReference === null || yourReference === reference ? '' : t('batches.line.theirs', { yourReference }),
      label: t('batches.line.select', { reference, service, day }),
      service,
      day,
      what: deedIn({ factKind, kind, people, attended, milestone, forPeriod }),
      reasons: line.reasons.map(reasonIn).join('; '),
      flags: isEarlier ? [...flags, t('batches.line.earlier', { month: t.month(forPeriod) })] : flags,
      isFlagged,
      price: t.money(priceMinor),
      minor: priceMinor.toString(),
    };
  });
}

/** Answers the same figures from memory: wording them takes several times as long as telling them apart. */
function once<Figures>(word: (figures: Figures) => string): (figures: Figures) => string {
  const said = new Map<string, string>();
  return (figures) => {
    const key = JSON.stringify(figures);
    const known = said.get(key);
    if (known !== undefined) return known;
    const words = word(figures);
    said.set(key, words);
    return words;
  };
}

/** What people know a claim by. */
export function referenceIn(
  t: Translate,
  {
    reference,
    yourReference,
    ...line
  }: Pick<LineThatLeft, 'reference' | 'yourReference'> & Partial<Pick<ReviewLine, 'factKind'>>,
): string {
  return reference ?? yourReference ?? stateIn(t, 'earning_fact', line.factKind ?? 'session').text;
}

type Deed = Pick<ReviewLine, 'factKind' | 'kind' | 'people' | 'attended' | 'milestone' | 'forPeriod'>;

/** What was done: `5 of 6 attended`, `Did not attend`, `Milestone: first session`. */
function whatIn(t: Translate, { factKind, kind, people, attended, milestone, forPeriod }: Deed): string {
  if (kind !== 'delivered') return stateIn(t, 'claim_line', kind).text;
  switch (factKind) {
    case 'session':
      return people === 0 ? t('batches.line.held') : t('batches.line.attendedOf', { attended, count: people });
    case 'attendance': {
      const came = stateIn(t, 'attendance', 'attended').text;
      return people < 2 ? came : t('batches.line.inGroup', { came, attended, count: people });
    }
    case 'milestone':
      return t('batches.line.milestone', { name: (milestone ?? '').replaceAll('_', ' ') });
    case 'referral':
      return t('batches.line.referral');
    default:
      return t('batches.line.month', { month: t.month(forPeriod) });
  }
}
