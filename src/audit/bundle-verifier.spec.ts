import { codesOf, membersOf, verdictOf, withText } from '../../test/support/bundle-tamper.js';
import { keyOf, madeBundle, madeLog, PLATFORM_ORIGIN, WITNESS_NAME } from '../../test/support/bundle-maker.js';
import { formatCheckpoint, noteSigner, signNote, verifierKey } from '../transparency/index.js';
import { verdictInWords } from './verdict-words.js';

const EVENTS = 600; // two full segments and a part of a third
const log = madeLog({ events: EVENTS });
const noteAt = (size: number, of = log) => of.sealed.find((sealed) => sealed.size === size)?.note ?? '';
const held = (size: number, of = log) => [{ name: 'held', text: noteAt(size, of) }];

describe('a bundle as it was written', () => {
  let bundle: Buffer;
  beforeAll(async () => {
    bundle = await madeBundle({ events: EVENTS });
  });

  it('is proved, and said to be', async () => {
    const verdict = await verdictOf(bundle);
    expect(verdict).toMatchObject({
      outcome: 'proved',
      log: { origin: log.origin, size: EVENTS, root: log.root.toString('base64') },
      counts: { events: EVENTS, accounts: 20, checkpoints: 12, signedCheckpoints: 12 },
      keys: { isPinned: false, ofLog: [log.keys[0]] },
      anchor: { platform: { origin: PLATFORM_ORIGIN, size: 3 }, index: 1, size: EVENTS },
      notUnderstood: [],
      findings: [],
      findingCount: 0,
    });
    const [first] = verdictInWords(verdict);
    expect(first).toContain(`Proved. These are the first 600 events of the log ${log.origin}`);
  });

  it('is the same bytes when it is written again', async () => {
    expect(await madeBundle({ events: EVENTS })).toEqual(bundle);
  });

  it.each([1, 255, 256, 257, 512])('is proved at %i events', async (events) => {
    const verdict = await verdictOf(await madeBundle({ events }));
    expect([verdict.outcome, codesOf(verdict)]).toEqual(['proved', []]);
  });

  it('is proved without the platform’s log', async () => {
    const verdict = await verdictOf(await madeBundle({ events: 300, isAnchored: false }));
    expect(verdict).toMatchObject({ outcome: 'proved', anchor: null });
  });

  it('has one verdict, whatever the number of threads', async () => {
    const tampered = withText(bundle, 'transfers/001', (text) => text.replace('"amountMinor":"', '"amountMinor":"9'));
    for (const bytes of [bundle, tampered]) {
      const [here, one, three] = await Promise.all([0, 1, 3].map((threads) => verdictOf(bytes, { threads })));
      expect([one, three]).toEqual([here, here]);
    }
  });

  it('tells how far it is', async () => {
    const said: number[] = [];
    await verdictOf(bundle, { threads: 0, onProgress: (verified) => said.push(verified) });
    expect(said).toEqual([256, 512, 600]);
  });
});

describe('a checkpoint that was held', () => {
  let bundle: Buffer;
  beforeAll(async () => {
    bundle = await madeBundle({ events: EVENTS });
  });

  it.each([50, 250, 300, 600])('of %i events is the beginning of the log', async (size) => {
    const verdict = await verdictOf(bundle, { held: held(size) });
    expect(verdict).toMatchObject({ outcome: 'proved', held: [{ size, isSigned: true, comparison: 'same' }] });
  });

  it('that the bundle does not list is compared all the same', async () => {
    const other = madeLog({ events: 333, passEvery: 333 });
    const verdict = await verdictOf(bundle, { held: held(333, other) });
    expect(verdict).toMatchObject({ outcome: 'proved', held: [{ size: 333, comparison: 'same' }] });
  });

  it('tells a log that was rewritten with the same key', async () => {
    const rewritten = await madeBundle({ events: EVENTS, sessions: 6 });
    expect(await verdictOf(rewritten)).toMatchObject({ outcome: 'proved' });
    const verdict = await verdictOf(rewritten, { held: held(250) });
    expect(verdict).toMatchObject({ outcome: 'tampered', held: [{ comparison: 'differs' }] });
    expect(codesOf(verdict)).toEqual(['held_differs']);
  });

  it('tells a log that has lost its end', async () => {
    const cut = await madeBundle({ events: 500 });
    expect(await verdictOf(cut)).toMatchObject({ outcome: 'proved' });
    expect(codesOf(await verdictOf(cut, { held: held(550) }))).toEqual(['held_ahead']);
  });

  it('of the platform’s log is compared at the size that the bundle has', async () => {
    const { anchor } = log.source;
    const platform = (text: string) => [{ name: 'platform', text }];
    expect(await verdictOf(bundle, { held: platform(anchor?.checkpoint ?? '') })).toMatchObject({
      outcome: 'proved',
      held: [{ origin: PLATFORM_ORIGIN, comparison: 'same' }],
    });
    const forked = formatCheckpoint({ origin: PLATFORM_ORIGIN, size: 3, root: Buffer.alloc(32) });
    const note = signNote(forked, [noteSigner(PLATFORM_ORIGIN, keyOf('made'))]);
    expect(codesOf(await verdictOf(bundle, { held: platform(note) }))).toEqual(['held_differs']);
    const later = signNote(forked.replace('\n3\n', '\n4\n'), [noteSigner(PLATFORM_ORIGIN, keyOf('made'))]);
    expect(await verdictOf(bundle, { held: platform(later) })).toMatchObject({
      held: [{ comparison: 'not_compared' }],
    });
  });

  it('may be a proof, which ends in one', async () => {
    const proof = log.source.anchor?.proof ?? '';
    expect(await verdictOf(bundle, { held: [{ name: 'proof', text: proof }] })).toMatchObject({ outcome: 'proved' });
  });

  it('counts under an earlier name of the instance, and when no known key has signed it', async () => {
    const renamed = noteAt(250).replaceAll('made.wellpaid.example', 'before.wellpaid.example');
    expect(await verdictOf(bundle, { held: [{ name: 'old', text: renamed }] })).toMatchObject({
      outcome: 'proved',
      held: [{ comparison: 'same', isSigned: false }],
    });
  });

  it.each([
    ['is none', 'What a nice day.\n', 'is no checkpoint'],
    ['is damaged', noteAt(250).replace('\n250\n', '\n251\n'), 'is no checkpoint'],
    ['is of another log', 'other.example/log\n5\n' + noteAt(250).split('\n').slice(2).join('\n'), 'is a checkpoint of'],
  ])('that %s cannot be compared', async (_, text, message) => {
    const verdict = await verdictOf(bundle, { held: [{ name: 'file', text }] });
    expect(verdict).toMatchObject({ outcome: 'unreadable', message: expect.stringContaining(message) });
  });
});

describe('keys', () => {
  const mine = verifierKey(log.origin, keyOf('made'));

  it('that are pinned count under every name', async () => {
    expect(await verdictOf(await madeBundle({ events: 300 }), { pins: [mine] })).toMatchObject({
      outcome: 'proved',
      keys: { isPinned: true },
    });
  });

  it('of somebody else do not count, although the bundle brings them', async () => {
    const forged = await madeBundle({ events: 300, seed: 'forger' });
    expect(await verdictOf(forged)).toMatchObject({ outcome: 'proved' });
    const codes = codesOf(await verdictOf(forged, { pins: [mine] }));
    expect(codes).toEqual(expect.arrayContaining(['anchor_differs', 'checkpoint_differs']));
  });

  it('that are none are told', async () => {
    expect(await verdictOf(await madeBundle({ events: 50 }), { pins: ['made+12345678+AAAA'] })).toMatchObject({
      outcome: 'unreadable',
      message: expect.stringContaining('is no verifier key'),
    });
  });

  it('of a witness make its word wanted', async () => {
    const pins = [verifierKey(WITNESS_NAME, keyOf('witness'), 'cosignature/v1')];
    expect(await verdictOf(await madeBundle({ events: 50, witness: 'witness' }), { pins })).toMatchObject({
      outcome: 'proved',
      keys: { isPinned: false },
      witnesses: [{ name: WITNESS_NAME, cosignedAt: '2026-11-25T09:00:00.000Z' }],
    });
    for (const options of [{ events: 50 }, { events: 50, isAnchored: false }]) {
      expect(codesOf(await verdictOf(await madeBundle(options), { pins }))).toEqual(['witness_missing']);
    }
    const forged = await madeBundle({ events: 50, witness: 'somebody else' });
    expect(codesOf(await verdictOf(forged, { pins }))).toEqual(['witness_missing']);
  });
});

it('a bundle has its members in the order that the guide says', async () => {
  expect(membersOf(await madeBundle({ events: 300 })).map(({ name }) => name)).toEqual([
    'bundle.json',
    'keys',
    'checkpoint',
    'accounts',
    'tile/entries/000',
    'transfers/000',
    'checkpoints/000',
    'tile/entries/001.p/44',
    'transfers/001',
    'checkpoints/001',
    'tile/0/000',
    'tile/0/001.p/44',
    'tile/1/000.p/1',
    'platform/checkpoint',
    'platform/entry',
    'platform/proof',
  ]);
});
