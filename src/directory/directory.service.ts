import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Database, type Reader } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { Turnstile } from '../platform/turnstile.js';
import type { Listing } from './listing.rules.js';
import { lookOn, readNumbered, type ListingFilter } from './listings.queries.js';

/** A commissioner as anybody may know it. */
export interface DirectoryOwner {
  readonly id: string;
  readonly code: string;
  readonly name: string;
}

/** Part of a directory, by the name of the service. */
export interface DirectoryPage {
  readonly owner: DirectoryOwner;
  /** In all that match. */
  readonly total: number;
  readonly listings: readonly Listing[];
}

const NOBODY = { side: 'public', orgId: null } as const;
const AT_ONCE = 3;
const WAITING_MAX = 100;

/**
 * What anybody may read, with no key: the services that a commissioner shows and that are in force today. It reads on a
 * side of the database that can see nothing else, and a few at a time, so that people who work here do not wait for it.
 */
@Injectable()
export class DirectoryService {
  private readonly turnstile = new Turnstile(AT_ONCE, WAITING_MAX);

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** @throws not_found when there is no such commissioner */
  async owner(code: string): Promise<DirectoryOwner> {
    return this.turnstile.pass(() => this.findOwner(code));
  }

  /**
   * @param page how many to leave out and how many to give
   * @throws not_found when there is no such commissioner
   */
  search(code: string, filter: ListingFilter, page: { offset: number; limit: number }): Promise<DirectoryPage> {
    return this.on(code, async (reader, owner) => ({ owner, ...(await readNumbered(reader, filter, page)) }));
  }

  /** @throws not_found when there is no such commissioner, or it does not show such a service today */
  get(code: string, serviceId: string): Promise<{ owner: DirectoryOwner; listing: Listing }> {
    return this.on(code, async (reader, owner) => {
      const { listings } = await readNumbered(reader, { serviceId }, { offset: 0, limit: 1 });
      const [listing] = listings;
      if (!listing) throw notFound();
      return { owner, listing };
    });
  }

  private on<T>(code: string, work: (reader: Reader, owner: DirectoryOwner) => Promise<T>): Promise<T> {
    return this.turnstile.pass(async () => {
      const owner = await this.findOwner(code);
      return this.database.read({ side: 'public', orgId: owner.id }, async (reader) => {
        await lookOn(reader, this.clock.today());
        return work(reader, owner);
      });
    });
  }

  private async findOwner(code: string): Promise<DirectoryOwner> {
    const [owner] = await this.database.read(NOBODY, (reader) =>
      reader.query<DirectoryOwner>(
        `select id, code, name from organisation where kind = 'commissioner' and code = $1`,
        [code],
      ),
    );
    if (!owner) throw notFound();
    return owner;
  }
}
