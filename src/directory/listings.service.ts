import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Commands, LedgerService } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { canonicalJson, type Canonical } from '../platform/canonical-json.js';
import { Clock } from '../platform/clock.js';
import { Database, type Reader, type Tx } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import type { Page } from '../platform/page.js';
import { listingHoldsEmail, listingHoldsNhsNumber, listingNotWritten } from './directory.errors.js';
import { findUnfit, type Listing, type ListingContent } from './listing.rules.js';
import {
  findOwners,
  lookOn,
  readListings,
  readShown,
  writeListing,
  type ListingFilter,
  type ServiceOwners,
} from './listings.queries.js';

/** An entry, and whether anybody can see it today. */
export type ShownListing = Listing & { readonly shown: boolean };

/** The entries of services, for those who have a key: their own side's; a referrer's are those that anybody may see. */
@Injectable()
export class ListingsService {
  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly clock: Clock,
  ) {}

  /** @throws not_found when there is none that the actor may see */
  get(actor: Actor, serviceId: string): Promise<ShownListing> {
    return this.database.read(actor, (reader) => this.getIn(reader, serviceId));
  }

  /** Entries by service id. */
  list(
    actor: Actor,
    filter: ListingFilter,
    page: { after?: string | undefined; limit: number },
  ): Promise<Page<ShownListing>> {
    return this.database.read(actor, async (reader) => {
      await lookOn(reader, this.clock.today());
      const rows = await readListings(reader, filter, { after: page.after, limit: page.limit + 1 });
      const items = await this.withShown(reader, rows.slice(0, page.limit));
      return { items, next: rows.length > page.limit ? (items.at(-1)?.serviceId ?? null) : null };
    });
  }

  /**
   * Says what the entry of a service says, in place of what it said. Writing it is checking it, when the commissioner does.
   *
   * @throws listing.nhs_number, listing.email_in_text
   */
  async write(actor: Actor, serviceId: string, content: ListingContent): Promise<ShownListing> {
    return this.command(actor, 'listing.write', serviceId, async (tx, owners) => {
      const unfit = findUnfit(content);
      if (unfit) throw (unfit.kind === 'email' ? listingHoldsEmail : listingHoldsNhsNumber)({ field: unfit.field });
      const now = this.clock.now();
      await writeListing(tx, { ...owners, serviceId }, content, { at: now, by: actor.memberId });
      if (actor.side === 'commissioner') {
        await tx.execute('update service_listing set assured_on = $2 where service_id = $1', [
          serviceId,
          this.clock.today(),
        ]);
      }
      const contentSha256 = hash('sha256', canonicalJson(content as unknown as Canonical));
      await this.record(tx, actor, owners, {
        type: 'service.described',
        subjectId: serviceId,
        occurredAt: now,
        data: { contentSha256 },
      });
      return this.getIn(tx, serviceId);
    });
  }

  /**
   * Shows the entry to anybody from now on, or no longer. Showing it is checking it: what is shown is assured as of today.
   *
   * @throws listing.not_written
   */
  setListed(actor: Actor, serviceId: string, listed: boolean): Promise<ShownListing> {
    return this.command(actor, listed ? 'listing.list' : 'listing.unlist', serviceId, async (tx, owners) => {
      const occurredAt = this.clock.now();
      const changed = await tx.execute(
        `update service_listing set listed = $2, assured_on = case when $2 then $3::date else assured_on end,
                changed_at = $4, changed_by = $5 where service_id = $1`,
        [serviceId, listed, this.clock.today(), occurredAt, actor.memberId],
      );
      if (changed === 0) throw listingNotWritten();
      const type = listed ? 'service.listed' : 'service.unlisted';
      await this.record(tx, actor, owners, { type, subjectId: serviceId, occurredAt, data: {} });
      return this.getIn(tx, serviceId);
    });
  }

  private async command<T>(
    actor: Actor,
    name: string,
    serviceId: string,
    work: (tx: Tx, owners: ServiceOwners) => Promise<T>,
  ): Promise<T> {
    const owners = await this.database.read(actor, (reader) => findOwners(reader, serviceId));
    if (!owners) throw notFound();
    return this.commands.run(actor, { name, subjectId: serviceId, ...owners }, (tx) => work(tx, owners));
  }

  private async record(
    tx: Tx,
    actor: Actor,
    { commissionerId, providerId }: ServiceOwners,
    what: { type: string; subjectId: string; occurredAt: Date; data: Record<string, string> },
  ): Promise<void> {
    await this.ledger.record(tx, { commissionerId, providerId, actor, ...what });
  }

  private async getIn(reader: Reader, serviceId: string): Promise<ShownListing> {
    await lookOn(reader, this.clock.today());
    const [listing] = await this.withShown(reader, await readListings(reader, { serviceId }, { limit: 1 }));
    if (!listing) throw notFound();
    return listing;
  }

  private async withShown(reader: Reader, listings: readonly Listing[]): Promise<ShownListing[]> {
    const commissionerIds = listings.map(({ commissionerId }) => commissionerId);
    const shown = await readShown(reader, commissionerIds, this.clock.today());
    return listings.map((listing) => ({ ...listing, shown: shown.has(listing.serviceId) }));
  }
}
