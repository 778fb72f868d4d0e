import type { PayoutAccount } from '../../payouts/index.js';
import type { Translate } from '../../words/index.js';

/** What the platform asks for, by what its names of it contain; the first that fits. */
const ASKED: readonly (readonly [RegExp, (t: Translate) => string])[] = [
  [/outbound_destination|external_account|bank/, (t) => t('treasury.account.asked.bank')],
  [/terms_of_service|tos_acceptance|attestation/, (t) => t('treasury.account.asked.terms')],
  [/document|verification/, (t) => t('treasury.account.asked.document')],
  [/representative|owner|director|executive|person|individual/, (t) => t('treasury.account.asked.people')],
  [/email|phone|url/, (t) => t('treasury.account.asked.contact')],
  [/identity|business|company|address/, (t) => t('treasury.account.asked.organisation')],
];

/** What the platform still asks for, in words, each thing once: its own names of it are no words for people. */
export function askedFor(t: Translate, requirements: readonly string[]): string[] {
  const said = requirements.map((name) => {
    const known = ASKED.find(([pattern]) => pattern.test(name));
    return known ? known[1](t) : t('treasury.account.asked.more');
  });
  return [...new Set(said)];
}

/** `12-34-56` of 123456. */
export function sortCodeIn(digits: string | null): string | null {
  return digits === null ? null : digits.replace(/^(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3');
}

/** Bank details as rows of a summary list; only what the visitor may see of them is there. */
export function bankFacts(
  t: Translate,
  details: Pick<PayoutAccount, 'accountName' | 'sortCode' | 'accountNumber'>,
): { key: string; value: string }[] {
  const { accountName, accountNumber } = details;
  const sortCode = sortCodeIn(details.sortCode);
  return [
    ...(accountName === null ? [] : [{ key: t('treasury.account.name'), value: accountName }]),
    ...(sortCode === null ? [] : [{ key: t('treasury.account.sortCode'), value: sortCode }]),
    ...(accountNumber === null ? [] : [{ key: t('treasury.account.number'), value: accountNumber }]),
  ];
}
