import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { In } from 'typeorm';
import { Apart, Commands, type DoneTogether, type PromisedAnswer } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { Database, type Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { Gathering } from '../platform/gathering.js';
import { Metrics } from '../platform/metrics.js';
import { collectPromised, promiseRecorded, type CommandRecord } from '../platform/receipts.js';
import { ContractsService } from '../pricing/index.js';
import { Attendance } from './attendance.entity.js';
import { ClaimRegister } from './claim-register.service.js';
import { ClaimSettings, type ClaimSetting } from './claim-setting.service.js';
import type { Claim } from './claim.entity.js';
import { ROW_ERRORS } from './delivery.errors.js';
import { DeliveryIntake, type TakenDelivery } from './delivery-intake.service.js';
import type { RowOutcome } from './delivery-plan.rules.js';
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

interface Sent {
  readonly actor: Actor;
  readonly request: RecordSession;
}

type Outcome = PromiseSettledResult<PromisedAnswer<RecordedDelivery>>;

const TOGETHER_MOST = 200;
const WAITING_MOST = 1_000;
/** About as long as a lot takes to be answered and asked again by those who wait for their answers. */
const LINGER_MS = 8;
const COMMAND = 'session.record';

/**
 * Records single sessions, and claims what they earn. Requests of one sender for one contract that come while others of theirs
 * are under way are recorded together: one transaction, one look at what is known, one wait for the disk. Tenants have no
 * transaction in common. Where anything about a lot is out of the ordinary, each of it is recorded alone.
 */
@Injectable()
export class SessionRecording implements BeforeApplicationShutdown {
  /** Of lots to come; makes no difference but in time. */
  readonly gathering = new Gathering<Sent, PromisedAnswer<RecordedDelivery>>({
    most: TOGETHER_MOST,
    waitingMost: WAITING_MOST,
    lingerMs: LINGER_MS,
    run: (sent) => this.recordAll(sent),
    keysOf: ({ request }) => spokenOf(request),
  });

  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly contracts: ContractsService,
    private readonly settings: ClaimSettings,
    private readonly intake: DeliveryIntake,
    private readonly register: ClaimRegister,
    private readonly metrics: Metrics,
  ) {
    metrics.gauge({
      name: 'wellpaid_sessions_waiting',
      help: 'Requests to record a session that wait for the lot before them, in this process.',
      read: () => [{ value: this.gathering.waiting }],
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
  async record(actor: Actor, request: RecordSession): Promise<RecordedDelivery> {
    const lane = JSON.stringify([actor.orgId, actor.memberId, actor.keyId, request.contract, request.claim]);
    const { answer, records } = await this.gathering.join(lane, { actor, request });
    promiseRecorded(records);
    return answer;
  }

  /** Records what waits before the process ends. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.gathering.drain();
  }

  private async recordAll(sent: readonly Sent[]): Promise<Outcome[]> {
    this.metrics.count('wellpaid_sessions_lots_total', 'Lots in which requests to record a session were done.');
    this.metrics.count('wellpaid_sessions_recorded_total', 'Requests to record a session.', {}, sent.length);
    const together = sent.length > 1 ? await this.recordTogether(sent) : undefined;
    if (together) return together.map((value) => ({ status: 'fulfilled', value }));
    const outcomes: Outcome[] = [];
    for (const one of sent) outcomes.push(...(await Promise.allSettled([this.recordAlone(one)])));
    return outcomes;
  }

  /** Undefined when they cannot be recorded together. */
  private async recordTogether(
    sent: readonly Sent[],
  ): Promise<readonly PromisedAnswer<RecordedDelivery>[] | undefined> {
    const [first] = sent;
    assert(first, 'a lot has a request');
    const { contract, claim } = first.request;
    const found = await this.database.read(first.actor, async (reader) => {
      const setting = await this.settings.loadNamed(reader, contract);
      return { setting, ids: new Map(setting.services.map(({ code, id }) => [code, id])) };
    });
    const { setting, ids } = found;
    const rows = sent.map(({ request }) => {
      const serviceId = ids.get(request.service);
      return serviceId === undefined ? undefined : rowsOf(request, serviceId);
    });
    if (rows.includes(undefined)) return undefined;
    const known = rows.flatMap((one) => one ?? []).map((row, index) => ({ ...row, row: index }));
    return this.commands.runTogether(
      sent.map(({ actor }) => actor),
      { name: COMMAND, commissionerId: setting.commissionerId },
      async (tx) => {
        const taken = await this.intake.take(tx, first.actor, setting, known, { claim });
        return this.answersOf(
          tx,
          taken,
          rows.map((one) => one?.length ?? 0),
        );
      },
    );
  }

  /** Shares out what was taken among the requests, each with so many rows. */
  private async answersOf(
    tx: Tx,
    { outcomes, claims }: TakenDelivery,
    counts: readonly number[],
  ): Promise<DoneTogether<RecordedDelivery>> {
    let from = 0;
    const shares = counts.map((count) => outcomes.slice(from, (from += count)));
    const ids = shares.map(sessionOf);
    const ownerOf = new Map(ids.map((id, index) => [id, index]));
    if (ownerOf.size < shares.length) throw new Apart();
    const sessions = new Map((await tx.find(Session, { where: { id: In(ids) } })).map((one) => [one.id, one]));
    const people = await tx.find(Attendance, {
      where: { sessionId: In(ids) },
      order: { bookingPosition: 'ASC', id: 'ASC' },
    });
    const made = await this.register.withIds(
      tx,
      claims.map(({ claimId }) => claimId),
    );
    const owners = new Map(ownerOf);
    for (const { id, sessionId } of people) owners.set(id, ownerOf.get(sessionId) ?? Number.NaN);
    for (const [index, share] of shares.entries())
      for (const one of share) if (one.status === 'accepted') for (const id of one.claimIds) owners.set(id, index);
    return {
      ownerOf: (subjectId) => owners.get(subjectId),
      answers: ids.map((id, index) => {
        const session = sessions.get(id);
        assert(session, 'a session that was recorded is there');
        return {
          session,
          attendances: people.filter(({ sessionId }) => sessionId === id),
          claims: made.filter((claim) => owners.get(claim.id) === index),
          repeated: shares[index]?.every(({ status }) => status === 'repeated') ?? false,
        };
      }),
    };
  }

  /** Alone, a request has the outcome that is its own, and a refusal is journalled. */
  private async recordAlone({ actor, request }: Sent): Promise<PromisedAnswer<RecordedDelivery>> {
    const { setting, serviceId } = await this.database.read(actor, async (reader) => {
      const found = await this.settings.loadNamed(reader, request.contract);
      return { setting: found, serviceId: (await this.contracts.serviceByCode(reader, found, request.service)).id };
    });
    const records: CommandRecord[] = [];
    const answer = await collectPromised(records, () => this.runAlone(actor, request, setting, serviceId));
    return { answer, records };
  }

  private runAlone(
    actor: Actor,
    request: RecordSession,
    setting: ClaimSetting,
    serviceId: string,
  ): Promise<RecordedDelivery> {
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

/** The session of one request. @throws Apart when any of its rows was refused */
function sessionOf(outcomes: readonly RowOutcome[]): string {
  const [first] = outcomes;
  assert(first, 'a request has a row');
  const ids = outcomes.map((one) => (one.status === 'failed' ? undefined : one.sessionId));
  if (first.status === 'failed' || ids.includes(undefined)) throw new Apart();
  return first.sessionId;
}
