import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import {
  COSTS,
  DAYS,
  ListingsService,
  PLACES,
  ServiceEntries,
  WriteListing,
  type ServiceEntry,
  type ShownListing,
} from '../../directory/index.js';
import { DomainError } from '../../platform/errors.js';
import { addressOf } from '../page/address.rules.js';
import { seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import { hasRole, type Visit } from '../page/visit.rules.js';
import { ListingsAddress, ServiceParameter } from './directory.schemas.js';
import { OFFERED_LANGUAGES, fieldsOf, readListing, timeRows } from './listing-form.rules.js';
import { languageName, linesOf } from './listing-lines.rules.js';

const READERS = { commissioner: 'any', provider: 'any' } as const;
const WRITERS = { commissioner: ['contract_manager'], provider: ['coordinator', 'admin'] } as const;
const LISTERS = { commissioner: ['contract_manager'] } as const;
const PAGE_ROWS = 50;

/** What the directory says of each service: written by those who deliver or pay, shown by those who pay. */
@Controller('listings')
export class ListingPages {
  constructor(
    private readonly entries: ServiceEntries,
    private readonly listings: ListingsService,
  ) {}

  @Page({ permit: READERS })
  @Get()
  async list(
    @CurrentVisit() visit: Visit,
    @Query({ schema: ListingsAddress }) { q, after }: ListingsAddress,
  ): Promise<PageAnswer> {
    const { items, next } = await this.entries.list(visit.actor, { search: q }, { after, limit: PAGE_ROWS });
    return view(
      'directory/listings.njk',
      {
        items,
        q,
        side: visit.membership?.kind,
        first: after === undefined ? undefined : addressOf('/listings', { q }),
        next: next === null ? undefined : addressOf('/listings', { q, after: next }),
      },
      { values: { q } },
    );
  }

  @Page({ permit: READERS })
  @Get(':serviceId')
  async read(
    @CurrentVisit() visit: Visit,
    @Param({ schema: ServiceParameter }) { serviceId }: ServiceParameter,
  ): Promise<PageAnswer> {
    const entry = await this.entries.get(visit.actor, serviceId);
    const listing = await this.listingOf(visit, entry);
    const isCommissioner = visit.membership?.kind === 'commissioner';
    return view('directory/listing.njk', {
      entry,
      listing,
      lines: listing && linesOf(visit.t, listing),
      side: visit.membership?.kind,
      may: {
        write: hasRole(visit, ...(isCommissioner ? WRITERS.commissioner : WRITERS.provider)),
        list: isCommissioner && hasRole(visit, ...LISTERS.commissioner) && listing !== null,
      },
    });
  }

  @Page({ permit: WRITERS })
  @Get(':serviceId/edit')
  async edit(
    @CurrentVisit() visit: Visit,
    @Param({ schema: ServiceParameter }) { serviceId }: ServiceParameter,
  ): Promise<PageAnswer> {
    const entry = await this.entries.get(visit.actor, serviceId);
    const listing = await this.listingOf(visit, entry);
    const values = listing ? fieldsOf(listing) : { name: entry.name, languages: ['en'] };
    const rows = listing && listing.schedule.length > 0 ? listing.schedule.map((_, row) => row) : [0];
    return this.ask(visit, entry, rows, values);
  }

  @Action({ permit: WRITERS })
  @Post(':serviceId/edit')
  async write(
    @CurrentVisit() visit: Visit,
    @Param({ schema: ServiceParameter }) { serviceId }: ServiceParameter,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const entry = await this.entries.get(visit.actor, serviceId);
    const form = new Form(visit.t, fields);
    if (!fields.has('_add') && !fields.has('_remove')) {
      const typed = readListing(form, fields, { days: DAYS, costs: COSTS, places: PLACES });
      const content = typed && form.as(WriteListing, typed, { venue: 'venueName', schedule: 'time-0-day' });
      if (content) {
        try {
          await this.listings.write(visit.command(), serviceId, content);
          return seeOther(`/listings/${serviceId}`, 'listings.form.done');
        } catch (error) {
          if (!(error instanceof DomainError)) throw error;
          form.refused(error, placeOf(error));
        }
      }
    }
    return this.ask(visit, entry, timeRows(fields), form.values, form);
  }

  @Action({ permit: LISTERS })
  @Post(':serviceId/list')
  show(
    @CurrentVisit() visit: Visit,
    @Param({ schema: ServiceParameter }) { serviceId }: ServiceParameter,
  ): Promise<PageAnswer> {
    return this.setListed(visit, serviceId, true);
  }

  @Action({ permit: LISTERS })
  @Post(':serviceId/unlist')
  hide(
    @CurrentVisit() visit: Visit,
    @Param({ schema: ServiceParameter }) { serviceId }: ServiceParameter,
  ): Promise<PageAnswer> {
    return this.setListed(visit, serviceId, false);
  }

  private async setListed(visit: Visit, serviceId: string, listed: boolean): Promise<PageAnswer> {
    await this.listings.setListed(visit.command(), serviceId, listed);
    return seeOther(`/listings/${serviceId}`, listed ? 'listings.one.nowListed' : 'listings.one.nowHidden');
  }

  private async listingOf({ actor }: Visit, { id, entry }: ServiceEntry): Promise<ShownListing | null> {
    return entry === null ? null : this.listings.get(actor, id);
  }

  private ask(
    { t }: Visit,
    entry: ServiceEntry,
    rows: readonly number[],
    values: Readonly<Record<string, unknown>>,
    form?: Form,
  ): View {
    const chosen = [values.languages ?? []]
      .flat()
      .map(String)
      .filter((code) => /^[a-z]{2,3}$/.test(code));
    const codes = [...new Set<string>([...OFFERED_LANGUAGES, ...chosen])];
    const data = {
      entry,
      rows,
      next: (rows.at(-1) ?? 0) + 1,
      days: DAYS,
      costs: COSTS,
      places: PLACES,
      languageItems: codes.map((code) => ({ value: code, text: languageName(t, code) })),
    };
    return view('directory/listing-form.njk', data, { errors: form?.errors ?? [], values });
  }
}

/** The field of the form for the part of the entry that the service refused, such as `venue.address.0`. */
function placeOf({ details }: DomainError): string {
  const [part = '', inner = ''] = typeof details.field === 'string' ? details.field.split('.') : [];
  if (part === 'venue') return { name: 'venueName', postcode: 'postal' }[inner] ?? inner;
  return part === 'schedule' ? `time-${inner}-note` : part;
}
