import { formatPounds } from '../../src/money/index.js';
import { Sealer } from '../../src/sealing/index.js';
import type { EnglandApp } from './england-app.js';
import { reach } from './england-hands.js';
import type { YearPlan } from './england-plan.js';
import { NOTHING, type Tally } from './england-tally.js';
import type { Watch } from './england-watch.js';
import type { Desk } from './england-world.js';

/** The year as far as it has come, and beside it what the generator has added up by its own arithmetic. */
export class Stage {
  tally: Tally = NOTHING;
  /** Of the month at hand, by provider. */
  readonly months = new Map<string, Tally>();
  files = 0;
  batches = 0;
  arrivals = 0;
  payouts = 0;
  /** What was found wrong on the way: with anything here the year goes no further. */
  readonly wrong: string[] = [];

  constructor(
    readonly plan: YearPlan,
    readonly app: EnglandApp,
    readonly desks: readonly Desk[],
    readonly watch: Watch,
  ) {}

  /** What must have come of the month at a provider. */
  of(providerId: string): Tally {
    return this.months.get(providerId) ?? NOTHING;
  }

  /** Holds one figure of the books against the tally at once, so that the contract and the month that went wrong are known. */
  hold(what: string, books: string, tally: bigint): void {
    if (BigInt(books) === tally) return;
    this.wrong.push(`${what}: ${formatPounds(BigInt(books))}, and not ${formatPounds(tally)}`);
  }

  async count(sql: string): Promise<number> {
    const { rows } = await this.app.admin.query<{ n: string }>(sql);
    return Number(rows[0]?.n ?? Number.NaN);
  }

  /** Waits until the newest event of each commissioner is sealed and signed. Gives how many logs that were. */
  async seal(): Promise<number> {
    const sealer = this.app.nest.get(Sealer);
    for (const { party } of this.desks) {
      const { rows } = await this.app.admin.query<{ id: string }>(
        'select id from ledger.event where commissioner_id = $1 order by seq desc limit 1',
        [party.id],
      );
      const seal = async () => ((await sealer.ensureSealed(party.id, rows[0]?.id ?? '')) ? 1 : 0);
      await reach(`${party.code}, sealed to its end`, 1, seal);
    }
    return this.desks.length;
  }
}
