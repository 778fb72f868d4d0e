import type { BudgetRule, ContractInForce, DocumentMode, RailKind, Regime, TermsFinding } from '../../pricing/index.js';
import type { Fields } from '../page/fields.rules.js';
import type { Form } from '../page/form.js';
import { tidyCode } from './typed.rules.js';

const DOCUMENT_MODES = [
  'self_billed',
  'provider_issued',
  'provider_own',
  'grant_notice',
] as const satisfies readonly DocumentMode[];
const RAILS = ['stripe', 'outside'] as const satisfies readonly RailKind[];
const REGIMES = ['procurement_act', 'provider_selection', 'grant', 'other'] as const satisfies readonly Regime[];
const BUDGET_RULES = ['refuse', 'flag'] as const satisfies readonly BudgetRule[];
const YES_NO = ['yes', 'no'] as const;
const CODE = /^[A-Z0-9][A-Z0-9-]{1,23}$/;

/** Where a form shows what is wrong with a part of the request. */
export const CONTRACT_PLACES: Readonly<Record<string, string>> = {
  providerId: 'provider',
  code: 'reference',
  startsOn: 'startsOn-day',
  endsOn: 'endsOn-day',
  agreedOn: 'agreedOn-day',
  effectiveFrom: 'effectiveFrom-day',
  costCode: 'cost',
};

/** What people start from: the terms that most contracts have. The address is the commissioner's own. */
export function usualTerms(address: readonly string[]): Record<string, string> {
  return {
    rail: 'stripe',
    budgetRule: 'refuse',
    paymentDays: '30',
    claimDay: '5',
    lateWindowDays: '90',
    decideDays: '10',
    payablesAddress: address.join('\n'),
  };
}

/** The terms of a contract as its form shows them. */
export function typedTerms(contract: ContractInForce): Record<string, string> {
  return {
    endsOn: contract.endsOn,
    regime: contract.regime,
    documentMode: contract.documentMode,
    standingAuthority: contract.standingAuthority ? '1' : '',
    rail: contract.rail,
    poRequired: contract.poRequired ? 'yes' : 'no',
    vatRecoverable: contract.vatRecoverable ? 'yes' : 'no',
    budgetRule: contract.budgetRule,
    cost: contract.costCode ?? '',
    buyerReference: contract.buyerReference ?? '',
    payablesAddress: contract.payablesAddress.join('\n'),
    paymentDays: String(contract.paymentDays),
    claimDay: String(contract.claimDay),
    lateWindowDays: String(contract.lateWindowDays),
    decideDays: String(contract.decideDays),
  };
}

/** A new contract as the API takes it; parts that are to be mended are undefined. */
export function readNewContract(form: Form, fields: Fields, providerIds: readonly string[]) {
  return {
    providerId: form.choice('provider', providerIds, 'contracts.form.providerMissing'),
    code: readCode(form, fields, 'reference', 'contracts.form.referenceMissing'),
    title: readTitle(form),
    startsOn: form.day('startsOn', { missing: 'contracts.form.startsOnMissing' }),
    ...readTerms(form, fields),
  };
}

/** An amendment as the API takes it. */
export function readAmendment(form: Form, fields: Fields) {
  return {
    effectiveFrom: form.day('effectiveFrom', { missing: 'contracts.amend.effectiveFromMissing' }),
    ...readTerms(form, fields),
  };
}

/** A code that claims and documents name, in the spelling that it is kept in. */
export function readCode(form: Form, fields: Fields, name: string, missing: string): string | undefined {
  if (form.text(name, { missing, max: 30 }) === undefined) return undefined;
  const code = tidyCode(fields.text(name));
  if (CODE.test(code)) return code;
  form.refuse(name, 'contracts.form.referenceWrong');
  return undefined;
}

/** Puts what a service finds wrong with the terms beside the fields. */
export function placeFindings(form: Form, findings: readonly TermsFinding[]): void {
  for (const { code, field } of findings) form.refuse(CONTRACT_PLACES[field] ?? field, `contracts.finding.${code}`);
}

function readTitle(form: Form): string | undefined {
  const title = form.text('title', { missing: 'contracts.form.titleMissing', max: 200 });
  if (title === undefined || title.length >= 2) return title;
  form.refuse('title', 'contracts.form.titleMissing');
  return undefined;
}

function readTerms(form: Form, fields: Fields) {
  const dates = {
    endsOn: form.day('endsOn', { missing: 'contracts.form.endsOnMissing' }),
    agreedOn: form.day('agreedOn', { missing: 'contracts.form.agreedOnMissing' }),
  };
  const regime = form.choice('regime', REGIMES, 'contracts.form.regimeMissing');
  const documentMode = form.choice('documentMode', DOCUMENT_MODES, 'contracts.form.documentModeMissing');
  const standingAuthority = documentMode === 'provider_issued' && fields.has('standingAuthority');
  const payablesAddress = readAddress(form, fields);
  const references = {
    buyerReference: form.text('buyerReference', { max: 40 }) ?? null,
    costCode: form.text('cost', { max: 40 }) ?? null,
  };
  const rail = form.choice('rail', RAILS, 'contracts.form.railMissing');
  const paymentDays = wholeField(form, 'paymentDays', 1, 120);
  const vat = form.choice('vatRecoverable', YES_NO, 'contracts.form.vatRecoverableMissing');
  const po = form.choice('poRequired', YES_NO, 'contracts.form.poRequiredMissing');
  const budgetRule = form.choice('budgetRule', BUDGET_RULES, 'contracts.form.budgetRuleMissing');
  return {
    ...dates,
    regime,
    documentMode,
    standingAuthority,
    payablesAddress,
    ...references,
    rail,
    paymentDays,
    vatRecoverable: vat === 'yes',
    poRequired: po === 'yes',
    budgetRule,
    claimDay: wholeField(form, 'claimDay', 1, 28),
    lateWindowDays: wholeField(form, 'lateWindowDays', 0, 400),
    decideDays: wholeField(form, 'decideDays', 1, 60),
  };
}

function wholeField(form: Form, name: string, min: number, max: number): number | undefined {
  return form.whole(name, { missing: 'contracts.form.daysMissing', min, max });
}

function readAddress(form: Form, fields: Fields): string[] | undefined {
  const lines = fields
    .text('payablesAddress')
    .split(/\n|,/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length === 0) form.refuse('payablesAddress', 'contracts.form.addressMissing');
  else if (lines.length > 7 || lines.some((line) => line.length > 100))
    form.refuse('payablesAddress', 'contracts.form.addressWrong');
  else return lines;
  return undefined;
}
