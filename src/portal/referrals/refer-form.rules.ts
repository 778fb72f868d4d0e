import { findNhsNumbers, parseNhsNumber } from '../../identifiers/index.js';
import type { IsoDate } from '../../platform/clock.js';
import type { LawfulBasis, MakeReferral } from '../../referrals/index.js';
import type { Fields } from '../page/fields.rules.js';
import type { Form } from '../page/form.js';

/** Those of UK GDPR article 6(1) that a referral is shared on, the likeliest first. */
export const BASES = [
  'public_task',
  'consent',
  'legitimate_interests',
  'legal_obligation',
  'vital_interests',
  'contract',
] as const satisfies readonly LawfulBasis[];
type Source = MakeReferral['source'];

const SESSIONS_MAX = 200;
const NHS_DIGITS = 10;

/** What the referring form needs to know beside what was typed. */
export interface ReferContext {
  readonly serviceId: string;
  readonly sources: readonly Source[];
  readonly today: IsoDate;
  /** Which of the days cannot be. */
  readonly whyNotDays: (
    days: { madeOn: IsoDate; respondBy?: IsoDate | undefined },
    today: IsoDate,
  ) => 'madeOn' | 'respondBy' | undefined;
}

/** A referral as it was typed, to be looked at once more before it is made; undefined while there is something to mend. */
export function readReferral(form: Form, fields: Fields, context: ReferContext): MakeReferral | undefined {
  const nhsNumber = readNhsNumber(form, fields);
  const personReference = readOpaque(form, 'personReference', 64);
  if (fields.has('nhsNumber') && fields.has('personReference')) {
    form.refuse('personReference', 'referrals.new.twoNumbers');
  }
  const source = form.choice('source', context.sources, 'referrals.new.sourceMissing');
  const sessionsPlanned = form.whole('sessionsPlanned', { min: 1, max: SESSIONS_MAX });
  const reference = readOpaque(form, 'reference', 64);
  const { madeOn, respondBy } = readDays(form, context);
  const lawfulBasis = BASES.find((basis) => basis === fields.text('lawfulBasis')) ?? BASES[0];
  const sharingAgreement = readOpaque(form, 'sharingAgreement', 80);
  if (!form.ok || source === undefined) return undefined;
  return {
    service: context.serviceId,
    source,
    lawfulBasis,
    madeOn,
    ...(nhsNumber !== undefined && { nhsNumber }),
    ...(personReference !== undefined && { personReference }),
    ...(sessionsPlanned !== undefined && { sessionsPlanned }),
    ...(reference !== undefined && { reference }),
    ...(respondBy !== undefined && { respondBy }),
    ...(sharingAgreement !== undefined && { sharingAgreement }),
  };
}

/** The digits, however they were written; says whether one is missing or mistyped. */
function readNhsNumber(form: Form, fields: Fields): string | undefined {
  const typed = fields.text('nhsNumber');
  if (typed === '') return undefined;
  const parsed = parseNhsNumber(typed);
  if (parsed.ok) return parsed.value;
  const count = typed.replace(/\D/g, '').length;
  if (count === NHS_DIGITS) form.refuse('nhsNumber', 'referrals.new.nhsMistyped');
  else form.refuse('nhsNumber', 'referrals.new.nhsDigits', { count });
  return undefined;
}

/** A text that must not say who somebody is. */
function readOpaque(form: Form, name: string, max: number): string | undefined {
  const text = form.text(name, { max });
  if (text === undefined || findNhsNumbers(text).length === 0) return text;
  form.refuse(name, 'referrals.new.holdsNhsNumber');
  return undefined;
}

function readDays(form: Form, { today, whyNotDays }: ReferContext) {
  const madeOn = form.day('madeOn') ?? today;
  const respondBy = form.day('respondBy');
  const wrong = whyNotDays({ madeOn, respondBy }, today);
  if (wrong === 'madeOn') form.refuse('madeOn', 'referrals.new.madeLater');
  if (wrong === 'respondBy') form.refuse('respondBy', 'referrals.new.answerOutside');
  return { madeOn, respondBy };
}

/** As an NHS number is written: 3 3 4. */
export function spacedNhsNumber(digits: string): string {
  return `${digits.slice(0, 3)} ${digits.slice(3, 6)} ${digits.slice(6)}`;
}
