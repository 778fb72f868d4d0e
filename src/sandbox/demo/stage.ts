import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { OrganisationsService, type Organisation } from '../../organisations/index.js';
import type { Role } from '../../platform/actor.js';
import { londonDay, type SandboxClock } from '../../platform/clock.js';
import { Database, type Reader } from '../../platform/database.js';
import { Jobs } from '../../platform/jobs.js';
import { StripeDoubleControl } from '../stripe/index.js';
import { Api } from './api.js';
import { Progress, type Screen } from './terminal.js';
import { readWorld, type DemoMember, type Expected, type Journey, type Listings, type World } from './world.schemas.js';

const HOUR_MS = 3_660_000; // and a minute
const AUTH = { side: 'auth', orgId: null } as const;

/** The running application that the demo is played on. */
export interface Theatre {
  readonly app: INestApplicationContext;
  /** Where it listens. */
  readonly url: string;
  readonly clock: SandboxClock;
  readonly stripe: { readonly url: string } | null;
  /** The folder of world.json and the files. */
  readonly dataFolder: string;
  /** Where documents are written. */
  readonly outFolder: string;
  readonly screen: Screen;
  /** Told each time the clock was moved, so that a run that was cut off goes on from there. */
  readonly onMove?: (now: Date) => void;
}

/** What every step of the demo stands on: the world, its people with their keys, the clock, the folders. */
export class Stage {
  readonly world: World;
  readonly journey: Journey;
  readonly listings: Listings;
  readonly expected: Expected;
  readonly progress: Progress;
  readonly organisations: OrganisationsService;
  private readonly database: Database;
  private readonly jobs: Jobs;
  /** Keys of today: they do not outlive half a day. */
  private readonly apis = new Map<string, Promise<Api>>();
  private readonly ids = new Map<string, string>();
  private readonly names = new Map<string, string>();

  constructor(private readonly theatre: Theatre) {
    const { app, dataFolder, screen } = theatre;
    ({
      world: this.world,
      journey: this.journey,
      listings: this.listings,
      expected: this.expected,
    } = readWorld(dataFolder));
    this.progress = new Progress(screen);
    this.organisations = app.get(OrganisationsService);
    this.database = app.get(Database);
    this.jobs = app.get(Jobs);
  }

  get outFolder(): string {
    return this.theatre.outFolder;
  }

  /** Today in London, as the product believes. */
  get today(): string {
    return londonDay(this.theatre.clock.now());
  }

  /** Moves the clock on, never back. */
  async advanceTo(instant: string): Promise<void> {
    const { clock, onMove } = this.theatre;
    const wanted = new Date(instant);
    if (wanted <= clock.now()) return;
    clock.moveTo(wanted);
    this.apis.clear();
    onMove?.(wanted);
    await this.settle();
  }

  /** For work that is due after a while, such as asking the platform what became of a payout. */
  async letAnHourPass(): Promise<void> {
    await this.advanceTo(new Date(this.theatre.clock.now().getTime() + HOUR_MS).toISOString());
    await this.jobs.sweep();
  }

  /** Waits until all background work is done. */
  settle(): Promise<void> {
    return this.jobs.settle();
  }

  /** The world around Stripe, for the platform account of a commissioner. */
  double(commissionerCode: string): StripeDoubleControl {
    const { stripe } = this.theatre;
    if (!stripe) throw new Error('The demo pays through the Stripe double, and none is running');
    return new StripeDoubleControl(stripe.url, commissionerCode.toLowerCase());
  }

  /** Makes members who are not there yet, as the command line does. */
  async enrol(organisation: Organisation, members: readonly DemoMember[]): Promise<void> {
    this.names.set(organisation.id, organisation.name);
    await this.database.transaction(AUTH, async (tx) => {
      const known = new Set((await membersOf(tx, organisation.id)).map(({ email }) => email));
      for (const { name: displayName, email, roles, approvalLimitMinor } of members) {
        if (known.has(email)) continue;
        const limit = approvalLimitMinor === undefined ? null : BigInt(approvalLimitMinor);
        await this.organisations.enrol(tx, organisation, { displayName, email, roles, approvalLimitMinor: limit });
      }
      for (const { id, name } of await membersOf(tx, organisation.id)) this.names.set(id, name);
    });
  }

  /** The name of an organisation or member. */
  nameOf(id: string): string {
    return this.names.get(id) ?? id;
  }

  /** How many events the journals of all commissioners of the demo hold. */
  async countEvents(): Promise<number> {
    let events = 0;
    for (const { code } of this.world.commissioners) {
      const known = await this.findOrganisation(code);
      if (!known) continue;
      const [row] = await this.database.read({ side: 'commissioner', orgId: known.id }, (reader) =>
        reader.query<{ events: number }>('select count(*)::int as events from ledger.event'),
      );
      events += row?.events ?? 0;
    }
    return events;
  }

  /** The organisation of a code; null while it is not registered. */
  async findOrganisation(code: string): Promise<Organisation | null> {
    const [row] = await this.database.read(AUTH, (reader) =>
      reader.query<{ id: string }>('select id from organisation where code = $1', [code]),
    );
    return row ? this.database.read(AUTH, (reader) => this.organisations.get(reader, row.id)) : null;
  }

  /** The API as the nth member with a role uses it; the first unless said. */
  as(code: string, role: Role, position = 0): Promise<Api> {
    const { email } = this.member(code, role, position);
    const key = `${code} ${email}`;
    const known = this.apis.get(key);
    if (known) return known;
    const api = this.organisations.personalKey(code, email).then((issued) => new Api(this.theatre.url, issued.key));
    this.apis.set(key, api);
    return api;
  }

  /** The nth member with a role. */
  member(code: string, role: Role, position = 0): DemoMember {
    const { commissioners, providers } = this.world;
    const parties = [...commissioners, ...commissioners.flatMap(({ referrers }) => referrers), ...providers];
    const members = parties.find((party) => party.code === code)?.members ?? [];
    const member = members.filter(({ roles }) => roles.includes(role))[position];
    if (!member) throw new Error(`world.json has no ${role} number ${position + 1} at ${code}`);
    return member;
  }

  /** Remembers the id of something with a code. */
  learn(code: string, id: string): void {
    this.ids.set(code, id);
  }

  /** The id of an organisation, contract or service by code. */
  idOf(code: string): string {
    const id = this.ids.get(code);
    if (id === undefined) throw new Error(`${code} is not set up`);
    return id;
  }

  /** A file of the demo. */
  file(...path: string[]): Buffer {
    return readFileSync(join(this.theatre.dataFolder, ...path));
  }

  /** Removes what another run, on other data, has written. */
  clearDocuments(): void {
    for (const name of ['failures', 'invoices', 'ledger', 'remittances', 'statements'])
      rmSync(join(this.outFolder, name), { recursive: true, force: true });
  }

  /** Writes a document; gives its path for a person to open. */
  write(name: string, content: string | Buffer): string {
    const path = join(this.theatre.outFolder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }
}

function membersOf(reader: Reader, organisationId: string): Promise<{ id: string; email: string; name: string }[]> {
  return reader.query('select id, lower(email) as email, display_name as name from member where organisation_id = $1', [
    organisationId,
  ]);
}
