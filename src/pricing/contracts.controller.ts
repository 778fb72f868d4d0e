import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { ContractTermsService } from './contract-terms.service.js';
import { contractCodeTaken, contractRefused, notAProvider, versionTaken } from './contracts.errors.js';
import {
  AmendContract,
  AuthoriseContract,
  ContractQuery,
  ContractView,
  listSchema,
  OnDayQuery,
  pageSchema,
} from './contracts.schemas.js';
import { ContractsService, type ContractInForce } from './contracts.service.js';

const WRITES = { commissioner: ['contract_manager'], scope: 'contracts:write' } as const;
const READS = { commissioner: 'any', provider: 'any', scope: 'contracts:read' } as const;
type Id = z.infer<typeof IdParameter>;

@Heading('Contracts')
@Controller('v1/contracts')
export class ContractsController {
  constructor(
    private readonly terms: ContractTermsService,
    private readonly contracts: ContractsService,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  @Post()
  @Operation({
    summary: 'Authorise a contract with a provider',
    permit: WRITES,
    status: 201,
    answer: ContractView,
    errors: [contractRefused, contractCodeTaken, notAProvider],
    idempotent: true,
  })
  async authorise(
    @CurrentActor() actor: Actor,
    @Body({ schema: AuthoriseContract }) body: AuthoriseContract,
  ): Promise<unknown> {
    return viewOf(await this.terms.authorise(actor, body));
  }

  @Post(':id/versions')
  @Operation({
    summary: 'Amend a contract from a day on',
    description: 'Adds a version. Earlier versions are never changed, and go on governing the days before.',
    permit: WRITES,
    status: 201,
    answer: ContractView,
    errors: [contractRefused, versionTaken],
    idempotent: true,
  })
  async amend(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Body({ schema: AmendContract }) body: AmendContract,
  ): Promise<unknown> {
    return viewOf(await this.terms.amend(actor, id, body));
  }

  @Get()
  @Operation({ summary: 'Your contracts, with the terms of today', permit: READS, answer: pageSchema(ContractView) })
  async list(@CurrentActor() actor: Actor, @Query({ schema: ContractQuery }) query: ContractQuery): Promise<unknown> {
    const { items, next } = await this.terms.list(actor, query);
    return { items: items.map(viewOf), next };
  }

  @Get(':id')
  @Operation({ summary: 'One contract, with the terms that govern a day', permit: READS, answer: ContractView })
  async get(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Query({ schema: OnDayQuery }) { on = this.clock.today() }: z.infer<typeof OnDayQuery>,
  ): Promise<unknown> {
    return viewOf(await this.database.read(actor, (reader) => this.contracts.get(reader, id, on)));
  }

  @Get(':id/versions')
  @Operation({ summary: 'Every version of a contract', permit: READS, answer: listSchema(ContractView) })
  async versions(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    const versions = await this.database.read(actor, (reader) => this.contracts.versions(reader, id));
    if (versions.length === 0) throw notFound();
    return { items: versions.map(viewOf) };
  }
}

function viewOf(contract: ContractInForce): z.infer<typeof ContractView> {
  return { ...contract };
}
