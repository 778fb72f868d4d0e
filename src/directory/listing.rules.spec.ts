import fc from 'fast-check';
import { districtOf, findUnfit, type ListingContent } from './listing.rules.js';

const CONTENT: ListingContent = {
  name: 'Singing group',
  summary: 'Sing with others on 01632 960 001.',
  description: 'Since 2019, at 14:00.',
  eligibility: null,
  minimumAge: 18,
  maximumAge: null,
  cost: 'free',
  costNote: null,
  languages: ['en'],
  areas: ['Northmarsh'],
  online: false,
  venue: { name: 'Quay Hall', address: ['1 Quay Road'], town: 'Northmarsh', county: null, postcode: 'ZE9 4DA' },
  schedule: [{ day: 'TU', opensAt: '14:00', closesAt: '15:00', note: null }],
  howToRefer: 'Ring us.',
  email: 'hello@singers.example',
  phone: '0943 476 5919',
  url: 'https://singers.example/2026',
  accessibility: null,
  places: 'accepting',
};

const FIELDS: [field: string, write: (text: string) => Partial<ListingContent>][] = [
  ['name', (name) => ({ name })],
  ['summary', (summary) => ({ summary })],
  ['description', (description) => ({ description })],
  ['eligibility', (eligibility) => ({ eligibility })],
  ['costNote', (costNote) => ({ costNote })],
  ['areas.1', (area) => ({ areas: ['Northmarsh', area] })],
  ['venue.address.0', (line) => ({ venue: { ...CONTENT.venue!, address: [line] } })],
  ['schedule.0.note', (note) => ({ schedule: [{ day: 'TU', opensAt: '14:00', closesAt: '15:00', note }] })],
  ['howToRefer', (howToRefer) => ({ howToRefer })],
  ['url', (url) => ({ url })],
  ['accessibility', (accessibility) => ({ accessibility })],
];

describe('what an entry must not publish', () => {
  it('is nothing of an ordinary entry: days, times, postcodes and telephone numbers may stand there', () => {
    expect(findUnfit(CONTENT)).toBeUndefined();
  });

  it.each(FIELDS)('is an NHS number or an e-mail address in %s, however it is spelled', (field, write) => {
    for (const number of ['9434765919', '943 476 5919', '943-476-5919', '９４３ ４７６ ５９１９']) {
      const unfit = findUnfit({ ...CONTENT, ...write(`Ask for ${number}, please`) });
      expect([number, unfit]).toEqual([number, { kind: 'nhs_number', field }]);
    }
    for (const address of ['sam.jones@singers.example', 'sam＠singers.example']) {
      expect(findUnfit({ ...CONTENT, ...write(`Ask ${address}`) })).toEqual({ kind: 'email', field });
    }
  });

  it('is an NHS number in the e-mail address, which may be an address', () => {
    expect(findUnfit({ ...CONTENT, email: 'a.9434765919@singers.example' })).toEqual({
      kind: 'nhs_number',
      field: 'email',
    });
  });

  it('is found among any other words', () => {
    const words = fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.replaceAll(/\p{N}/gu, ''));
    fc.assert(
      fc.property(words, words, (before, after) => {
        const description = `${before} 943 476 5919 ${after}`;
        expect(findUnfit({ ...CONTENT, description })).toMatchObject({ field: 'description' });
      }),
    );
  });
});

describe('the district of a postcode', () => {
  it.each([
    ['SW1A 1AA', 'SW1A'],
    ['E1 6AN', 'E1'],
  ])('of %s is %s', (postcode, district) => {
    expect(districtOf(postcode)).toBe(district);
  });
});
