import { Books } from '../../test/support/ledger-stage.js';
import { killBefore } from '../../test/support/sealing-process.js';
import { findUnsound, type SealingStage, sealingStage } from '../../test/support/sealing-stage.js';
import type { Pass } from './sealer.service.js';

/** Each step starts a process. */
const KILLING_MS = 240_000;

let stage: SealingStage;

beforeAll(async () => {
  stage = await sealingStage();
});
afterAll(() => stage.close());

it(
  'leaves all of a pass or nothing when the process is killed, whatever it was about to write',
  async () => {
    // One log fills a tile and begins the next in every pass, the other only grows: all passes have the same statements.
    const books = [
      { into: new Books(stage), count: 256 },
      { into: new Books(stage), count: 1 },
    ];
    const write = async () => {
      for (const { into, count } of books) {
        const events = Array.from({ length: count }, () => into.event('session.recorded'));
        await into.write((tx) => stage.ledger.recordAll(tx, events));
      }
      await stage.admin('update ledger.log_head set anchored_at = null');
    };
    const unsound = () => findUnsound(stage.admin, { checkpoints: 'last' });
    const [first] = books;
    await first?.into.write((tx) => stage.ledger.record(tx, first.into.event('session.recorded')));
    await stage.sealer.pass();

    const stoppedAt: string[] = [];
    for (let statement = READS; ; statement++) {
      await write();
      const before = await digest();
      const stopped = await killBefore(statement, stage.testDatabase.appUrl);
      if (stopped === null) break;
      stoppedAt.push(stopped);
      await expect(digest()).resolves.toEqual(before);
      await expect(passAfterwards()).resolves.toEqual({ sealed: 257, logs: 2 });
      await expect(unsound()).resolves.toEqual([]);
    }
    await expect(unsound()).resolves.toEqual([]);
    for (const part of WRITES) expect(stoppedAt).toContainEqual(expect.stringContaining(part));
  },
  KILLING_MS,
);

/** The server takes a moment to notice that the killed process is gone, and frees its lock then. */
async function passAfterwards(): Promise<Pass> {
  for (;;) {
    const pass = await stage.sealer.pass();
    if (pass) return pass;
  }
}

/** Of all that a sealer writes. */
async function digest(): Promise<unknown[]> {
  const tables = ['seal_cursor', 'log_head', 'tile', 'checkpoint', 'platform_entry'];
  const digests = tables.map((table) =>
    stage.admin(`select md5(string_agg(t::text, '|' order by t::text)) from ledger.${table} t`),
  );
  return Promise.all(digests);
}

/** The statements of a pass that only read, but for the last of them. */
const READS = 5;

const WRITES = [
  'for update skip locked',
  'insert into ledger.tile',
  'update ledger.tile',
  'insert into ledger.log_head',
  'insert into ledger.checkpoint',
  'insert into ledger.platform_entry',
  'update ledger.log_head',
  'update ledger.seal_cursor',
  'COMMIT',
];
