import { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { readBankDetails } from './bank-form.rules.js';

const t = ((key: string) => key) as never;

function read(typed: Record<string, string>) {
  const fields = new Fields({ accountName: 'Sheds CIC', sort: '12-34-56', accountNumber: '00012345', ...typed });
  const form = new Form(t, fields);
  const details = readBankDetails(form, fields);
  return { details, errors: form.errors.map(({ field, text }) => `${field} ${text}`) };
}

describe('bank details that were typed', () => {
  it.each([
    ['12-34-56', '00012345', '123456', '00012345'],
    ['12 34 56', '12345678', '123456', '12345678'],
    ['123456', '1234 5678', '123456', '12345678'],
    ['12–34–56', '1234567', '123456', '01234567'],
    ['12 34-56', '123-456', '123456', '00123456'],
  ])('%s and %s are read', (sort, accountNumber, sortCode, number) => {
    const { details, errors } = read({ sort, accountNumber });
    expect(errors).toEqual([]);
    expect(details).toEqual({ accountName: 'Sheds CIC', sortCode, accountNumber: number });
  });

  it.each([
    [{ sort: '' }, 'sort treasury.bank.sortMissing'],
    [{ sort: '12345' }, 'sort treasury.bank.sortWrong'],
    [{ sort: '1234567' }, 'sort treasury.bank.sortWrong'],
    [{ accountNumber: '' }, 'accountNumber treasury.bank.numberMissing'],
    [{ accountNumber: '12345' }, 'accountNumber treasury.bank.numberWrong'],
    [{ accountNumber: '123456789' }, 'accountNumber treasury.bank.numberWrong'],
    [{ accountNumber: 'GB12' }, 'accountNumber treasury.bank.numberWrong'],
    [{ accountName: '' }, 'accountName treasury.bank.nameMissing'],
    [{ accountName: 'S' }, 'accountName treasury.bank.nameMissing'],
  ])('%o is refused', (typed, error) => {
    expect(read(typed)).toEqual({ details: undefined, errors: [error] });
  });
});
