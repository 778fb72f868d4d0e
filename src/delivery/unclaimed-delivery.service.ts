import { Injectable } from '@nestjs/common';
import { Commands } from '../ledger/index.js';
import { sumMinor, type Minor } from '../money/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import { Database, type Reader } from '../platform/database.js';
import { newId } from '../platform/ids.js';
import { ContractsService } from '../pricing/index.js';
import type { ClaimPrice } from './claim-charge.rules.js';
import type { Submitted } from './fact-claims.service.js';
import { ClaimPricer } from './claim-pricer.service.js';
import { ClaimRegister } from './claim-register.service.js';
import { ClaimSettings, type ClaimSetting } from './claim-setting.service.js';
import { ClaimSubmission } from './claim-submission.service.js';
import { periodOf } from './claim-window.rules.js';
import { claimEarnsNothing, ROW_ERRORS } from './delivery.errors.js';
import { findStandingClaims } from './delivery-intake.queries.js';
import { SessionsService } from './sessions.service.js';
import { findUnclaimed, type UnclaimedFilter, type UnclaimedRow } from './unclaimed-delivery.queries.js';
import { deliveredCharges, lacksMinutes, lookedBackTo } from './unclaimed-delivery.rules.js';

/** A session, or the part of it that nobody has claimed, with what its claims would come to if they were submitted now. */
export interface UnclaimedSession {
  readonly sessionId: string;
  readonly contractId: string;
  readonly serviceId: string;
  readonly heldOn: IsoDate;
  /** The first day of its month. */
  readonly period: IsoDate;
  /** One for each claim that it would be. */
  readonly prices: readonly ClaimPrice[];
  readonly netMinor: Minor;
  readonly indicativeMinor: Minor;
  /** Nothing can be said, or claimed, before its length is known. */
  readonly lacksMinutes: boolean;
}

/** Delivery that is recorded and not claimed: what it would come to, and claiming it. */
@Injectable()
export class UnclaimedDelivery {
  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly contracts: ContractsService,
    private readonly settings: ClaimSettings,
    private readonly pricer: ClaimPricer,
    private readonly submission: ClaimSubmission,
    private readonly register: ClaimRegister,
    private readonly sessions: SessionsService,
    private readonly clock: Clock,
  ) {}

  /** By contract and day: also those that would come to nothing. */
  list(actor: Actor, filter: Omit<UnclaimedFilter, 'since'> = {}): Promise<UnclaimedSession[]> {
    return this.database.read(actor, async (reader) => {
      const since = filter.sessionIds === undefined ? lookedBackTo(this.clock.today()) : '0001-01-01';
      const rows = await findUnclaimed(reader, { since, ...filter });
      const sessions: UnclaimedSession[] = [];
      for (const contractId of new Set(rows.map((row) => row.contractId))) {
        const setting = await this.settings.load(reader, contractId);
        const own = rows.filter((row) => row.contractId === contractId);
        sessions.push(...(await this.priced(reader, setting, own)));
      }
      return sessions;
    });
  }

  /** Sessions of one contract, priced together. */
  async priced(reader: Reader, setting: ClaimSetting, rows: readonly UnclaimedRow[]): Promise<UnclaimedSession[]> {
    const charges = deliveredCharges(rows, setting.rates, this.clock.today(), newId);
    const prices = await this.pricer.price(reader, setting, charges, 'all');
    const bySession = new Map<string, ClaimPrice[]>(rows.map(({ sessionId }) => [sessionId, []]));
    for (const { claimId, sessionId } of charges) {
      const price = prices.get(claimId);
      if (price) bySession.get(sessionId ?? '')?.push(price);
    }
    const firstOf = new Map(rows.toReversed().map((row) => [row.sessionId, row]));
    return Array.from(bySession, ([sessionId, own]) => {
      const row = firstOf.get(sessionId);
      return {
        sessionId,
        contractId: setting.contractId,
        serviceId: row?.serviceId ?? '',
        heldOn: row?.heldOn ?? '',
        period: periodOf(row?.heldOn ?? ''),
        prices: own,
        netMinor: sumMinor(own.map(({ netMinor }) => netMinor)),
        indicativeMinor: sumMinor(own.map(({ indicativeMinor }) => indicativeMinor)),
        lacksMinutes: row !== undefined && lacksMinutes(row, setting.rates),
      };
    });
  }

  /**
   * Claims all that a session earns and that nobody has claimed. The same again answers with nothing new.
   *
   * @throws session.not_found, delivery.minutes_needed, claim.fact_earns_nothing
   */
  async claim(actor: Actor, sessionId: string): Promise<Submitted> {
    const { session } = await this.sessions.read(actor, sessionId);
    const { commissionerId, contractId } = session;
    const setting = await this.database.read(actor, (reader) => this.settings.load(reader, contractId));
    const spec = { name: 'session.claim', commissionerId, subjectId: sessionId };
    return this.commands.run(actor, spec, async (tx) => {
      await this.contracts.lockContract(tx, contractId);
      const rows = await findUnclaimed(tx, { since: session.heldOn, sessionIds: [sessionId] });
      if (rows.some((row) => lacksMinutes(row, setting.rates))) throw ROW_ERRORS.minutes_needed();
      const charges = deliveredCharges(rows, setting.rates, this.clock.today(), newId);
      const facts = charges.map(({ factId }) => factId);
      const standing = await findStandingClaims(tx, setting, facts);
      const free = charges.filter(
        ({ factId, chargeKind }) => !standing.some((one) => one.factId === factId && one.chargeKind === chargeKind),
      );
      if (rows.length > 0 && charges.length === 0) throw claimEarnsNothing({ day: session.heldOn });
      const said = { row: 0, yourReference: null, causeId: session.eventId };
      const claims = free.map((charge) => ({ ...charge, ...said }));
      const submitted = await this.submission.submit(tx, actor, setting, claims);
      const ids = submitted.map(({ claimId }) => claimId);
      return { claims: await this.register.withIds(tx, ids), repeated: ids.length === 0 };
    });
  }
}
