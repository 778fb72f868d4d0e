import type { PersonInFull } from '../../src/privacy/index.js';
import { commitmentTo } from '../../src/platform/commitments.js';
import { LogKeys, Sealer } from '../../src/sealing/index.js';
import {
  Frontier,
  inclusionProof,
  openNote,
  parseCheckpoint,
  parseTlogProof,
  parseVerifierKey,
  perfectRoot,
  TILE_WIDTH,
  verifyInclusion,
} from '../../src/transparency/index.js';
import type { ApiClient } from '../support/api-client.js';
import type { TestApp } from '../support/app.js';
import { registered, type Party } from '../support/world.js';
import { MonthStage } from './month-stage.js';

/** A person as the wire shows one. */
export type PersonBody = Omit<PersonInFull, 'erasedAt' | 'erasure'> & {
  erasedAt: string | null;
  erasure: (NonNullable<PersonInFull['erasure']> & Record<string, unknown>) | null;
};

/** Somebody who was referred, and all that must not be found once they were erased. */
export interface Referred {
  referralId: string;
  personId: string;
  reference: string;
  /** The reference of the other system, or the NHS number. */
  canary: string;
  by: 'reference' | 'nhs';
}

/** Ten digits of the range that is never issued, with the check digit of modulus 11. */
export function testNhsNumber(n: number): string {
  for (let serial = n * 11; ; serial++) {
    const nine = `999${String(serial).padStart(6, '0')}`;
    const sum = Array.from(nine).reduce((total, digit, at) => total + Number(digit) * (10 - at), 0);
    const check = (11 - (sum % 11)) % 11;
    if (check < 10) return `${nine}${check}`;
  }
}

/** A month on which people who are known by something are referred, attend, and are claimed. */
export class ErasureStage {
  private constructor(
    readonly app: TestApp,
    readonly icb: Party,
    readonly month: MonthStage,
    readonly surgery: Party,
    readonly admin: ApiClient,
  ) {}

  static async of(app: TestApp, icb: Party): Promise<ErasureStage> {
    const month = await MonthStage.of(app, icb);
    const surgery = await registered(app, icb, 'referrer', `GP${month.provider.code}`.slice(0, 12));
    return new ErasureStage(app, icb, month, surgery, (await icb.as('admin')).api);
  }

  /** Refers somebody by what identifies them, from the surgery; the provider accepts. */
  async refer(reference: string, who: { personReference: string } | { nhsNumber: string }): Promise<Referred> {
    const { api } = await this.surgery.as('referrer');
    const { body } = await api.post<{ id: string }>('/v1/referrals', {
      providerId: this.month.provider.id,
      service: this.month.contract.serviceCode,
      reference,
      source: 'nhs',
      madeOn: '2026-09-01',
      ...who,
    });
    await this.month.coordinator.post(`/v1/referrals/${body.id}/accept`, { acceptedOn: '2026-09-02' });
    const { rows } = await this.app.admin.query<{ id: string }>('select person_id as id from referral where id = $1', [
      body.id,
    ]);
    const [canary = ''] = Object.values(who);
    const by = 'nhsNumber' in who ? 'nhs' : 'reference';
    return { referralId: body.id, personId: rows[0]?.id ?? '', reference, canary, by };
  }

  close({ referralId }: Referred): Promise<unknown> {
    return this.month.coordinator.post(`/v1/referrals/${referralId}/close`, { reason: 'completed' });
  }

  /** Everybody attends once, is claimed and approved, and their referrals are closed. */
  async deliver(people: readonly Referred[]): Promise<void> {
    for (const { reference } of people) await this.month.attend(reference, '2026-10-06');
    await this.month.approve(await this.month.submit());
    for (const one of people) await this.close(one);
    await this.app.jobs.settle();
  }

  async person(id: string): Promise<PersonBody> {
    return (await this.admin.get<PersonBody>(`/v1/persons/${id}`)).body;
  }

  async erase(id: string, more: Record<string, unknown> = {}): Promise<PersonBody> {
    const request = { ground: 'no_longer_needed', askedBy: 'person', ...more };
    return (await this.admin.post<PersonBody>(`/v1/persons/${id}/erasure`, request)).body;
  }

  /** What the person's rows hold that a search must not find later, in hexadecimal. */
  async traces(personId: string): Promise<string[]> {
    const { rows } = await this.app.admin.query<{ traces: string[] }>(
      `select array_remove(array[encode(p.pseudonym, 'hex'), encode(p.blind_index, 'hex'), encode(k.wrapped, 'hex'),
                                 encode(v.sealed, 'hex')], null) as traces
       from person p left join person_key k on k.person_id = p.id left join person_vault v on v.person_id = p.id
       where p.id = $1`,
      [personId],
    );
    return rows[0]?.traces ?? [];
  }

  /** The `personCommitment` of the event that made a referral; null where it has none. */
  async commitmentOf(referralId: string): Promise<string | null | undefined> {
    const { rows } = await this.app.admin.query<{ commitment: string | null }>(
      `select convert_from(body, 'UTF8')::jsonb -> 'data' ->> 'personCommitment' as commitment
       from ledger.event where subject_id = $1 and type = 'referral.made'`,
      [referralId],
    );
    return rows[0]?.commitment;
  }

  /** The ids of the events of one type that a subject has. */
  async eventsOf(subjectId: string, type: string): Promise<string[]> {
    const sql = 'select id from ledger.event where subject_id = $1 and type = $2 order by seq';
    return (await this.app.admin.query<{ id: string }>(sql, [subjectId, type])).rows.map(({ id }) => id);
  }

  /** The proof of an event (C2SP tlog-proof), as an auditor gets it once it is sealed. */
  async proofOf(eventId: string): Promise<string> {
    await this.app.nest.get(Sealer).ensureSealed(this.icb.id, eventId);
    const { api } = await this.icb.as('auditor');
    return (await api.get(`/v1/events/${eventId}/proof`)).text;
  }

  /** Whether a proof that somebody holds is of the event as it is stored now, under a signed checkpoint. */
  async isProved(proofText: string, eventId: string): Promise<boolean> {
    const { rows } = await this.app.admin.query<{ leaf: Buffer }>(
      `select sha256('\\x00'::bytea || body) as leaf from ledger.event where id = $1`,
      [eventId],
    );
    const { index, proof, checkpoint } = parseTlogProof(proofText);
    const keys = this.app.nest.get(LogKeys);
    const verifiers = keys.verifierKeys(keys.originOf(this.icb.id)).map(parseVerifierKey);
    const { size, root } = parseCheckpoint(openNote(checkpoint, verifiers).text);
    return verifyInclusion(rows[0]?.leaf ?? Buffer.alloc(32), index, size, proof, root);
  }

  /** The commissioner's log as an outsider holds it: leaves in order, recomputed from the stored bodies. */
  async log(): Promise<Log> {
    const { rows } = await this.app.admin.query<{ id: string; leaf: Buffer }>(
      `select id, sha256('\\x00'::bytea || body) as leaf from ledger.event where commissioner_id = $1 order by seq`,
      [this.icb.id],
    );
    return new Log(rows);
  }
}

/** An RFC 6962 tree over the events of a commissioner. */
export class Log {
  readonly root: Buffer;

  constructor(readonly events: readonly { id: string; leaf: Buffer }[]) {
    const frontier = Frontier.empty();
    for (const { leaf } of events) frontier.append(leaf);
    this.root = frontier.root();
  }

  get size(): number {
    return this.events.length;
  }

  /** The beginning of the log, as large as another was. */
  upTo(size: number): Log {
    return new Log(this.events.slice(0, size));
  }

  /** The path from an event to the root. */
  prove(index: number): Buffer[] {
    return inclusionProof(index, this.size, (level, n) => this.tile(level, n));
  }

  /** Whether a proof that somebody was given holds for an event as it is stored now. */
  verifies(index: number, size: number, proof: readonly Buffer[], root: Buffer): boolean {
    const event = this.events[index];
    return event !== undefined && verifyInclusion(event.leaf, index, size, proof, root);
  }

  private tile(level: number, n: number): Buffer {
    const row = Buffer.concat(this.events.map(({ leaf }) => leaf));
    const from = n * TILE_WIDTH;
    if (level === 0) return row.subarray(from * 32, (from + TILE_WIDTH) * 32);
    const full = Math.floor(this.size / TILE_WIDTH);
    return Buffer.concat(Array.from({ length: full }, (_, at) => perfectRoot(row, at * TILE_WIDTH, TILE_WIDTH)));
  }
}

/** What somebody computes who was given the salt and the identity. */
export function commitmentOfSecret(secret: NonNullable<PersonBody['secret']>): string {
  return commitmentTo(secret.identity, Buffer.from(secret.salt, 'hex')).toString('hex');
}
