import { LiveVerifier, type LiveRead } from '../../src/assurance/index.js';
import { LiveReplay } from '../../src/assurance/live-replay.service.js';
import { checkInvariants, type Invariant, stateInvariant, stateTables } from '../../src/ledger/index.js';
import type { TestApp } from '../support/app.js';
import { CheckpointStore, LogKeys } from '../../src/sealing/index.js';
import type { Superuser } from './superuser.js';

/** What notices a change: a sentence about the books, the log as it is, or only a checkpoint that somebody holds. */
export type CaughtBy = 'sentence' | 'log' | 'held checkpoint';

export interface Caught {
  readonly by: CaughtBy;
  /** The sentence, or the code of the finding. */
  readonly what: string;
}

interface HeldNote {
  readonly name: string;
  readonly text: string;
}

/** Finds what notices a change that is not committed, on the connection that made it. */
export class Catcher {
  private readonly alone: LiveVerifier;
  private readonly read: LiveRead;

  private constructor(
    private readonly superuser: Superuser,
    app: TestApp,
    private readonly sentences: readonly Invariant[],
    private readonly held: readonly HeldNote[],
  ) {
    const { runtime, nest } = app;
    const nowhere = new CheckpointStore({ keys: runtime.checkpoints.keys, storeDir: undefined });
    this.alone = new LiveVerifier(runtime.database, nest.get(LogKeys), nowhere, nest.get(LiveReplay), runtime.clock);
    this.read = (_scope, work) => work({ query: (sql, parameters) => superuser.query(sql, parameters) });
  }

  static async on(superuser: Superuser, app: TestApp, held: readonly HeldNote[]): Promise<Catcher> {
    const sentences: Invariant[] = [];
    await checkInvariants((sql) => {
      sentences.push({ sentence: '', sql });
      return Promise.resolve([]);
    });
    const named = await checkInvariants(() => Promise.resolve([]));
    return new Catcher(
      superuser,
      app,
      sentences.map(({ sql }, index) => ({ sentence: named[index]?.sentence ?? '', sql })),
      held,
    );
  }

  /** Undefined when nothing notices. Looks first where it is likeliest to be seen. */
  async catch(table: string): Promise<Caught | undefined> {
    const state = stateTables().get(table.replace(/^public\./, ''));
    const own = state && 'told' in state ? stateInvariant(state).sentence : undefined;
    const bare = table.replace(/^(public|ledger)\./, '');
    const rank = ({ sentence, sql }: Invariant) =>
      sentence === own ? 0 : new RegExp(`\\b${bare}\\b`).test(sql) ? 1 : 2;
    const isOfLog = /^ledger\.(event|tile|checkpoint|log_head|seal_cursor|platform_entry)$/.test(table);
    const logFirst = isOfLog ? await this.log([]) : undefined;
    if (logFirst) return { by: 'log', what: logFirst };
    for (const { sentence, sql } of [...this.sentences].sort((a, b) => rank(a) - rank(b))) {
      if (await this.isBroken(sql)) return { by: 'sentence', what: sentence };
    }
    const log = isOfLog ? undefined : await this.log([]);
    if (log) return { by: 'log', what: log };
    const heldBack = await this.log(this.held);
    return heldBack === undefined ? undefined : { by: 'held checkpoint', what: heldBack };
  }

  /** The first thing that is wrong with the logs. */
  async log(held: readonly HeldNote[]): Promise<string | undefined> {
    const verdicts = await this.alone.logs({ read: this.read, held, onProgress: () => undefined });
    return verdicts.flatMap(({ findings }) => findings)[0]?.code;
  }

  private async isBroken(sql: string): Promise<boolean> {
    try {
      return (await this.superuser.tried(() => this.superuser.query(sql))).length > 0;
    } catch (error) {
      if ((error as { code?: string }).code?.startsWith('22')) return true;
      throw error;
    }
  }
}
