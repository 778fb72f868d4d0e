import { Injectable } from '@nestjs/common';
import type { Actor } from '../platform/actor.js';
import { Database } from '../platform/database.js';
import { pageOf, type Page } from '../platform/page.js';
import type { Outcome } from '../pricing/index.js';
import { ClaimSettings } from './claim-setting.service.js';
import { sessionNotFound } from './delivery.errors.js';
import {
  findErased,
  findExpectedPeople,
  findLastSession,
  findLatestSessions,
  findListedSession,
  findReferences,
  findServices,
  type ContractService,
  type ExpectedPerson,
  type LastSession,
  type ListedSession,
  type SessionListFilter,
} from './session-list.queries.js';
import { SessionsService } from './sessions.service.js';

/** What a service is recorded with: who may come, and how its last session was. */
export interface Roll {
  readonly service: ContractService;
  readonly last: LastSession | null;
  /** Accepted referrals of the service, those on the last roll first. */
  readonly people: readonly ExpectedPerson[];
  /** More of them than are listed. */
  readonly hasMore: boolean;
  /** Whether a card of the service pays by the hour, so that the length is needed. */
  readonly isHourly: boolean;
  /** Whether a card of the service pays for travel. */
  readonly paysTravel: boolean;
}

/** One person's place in a session, by the reference of the referral. */
export interface PlaceOnPaper {
  readonly attendanceId: string;
  readonly referralId: string;
  readonly reference: string;
  /** Nothing says any more who it was. */
  readonly personErased: boolean;
  readonly outcome: Outcome;
  readonly cancelledAt: Date | null;
  readonly travel: boolean;
}

/** A session with its people. */
export interface SessionOnPaper {
  readonly session: ListedSession;
  readonly people: readonly PlaceOnPaper[];
}

/** As many as one request may record. */
const PEOPLE_MAX = 200;

/** Sessions and rolls as people read and write them: with names and references, the latest first. */
@Injectable()
export class SessionRegister {
  constructor(
    private readonly database: Database,
    private readonly settings: ClaimSettings,
    private readonly sessions: SessionsService,
  ) {}

  /** Services that can be recorded and claimed, of every contract that the actor sees. */
  services(actor: Actor): Promise<ContractService[]> {
    return this.database.read(actor, findServices);
  }

  list(actor: Actor, filter: SessionListFilter & { readonly limit: number }): Promise<Page<ListedSession>> {
    return this.database.read(actor, async (reader) =>
      pageOf(await findLatestSessions(reader, filter, filter.limit + 1), filter.limit),
    );
  }

  /** @throws session.not_found */
  async read(actor: Actor, id: string): Promise<SessionOnPaper> {
    const { attendances } = await this.sessions.read(actor, id);
    return this.database.read(actor, async (reader) => {
      const session = await findListedSession(reader, id);
      if (!session) throw sessionNotFound();
      const referralIds = attendances.map(({ referralId }) => referralId);
      const references = await findReferences(reader, referralIds);
      const erased = await findErased(reader, referralIds);
      const people = attendances.map(({ id: attendanceId, referralId, outcome, cancelledAt, travel }) => ({
        attendanceId,
        referralId,
        reference: references.get(referralId) ?? '',
        personErased: erased.has(referralId),
        outcome,
        cancelledAt,
        travel,
      }));
      return { session, people };
    });
  }

  /** What a session of this service is recorded with; null for a service that the contract does not have. */
  roll(actor: Actor, contractId: string, serviceId: string): Promise<Roll | null> {
    return this.database.read(actor, async (reader) => {
      const services = await findServices(reader);
      const service = services.find((one) => one.contractId === contractId && one.serviceId === serviceId);
      if (!service) return null;
      const last = await findLastSession(reader, contractId, serviceId);
      const people = await findExpectedPeople(reader, contractId, serviceId, last?.id ?? null, PEOPLE_MAX + 1);
      const { cards } = await this.settings.load(reader, contractId);
      const terms = cards.filter((card) => card.serviceId === serviceId).map((card) => card.terms);
      return {
        service,
        last,
        people: people.slice(0, PEOPLE_MAX),
        hasMore: people.length > PEOPLE_MAX,
        isHourly: terms.some(({ basis }) => basis === 'hour'),
        paysTravel: terms.some((card) => 'travel' in card && card.travel !== undefined),
      };
    });
  }
}
