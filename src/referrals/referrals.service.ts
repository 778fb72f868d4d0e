import { Injectable } from '@nestjs/common';
import { IsNull, MoreThan, Not } from 'typeorm';
import { parseNhsNumber } from '../identifiers/index.js';
import { Commands, LedgerService, type CommandSpec } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import { foldReference } from '../platform/csv-cells.rules.js';
import { Database, type Reader, type Tx } from '../platform/database.js';
import { assert, invalidRequest, notFound } from '../platform/errors.js';
import { emit } from '../platform/events.js';
import { pageOf, type Page } from '../platform/page.js';
import { ReferralMaker, type Destination } from './referral-maker.service.js';
import { Referral } from './referral.entity.js';
import { whyNotStep, type CloseReason, type DeclineReason, type ReferralStep } from './referral.rules.js';
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

@Injectable()
export class ReferralsService {
  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly maker: ReferralMaker,
    private readonly clock: Clock,
  ) {}

  /**
   * Makes one referral. From a provider it stays unconfirmed until the commissioner or the referrer confirms it.
   *
   * @throws referral.no_contract, referral.reference_taken, referral.nhs_number_invalid
   */
  async make(actor: Actor, request: MakeReferral): Promise<Referral> {
    const nhsNumber = request.nhsNumber === undefined ? null : parseNhsNumber(request.nhsNumber);
    if (nhsNumber?.ok === false) throw nhsNumberInvalid();
    const destination = await this.destination(actor, request);
    return this.commands.run(actor, refusable(actor, 'referral.make', destination), async (tx) => {
      const [result] = await this.maker.make(tx, actor, destination, [
        {
          reference: foldReference(request.reference),
          service: foldReference(request.service),
          source: request.source,
          madeOn: request.madeOn ?? this.clock.today(),
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
      if (day < referral.madeOn || day > this.clock.today()) {
        throw invalidRequest({}, `acceptedOn must lie between ${referral.madeOn}, when it was made, and today.`);
      }
      await emit(tx, actor.orgId, referralAccepted, { commissionerId: referral.commissionerId, id });
      return { change: { state: 'accepted', acceptedOn: day }, data: { acceptedOn: day } };
    });
  }

  decline(actor: Actor, id: string, reason: DeclineReason): Promise<ReferralWithBudget> {
    return this.step(actor, id, 'decline', async () => ({
      change: { state: 'declined', declineReason: reason },
      data: { reason },
    }));
  }

  close(actor: Actor, id: string, reason: CloseReason, closedOn: IsoDate | undefined): Promise<ReferralWithBudget> {
    const day = closedOn ?? this.clock.today();
    return this.step(actor, id, 'close', async () => ({
      change: { state: 'closed', closeReason: reason, closedOn: day },
      data: { reason, closedOn: day },
    }));
  }

  /** The commissioner says that a referral which only the provider recorded was really made. */
  confirm(actor: Actor, id: string): Promise<ReferralWithBudget> {
    return this.step(actor, id, 'confirm', async () => ({
      change: { confirmedAt: this.clock.now(), confirmedBy: actor.memberId },
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

  /** Whose referral a request means, as far as the actor's side leaves it open. */
  async destination(
    actor: Actor,
    request: { commissionerId?: string | undefined; providerId?: string | undefined; contract?: string | undefined },
  ): Promise<Destination> {
    const providerId = actor.side === 'provider' ? actor.orgId : request.providerId;
    if (providerId === undefined) throw invalidRequest({}, 'providerId: says who is to deliver; it is needed here.');
    const commissionerId =
      actor.side === 'commissioner' ? actor.orgId : (request.commissionerId ?? (await this.onlyCommissioner(actor)));
    await this.checkTie(actor, commissionerId);
    return { commissionerId, providerId, contract: request.contract };
  }

  /** A commissioner that one has nothing to do with is not there: a refusal in its journal would already be too much. */
  private async checkTie(actor: Actor, commissionerId: string): Promise<void> {
    if (actor.side === 'commissioner') return;
    const sql =
      actor.side === 'provider'
        ? 'select 1 from contract where commissioner_id = $1 limit 1'
        : 'select 1 from organisation where id = $2 and registered_by = $1';
    const parameters = actor.side === 'provider' ? [commissionerId] : [commissionerId, actor.orgId];
    const [tie] = await this.database.read(actor, (reader) => reader.query(sql, parameters));
    if (!tie) throw notFound();
  }

  private async onlyCommissioner(actor: Actor): Promise<string> {
    const found = await this.database.read(actor, (reader) =>
      actor.side === 'provider'
        ? reader.query<{ id: string }>('select distinct commissioner_id as id from contract limit 2')
        : reader.query<{ id: string }>('select registered_by as id from organisation where id = $1', [actor.orgId]),
    );
    const [only, another] = found;
    if (!only || another) throw invalidRequest({}, 'commissionerId: you work with several; say which one this is for.');
    return only.id;
  }

  private async step(
    actor: Actor,
    id: string,
    step: ReferralStep,
    work: (tx: Tx, referral: Referral) => Promise<{ change: Partial<Referral>; data: Record<string, string> }>,
  ): Promise<ReferralWithBudget> {
    const { commissionerId, providerId } = await this.database.read(actor, (reader) => this.get(reader, id));
    const spec = { name: `referral.${step}`, commissionerId, subjectId: id, providerId };
    return this.commands.run(actor, spec, async (tx) => {
      await tx.query('select from referral where id = $1 for update', [id]);
      const referral = await this.get(tx, id);
      const refusal = whyNotStep(referral, step);
      if (refusal) throw referralNotPossible({ ...refusal });
      const { change, data } = await work(tx, referral);
      await tx.update(Referral, { commissionerId, id }, change);
      await this.ledger.record(tx, {
        commissionerId,
        type: PAST[step],
        subjectId: id,
        actor,
        providerId,
        referrerId: referral.referrerId,
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
