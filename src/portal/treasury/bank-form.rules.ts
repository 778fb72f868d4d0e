import { paddedAccountNumber } from '../../identifiers/index.js';
import type { Fields } from '../page/fields.rules.js';
import type { Form } from '../page/form.js';

/** Bank details as the API takes them. */
export interface TypedBankDetails {
  readonly accountName: string;
  readonly sortCode: string;
  readonly accountNumber: string;
}

/** Which field of the form each part of the request is typed into. */
export const BANK_PLACES = { accountName: 'accountName', sortCode: 'sort', accountNumber: 'accountNumber' } as const;

/**
 * Reads bank details as people copy them: a sort code with spaces or hyphens anywhere, an account number with spaces and of
 * six to eight digits. Undefined when something is missing, which the form then says.
 */
export function readBankDetails(form: Form, fields: Fields): TypedBankDetails | undefined {
  const accountName = form.text('accountName', { missing: 'treasury.bank.nameMissing', max: 70 });
  const sort = form.text('sort', { missing: 'treasury.bank.sortMissing', max: 40 });
  const number = form.text('accountNumber', { missing: 'treasury.bank.numberMissing', max: 40 });
  if (sort !== undefined && !/^\d{6}$/.test(digitsOf(sort))) form.refuse('sort', 'treasury.bank.sortWrong');
  if (number !== undefined && !/^\d{6,8}$/.test(digitsOf(number))) {
    form.refuse('accountNumber', 'treasury.bank.numberWrong');
  }
  if (accountName !== undefined && accountName.length < 2) form.refuse('accountName', 'treasury.bank.nameMissing');
  if (!form.ok || accountName === undefined) return undefined;
  return {
    accountName,
    sortCode: digitsOf(fields.text('sort')),
    accountNumber: paddedAccountNumber(digitsOf(fields.text('accountNumber'))),
  };
}

function digitsOf(text: string): string {
  return text.replace(/[\s\p{Pd}]+/gu, '');
}
