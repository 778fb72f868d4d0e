import { TASK_KINDS } from '../src/insights/task.rules.js';
import { CHART } from '../src/ledger/accounts.js';
import { ROLES } from '../src/platform/actor.js';
import { projectRoot } from '../src/platform/paths.js';
import { stateIn } from '../src/portal/wording/state-words.rules.js';
import { wordActorIn, wordEventIn } from '../src/portal/wording/event-words.rules.js';
import { TONES, toneOf } from '../src/portal/wording/tone.rules.js';
import { LOCALES, type Translate } from '../src/words/index.js';
import { readCatalogue } from '../src/words/words.service.js';
import { errorCodes, eventTypes, listedColumns, type Joined } from './support/codes-in-source.js';
import { COLUMNS, THINGS } from './support/words-things.js';
import { saying } from './support/words.js';

const root = projectRoot(import.meta.url);
const catalogues = LOCALES.map((locale) => [locale, readCatalogue(locale)] as const);
/** `missing`: coded and not worded. `idle`: worded and not coded. */
const NONE = { missing: [], idle: [] };

function compare(prefix: string, wanted: readonly string[], keys: Iterable<string>) {
  const worded = [...keys].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  return {
    missing: wanted.filter((one) => !worded.includes(one)).toSorted(),
    idle: worded.filter((one) => !wanted.includes(one)).toSorted(),
  };
}

describe('every error', () => {
  const keyOf = (code: string) => code.replaceAll('.', '_');

  it.each(catalogues)('has words in %s', async (_, catalogue) => {
    const codes = await errorCodes();
    expect(codes.length).toBeGreaterThan(120);
    expect(compare('errors.', codes.map(keyOf), catalogue.keys())).toEqual(NONE);
  });

  it('speaks to people, not to programs', () => {
    const [, en] = catalogues[0] ?? [];
    const words = [...(en ?? [])].filter(([key]) => key.startsWith('errors.'));
    const plain = words.map(([key, message]) => `${key}: ${JSON.stringify(message).replace(/\{@\w+\}/g, '')}`);
    const technical =
      /\b(?:key|header|ids?|API|GET|PUT|POST|JSON|null|rail)\b|details\b(?<!bank details)|[a-z][A-Z]\w+\b/;
    expect(plain.filter((line) => technical.test(line.slice(line.indexOf(':'))))).toEqual([]);
  });
});

describe('every state', () => {
  const wanted = Object.entries(THINGS).flatMap(([thing, values]) => values.map((value) => `${thing}.${value}`));

  it.each(catalogues)('has words in %s', (_, catalogue) => {
    expect(compare('states.', wanted, catalogue.keys())).toEqual(NONE);
  });

  it('has a colour', () => {
    const toned = Object.entries(TONES).flatMap(([thing, tones]) =>
      (typeof tones === 'string' ? (THINGS[thing] ?? []) : Object.keys(tones)).map((value) => `${thing}.${value}`),
    );
    expect(compare('', wanted, toned)).toEqual(NONE);
    expect([toneOf('payout', 'failed'), toneOf('rail', 'stripe'), toneOf('none', 'of these')]).toEqual([
      'red',
      'grey',
      'grey',
    ]);
  });

  it('that the database can hold is among them', () => {
    const columns = listedColumns(root);
    const unknown = columns.filter(({ column }) => !(column in COLUMNS)).map(({ column }) => column);
    const unworded = columns.flatMap(({ column, values }) => {
      const thing = COLUMNS[column];
      return thing
        ? values.filter((value) => !THINGS[thing]?.includes(value)).map((value) => `${column} ${value}`)
        : [];
    });
    const gone = Object.keys(COLUMNS).filter((name) => !columns.some(({ column }) => column === name));
    expect({ unknown, unworded, gone }).toEqual({ unknown: [], unworded: [], gone: [] });
  });

  it('is said with the colour of its tag; what nobody has worded is said all the same', async () => {
    const t = await saying('en');
    expect(stateIn(t, 'batch', 'approved')).toEqual({ text: 'Approved', tone: 'green' });
    expect(stateIn(t, 'payout_reason', 'made_up_by_a_bank')).toEqual(stateIn(t, 'payout_reason', 'unlisted'));
    expect(stateIn(t, 'charge_kind', 'room_hire')).toEqual({ text: 'room hire', tone: 'grey' });
  });
});

describe('every event', () => {
  /** What a type that is put together can end in: the property that holds it, or a list. */
  const JOINED: Joined = new Map<string, string | readonly string[]>([
    ['member.', 'happened'],
    ['payout_account.', 'happened'],
    ['claim_file.', ['received', 'refused']],
  ]);
  /** Of the journey in the design; they have words before there is a command that brings them about. */
  const DESIGNED =
    'claim.flagged claim.disputed claim.reinstated claim.upheld credit_note.issued period.closed reconciliation.signed_off'.split(
      ' ',
    );
  const KINDS = ['person', 'service', 'system'];
  const SIDES = ['commissioner', 'provider', 'referrer'];
  const { types, unknownHeads } = eventTypes(root, JOINED);

  it.each(catalogues)('has words in %s', (_, catalogue) => {
    expect(unknownHeads).toEqual([]);
    expect(types).toEqual(
      expect.arrayContaining(['batch.approved', 'claim.withdrawn', 'member.disabled', 'payout.paid']),
    );
    const events = [...new Set([...types, ...DESIGNED])].map((type) => type.replaceAll('.', '_'));
    const actors = KINDS.flatMap((kind) => SIDES.map((side) => `by.${kind}.${side}`));
    expect(compare('events.', [...events, ...actors], catalogue.keys())).toEqual(NONE);
    expect(compare('sides.', SIDES, catalogue.keys())).toEqual(NONE);
    expect(compare('kinds.', KINDS, catalogue.keys())).toEqual(NONE);
  });

  it('is a line of a timeline', async () => {
    const t: Translate = await saying('en');
    expect(wordEventIn(t, 'batch.approved')).toBe('Batch approved');
    expect(wordEventIn(t, 'unheard.of')).toBe('unheard.of');
    expect(wordActorIn(t, { kind: 'person', side: 'commissioner' })).toBe('by a person at the commissioner');
    expect(wordActorIn(t, { kind: 'system', side: 'commissioner' })).toBe('by the system');
  });
});

describe.each(catalogues)('in %s', (_, catalogue) => {
  it('every account of the chart has a name and a meaning', () => {
    const wanted = Object.keys(CHART).flatMap((kind) => [`${kind}.name`, `${kind}.meaning`]);
    expect(compare('accounts.', wanted, catalogue.keys())).toEqual(NONE);
  });

  it('every task has a sentence', () => {
    expect(compare('tasks.kinds.', TASK_KINDS, catalogue.keys())).toEqual(NONE);
  });

  it('every role has a name', () => {
    expect(compare('roles.', ROLES, catalogue.keys())).toEqual(NONE);
  });
});
