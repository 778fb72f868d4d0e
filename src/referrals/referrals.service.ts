import { Injectable } from '@nestjs/common';
import { In, IsNull, MoreThan, Not } from 'typeorm';
import { parseNhsNumber } from '../identifiers/index.js';
import { Commands, LedgerService, type CommandSpec } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import { foldReference } from '../platform/csv-cells.rules.js';
import { Database, type Reader, type Tx } from '../platform/database.js';
import { assert, invalidRequest, notFound } from '../platform/errors.js';
import { emit } from '../platform/events.js';
import { pageOf, type Page } from '../platform/page.js';
import { ReferralDestinations } from './referral-destinations.service.js';
import { ReferralMaker, type Destination } from './referral-maker.service.js';
import { newReference } from './referral-reference.service.js';
import { Referral } from './referral.entity.js';
import {
  whyNotAcceptedOn,
  whyNotClosedOn,
  whyNotDays,
  whyNotStep,
  type CloseReason,
  type DeclineReason,
  type ReferralStep,
} from './referral.rules.js';
import { referralAccepted } from './referrals.events.js';
import {
  nhsNumberInvalid,
  noContractForService,
  referralNotPossible,
  referralReferenceTaken,
} from './referrals.errors.js';
import type { MakeReferral, ReferralQuery } from './referrals.schemas.js';

/** A referral with what is left of its contract's budget. */
export interface ReferralWithBudget {
  readonly referral: Referral;
  readonly budget: { readonly authorisedMinor: bigint; readonly leftMinor: bigint } | null;
}

/** A referral to be accepted, as of a day or of today. */
export interface Acceptance {
  readonly referralId: string;
  readonly acceptedOn?: IsoDate | undefined;
}

interface Accepted {
  readonly referral: Referral;
  readonly acceptedOn: IsoDate;
}

/** What became of referrals that were to be accepted together. */
export interface AcceptedMany {
  readonly accepted: readonly string[];
  /** With the code of the error that accepting it alone would give. */
  readonly refused: readonly { readonly id: string; readonly code: string }[];
}

@Injectable()
export class ReferralsService {
  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly maker: ReferralMaker,
    private readonly destinations: ReferralDestinations,
    private readonly clock: Clock,
  ) {}

  /**
   * Makes one referral. From a provider it stays unconfirmed until the commissioner or the referrer confirms it. Without a
   * reference it is given one.
   *
   * @throws request.invalid for days that cannot be; `field` in the details says which
   * @throws not_found for the id of a service that the actor cannot refer to
   * @throws referral.no_contract, referral.reference_taken, referral.nhs_number_invalid
   */
  async make(actor: Actor, request: MakeReferral): Promise<Referral> {
    const nhsNumber = request.nhsNumber === undefined ? null : parseNhsNumber(request.nhsNumber);
    if (nhsNumber?.ok === false) throw nhsNumberInvalid();
    const madeOn = request.madeOn ?? this.clock.today();
    const wrongDay = whyNotDays({ madeOn, respondBy: request.respondBy }, this.clock.today());
    if (wrongDay) throw invalidRequest({ field: wrongDay }, `${wrongDay} is not a day on which this can be.`);
    const { service, ...whose } = await this.destinations.serviceOf(actor, request);
    const destination = await this.destinations.find(actor, { ...request, ...whose });
    return this.commands.run(actor, refusable(actor, 'referral.make', destination), async (tx) => {
      const [result] = await this.maker.make(tx, actor, destination, [
        {
          reference: request.reference === undefined ? newReference() : foldReference(request.reference),
          service: foldReference(service),
          source: request.source,
          madeOn,
          respondBy: request.respondBy,
          lawfulBasis: request.lawfulBasis,
          sharingAgreement: request.sharingAgreement ?? null,
          sessionsPlanned: request.sessionsPlanned ?? null,
          personReference: request.personReference ?? null,
          nhsNumber: nhsNumber?.value ?? null,
          accepted: false,
        },
      ]);
      assert(result, 'one referral gives one result');
      if (result.kind === 'repeated') throw referralReferenceTaken();
      if (result.kind !== 'made') throw noContractForService({ contracts: result.kind });
      return this.get(tx, result.id);
    });
  }

  accept(actor: Actor, id: string, acceptedOn: IsoDate | undefined): Promise<ReferralWithBudget> {
    return this.step(actor, id, 'accept', async (tx, referral) => {
      const day = acceptedOn ?? this.clock.today();
      const refusal = whyNotAcceptedOn(referral, day, this.clock.today());
      if (refusal) throw invalidRequest({ ...refusal }, 'acceptedOn must lie between the day it was made and today.');
      await emit(tx, actor.orgId, referralAccepted, { commissionerId: referral.commissionerId, id });
      return { change: { state: 'accepted', acceptedOn: day }, data: { acceptedOn: day } };
    });
  }

  /**
   * Accepts all of these that can be accepted, in one step with an event for each; the others come back with the code of
   * what stands in the way.
   *
   * @param wanted at most 200, each once, as of its day or of today
   * @throws not_found when there is none of them that the actor may see
   */
  async acceptMany(actor: Actor, wanted: readonly Acceptance[]): Promise<AcceptedMany> {
    const today = this.clock.today();
    const days = new Map(wanted.map(({ referralId, acceptedOn }) => [referralId, acceptedOn ?? today]));
    const ids = [...days.keys()];
    const where = { id: In(ids) };
    const [first] = await this.database.read(actor, (reader) => reader.find(Referral, { where, take: 1 }));
    if (!first) throw notFound();
    const { commissionerId, providerId } = first;
    return this.commands.run(actor, { name: 'referral.accept', commissionerId, providerId }, async (tx) => {
      await tx.query('select from referral where id = any ($1::uuid[]) order by id for update', [ids]);
      const referrals = new Map((await tx.find(Referral, { where })).map((referral) => [referral.id, referral]));
      const refused: { id: string; code: string }[] = [];
      const accepted: Accepted[] = [];
      for (const [id, acceptedOn] of days) {
        const referral = referrals.get(id);
        const code = whyNotAccepted(referral, acceptedOn, today);
        if (code !== undefined) refused.push({ id, code });
        else if (referral) accepted.push({ referral, acceptedOn });
      }
      await this.storeAccepted(tx, actor, accepted);
      return { accepted: accepted.map(({ referral }) => referral.id), refused };
    });
  }

  private async storeAccepted(tx: Tx, actor: Actor, accepted: readonly Accepted[]): Promise<void> {
    await tx.execute(
      `update referral r set state = 'accepted', accepted_on = w.day from unnest($1::uuid[], $2::date[]) w (id, day)
       where r.id = w.id`,
      [accepted.map(({ referral }) => referral.id), accepted.map(({ acceptedOn }) => acceptedOn)],
    );
    const type = PAST.accept;
    const events = accepted.map(({ referral: { commissionerId, id, providerId, referrerId }, acceptedOn }) => {
      return { commissionerId, type, subjectId: id, actor, providerId, referrerId, data: { acceptedOn } };
    });
    await this.ledger.recordAll(tx, events);
    const topics = accepted.map(({ referral: { commissionerId, id } }) => ({ commissionerId, id }));
    await emit(tx, actor.orgId, referralAccepted, topics);
  }

  decline(actor: Actor, id: string, reason: DeclineReason): Promise<ReferralWithBudget> {
    return this.step(actor, id, 'decline', async () => ({
      change: { state: 'declined', declineReason: reason },
      data: { reason },
    }));
  }

  close(actor: Actor, id: string, reason: CloseReason, closedOn: IsoDate | undefined): Promise<ReferralWithBudget> {
    return this.step(actor, id, 'close', async (_tx, referral) => {
      const day = closedOn ?? this.clock.today();
      const refusal = whyNotClosedOn(referral, day, this.clock.today());
      if (refusal) throw invalidRequest({ ...refusal }, 'closedOn must lie between the day it was accepted and today.');
      return {
        change: { state: 'closed', closeReason: reason, closedOn: day },
        data: { reason, closedOn: day },
      };
    });
  }

  /** The commissioner says that a referral which only the provider recorded was really made. */
  confirm(actor: Actor, id: string): Promise<ReferralWithBudget> {
    return this.step(actor, id, 'confirm', async (_tx, _referral, now) => ({
      change: { confirmedAt: now, confirmedBy: actor.memberId },
      data: {},
    }));
  }

  list(actor: Actor, query: ReferralQuery): Promise<Page<Referral>> {
    return this.database.read(actor, async (reader) => {
      const rows = await reader.find(Referral, {
        where: {
          ...(query.after !== undefined && { id: MoreThan(query.after) }),
          ...(query.state !== undefined && { state: query.state }),
          ...(query.contractId !== undefined && { contractId: query.contractId }),
          ...(query.reference !== undefined && { reference: foldReference(query.reference) }),
          ...(query.unconfirmed !== undefined && {
            confirmedAt: query.unconfirmed === 'true' ? IsNull() : Not(IsNull()),
          }),
        },
        order: { id: 'ASC' },
        take: query.limit + 1,
      });
      return pageOf(rows, query.limit);
    });
  }

  read(actor: Actor, id: string): Promise<ReferralWithBudget> {
    return this.database.read(actor, async (reader) => this.withBudget(reader, actor, await this.get(reader, id)));
  }

  /** @throws not_found, also when it is somebody else's */
  async get(reader: Reader, id: string): Promise<Referral> {
    const referral = await reader.findOneBy(Referral, { id });
    if (!referral) throw notFound();
    return referral;
  }

  private async step(
    actor: Actor,
    id: string,
    step: ReferralStep,
    work: (
      tx: Tx,
      referral: Referral,
      now: Date,
    ) => Promise<{ change: Partial<Referral>; data: Record<string, string> }>,
  ): Promise<ReferralWithBudget> {
    const { commissionerId, providerId } = await this.database.read(actor, (reader) => this.get(reader, id));
    const spec = { name: `referral.${step}`, commissionerId, subjectId: id, providerId };
    return this.commands.run(actor, spec, async (tx) => {
      await tx.query('select from referral where id = $1 for update', [id]);
      const referral = await this.get(tx, id);
      const refusal = whyNotStep(referral, step);
      if (refusal) throw referralNotPossible({ ...refusal });
      const occurredAt = this.clock.now();
      const { change, data } = await work(tx, referral, occurredAt);
      await tx.update(Referral, { commissionerId, id }, change);
      await this.ledger.record(tx, {
        commissionerId,
        type: PAST[step],
        subjectId: id,
        actor,
        providerId,
        referrerId: referral.referrerId,
        occurredAt,
        data,
      });
      return this.withBudget(tx, actor, await this.get(tx, id));
    });
  }

  private async withBudget(reader: Reader, actor: Actor, referral: Referral): Promise<ReferralWithBudget> {
    if (actor.side === 'referrer') return { referral, budget: null };
    const { authorisedMinor, budgetMinor } = await this.ledger.contractBudget(reader, referral.contractId);
    return { referral, budget: { authorisedMinor, leftMinor: budgetMinor } };
  }
}

function whyNotAccepted(referral: Referral | undefined, day: IsoDate, today: IsoDate): string | undefined {
  if (!referral) return notFound.definition.code;
  if (whyNotStep(referral, 'accept')) return referralNotPossible.definition.code;
  return whyNotAcceptedOn(referral, day, today) && invalidRequest.definition.code;
}

/** A refusal is shown to the provider only when it made the referral itself: another may have named any provider. */
export function refusable(actor: Actor, name: string, { commissionerId, providerId }: Destination): CommandSpec {
  return { name, commissionerId, ...(actor.side === 'provider' && { providerId }) };
}

const PAST: Record<ReferralStep, string> = {
  accept: 'referral.accepted',
  decline: 'referral.declined',
  close: 'referral.closed',
  confirm: 'referral.confirmed',
};
