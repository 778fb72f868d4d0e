import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { madeBundle, madeLog } from './support/bundle-maker.js';
import { withText } from './support/bundle-tamper.js';
import { undoAll } from './support/embedded-servers.js';
import { run } from './support/program.js';

const STACK = /^\s+at /m;

describe('wellpaid verify', () => {
  let folder: string;
  let files: Record<'whole' | 'tampered' | 'half' | 'checkpoint' | 'rewritten', string>;
  const log = madeLog({ events: 60, passEvery: 20 });

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'verify-'));
    const put = (name: string, content: string | Buffer) => {
      const file = path.join(folder, name);
      writeFileSync(file, content);
      return file;
    };
    const bundle = await madeBundle({ events: 60, passEvery: 20 });
    files = {
      whole: put('whole.tar', bundle),
      tampered: put(
        'tampered.tar',
        withText(bundle, 'transfers/000', (text) => text.replace('"3200"', '"3300"')),
      ),
      half: put('half.tar', bundle.subarray(0, 30_000)),
      checkpoint: put('checkpoint', log.sealed[1]?.note ?? ''),
      rewritten: put('rewritten.tar', await madeBundle({ events: 60, passEvery: 20, sessions: 7 })),
    };
  });
  afterEach(undoAll);
  afterAll(() => rmSync(folder, { recursive: true }));

  it('needs no configuration, says what is proved, and exits with 0', async () => {
    // A configuration that nothing else would start with.
    const { code, out, err } = await run(
      ['verify', files.whole, '--key', log.keys[0] ?? '', '--checkpoint', files.checkpoint],
      {
        PORT: 'none',
      },
    );
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^Proved\. These are the first 60 events of the log /);
    expect(out).toContain('The keys are those that you gave.');
    expect(out).toContain(`${files.checkpoint} (40 events) is the beginning of this log.`);
    expect(out).toContain('Not proved: that what people entered was true');
    expect(out).toContain(`60 events have the root ${log.root.toString('base64')}`);
  });

  it('says what was tampered with, and where, and exits with 1', async () => {
    const { code, out, err } = await run(['verify', files.tampered], {});
    expect([code, err]).toEqual([1, '']);
    expect(out).toMatch(/^NOT PROVED\. \d+ things? in this bundle of /);
    expect(out).toMatch(
      /^- transfers_differ at event \d+, 01a2[0-9a-f-]+, transfers\/000: The event binds other transfers/m,
    );
  });

  it('takes the word of a checkpoint that is held against that of the bundle', async () => {
    expect((await run(['verify', files.rewritten], {})).code).toBe(0);
    const { code, out } = await run(['verify', files.rewritten, '--checkpoint', files.checkpoint], {});
    expect(code).toBe(1);
    expect(out).toContain('held_differs');
  });

  it('prints the verdict as JSON', async () => {
    const { code, out } = await run(['verify', '--json', files.whole], {});
    expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ outcome: 'proved', findings: [] })]);
    const half = await run(['verify', '--json', files.half], {});
    expect([half.code, JSON.parse(half.out)]).toEqual([2, expect.objectContaining({ outcome: 'unreadable' })]);
  });

  it.each<[string, () => string[], RegExp]>([
    ['half a file', () => [files.half], /The file ends too early[^]*Fetch the bundle again/],
    ['no bundle', () => [files.checkpoint], /This is not a bundle of Wellpaid/],
    ['no file', () => [path.join(folder, 'nothing')], /cannot be opened \(ENOENT\)/],
    ['a folder', () => [folder], /is not a file/],
    ['a checkpoint that is none', () => [files.whole, '--checkpoint', files.half], /is no checkpoint/],
    ['a checkpoint that is not there', () => [files.whole, '--checkpoint', 'nothing'], /nothing cannot be opened/],
    ['a key that is none', () => [files.whole, '--key', 'x'], /is no verifier key/],
    ['nothing', () => [], /Usage: wellpaid verify/],
    ['two bundles', () => [files.whole, files.half], /One bundle is verified at a time/],
    ['an option that there is not', () => [files.whole, '--colour'], /Usage: wellpaid verify/],
  ])('of %s says what to mend, and exits with 2', async (_, arguments_, message) => {
    const { code, out, err } = await run(['verify', ...arguments_()], {});
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(err).toMatch(/^Cannot be verified: nothing is proved, and nothing is refuted\./);
    expect(err).not.toMatch(STACK);
  });
});
