import { Injectable } from '@nestjs/common';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { invalidRequest, notFound } from '../platform/errors.js';
import { isUuid } from '../platform/ids.js';
import type { Destination } from './referral-maker.service.js';
import type { MakeReferral } from './referrals.schemas.js';

/** A service as it is referred to: whose it is, who delivers it, and its code. */
export interface ServiceToRefer {
  readonly commissionerId: string;
  readonly providerId: string;
  readonly code: string;
}

const SERVICE_TO_REFER = `
select commissioner_id as "commissionerId", provider_id as "providerId", code from service_to_refer($1, $2)`;

/** Whom a referral goes to. */
@Injectable()
export class ReferralDestinations {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** A service as it is referred to, by its id; undefined for one that the actor cannot refer to now. */
  async findService(actor: Actor, serviceId: string): Promise<ServiceToRefer | undefined> {
    const [service] = await this.database.read(actor, (reader) =>
      reader.query<ServiceToRefer>(SERVICE_TO_REFER, [serviceId, this.clock.today()]),
    );
    return service;
  }

  /** A service that is named by its id says whose it is; one that is named by its code does not. */
  async serviceOf(
    actor: Actor,
    { service, commissionerId, providerId }: MakeReferral,
  ): Promise<{ service: string; commissionerId?: string | undefined; providerId?: string | undefined }> {
    if (!isUuid(service.toLowerCase())) return { service, commissionerId, providerId };
    const found = await this.findService(actor, service.toLowerCase());
    if (!found) throw notFound();
    if ((commissionerId ?? found.commissionerId) !== found.commissionerId) throw notFound();
    if ((providerId ?? found.providerId) !== found.providerId) throw notFound();
    return { service: found.code, commissionerId: found.commissionerId, providerId: found.providerId };
  }

  /** Whose referral a request means, as far as the actor's side leaves it open. */
  async find(
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
}
