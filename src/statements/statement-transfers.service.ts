import { Injectable } from '@nestjs/common';
import type { Actor } from '../platform/actor.js';
import { Database } from '../platform/database.js';
import { readAhead } from '../platform/read-ahead.js';
import type { DayRange } from './statement-lines.rules.js';
import { transfersAfter, type PinnedScope, type TransferRow } from './statements.queries.js';

/** Transfers that are put in order at a time, unless one day has more. */
export const RANGE_MAX = 20_000;
/** Those that are read, and held, at a time. */
const PAGE_MAX = 250;
/** What has to be taken of a range before it tells how quickly the rest will be. */
const SAMPLE = RANGE_MAX / 8;
/** Whoever takes longer for that rest does not get a second connection: the next range would be let go before it is taken. */
const NEARLY_MS = 400;

type Pages = ReturnType<typeof readAhead<TransferRow>>;

/** A cursor that was told to begin: its first page is on its way. */
interface Begun {
  readonly pages: Pages;
  readonly first: ReturnType<Pages['next']>;
}

/** Reads the transfers of a statement some days at a time, and puts the next days in order while these are written. */
@Injectable()
export class StatementTransfers {
  constructor(private readonly database: Database) {}

  /** In pages, in the order of a statement. Whoever stops reading leaves nothing open. */
  async *read(actor: Actor, scope: PinnedScope, ranges: readonly DayRange[]): AsyncGenerator<TransferRow[]> {
    let begun: Begun | undefined;
    try {
      for (const [place, range] of ranges.entries()) {
        const nextRange = ranges[place + 1];
        let current = begun ?? this.begin(actor, scope, range, 0);
        begun = undefined;
        let count = 0;
        let since: number | undefined;
        for (let isWhole = false; !isWhole;) {
          try {
            let next: Awaited<Begun['first']> = await current.first;
            for (; next.done !== true; next = await current.pages.next()) {
              since ??= performance.now();
              count += next.value.length;
              if (nextRange && isNearlyDone(count, since)) begun ??= this.begin(actor, scope, nextRange, 0);
              yield next.value;
            }
            isWhole = next.value;
          } finally {
            await current.pages.return(false);
          }
          if (!isWhole) current = this.begin(actor, scope, range, count);
        }
      }
    } finally {
      await begun?.pages.return(false);
    }
  }

  private begin(actor: Actor, scope: PinnedScope, range: DayRange, count: number): Begun {
    const query = { ...transfersAfter(scope, range, count), pageMax: PAGE_MAX };
    const pages = readAhead<TransferRow>(this.database, actor, query);
    const first = pages.next();
    first.catch(() => undefined); // thrown where it is waited for
    return { pages, first };
  }
}

/** As if a range had all that it may have. */
function isNearlyDone(count: number, since: number): boolean {
  if (count < SAMPLE) return false;
  return ((performance.now() - since) / count) * (RANGE_MAX - count) < NEARLY_MS;
}
