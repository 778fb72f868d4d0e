import { Controller, Get, Inject, Param, Query, UseInterceptors } from '@nestjs/common';
import type { Config } from '../platform/config.js';
import { notFound } from '../platform/errors.js';
import { partId } from '../platform/ids.js';
import { OpenData } from '../platform/open-data.interceptor.js';
import { Heading, Operation } from '../platform/operation.js';
import { CONFIG } from '../platform/platform.module.js';
import {
  ApiDetails,
  DirectoryParameter,
  DirectoryQuery,
  EntryParameter,
  ServiceDocument,
  ServiceItems,
} from './directory.schemas.js';
import { DirectoryService, type DirectoryOwner } from './directory.service.js';
import { pageDocument, PROFILE, serviceDocument, serviceItem, type Surroundings } from './open-referral.document.js';

/** The directory of a commissioner as Open Referral UK: the three endpoints that a feed needs, under one stub for each. */
@Heading('Directory')
@Controller('directory/:commissionerCode')
@UseInterceptors(OpenData)
export class DirectoryController {
  constructor(
    private readonly directory: DirectoryService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @Operation({
    summary: 'Open Referral UK: which version of it this is',
    permit: 'public',
    answer: ApiDetails,
    errors: [notFound],
  })
  async details(@Param({ schema: DirectoryParameter }) { commissionerCode }: DirectoryParameter): Promise<unknown> {
    await this.directory.owner(commissionerCode);
    return PROFILE;
  }

  @Get('services')
  @Operation({
    summary: 'Open Referral UK: the services that a commissioner shows',
    permit: 'public',
    answer: ServiceItems,
    errors: [notFound],
  })
  async services(
    @Param({ schema: DirectoryParameter }) { commissionerCode }: DirectoryParameter,
    @Query({ schema: DirectoryQuery }) query: DirectoryQuery,
  ): Promise<unknown> {
    const { page, per_page: perPage, taxonomy_id: taxonomy, taxonomy_term_id: term } = query;
    if (taxonomy !== undefined || term !== undefined) {
      await this.directory.owner(commissionerCode);
      return pageDocument({ page, perPage, total: 0 }, []);
    }
    const filter = {
      search: query.search,
      minimumAge: query.minimum_age,
      maximumAge: query.maximum_age,
      opensFrom: query.start_time,
      closesBy: query.end_time,
      day: query.day,
      modifiedAfter: query.modified_after,
      providerId: query.organization_id,
      district: query.postcode,
    };
    const found = await this.directory.search(commissionerCode, filter, {
      offset: (page - 1) * perPage,
      limit: perPage,
    });
    const around = this.surroundings(found.owner);
    const contents = found.listings.map((listing) => serviceItem(listing, around));
    return pageDocument({ page, perPage, total: found.total }, contents);
  }

  @Get('services/:id')
  @Operation({
    summary: 'Open Referral UK: one service with all that belongs to it',
    permit: 'public',
    answer: ServiceDocument,
    errors: [notFound],
  })
  async service(@Param({ schema: EntryParameter }) { commissionerCode, id }: EntryParameter): Promise<unknown> {
    const { owner, listing } = await this.directory.get(commissionerCode, id);
    return serviceDocument(listing, this.surroundings(owner));
  }

  private surroundings({ code, name }: DirectoryOwner): Surroundings {
    const { publicUrl, host, port } = this.config;
    const stub = `${publicUrl ?? `http://${host}:${port}`}/directory/${code}`;
    return { commissionerName: name, entryUrl: (id) => `${stub}/services/${id}`, partId };
  }
}
