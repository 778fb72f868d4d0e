import type { ContractTerms, ContractInForce } from '../../pricing/index.js';
import type { Translate } from '../../words/index.js';

/** A fact and what it is called, as a list of facts shows it. */
export interface Fact {
  readonly key: string;
  readonly value: string;
  readonly note?: string;
}

type Terms = ContractTerms & Pick<ContractInForce, 'startsOn' | 'endsOn' | 'agreedOn'>;

/** What was agreed, in plain words and in the order in which people ask. */
export function termFacts(t: Translate, terms: Terms): Fact[] {
  const { documentMode, standingAuthority, rail, regime, paymentDays } = terms;
  return [
    fact(t, 'dates', t('contracts.terms.from', { first: t.day(terms.startsOn), last: t.day(terms.endsOn) })),
    fact(t, 'agreedOn', t.day(terms.agreedOn)),
    fact(t, 'regime', t(`states.regime.${regime}`)),
    {
      ...fact(t, 'documentMode', t(`states.document_mode.${documentMode}`)),
      ...(standingAuthority && { note: t('contracts.terms.standingAuthorityGiven') }),
    },
    fact(t, 'payablesAddress', terms.payablesAddress.join(', ')),
    ...(terms.buyerReference === null ? [] : [fact(t, 'buyerReference', terms.buyerReference)]),
    ...(terms.costCode === null ? [] : [fact(t, 'costCode', terms.costCode)]),
    fact(t, 'rail', t(`states.rail.${rail}`)),
    fact(t, 'paymentDays', t('contracts.terms.paymentDaysValue', { count: paymentDays })),
    fact(t, 'claimDay', t('contracts.terms.claimDayValue', { day: terms.claimDay })),
    fact(t, 'lateWindowDays', lateWindow(t, terms.lateWindowDays)),
    fact(t, 'decideDays', t('contracts.terms.decideDaysValue', { count: terms.decideDays })),
    fact(t, 'poRequired', t(terms.poRequired ? 'contracts.terms.poNeeded' : 'contracts.terms.poNotNeeded')),
    fact(t, 'budgetRule', t(`states.budget_rule.${terms.budgetRule}`)),
    fact(t, 'vatRecoverable', t(terms.vatRecoverable ? 'contracts.terms.vatBack' : 'contracts.terms.vatCost')),
  ];
}

/** Which of the terms a version changed, in words: "days to pay, last day". */
export function changedTerms(t: Translate, before: Terms, after: Terms): string[] {
  const names = ['dates', ...TERMS].filter((name) =>
    name === 'dates' ? before.endsOn !== after.endsOn : isOther(before, after, name as (typeof TERMS)[number]),
  );
  return names.map((name) => t(`contracts.terms.${name}`));
}

const TERMS = [
  'regime',
  'documentMode',
  'standingAuthority',
  'payablesAddress',
  'buyerReference',
  'costCode',
  'rail',
  'paymentDays',
  'claimDay',
  'lateWindowDays',
  'decideDays',
  'poRequired',
  'budgetRule',
  'vatRecoverable',
] as const satisfies readonly (keyof ContractTerms)[];

function isOther(before: Terms, after: Terms, name: (typeof TERMS)[number]): boolean {
  return JSON.stringify(before[name]) !== JSON.stringify(after[name]);
}

function lateWindow(t: Translate, days: number): string {
  return days === 0 ? t('contracts.terms.noLateWindow') : t('contracts.terms.lateWindowDaysValue', { count: days });
}

function fact(t: Translate, name: string, value: string): Fact {
  return { key: t(`contracts.terms.${name}`), value };
}
