import fc from 'fast-check';
import { dayInWords, hourInWords, monthName, monthNumber } from './calendar.rules.js';
import { fill, placesOf, type Message } from './message.rules.js';
import { entriesOf, matching, samplesOf, withExamples, withTerms } from './wording-search.rules.js';
import { inOwnWords, originalOf, termsIn, whyNotWord } from './wording.rules.js';

const EN = new Intl.PluralRules('en');
const CY = new Intl.PluralRules('cy');
const TERMS = new Map([['linkWorker', { one: 'community connector', other: 'community connectors' }]]);

describe('a message', () => {
  it.each([
    ['Hello {name}', { name: 'A' }, 'Hello A'],
    ['{@LinkWorker}: {@linkWorker}', {}, 'Community connector: community connector'],
    ['{count} {@linkWorker}', { count: 3 }, '3 community connectors'],
    ['{unknown} {@unknown}', {}, '{unknown} {@unknown}'],
    ['{name}', { name: '{@linkWorker}' }, '{@linkWorker}'],
  ])('%s', (message, params, expected) => {
    expect(fill(message, params, TERMS, EN)).toBe(expected);
  });

  it('has the plural of its language', () => {
    const message = { zero: 'dim', one: 'un', two: 'dau', few: '{count} f', many: '{count} m', other: '{count} o' };
    expect([0, 1, 2, 3, 6, 9].map((count) => fill(message, { count }, TERMS, CY))).toEqual([
      'dim',
      'un',
      'dau',
      '3 f',
      '6 m',
      '9 o',
    ]);
    expect(fill({ other: '{count} claims' }, { count: 1 }, TERMS, EN)).toBe('1 claims');
  });

  it('names its places once', () => {
    expect(placesOf({ one: '{a} {@B}', other: '{b} {a}' })).toEqual(['{@B}', '{a}', '{b}']);
  });
});

describe('a calendar', () => {
  it.each([
    ['en', '2026-09-27', '27 September 2026'],
    ['cy', '2026-10-01', '1 Hydref 2026'],
  ] as const)('in %s', (locale, day, expected) => expect(dayInWords(locale, day)).toBe(expected));

  it.each([
    [0, 5, '12:05am'],
    [9, 0, '9:00am'],
    [12, 0, '12:00pm'],
    [23, 59, '11:59pm'],
  ])('says %i:%i as %s', (hour, minute, expected) => expect(hourInWords('en', hour, minute)).toBe(expected));

  it('knows a month by its name and by three letters of it, in both languages', () => {
    fc.assert(
      fc.property(fc.constantFrom('en' as const, 'cy' as const), fc.integer({ min: 1, max: 12 }), (locale, month) => {
        expect(monthNumber(monthName(locale, month))).toBe(month);
      }),
    );
    expect(['jan', 'SEPT', 'hyd', 'ja', 'janx', ''].map(monthNumber)).toEqual([
      1,
      9,
      10,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('a wording of one’s own', () => {
  const catalogue = new Map<string, Message>([
    ['home.title', 'Home of {name}'],
    ['terms.session', { one: 'session', other: 'sessions' }],
    ['home.count', { one: '{count} {@session}', other: '{count} {@session} of {name}' }],
    ['home.hint', 'Record each {@session} here'],
  ]);
  it.each([
    ['home.title', '{name}’s place', undefined],
    ['home.title', '', undefined],
    ['home.title', 'Without the name', undefined],
    ['home.title', 'With {@session}', undefined],
    ['home.title', '{other}', 'places'],
    ['home.title', 'x'.repeat(1001), 'too_long'],
    ['terms.session.other', 'classes', undefined],
    ['terms.session.other', '{count}', 'places'],
    ['terms.session', 'class', 'unknown_message'],
    ['home.none', 'x', 'unknown_message'],
    ['home.count', 'x', 'unknown_message'],
    ['home.count.one', '{count} of {name}', undefined],
    ['home.count.other', '{amount}', 'places'],
  ])('%s as %j', (key, text, reason) => {
    expect(whyNotWord(catalogue, key, text)?.reason).toBe(reason);
  });

  it('takes the place of a message, or of one form of it beside the others', () => {
    const own = [
      ['home.title', 'Place of {name}'],
      ['home.count.one', 'A single {@session}'],
      ['terms.session.other', 'classes'],
      ['home.gone', 'of an earlier version'],
    ] as const;
    const messages = inOwnWords(catalogue, own);
    expect(Object.fromEntries(messages)).toEqual({
      'home.title': 'Place of {name}',
      'terms.session': { one: 'session', other: 'classes' },
      'home.count': { one: 'A single {@session}', other: '{count} {@session} of {name}' },
      'home.hint': 'Record each {@session} here',
    });
    expect(fill(messages.get('home.count') ?? '', { count: 1 }, termsIn(messages), EN)).toBe('A single session');
    expect(fill(messages.get('home.count') ?? '', { count: 2, name: 'A' }, termsIn(messages), EN)).toBe(
      '2 classes of A',
    );
    expect(originalOf(catalogue, 'home.count.few')?.text).toBe('{count} {@session} of {name}');
  });

  it('is found by what is written and by what is read, each word of it', () => {
    const terms = termsIn(inOwnWords(catalogue, [['terms.session.one', 'class']]));
    const entries = entriesOf(catalogue, new Map([['home.hint', 'Write {@session} down']]));
    const read = entries.map((entry) => ({ ...entry, reads: withTerms(entry, terms, EN) }));
    const found = (asked: string) => matching(read, asked).map(({ key }) => key);
    expect(entries.map(({ key }) => key)).toEqual(['home.title', 'home.count.one', 'home.count.other', 'home.hint']);
    expect(found('RECORD each')).toEqual(['home.hint']);
    expect(found('write CLASS')).toEqual(['home.hint']);
    expect(found('home.count')).toEqual(['home.count.one', 'home.count.other']);
    expect(found('class absent')).toEqual([]);
    expect(found('  ')).toEqual([]);
  });

  it('is shown with examples, and with the names of places that have none', () => {
    const terms = termsIn(catalogue);
    const show = (text: string, form: 'one' | 'other' | null) => withExamples(text, form, terms, EN, { name: 'A' });
    expect(show('{count} {@session} of {name} for {amount}', 'one')).toBe('1 session of A for [amount]');
    expect(show('{count} {@Session}', 'other')).toBe('12 Sessions');
    expect(show('Of {@session}', null)).toBe('Of session');
    const counted = { one: '{count} {@session}', other: '{count} {@session}' };
    const more = new Map<string, Message>([
      ...catalogue,
      ['home.all', counted],
      ['home.label', '{@Session}'],
      ['home.who', '{@Person}'],
    ]);
    expect(samplesOf(more, 'person', 4)).toEqual([{ message: '{@Person}', count: 1 }]);
    expect(samplesOf(more, 'session', 4)).toEqual([
      { message: counted, count: 1 },
      { message: counted, count: 12 },
      { message: 'Record each {@session} here', count: 1 },
    ]);
  });
});
