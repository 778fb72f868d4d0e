import fc from 'fast-check';
import { archiveOf, codesOf, type Member, membersOf, verdictOf, withText } from '../../test/support/bundle-tamper.js';
import { madeBundle } from '../../test/support/bundle-maker.js';
import { BLOCK_BYTES } from './ustar.js';

const EVENTS = 270;
let bundle: Buffer;
let members: readonly Member[];
beforeAll(async () => {
  bundle = await madeBundle({ events: EVENTS, passEvery: 40 });
  members = membersOf(bundle);
});

/** What nothing binds, because nothing depends on it: when the bundle was made, and when each pass ended. */
const NOT_BOUND = /(?<="(?:madeAt|sealedAt)":")[^"]*/g;

function isBound(offset: number, bytes = bundle): boolean {
  const text = bytes.toString('latin1');
  return [...text.matchAll(NOT_BOUND)].every(({ index, 0: match }) => offset < index || offset >= index + match.length);
}

describe('a bundle of which one byte is another', () => {
  it('is not proved, whichever byte it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bundle.length - 1 }), fc.integer({ min: 1, max: 255 }), async (offset, change) => {
        fc.pre(isBound(offset));
        const mutated = Buffer.from(bundle);
        mutated[offset] = (mutated[offset] ?? 0) ^ change;
        expect((await verdictOf(mutated)).outcome).not.toBe('proved');
      }),
      { numRuns: 60 },
    );
  });

  /** Large members would hide small ones: so each is tried at its ends, and here and there. */
  it.each(Array.from({ length: 16 }, (_, place) => place))('is not proved: member %i', async (place) => {
    const name = members[place]?.name ?? '';
    const length = members[place]?.content.length ?? 0;
    for (const at of new Set([0, 1, Math.floor(length / 3), Math.floor(length / 2), length - 2, length - 1])) {
      const copy = membersOf(bundle);
      const content = copy[place]?.content ?? Buffer.alloc(0);
      if (!isBound(at, content)) continue;
      content[at] = (content[at] ?? 0) ^ 0x01;
      expect([name, at, (await verdictOf(archiveOf(copy))).outcome]).not.toContain('proved');
    }
  });

  it('is proved where nothing is bound', async () => {
    const later = withText(bundle, 'bundle.json', (text) => text.replace('"madeAt":"2026', '"madeAt":"2027'));
    expect(await verdictOf(later)).toMatchObject({ outcome: 'proved', log: { madeAt: '2027-11-25T09:00:00.000Z' } });
    const sealed = withText(bundle, 'checkpoints/000', (text) => text.replace('"sealedAt":"2026', '"sealedAt":"2027'));
    expect(await verdictOf(sealed)).toMatchObject({ outcome: 'proved' });
  });
});

describe('what was tampered with is told, and where', () => {
  const [ENTRIES, TRANSFERS] = ['tile/entries/000', 'transfers/000'];

  it('an event that says something else', async () => {
    const changed = withText(bundle, ENTRIES, (text) =>
      text.replace('"provisionalMinor":"3200"', '"provisionalMinor":"3300"'),
    );
    const verdict = await verdictOf(changed);
    const leaf =
      verdict.outcome === 'tampered' ? verdict.findings.find(({ code }) => code === 'leaf_differs') : undefined;
    expect(leaf).toMatchObject({ at: { index: 18, eventId: expect.stringMatching(/^01a2/), member: ENTRIES } });
    expect(codesOf(verdict)).toContain('root_differs');
  });

  it('an event that is spelled otherwise, and says the same', async () => {
    const changed = withText(bundle, ENTRIES, (text) => text.replace('"v":1}', '"v":1 '));
    expect(codesOf(await verdictOf(changed))).toEqual(expect.arrayContaining(['event_malformed', 'leaf_differs']));
  });

  it.each<[string, RegExp, string, string]>([
    ['an amount', /"amountMinor":"3200"/, '"amountMinor":"3201"', 'transfers_differ'],
    ['a day', /"effectiveOn":"2026-04-01"/, '"effectiveOn":"2026-04-02"', 'transfers_differ'],
    ['a day that there is not', /"effectiveOn":"2026-04-01"/, '"effectiveOn":"2026-02-30"', 'transfer_malformed'],
    ['the claim', /"claimId":"01a2/, '"claimId":"01a3', 'transfers_differ'],
    ['the event', /"eventIndex":4/, '"eventIndex":5', 'transfers_differ'],
    ['an account', /"debit":"[0-9a-f]{8}/, '"debit":"00000000', 'transfer_malformed'],
    ['a number with a sign', /"amountMinor":"3200"/, '"amountMinor":"-320"', 'transfers_malformed'],
    ['a number that begins with nought', /"amountMinor":"3200"/, '"amountMinor":"0200"', 'transfers_malformed'],
    ['a space', /,"credit"/, ', "credit"', 'transfers_malformed'],
    ['both sides', /"credit":"([^"]+)","debit":"([^"]+)"/, '"credit":"$2","debit":"$1"', 'transfers_differ'],
    ['one side twice', /"credit":"([^"]+)","debit":"([^"]+)"/, '"credit":"$2","debit":"$2"', 'transfer_malformed'],
  ])('a transfer that has another line: %s', async (_, from, to, code) => {
    const verdict = await verdictOf(withText(bundle, TRANSFERS, (text) => text.replace(from, to)));
    expect(codesOf(verdict)).toContain(code);
    expect(verdict).toMatchObject({
      outcome: 'tampered',
      findings: expect.arrayContaining([
        expect.objectContaining({ at: expect.objectContaining({ member: TRANSFERS }) }),
      ]),
    });
  });

  const lines = (change: (lines: string[]) => string[]) => (text: string) => change(text.split('\n')).join('\n');
  it.each<[string, string, (lines: string[]) => string[], string]>([
    ['a transfer is dropped', TRANSFERS, ([, ...rest]) => rest, 'transfers_differ'],
    [
      'a transfer is there twice',
      TRANSFERS,
      ([first = '', ...rest]) => [first, first, ...rest],
      'transfers_out_of_order',
    ],
    [
      'two transfers change places',
      TRANSFERS,
      ([a = '', b = '', ...rest]) => [b, a, ...rest],
      'transfers_out_of_order',
    ],
    ['the last line does not end', TRANSFERS, (all) => all.slice(0, -1), 'transfers_malformed'],
    ['an account is dropped', 'accounts', ([, ...rest]) => rest, 'transfer_malformed'],
    ['two accounts change places', 'accounts', ([a = '', b = '', ...rest]) => [b, a, ...rest], 'accounts_malformed'],
    ['the last checkpoint is dropped', 'checkpoints/001', () => [''], 'checkpoints_incomplete'],
    ['a checkpoint is there twice', 'checkpoints/000', ([a = '', ...rest]) => [a, a, ...rest], 'checkpoints_malformed'],
    [
      'there are many keys',
      'keys',
      ([first = '', ...rest]) => [...Array<string>(200).fill(first), ...rest],
      'keys_malformed',
    ],
    ['a key is dropped', 'keys', ([, ...rest]) => rest, 'checkpoint_differs'],
  ])('%s', async (_, member, change, code) => {
    expect(codesOf(await verdictOf(withText(bundle, member, lines(change))))).toContain(code);
  });

  it('an account that is said to be of another kind', async () => {
    const changed = withText(bundle, 'accounts', (text) => text.replace('"kind":"accrued"', '"kind":"owed"'));
    expect(codesOf(await verdictOf(changed))).toContain('account_id_differs');
  });

  it('a tile that is not that of the events, without a word against the events', async () => {
    const upper = withText(bundle, 'tile/1/000.p/1', (text) =>
      text.replace(/^./s, (byte) => (byte === 'x' ? 'y' : 'x')),
    );
    expect(codesOf(await verdictOf(upper))).toEqual(['tile_differs']);
    const lower = withText(bundle, 'tile/0/001.p/14', (text) =>
      text.replace(/^./s, (byte) => (byte === 'x' ? 'y' : 'x')),
    );
    expect(codesOf(await verdictOf(lower))).toEqual(['leaf_differs']);
    const shorter = withText(bundle, 'tile/0/001.p/14', (text) => text.slice(0, -33));
    expect(codesOf(await verdictOf(shorter))).toEqual(['leaf_differs', 'leaf_differs']);
  });

  it('two events that changed places, with their hashes', async () => {
    const copy = membersOf(bundle);
    const [entries, tile] = [4, 10].map((place) => copy[place]);
    if (!entries || !tile) throw new Error('the bundle has two segments');
    const first = 2 + entries.content.readUInt16BE(0);
    const second = first + 2 + entries.content.readUInt16BE(first);
    const { content } = entries;
    entries.content = Buffer.concat([
      content.subarray(first, second),
      content.subarray(0, first),
      content.subarray(second),
    ]);
    tile.content = Buffer.concat([
      tile.content.subarray(32, 64),
      tile.content.subarray(0, 32),
      tile.content.subarray(64),
    ]);
    const verdict = await verdictOf(archiveOf(copy));
    expect(codesOf(verdict)).toContain('root_differs');
    expect(codesOf(verdict)).not.toContain('leaf_differs');
  });
});

describe('an archive of other members', () => {
  const otherwise = (change: (all: Member[]) => Member[]) => verdictOf(archiveOf(change(membersOf(bundle))));

  it.each(Array.from({ length: 16 }, (_, place) => place))('without member %i', async (place) => {
    const verdict = await otherwise((all) => all.toSpliced(place, 1));
    expect(verdict.outcome).not.toBe('proved');
    // Without the manifest it is no bundle; the three of the platform's log may be missing together, and only so.
    expect(codesOf(verdict)[0]).toMatch(place === 0 ? /^unreadable: This is not a bundle/ : /^member_/);
  });

  it.each(Array.from({ length: 16 }, (_, place) => place))('with member %i twice', async (place) => {
    const verdict = await otherwise((all) => all.toSpliced(place, 0, ...all.slice(place, place + 1)));
    expect(codesOf(verdict)[0]).toMatch(/^member_(missing|unexpected)$/);
  });

  it.each(['../../etc/passwd', '/etc/passwd', 'tile/entries/000', 'notes.txt'])('with %s at its end', async (name) => {
    const verdict = await otherwise((all) => [...all, { name, content: Buffer.from('x') }]);
    expect(verdict).toMatchObject({
      outcome: 'tampered',
      findings: [{ code: 'member_unexpected', at: { member: name } }],
    });
  });

  it('is told by the member that should be there', async () => {
    const verdict = await otherwise(([a, b, c, d, ...rest]) => [a, b, d, c, ...rest] as Member[]);
    expect(verdict).toMatchObject({ findings: [{ code: 'member_missing', at: { member: 'checkpoint' } }] });
  });
});

describe('what cannot be read says so, and not that anybody meddled', () => {
  it('cut off anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bundle.length - 1 }), async (length) => {
        const verdict = await verdictOf(bundle.subarray(0, length));
        expect([length, verdict.outcome]).toEqual([length, 'unreadable']);
        if (length >= BLOCK_BYTES) expect(codesOf(verdict)[0]).toMatch(/ends too early|is not as version 1/);
      }),
      { numRuns: 60 },
    );
  });

  it.each<[string, () => Buffer, RegExp]>([
    ['nothing', () => Buffer.alloc(0), /The file is empty/],
    ['a text', () => Buffer.from('{"code":"not_permitted"}'), /not a bundle/],
    ['zeros', () => Buffer.alloc(4096), /not a bundle/],
    ['a compressed file', () => Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]), /is compressed/],
    ['another archive', () => archiveOf([{ name: 'a.txt', content: Buffer.from('a') }]), /not a bundle/],
    [
      'another version',
      () => withText(bundle, 'bundle.json', (text) => text.replace('"version":1', '"version":2')),
      /version 2/,
    ],
    [
      'another format',
      () => withText(bundle, 'bundle.json', (text) => text.replace('wellpaid-bundle', 'bundle')),
      /not a bundle/,
    ],
    [
      'a size that is none',
      () => withText(bundle, 'bundle.json', (text) => text.replace('"size":270', '"size":-1')),
      /not as version 1/,
    ],
    [
      'a size with a fraction',
      () => withText(bundle, 'bundle.json', (text) => text.replace('"size":270', '"size":27.5')),
      /not as version 1/,
    ],
    [
      'a log whose name moves the cursor',
      () => withText(bundle, 'bundle.json', (text) => text.replace('"origin":"', '"origin":"\\u001b[2J')),
      /not as version 1/,
    ],
    [
      'a manifest with more',
      () => withText(bundle, 'bundle.json', (text) => text.replace('{', '{"a":1,')),
      /not as version 1/,
    ],
    ['bytes behind the end', () => Buffer.concat([bundle, Buffer.from('x')]), /behind the end/],
    [
      'a damaged header',
      () => Buffer.concat([bundle.subarray(0, 600), Buffer.from('x'), bundle.subarray(601)]),
      /damaged|manifest|version 1/,
    ],
  ])('%s', async (_, bytes, message) => {
    const verdict = await verdictOf(bytes());
    expect(verdict).toMatchObject({
      outcome: 'unreadable',
      message: expect.stringMatching(message),
      mend: expect.stringMatching(/\w/),
    });
  });

  it('zeros at the end are no harm, as tar writes them', async () => {
    expect(await verdictOf(Buffer.concat([bundle, Buffer.alloc(9216)]))).toMatchObject({ outcome: 'proved' });
  });
});
