import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { In } from 'typeorm';
import { Apart, Commands, type DoneTogether, type PromisedAnswer } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { Database, type Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { Metrics } from '../platform/metrics.js';
import { ContractsService } from '../pricing/index.js';
import { Attendance } from './attendance.entity.js';
import { ClaimRegister } from './claim-register.service.js';
import { ClaimSettings, type ClaimSetting } from './claim-setting.service.js';
import type { Claim } from './claim.entity.js';
import { ROW_ERRORS } from './delivery.errors.js';
import { DeliveryIntake, type TakenDelivery } from './delivery-intake.service.js';
import type { RowOutcome } from './delivery-plan.rules.js';
import { plannedSessions } from './planned-delivery.rules.js';
import { SenderLots, type Sent } from './sender-lots.service.js';
import { rowsOf, spokenOf } from './session-rows.rules.js';
import { Session } from './session.entity.js';
import type { RecordSession } from './sessions.schemas.js';
import { getWithPeople, type SessionWithPeople } from './sessions.service.js';

export interface RecordedDelivery extends SessionWithPeople {
  /** Those that the request made. */
  readonly claims: readonly Claim[];
  /** Everything was known already. */
  readonly repeated: boolean;
}

const COMMAND = 'session.record';

/**
 * Records single sessions, and claims what they earn. Requests of one sender for one contract that come while others of theirs
 * are under way are recorded together: one transaction, one look at what is known, one wait for the disk. Tenants have no
 * transaction in common. Where anything about a lot is out of the ordinary, each of it is recorded alone.
 */
@Injectable()
export class SessionRecording implements BeforeApplicationShutdown {
  readonly lots: SenderLots<RecordSession, RecordedDelivery>;

  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly contracts: ContractsService,
    private readonly settings: ClaimSettings,
    private readonly intake: DeliveryIntake,
    private readonly register: ClaimRegister,
    metrics: Metrics,
  ) {
    this.lots = new SenderLots(metrics, {
      figures: {
        waiting: 'wellpaid_sessions_waiting',
        requests: 'wellpaid_sessions_recorded_total',
        lots: 'wellpaid_sessions_lots_total',
        lotRequests: 'wellpaid_sessions_lot_requests',
        lotSeconds: 'wellpaid_sessions_lot_duration_seconds',
      },
      purpose: 'to record a session',
      keysOf: spokenOf,
      together: (sent) => this.recordTogether(sent),
      alone: (sent) => this.recordAlone(sent),
    });
  }

  /**
   * Records a session with its people and, where asked, claims what it earns. The same session again adds the people who
   * are new; all the same again does nothing.
   *
   * @throws service.unknown, and delivery.* for what is wrong with it: the request is taken whole or not at all; `refusals`
   * in the details names every attendance that was refused, by its position and with its code
   * @throws request.too_busy when more is waiting than can be recorded soon
   */
  record(actor: Actor, request: RecordSession): Promise<RecordedDelivery> {
    return this.lots.join([request.contract, request.claim], { actor, request });
  }

  /** Records what waits before the process ends. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.lots.drain();
  }

  /** Undefined when they cannot be recorded together. */
  private recordTogether(
    sent: readonly Sent<RecordSession>[],
  ): Promise<readonly PromisedAnswer<RecordedDelivery>[] | undefined> {
    const [first] = sent;
    assert(first, 'a lot has a request');
    const { actor, request } = first;
    const actors = sent.map((one) => one.actor);
    return this.commands.runTogether(actors, { name: COMMAND }, async (tx) => {
      const setting = await this.settings.loadNamed(tx, request.contract);
      const services = new Map(setting.services.map(({ code, id }) => [code, id]));
      const rows = sent.map((one) => {
        const serviceId = services.get(one.request.service);
        if (serviceId === undefined) throw new Apart();
        return rowsOf(one.request, serviceId);
      });
      const numbered = rows.flat().map((row, index) => ({ ...row, row: index }));
      const taken = await this.intake.take(tx, actor, setting, numbered, { claim: request.claim });
      const counts = rows.map(({ length }) => length);
      return answersOf(taken, counts, (ids) => this.sessionsOf(tx, setting, taken, ids));
    });
  }

  /** Those that are new are known as they were stored; others are read. */
  private async sessionsOf(
    tx: Tx,
    setting: ClaimSetting,
    { plan, takenAt }: TakenDelivery,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, SessionWithPeople>> {
    const planned = plannedSessions(plan, setting, takenAt);
    if (ids.every((id) => planned.has(id))) return planned;
    const where = { commissionerId: setting.commissionerId, sessionId: In([...ids]) };
    const sessions = await tx.find(Session, { where: { id: In([...ids]) } });
    const people = await tx.find(Attendance, { where, order: { bookingPosition: 'ASC', id: 'ASC' } });
    const found = new Map(sessions.map((session) => [session.id, { session, attendances: [] as Attendance[] }]));
    for (const one of people) found.get(one.sessionId)?.attendances.push(one);
    return found;
  }

  /** Alone, a request has the outcome that is its own, and a refusal is journalled. */
  private async recordAlone({ actor, request }: Sent<RecordSession>): Promise<RecordedDelivery> {
    const { setting, serviceId } = await this.database.read(actor, async (reader) => {
      const found = await this.settings.loadNamed(reader, request.contract);
      return { setting: found, serviceId: (await this.contracts.serviceByCode(reader, found, request.service)).id };
    });
    const { commissionerId } = setting;
    return this.commands.run(actor, { name: COMMAND, commissionerId }, async (tx) => {
      const rows = rowsOf(request, serviceId);
      const { outcomes, claims } = await this.intake.take(tx, actor, setting, rows, { claim: request.claim });
      const refusals = outcomes.flatMap((one) =>
        one.status === 'failed' ? [{ attendance: one.row, code: one.code }] : [],
      );
      const [refusal] = refusals;
      if (refusal) throw ROW_ERRORS[refusal.code]({ attendance: refusal.attendance, refusals });
      const recorded = await getWithPeople(tx, sessionOf(outcomes));
      const made = await this.register.withIds(
        tx,
        claims.map(({ claimId }) => claimId),
      );
      return { ...recorded, claims: made, repeated: outcomes.every(({ status }) => status === 'repeated') };
    });
  }
}

/** Shares out what was taken among the requests, each with so many rows. */
async function answersOf(
  { outcomes, claims }: TakenDelivery,
  counts: readonly number[],
  sessionsOf: (ids: readonly string[]) => Promise<ReadonlyMap<string, SessionWithPeople>>,
): Promise<DoneTogether<RecordedDelivery>> {
  let from = 0;
  const shares = counts.map((count) => outcomes.slice(from, (from += count)));
  const ids = shares.map(sessionOf);
  const owners = new Map(ids.map((id, index) => [id, index]));
  if (owners.size < shares.length) throw new Apart();
  const sessions = await sessionsOf(ids);
  const made = new Map(claims.map(({ claimId, claim }) => [claimId, claim]));
  const answers = shares.map((share, index) => {
    const found = sessions.get(ids[index] ?? '');
    assert(found, 'a session that was recorded is there');
    const claimIds = share.flatMap((one) => (one.status === 'accepted' ? one.claimIds : []));
    for (const id of [...claimIds, ...found.attendances.map((one) => one.id)]) owners.set(id, index);
    return {
      ...found,
      claims: claimIds.flatMap((id) => made.get(id) ?? []),
      repeated: share.every(({ status }) => status === 'repeated'),
    };
  });
  return { answers, ownerOf: (subjectId) => owners.get(subjectId) };
}

/** The session of one request. @throws Apart when any of its rows was refused */
function sessionOf(outcomes: readonly RowOutcome[]): string {
  const [first] = outcomes;
  assert(first, 'a request has a row');
  const ids = outcomes.map((one) => (one.status === 'failed' ? undefined : one.sessionId));
  if (first.status === 'failed' || ids.includes(undefined)) throw new Apart();
  return first.sessionId;
}
