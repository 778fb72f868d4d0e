import fc from 'fast-check';
import { isInForce, versionOn, whyNotAgree, type ContractVersionTerms } from './contract.rules.js';

const TERMS: ContractVersionTerms = {
  version: 1,
  effectiveFrom: '2026-04-01',
  agreedOn: '2026-03-20',
  startsOn: '2026-04-01',
  endsOn: '2027-03-31',
  documentMode: 'provider_issued',
  standingAuthority: false,
  rail: 'stripe',
  poRequired: false,
  costCode: null,
  buyerReference: null,
  payablesAddress: ['PO Box 312', 'LS11 1HP'],
  paymentDays: 30,
  claimDay: 5,
  lateWindowDays: 90,
  decideDays: 10,
  regime: 'procurement_act',
  budgetRule: 'refuse',
  vatRecoverable: true,
};

const at = (version: number, effectiveFrom: string) => ({ version, effectiveFrom });

describe('versionOn', () => {
  const versions = [at(1, '2026-04-01'), at(2, '2026-10-01'), at(3, '2026-07-01'), at(4, '2026-10-01')];

  it.each([
    ['the day before all of them', '2026-03-31', 1],
    ['the first day of the first', '2026-04-01', 1],
    ['the day before an amendment that was agreed later for an earlier day', '2026-06-30', 1],
    ['its first day', '2026-07-01', 3],
    ['its last day', '2026-09-30', 3],
    ['a day for which two were agreed', '2026-10-01', 4],
    ['long after', '2030-01-01', 4],
  ])('on %s', (_, day, version) => {
    expect(versionOn(versions, day)?.version).toBe(version);
    expect(versionOn(versions.toReversed(), day)?.version).toBe(version);
  });

  it('corrects the first version, also for the days before it', () => {
    expect(versionOn([at(1, '2026-04-01'), at(2, '2026-04-01')], '2026-03-01')?.version).toBe(2);
  });

  it('finds nothing among none', () => {
    expect(versionOn([], '2026-04-01')).toBeUndefined();
  });

  it('does not depend on the order in which versions are read', () => {
    const day = fc.integer({ min: 1, max: 28 }).map((number) => `2026-04-${String(number).padStart(2, '0')}`);
    const agreed = fc
      .array(day, { minLength: 1, maxLength: 6 })
      .map((days) => days.map((from, index) => at(index + 1, from)));
    const shuffled = agreed.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, day, ([all, mixed], on) => {
        expect(versionOn(mixed, on)).toEqual(versionOn(all, on));
      }),
    );
  });
});

describe('isInForce', () => {
  it.each([
    ['2026-03-31', false],
    ['2026-04-01', true],
    ['2027-03-31', true],
    ['2027-04-01', false],
  ])('on %s: %s', (day, expected) => {
    expect(isInForce(TERMS, day)).toBe(expected);
  });
});

describe('whyNotAgree', () => {
  const codes = (change: Partial<ContractVersionTerms>) =>
    whyNotAgree({ ...TERMS, ...change }, '2026-03-25').map(({ code, field }) => `${code} at ${field}`);

  it('has nothing against terms that fit', () => {
    expect(codes({})).toEqual([]);
    expect(codes({ documentMode: 'grant_notice', regime: 'grant' })).toEqual([]);
    expect(codes({ documentMode: 'provider_issued', standingAuthority: true })).toEqual([]);
    expect(codes({ agreedOn: '2026-03-25' })).toEqual([]);
    expect(codes({ regime: 'provider_selection', paymentDays: 60 })).toEqual([]);
    expect(codes({ effectiveFrom: '2027-03-31' })).toEqual([]);
    expect(codes({ endsOn: '2026-04-01' })).toEqual([]);
  });

  it.each<[string, Partial<ContractVersionTerms>, string]>([
    ['ends before it starts', { endsOn: '2026-03-31' }, 'ends_before_start at endsOn'],
    ['takes effect before the contract', { effectiveFrom: '2026-03-31' }, 'outside_contract at effectiveFrom'],
    ['takes effect after the contract', { effectiveFrom: '2027-04-01' }, 'outside_contract at effectiveFrom'],
    ['was agreed tomorrow', { agreedOn: '2026-03-26' }, 'not_agreed_yet at agreedOn'],
    [
      'issues drafts for a provider that makes its own invoices',
      { documentMode: 'provider_own', standingAuthority: true },
      'authority_without_drafts at standingAuthority',
    ],
    [
      'issues drafts where the commissioner bills itself',
      { documentMode: 'self_billed', standingAuthority: true },
      'authority_without_drafts at standingAuthority',
    ],
    ['gives notice of a grant that is none', { documentMode: 'grant_notice' }, 'grant_is_no_supply at documentMode'],
    ['invoices a grant', { regime: 'grant' }, 'grant_is_no_supply at documentMode'],
    ['pays later than the Act allows', { paymentDays: 31 }, 'later_than_the_act at paymentDays'],
  ])('%s', (_, change, expected) => {
    expect(codes(change)).toEqual([expected]);
  });

  it('names everything at once', () => {
    expect(codes({ agreedOn: '2026-12-01', paymentDays: 45, endsOn: '2026-01-01' })).toEqual([
      'ends_before_start at endsOn',
      'not_agreed_yet at agreedOn',
      'later_than_the_act at paymentDays',
    ]);
  });
});
