import { Body, Controller, Get, Param, Post, Put, Query } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { listingHoldsEmail, listingHoldsNhsNumber, listingNotWritten } from './directory.errors.js';
import { ListingList, ListingQuery, ListingView, WriteListing } from './listings.schemas.js';
import { ListingsService } from './listings.service.js';

const READS = { commissioner: 'any', provider: 'any', referrer: 'any', scope: 'contracts:read' } as const;
const WRITES = {
  commissioner: ['contract_manager'],
  provider: ['coordinator', 'admin'],
  scope: 'contracts:write',
} as const;
const LISTS = { commissioner: ['contract_manager'], scope: 'contracts:write' } as const;
type Id = z.infer<typeof IdParameter>;

@Heading('Directory')
@Controller('v1')
export class ListingsController {
  constructor(private readonly listings: ListingsService) {}

  @Get('listings')
  @Operation({
    summary: 'Entries of services in directories',
    description:
      'Yours, shown or not. A referrer looks for services here: those that the commissioner shows, of which it refers to.',
    permit: READS,
    answer: ListingList,
  })
  list(@CurrentActor() actor: Actor, @Query({ schema: ListingQuery }) query: ListingQuery): Promise<unknown> {
    const { limit, after, postcode, ...filter } = query;
    return this.listings.list(actor, { ...filter, district: postcode }, { limit, after });
  }

  @Get('services/:id/listing')
  @Operation({ summary: 'The entry of a service in the directory', permit: READS, answer: ListingView })
  read(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return this.listings.get(actor, id);
  }

  @Put('services/:id/listing')
  @Operation({
    summary: 'Write the entry of a service in the directory',
    description:
      'It replaces what the entry said; whether it is shown stays as it is. Anybody can read an entry that is shown, so ' +
      'nothing about a person belongs into it.',
    permit: WRITES,
    answer: ListingView,
    errors: [listingHoldsNhsNumber, listingHoldsEmail],
    idempotent: true,
  })
  write(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Body({ schema: WriteListing }) body: WriteListing,
  ): Promise<unknown> {
    return this.listings.write(actor, id, body);
  }

  @Post('services/:id/listing/unlist')
  @Operation({
    summary: 'Hide the entry of a service from the public',
    permit: LISTS,
    answer: ListingView,
    errors: [listingNotWritten],
    idempotent: true,
  })
  hide(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return this.listings.setListed(actor, id, false);
  }

  @Post('services/:id/listing/list')
  @Operation({
    summary: 'Show the entry of a service to the public',
    description: 'It appears in the directory while the service has a rate card in force, and is assured as of today.',
    permit: LISTS,
    answer: ListingView,
    errors: [listingNotWritten],
    idempotent: true,
  })
  show(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return this.listings.setListed(actor, id, true);
  }
}
