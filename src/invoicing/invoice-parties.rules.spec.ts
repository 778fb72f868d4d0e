import { customerOf, isPublicAuthority, supplierOf } from './invoice-parties.rules.js';

const registered = {
  name: 'NHS West Example Integrated Care Board',
  legalForm: 'nhs_body',
  address: ['Unex Tower', 'London'],
  postcode: 'E15 1DA',
  odsCode: 'QXX',
  charityNumber: null,
  companyNumber: null,
};

describe('the parties of a document', () => {
  it('addresses accounts payable, with the postcode of its last line', () => {
    const customer = customerOf(registered, ['PO Box 312', 'Leeds', 'ls11 1hp'], 'GB987654353');
    expect(customer.address).toEqual({ lines: ['PO Box 312', 'Leeds'], postcode: 'LS11 1HP' });
    expect(customer.vatNumber).toBe('GB987654353');
  });

  it('takes the registered postcode where the address has none, and never leaves an address empty', () => {
    expect(customerOf(registered, ['PO Box 312', 'Leeds'], null).address).toEqual({
      lines: ['PO Box 312', 'Leeds'],
      postcode: 'E15 1DA',
    });
    expect(customerOf(registered, ['LS11 1HP'], null).address.lines).toEqual(['LS11 1HP']);
  });

  it('names the supplier as the register does', () => {
    const charity = { ...registered, name: 'Riverside Carers', charityNumber: '1123456', odsCode: null };
    expect(supplierOf(charity, null)).toEqual({
      name: 'Riverside Carers',
      address: { lines: ['Unex Tower', 'London'], postcode: 'E15 1DA' },
      vatNumber: null,
      odsCode: null,
      charityNumber: '1123456',
      companyNumber: null,
    });
  });

  it.each([
    ['nhs_body', true],
    ['council', true],
    ['public_body', true],
    ['charity', false],
    ['company', false],
  ])('holds a %s to the days of a public authority: %s', (legalForm, expected) => {
    expect(isPublicAuthority({ legalForm })).toBe(expected);
  });
});
