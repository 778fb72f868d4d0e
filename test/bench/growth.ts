import { accounts } from '../../src/ledger/index.js';
import { sealerOn } from './sealing.js';
import { forSeconds, PostingStage } from './posting.js';
import type { Row } from './row.js';
import { analyse, type BenchServer } from './server.js';

const SIZES = [10_000, 100_000, 1_000_000] as const;
const SECONDS = 4;
const FILL_BATCH = 500;
const FILL_CLIENTS = 4;

/**
 * What the same work costs when the ledger holds 10⁴, 10⁵ and 10⁶ transfers, each with its event. The cost at the first size
 * stands beside each later one: what reads the past again grows with it, and what does not stays where it was.
 */
export async function* rows(server: BenchServer): AsyncGenerator<Row> {
  const stage = await PostingStage.open(server);
  const sealer = sealerOn(stage.database);
  const first = new Map<string, number>();
  let held = 0;
  try {
    for (const size of SIZES) {
      await fill(stage, size - held);
      held = size;
      await sealer.pass();
      await analyse(stage.adminUrl);
      for (const [name, unit, measure] of costs(stage, sealer)) {
        const figure = await measure();
        const atFirst = first.get(name) ?? figure;
        first.set(name, atFirst);
        const conditions = `1 client, ${size.toLocaleString('en-GB')} transfers and events before`;
        const row: Row = { suite: 'growth', name, figure, unit, conditions };
        const comparator = { name: `with ${SIZES[0].toLocaleString('en-GB')}`, figure: atFirst };
        yield size === SIZES[0] ? row : { ...row, comparator, target: { of: 'ratio', atMost: 2 } };
      }
    }
  } finally {
    await stage.close();
  }
}

type Cost = readonly [name: string, unit: string, measure: () => Promise<number>];

function costs(stage: PostingStage, sealer: ReturnType<typeof sealerOn>): readonly Cost[] {
  const { database, ledger, actor } = stage;
  const [provider, contract] = stage.contracts[0] ?? ['', ''];
  const medianOf = async (work: () => Promise<unknown>): Promise<number> => {
    const { p50Ms } = await forSeconds(1, SECONDS, async () => {
      await work();
      return 1;
    });
    return p50Ms;
  };
  const reading = (work: (reader: Parameters<Parameters<typeof database.read>[1]>[0]) => Promise<unknown>) => () =>
    medianOf(() => database.read(actor, work));
  return [
    ['post 100 transfers', 'ms', () => medianOf(() => stage.post(stage.batch('approval', 100)))],
    ['balance of the funds', 'ms', reading((reader) => ledger.balance(reader, actor.orgId, accounts.funds()))],
    ['budget of a contract', 'ms', reading((reader) => ledger.contractBudget(reader, contract))],
    [
      'balance of a provider at the end of a day',
      'ms',
      reading((reader) => ledger.balanceAsOf(reader, actor.orgId, accounts.accrued(provider, contract), '2030-01-01')),
    ],
    [
      'seal 1,000 events',
      'ms',
      async () => {
        await sealer.pass();
        for (let batch = 0; batch < 10; batch++) await stage.post(stage.batch('approval', 100));
        const began = performance.now();
        await sealer.pass();
        return performance.now() - began;
      },
    ],
  ];
}

async function fill(stage: PostingStage, count: number): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: FILL_CLIENTS }, async () => {
      while (left > 0) {
        const batch = Math.min(FILL_BATCH, left);
        left -= batch;
        await stage.post(stage.batch('spread', batch));
      }
    }),
  );
}
