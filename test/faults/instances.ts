import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from '../support/embedded-servers.js';
import { program, type Program } from '../support/program.js';
import type { Cluster } from './cluster.js';
import { RailWire } from './rail-wire.js';
import { Wire } from './wire.js';

export type Role = 'worker' | 'serve';

export const SEED_32 = '07'.repeat(32);
export const LOG_NAME = 'log.example';
const READY = { worker: /runs background jobs/, serve: /listens at (http:\S+?)\. / } as const;

/** One process of the product, with a wire to each of its neighbours. A process that is killed is followed by another. */
export interface Instance {
  readonly role: Role;
  /** `worker 1`. */
  readonly name: string;
  readonly wire: Wire;
  readonly rail: RailWire;
  program: Program;
  /** Where it listens; kept by whoever follows. */
  port: number;
  /** How far its clock is ahead of the machine's, in milliseconds. */
  aheadMs: number;
  /** Resolves once the latest program of it works. */
  ready: Promise<void>;
}

export interface FleetOptions {
  readonly redisUrl: string | undefined;
  readonly startsAt: Date;
}

/** The processes of one instance of Wellpaid, and the Stripe double that they pay through. */
export class Fleet {
  readonly instances: Instance[] = [];
  readonly dataDir = makeFolder();
  readonly stateFile = path.join(this.dataDir, 'stripe-double.json');
  private double: Program | undefined;
  private doublePort = 0;
  private readonly beganMs = Date.now();
  private aheadMs = 0;
  private isStopped = false;

  constructor(
    private readonly cluster: Cluster,
    private options: FleetOptions,
  ) {
    mkdirSync(this.storeDir);
  }

  get storeDir(): string {
    return path.join(this.dataDir, 'checkpoints');
  }

  get doubleUrl(): string {
    return `http://127.0.0.1:${this.doublePort}`;
  }

  get workers(): Instance[] {
    return this.instances.filter(({ role }) => role === 'worker');
  }

  get servers(): Instance[] {
    return this.instances.filter(({ role }) => role === 'serve');
  }

  /** The instant that a clock shows which is this far ahead. */
  now(aheadMs = 0): Date {
    return new Date(this.options.startsAt.getTime() + (Date.now() - this.beganMs) + this.aheadMs + aheadMs);
  }

  async start(workers: number, servers: number): Promise<void> {
    await this.startDouble();
    for (let n = 0; n < workers; n++) await this.add('worker');
    for (let n = 0; n < servers; n++) await this.add('serve');
    await Promise.all(this.instances.map(({ ready }) => ready));
  }

  /** Ends it as the system would, and starts another one at once, which may live on another clock. */
  replace(instance: Instance, aheadMs = instance.aheadMs): void {
    instance.program.child.kill('SIGKILL');
    instance.aheadMs = aheadMs;
    this.boot(instance);
  }

  /** Three days pass for everyone, the payment platform too, in no time. */
  async jump(ms: number): Promise<void> {
    this.aheadMs += ms;
    await this.stopDouble();
    await this.startDouble();
    await this.replaceAll();
  }

  async moveQueue(redisUrl: string | undefined): Promise<void> {
    this.options = { ...this.options, redisUrl };
    await this.replaceAll();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    for (const { program: one } of this.instances) one.child.kill('SIGKILL');
    await Promise.all(this.instances.map(({ program: one }) => one.ended()));
    await Promise.all(this.instances.flatMap(({ wire, rail }) => [wire.close(), rail.close()]));
    await this.stopDouble();
  }

  private async replaceAll(): Promise<void> {
    for (const instance of this.instances) this.replace(instance, 0);
    await Promise.all(this.instances.map(({ ready }) => ready));
  }

  private async add(role: Role): Promise<void> {
    const wire = await Wire.open(() => this.cluster.port);
    const rail = await RailWire.open(() => this.doublePort);
    const name = `${role} ${1 + this.instances.filter((one) => one.role === role).length}`;
    const instance = { role, name, wire, rail, port: 0, aheadMs: 0, ready: Promise.resolve() } as unknown as Instance;
    this.instances.push(instance);
    this.boot(instance);
    if (role === 'serve') await instance.ready; // its port is kept from now on
  }

  private boot(instance: Instance): void {
    const { role, wire, rail, port, aheadMs } = instance;
    const started = program([role], {
      DATABASE_URL: this.cluster.appUrl(wire.port),
      DATABASE_POOL_SIZE: '6',
      SANDBOX_STRIPE_URL: rail.url,
      SANDBOX_CLOCK: this.now(aheadMs).toISOString(),
      PORT: String(port),
      PSEUDONYM_KEY: SEED_32,
      CHECKPOINT_KEY: SEED_32,
      CHECKPOINT_STORE_DIR: this.storeDir,
      LOG_NAME,
      WELLPAID_DATA_DIR: this.dataDir,
      ...(process.env.FAULTS_LOG && { LOG_LEVEL: process.env.FAULTS_LOG }),
      ...(this.options.redisUrl !== undefined && { REDIS_URL: this.options.redisUrl }),
    });
    if (process.env.FAULTS_LOG) started.child.stdout?.pipe(process.stderr, { end: false });
    instance.program = started;
    instance.ready = this.follow(instance, started);
  }

  /** Until it works. One that could not start, because the database was away, is started again, as a supervisor does. */
  private async follow(instance: Instance, started: Program): Promise<void> {
    const said = await started.says(READY[instance.role]).catch(() => undefined);
    if (said === undefined) await sleep(200);
    if (this.isStopped) return;
    if (instance.program !== started) return instance.ready;
    if (said === undefined) {
      this.boot(instance);
      return instance.ready;
    }
    if (instance.role === 'serve') instance.port = Number(new URL(said).port);
  }

  private async startDouble(): Promise<void> {
    const settings = ['--port', String(this.doublePort), '--state', this.stateFile, '--now', this.now().toISOString()];
    this.double = program(['stripe-double', ...settings], {});
    this.doublePort = Number(new URL(await this.double.says(/Stripe double on (http\S+?)\. /)).port);
  }

  /** It writes its state as it ends. */
  private async stopDouble(): Promise<void> {
    this.double?.child.kill('SIGTERM');
    await this.double?.ended();
  }
}
