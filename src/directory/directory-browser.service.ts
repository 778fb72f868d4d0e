import { Injectable } from '@nestjs/common';
import type { Actor, Side } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import type { DirectoryOwner, DirectoryPage } from './directory.service.js';
import { lookOn, readNumbered, type ListingFilter } from './listings.queries.js';

const OWNERS: Partial<Record<Side, string>> = {
  commissioner: 'select id, code, name from organisation where id = $1',
  provider: `
select o.id, o.code, o.name from organisation o
where exists (select from contract k where k.commissioner_id = o.id and k.provider_id = $1) order by o.name, o.id`,
  referrer: `
select o.id, o.code, o.name from organisation o
where o.id = (select i.registered_by from organisation i where i.id = $1)`,
};

/** The directories of those whom one works with, as anybody may read them, for people who need not queue with everybody. */
@Injectable()
export class DirectoryBrowser {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** The commissioners whose services the actor looks for, by name. */
  async owners(actor: Actor): Promise<DirectoryOwner[]> {
    const statement = OWNERS[actor.side];
    if (statement === undefined) return [];
    return this.database.read(actor, (reader) => reader.query<DirectoryOwner>(statement, [actor.orgId]));
  }

  /**
   * @param code of one of the owners; the first unless given
   * @param page how many to leave out and how many to give
   * @throws not_found when the actor works with no such commissioner
   */
  async search(
    actor: Actor,
    code: string | undefined,
    filter: ListingFilter,
    page: { offset: number; limit: number },
  ): Promise<DirectoryPage> {
    const owners = await this.owners(actor);
    const owner = code === undefined ? owners[0] : owners.find((one) => one.code === code);
    if (!owner) throw notFound();
    return this.database.read({ side: 'public', orgId: owner.id }, async (reader) => {
      await lookOn(reader, this.clock.today());
      return { owner, ...(await readNumbered(reader, filter, page)) };
    });
  }
}
