import { askedFor, bankFacts, sortCodeIn } from './account-words.rules.js';

const t = ((key: string) => key.split('.').at(-1)) as never;

describe('what the platform asks for', () => {
  it.each([
    ['configuration.recipient.default_outbound_destination', 'bank'],
    ['identity.business_details.address', 'organisation'],
    ['identity.attestations.terms_of_service.account', 'terms'],
    ['identity.individual.documents.primary_verification', 'document'],
    ['person_123.given_name', 'people'],
    ['contact_email', 'contact'],
    ['something.new', 'more'],
  ])('%s is about: %s', (name, about) => {
    expect(askedFor(t, [name])).toEqual([about]);
  });

  it('is said once', () => {
    expect(askedFor(t, ['identity.business_details.address', 'identity.business_details.registered_name'])).toEqual([
      'organisation',
    ]);
  });
});

describe('bank details', () => {
  it('have a sort code in pairs', () => {
    expect([sortCodeIn('123456'), sortCodeIn(null)]).toEqual(['12-34-56', null]);
  });

  it('say only what is there to see', () => {
    const masked = { accountName: 'Sheds', sortCode: null, accountNumber: '••••2345' };
    expect(bankFacts(t, masked).map(({ value }) => value)).toEqual(['Sheds', '••••2345']);
    expect(bankFacts(t, { accountName: null, sortCode: null, accountNumber: null })).toEqual([]);
  });
});
