import { vatNumberIn, vatOfService, type DatedVatTreatment, type VatSetting } from './vat-treatment.rules.js';

const SINGING = 'service-singing';
const ADVICE = 'service-advice';

const treatment = (id: string, more: Partial<DatedVatTreatment>): DatedVatTreatment => ({
  id,
  serviceId: SINGING,
  effectiveFrom: '2026-04-01',
  category: 'E',
  rateBasisPoints: 0,
  reason: 'welfare',
  ...more,
});

const SETTING: VatSetting = {
  isGrant: false,
  registrations: [
    { vatNumber: 'GB111', startsOn: '2026-01-01', endsOn: '2026-09-30' },
    { vatNumber: 'GB222', startsOn: '2026-11-01', endsOn: null },
  ],
  treatments: [
    treatment('a', {}),
    treatment('c', { effectiveFrom: '2026-07-01', category: 'S', rateBasisPoints: 2_000, reason: null }),
    treatment('b', { effectiveFrom: '2026-07-01', category: 'AA', rateBasisPoints: 500, reason: null }),
    treatment('d', { serviceId: ADVICE, effectiveFrom: '2026-08-01' }),
  ],
};

describe('vatOfService', () => {
  it.each([
    ['the first treatment', '2026-06-30', 'E 0 welfare'],
    ['the later of two for one day', '2026-07-01', 'S 2000 null'],
    ['the last day of a registration', '2026-09-30', 'S 2000 null'],
    ['nothing between registrations', '2026-10-01', 'O 0 not_registered'],
    ['the new registration', '2026-11-01', 'S 2000 null'],
  ])('gives %s on %s', (_, day, expected) => {
    const vat = vatOfService(SETTING, SINGING, day);
    expect(`${vat?.category} ${vat?.rateBasisPoints} ${vat?.reason}`).toBe(expected);
  });

  it('does not guess what nobody has said', () => {
    expect(vatOfService(SETTING, SINGING, '2026-03-31')).toBeUndefined();
    expect(vatOfService(SETTING, ADVICE, '2026-07-31')).toBeUndefined();
    expect(vatOfService(SETTING, ADVICE, '2026-08-01')?.category).toBe('E');
  });

  it('takes a grant out of the scope, whatever the service and the provider', () => {
    for (const day of ['2026-03-31', '2026-07-01', '2026-10-01']) {
      expect(vatOfService({ ...SETTING, isGrant: true }, SINGING, day)).toEqual({
        category: 'O',
        rateBasisPoints: 0,
        reason: 'grant',
      });
    }
  });
});

describe('vatNumberIn', () => {
  it.each([
    ['2025-12-31', null],
    ['2026-01-01', 'GB111'],
    ['2026-10-15', null],
    ['2031-01-01', 'GB222'],
  ])('on %s: %s', (day, expected) => {
    expect(vatNumberIn(SETTING.registrations, day)).toBe(expected);
  });
});
