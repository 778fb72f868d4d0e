import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { projectRoot } from '../src/platform/paths.js';
import { type MakeOptions, madeLog, writeMadeBundle } from './support/bundle-maker.js';
import { withText } from './support/bundle-tamper.js';

const guide = readFileSync(path.join(projectRoot(import.meta.url), 'docs/audit.md'), 'utf8');
/** Everything that the guide tells to type, in order. */
const script = [...guide.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block).join('\n');

const TOOLS = ['bash', 'tar', 'openssl', 'sha256sum', 'xxd', 'base64'];
const has = (tool: string) => spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0;
const runsHere =
  TOOLS.every(has) && /OpenSSL [3-9]/.test(spawnSync('openssl', ['version'], { encoding: 'utf8' }).stdout);

const WHOLE = [
  'Signature Verified Successfully',
  /^leaf [0-9a-f]{64}$/m,
  'yes: the leaf is in tile/0/',
  'yes: the tiles have the root that is signed',
  "yes: the platform's log has our checkpoint",
];

(runsHere ? describe : describe.skip)('the commands of docs/audit.md', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'guide-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const file = () => path.join(folder, 'bundle.tar');
  function play(index: number): { status: number | null; stdout: string; stderr: string } {
    const commands = script.replace('index=260', `index=${index}`);
    writeFileSync(path.join(folder, 'guide.sh'), commands);
    const env = { PATH: process.env.PATH };
    return spawnSync('bash', ['guide.sh'], { cwd: folder, encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  it.each<[MakeOptions, number]>([
    [{ events: 300 }, 260],
    [{ events: 256 }, 7],
    [{ events: 5 }, 4],
  ])('prove a whole bundle: %p, event %i', async (options, index) => {
    await writeMadeBundle(file(), options);
    const { status, stdout, stderr } = play(index);
    expect([status, stderr]).toEqual([0, '']);
    for (const said of WHOLE) expect(stdout).toMatch(said);
    expect(stdout).not.toContain('NO: ');
    const { source } = madeLog(options);
    const entries = await source.entries(0, Math.min(256, options.events));
    if (index < 256) expect(stdout).toContain(Buffer.from(entries[index] ?? []).toString());
  });

  it.each<[string, string, (text: string) => string, string]>([
    ['size', 'checkpoint', (text) => text.replace('\n300\n', '\n301\n'), 'Signature Verification Failure'],
    [
      'event',
      'tile/entries/001.p/44',
      (text) => text.replaceAll('"v":1}', '"v":2}'),
      'NO: the leaf is in tile/0/001.p/44',
    ],
    ['tile', 'tile/0/000', (text) => `x${text.slice(1)}`, 'NO: the root of tile/0/000 is in the next level'],
    ['root', 'tile/1/000.p/1', (text) => `x${text.slice(1)}`, 'NO: the tiles have the root that is signed'],
    [
      'anchor',
      'platform/entry',
      (text) => text.replace('\n300\n', '\n301\n'),
      "NO: the platform's log has our checkpoint",
    ],
  ])('do not prove another %s', async (_, member, change, said) => {
    await writeMadeBundle(file(), { events: 300 });
    writeFileSync(file(), withText(readFileSync(file()), member, change));
    expect(play(260).stdout).toContain(said);
  });
});

it('the guide has commands for a signature, an event, the tree and a proof', () => {
  expect(script.match(/^set -eu$/gm)).toHaveLength(1);
  for (const tool of ['openssl pkeyutl -verify', 'sha256sum', 'xxd', 'platform/proof']) expect(script).toContain(tool);
});
