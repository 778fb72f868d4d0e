import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/platform/embedded-postgres.js';
import { APP_LOGIN, migrate } from '../../src/platform/migrate.js';
import { makeDataFolder, processesIn, serverPid } from '../support/embedded-servers.js';

/** `quit`: as on a panic (SIGQUIT). `kill`: every process of the server at once. `backend`: one session's process. */
export const CRASHES = ['quit', 'kill', 'backend'] as const;
export type Crash = (typeof CRASHES)[number];

/** Durable, as the product's own. */
const SETTINGS = { shared_buffers: '64MB', max_connections: '120' };
const NAME = 'wellpaid';
const PASSWORD = 'only-for-this-run';

/** A PostgreSQL that is there to be crashed. What it acknowledged must be there when it is back. */
export class Cluster {
  private server: EmbeddedPostgres | undefined;
  private pool: pg.Pool | undefined;

  private constructor(private readonly dataDir: string) {}

  static async start(): Promise<Cluster> {
    const cluster = new Cluster(await makeDataFolder());
    const server = await cluster.startServer();
    const postgres = new pg.Client({ connectionString: server.url() });
    await postgres.connect();
    await postgres.query(`create database ${NAME}`);
    await postgres.end();
    await migrate({
      adminUrl: server.url(NAME),
      appLogin: { user: APP_LOGIN, password: PASSWORD },
      log: () => undefined,
    });
    return cluster;
  }

  get port(): number {
    return this.server?.port ?? 0;
  }

  get adminUrl(): string {
    return this.server?.url(NAME) ?? '';
  }

  /** As the application signs in, through whatever listens at `port`. */
  appUrl(port = this.port): string {
    return `postgres://${APP_LOGIN}:${PASSWORD}@127.0.0.1:${port}/${NAME}`;
  }

  /** Asks as a superuser, past all wires. It throws while the server is away. */
  async query<Row = Record<string, unknown>>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    if (!this.pool) {
      this.pool = new pg.Pool({ connectionString: this.adminUrl, max: 4 });
      this.pool.on('error', () => undefined); // the server may be crashed while a connection rests
    }
    const { rows } = await this.pool.query(sql, parameters);
    return rows as Row[];
  }

  /** Resolves once it answers again. */
  async crash(how: Crash): Promise<void> {
    if (how === 'backend') {
      const [victim] = await this.query<{ pid: number }>(
        `select pid from pg_stat_activity where usename = '${APP_LOGIN}' order by state_change desc limit 1`,
      );
      if (victim) process.kill(victim.pid, 'SIGKILL');
      await sleep(100);
      return this.untilItAnswers();
    }
    const postmaster = serverPid(this.dataDir);
    // The warden's shell works in the folder too; it notices by itself.
    const victims = how === 'quit' ? [postmaster] : [postmaster, ...processesIn(this.dataDir, postmaster)];
    for (const pid of victims) killQuietly(pid, how === 'quit' ? 'SIGQUIT' : 'SIGKILL');
    await this.server?.stop();
    await this.startServer();
    await this.untilItAnswers();
  }

  async stop(): Promise<void> {
    await this.pool?.end().catch(() => undefined);
    await this.server?.stop();
  }

  private async startServer(): Promise<EmbeddedPostgres> {
    const last = this.server;
    this.server = await startEmbeddedPostgres({ dataDir: this.dataDir, settings: SETTINGS });
    if (last && last.port !== this.server.port) {
      void this.pool?.end().catch(() => undefined);
      this.pool = undefined;
    }
    return this.server;
  }

  private async untilItAnswers(): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        await this.query('select 1');
        return;
      } catch (error) {
        if (tries > 600) throw error;
        await sleep(50);
      }
    }
  }
}

function killQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}
