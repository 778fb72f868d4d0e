import { Injectable } from '@nestjs/common';
import type { Actor } from '../platform/actor.js';
import { Database } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { pageOf, type Page } from '../platform/page.js';
import { findServiceEntries, type ServiceEntry } from './service-entries.queries.js';

/** The services of a commissioner or a provider, each with what is said about it: also those of which nothing is said yet. */
@Injectable()
export class ServiceEntries {
  constructor(private readonly database: Database) {}

  /** By name. */
  list(
    actor: Actor,
    filter: { readonly search?: string | undefined },
    page: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<Page<ServiceEntry>> {
    return this.database.read(actor, async (reader) =>
      pageOf(await findServiceEntries(reader, filter, { after: page.after, most: page.limit + 1 }), page.limit),
    );
  }

  /** @throws not_found */
  async get(actor: Actor, serviceId: string): Promise<ServiceEntry> {
    const [entry] = await this.database.read(actor, (reader) => findServiceEntries(reader, { serviceId }, { most: 1 }));
    if (!entry) throw notFound();
    return entry;
  }
}
