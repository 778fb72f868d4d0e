import { projectRoot } from '../src/platform/paths.js';
import { placesOf, type Message } from '../src/words/message.rules.js';
import { readCatalogue, type Catalogue } from '../src/words/words.service.js';
import { keysInSource, keysInTemplate, keysInUse, type KeyUse } from './support/words-in-use.js';
import { PREFIXES } from './support/words-prefixes.js';

/**
 * The catalogue, whole. Each list that is not empty names what to mend: a key, or a key and where it is used.
 *
 * - "is missing": write it in the file that its first part names.
 * - "nobody says": delete it from both languages, or use it.
 * - "undeclared": a key is built when the program runs; declare its beginning in support/words-prefixes.ts, or write it out.
 */
const en = readCatalogue('en');
const cy = readCatalogue('cy');
const areas = new Set([...en.keys(), ...cy.keys()].map((key) => key.split('.')[0] ?? ''));

const textsOf = (message: Message): string[] => (typeof message === 'string' ? [message] : Object.values(message));
const isDeclared = (key: string) => [...PREFIXES.keys()].some((prefix) => key.startsWith(prefix));
const isGroup = (catalogue: Catalogue, key: string) => [...catalogue.keys()].some((one) => one.startsWith(`${key}.`));

/** Places without the capital of a term, which stands where a sentence of that language begins. */
function placesIn(message: Message): string[] {
  const places = placesOf(message).map((place) =>
    place.replace(/^\{@(\w)/, (_, first: string) => `{@${first.toLowerCase()}`),
  );
  return [...new Set(places)].toSorted();
}

describe('English and Welsh', () => {
  it('have the same keys', () => {
    const missing = {
      en: [...cy.keys()].filter((key) => !en.has(key)),
      cy: [...en.keys()].filter((key) => !cy.has(key)),
    };
    expect(missing).toEqual({ en: [], cy: [] });
  });

  it('have the same places in each message', () => {
    const different = [...en].flatMap(([key, message]) => {
      const other = cy.get(key) ?? message;
      const [one, two] = [placesIn(message), placesIn(other)].map((places) => places.join(' '));
      return one === two ? [] : [`${key}: en has ${one || 'none'}, cy has ${two || 'none'}`];
    });
    expect(different).toEqual([]);
  });

  it.each([
    ['en', en],
    ['cy', cy],
  ] as const)('%s is written as people read it', (_, catalogue) => {
    const faults = [...catalogue].flatMap(([key, message]) =>
      textsOf(message).flatMap((text) => faultsOf(text).map((fault) => `${key}: ${fault} in "${text}"`)),
    );
    expect(faults).toEqual([]);
  });

  it('say of what is counted how it is with one and with many', () => {
    const plurals = [...en].flatMap(([key, message]) => (typeof message === 'string' ? [] : [{ key, message }]));
    expect(plurals.filter(({ message }) => message.one === undefined).map(({ key }) => key)).toEqual([]);
    expect(plurals.length).toBeGreaterThan(5);
  });

  it('name only terms that there are', () => {
    const terms = new Set([...en.keys()].filter((key) => key.startsWith('terms.')).map((key) => key.slice(6)));
    const unknown = [...en, ...cy].flatMap(([key, message]) =>
      placesIn(message)
        .filter((place) => place.startsWith('{@') && !terms.has(place.slice(2, -1)))
        .map((place) => `${key}: ${place}`),
    );
    expect(unknown).toEqual([]);
  });
});

const HTML = /<[a-z/!]|&(?:[a-z]+|#\d+);/i;

function faultsOf(text: string): string[] {
  return [
    ...(HTML.test(text) ? ['HTML'] : []),
    ...(/\bplease\b|os gwelwch yn dda/i.test(text) ? ['a "please"'] : []),
    ...(text.trim() === '' ? ['nothing'] : []),
    ...(text !== text.trim() || /\s{2}/.test(text) ? ['a stray space'] : []),
    ...(text.replace(/\{@?\w+\}/g, '').match(/[{}]/) ? ['a broken place'] : []),
  ];
}

describe('the code', () => {
  const uses = keysInUse(projectRoot(import.meta.url), areas);
  const said = (use: KeyUse) => `${use.key} (${use.at})`;

  it('says nothing that is missing from the catalogue', () => {
    const missing = uses
      .filter(({ kind, key }) => kind === 'key' && !en.has(key))
      .filter(({ key }) => !(isGroup(en, key) && isDeclared(key)));
    expect(missing.map(said)).toEqual([]);
  });

  it('builds no key below an undeclared beginning', () => {
    const undeclared = uses.filter(({ kind, key }) => kind === 'head' && !isDeclared(key));
    expect(undeclared.map(said)).toEqual([]);
  });

  it('leaves no message that nobody says', () => {
    const used = new Set(uses.map(({ key }) => key));
    const idle = [...en.keys()].filter((key) => !used.has(key) && !isDeclared(key));
    expect(idle).toEqual([]);
  });

  it('fills every place of a message', () => {
    const empty = uses.flatMap((use) => {
      const message = en.get(use.key);
      if (use.fills === undefined || message === undefined) return [];
      const places = placesOf(message).filter((place) => !place.startsWith('{@'));
      const open = places.filter((place) => !use.fills?.includes(place.slice(1, -1)));
      return open.length === 0 ? [] : [`${said(use)}: ${open.join(' ')}`];
    });
    expect(empty).toEqual([]);
  });

  it('declares no beginning below which there is nothing', () => {
    expect([...PREFIXES.keys()].filter((prefix) => ![...en.keys()].some((key) => key.startsWith(prefix)))).toEqual([]);
  });
});

describe('a key is found', () => {
  const some = new Set(['home', 'batches']);
  it.each([
    ["t('home.title')", [['home.title', 'key', []]]],
    ["visit.t('home.hello', { name, count: 2 })", [['home.hello', 'key', ['name', 'count']]]],
    ["t('home.hello', { ...params })", [['home.hello', 'key', undefined]]],
    ['t(`home.tasks.${kind}`)', [['home.tasks.', 'head', undefined]]],
    ["form.day('on', { missing: 'batches.dayMissing' })", [['batches.dayMissing', 'key', undefined]]],
    ["seeOther(`/batches/${id}`, 'batches.done', { code })", [['batches.done', 'key', ['code']]]],
    ["form.refuse('on', 'batches.wrong')", [['batches.wrong', 'key', []]]],
    [
      "form.refuse('on', late ? 'batches.late' : 'batches.early')",
      [
        ['batches.late', 'key', undefined],
        ['batches.early', 'key', undefined],
      ],
    ],
    ["t('unknown.title')", [['unknown.title', 'key', []]]],
    ["view('home/title.njk'); import { a } from './home.rules.js'", []],
    ["const type = 'batch.approved'; columns.has('home.x')", [['home.x', 'key', undefined]]],
  ])('in %s', (text, expected) => {
    const found = keysInSource('src/portal/home.pages.ts', text, some);
    expect(found.map(({ key, kind, fills }) => [key, kind, fills])).toEqual(expected);
  });

  it('outside of the portal where t is given it', () => {
    const text = "t('home.title'); ledger.record({ type: 'batches.approved' })";
    expect(keysInSource('src/notices/mail.ts', text, some).map(({ key }) => key)).toEqual(['home.title']);
  });

  it.each([
    ["{{ t('home.title') }}", [['home.title', 'key', []]]],
    ['<p title="{{ t("home.hello", { name: one.name, count: n }) }}">', [['home.hello', 'key', ['name', 'count']]]],
    [
      "{{ t('home.roles.' + role) }}{{ t('home.a.' ~ b) }}",
      [
        ['home.roles.', 'head', undefined],
        ['home.a.', 'head', undefined],
      ],
    ],
    ["{{ field('on', 'batches.label') }}", [['batches.label', 'key', undefined]]],
    ["{% extends 'layout.njk' %}{# t('home.gone') #}{% include 'home.njk' %}", []],
  ])('in the template %s', (text, expected) => {
    const found = keysInTemplate('a.njk', text, some);
    expect(found.map(({ key, kind, fills }) => [key, kind, fills])).toEqual(expected);
  });
});
