import { Body, Controller, Delete, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import type { Actor } from '../platform/actor.js';
import type { Config } from '../platform/config.js';
import { Database } from '../platform/database.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { CONFIG } from '../platform/platform.module.js';
import { InvitingService } from './inviting.service.js';
import { KeysService } from './keys.service.js';
import { ORGANISATION_KINDS, type Organisation } from './organisation.entity.js';
import {
  charityNumberTaken,
  codeTaken,
  companyNumberTaken,
  emailTaken,
  invitationUnusable,
  odsCodeTaken,
  organisationHasAdmin,
  organisationNotFound,
  roleNotOfKind,
  shownOnce,
  vatRegistrationMissing,
  vatRegistrationOverlaps,
} from './organisations.errors.js';
import {
  AcceptInvitation,
  EndVat,
  IdParameter,
  InvitationView,
  Invite,
  IssueServiceKey,
  KeyView,
  OrganisationView,
  RegisterOrganisation,
  RegisterVat,
  ServiceKeyView,
  WhoAmI,
} from './organisations.schemas.js';
import { OrganisationsService } from './organisations.service.js';
import { ServiceKeysService, type ServiceKey } from './service-keys.service.js';

const ListQuery = z.strictObject({ kind: z.enum(ORGANISATION_KINDS).optional(), code: z.string().max(12).optional() });
const ADMINS = { commissioner: ['admin'], provider: ['admin'], referrer: ['admin'] } as const;
const EVERYONE = { commissioner: 'any', provider: 'any', referrer: 'any' } as const;

@Heading('Organisations')
@Controller('v1')
export class OrganisationsController {
  constructor(
    private readonly organisations: OrganisationsService,
    private readonly inviting: InvitingService,
    private readonly keys: KeysService,
    private readonly serviceKeys: ServiceKeysService,
    private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('me')
  @Operation({
    summary: 'Who you are to this instance',
    permit: { ...EVERYONE, scope: 'referrals:read' },
    answer: WhoAmI,
  })
  async whoAmI(@CurrentActor() actor: Actor): Promise<unknown> {
    const organisation = await this.database.read(actor, (reader) => this.organisations.get(reader, actor.orgId));
    const { kind, memberId, roles, scopes } = actor;
    return { organisation: viewOf(organisation), kind, memberId, roles, scopes, sandbox: this.config.sandbox };
  }

  @Post('organisations')
  @Operation({
    summary: 'Register a provider or a referrer',
    permit: { commissioner: ['contract_manager', 'admin'], scope: 'contracts:write' },
    status: 201,
    answer: OrganisationView,
    errors: [codeTaken, odsCodeTaken, charityNumberTaken, companyNumberTaken],
    idempotent: true,
  })
  async register(
    @CurrentActor() actor: Actor,
    @Body({ schema: RegisterOrganisation }) body: RegisterOrganisation,
  ): Promise<unknown> {
    return viewOf(await this.organisations.register(actor, body));
  }

  @Get('organisations')
  @Operation({
    summary: 'The register of organisations',
    permit: { ...EVERYONE, scope: 'contracts:read' },
    answer: z.object({ items: z.array(OrganisationView) }),
  })
  async list(
    @CurrentActor() actor: Actor,
    @Query({ schema: ListQuery }) query: z.infer<typeof ListQuery>,
  ): Promise<unknown> {
    return { items: (await this.organisations.list(actor, query.kind, query.code)).map(viewOf) };
  }

  @Get('organisations/:id')
  @Operation({
    summary: 'One organisation',
    permit: { ...EVERYONE, scope: 'contracts:read' },
    answer: OrganisationView,
    errors: [organisationNotFound],
  })
  async get(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: z.infer<typeof IdParameter>,
  ): Promise<unknown> {
    return viewOf(await this.database.read(actor, (reader) => this.organisations.get(reader, id)));
  }

  @Post('organisations/:id/vat-registrations')
  @Operation({
    summary: 'Record a VAT registration',
    permit: { commissioner: ['contract_manager', 'admin'], provider: ['treasurer', 'admin'], scope: 'contracts:write' },
    status: 201,
    answer: RegisterVat,
    errors: [vatRegistrationOverlaps, organisationNotFound],
  })
  async registerVat(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: z.infer<typeof IdParameter>,
    @Body({ schema: RegisterVat }) body: RegisterVat,
  ): Promise<unknown> {
    const { vatNumber, startsOn, endsOn } = await this.organisations.registerVat(actor, id, body);
    return { vatNumber, startsOn, ...(endsOn !== null && { endsOn }) };
  }

  @Post('organisations/:id/vat-registrations/end')
  @Operation({
    summary: 'Say on which day a VAT registration ends',
    permit: { commissioner: ['contract_manager', 'admin'], provider: ['treasurer', 'admin'], scope: 'contracts:write' },
    status: 200,
    answer: RegisterVat,
    errors: [organisationNotFound, vatRegistrationMissing, vatRegistrationOverlaps],
  })
  async endVat(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: z.infer<typeof IdParameter>,
    @Body({ schema: EndVat }) body: EndVat,
  ): Promise<unknown> {
    const { vatNumber, startsOn } = await this.organisations.endVat(actor, id, body);
    return { vatNumber, startsOn, endsOn: body.endsOn };
  }

  @Post('invitations')
  @Operation({
    summary: 'Invite someone to your organisation, or the first people of one that you registered',
    description:
      'Only an admin invites to their own organisation; one that you registered invites its people once it has an admin. ' +
      'An earlier invitation of the same address no longer works. The token is shown once: a repeated ' +
      '`Idempotency-Key` is a conflict.',
    permit: { ...ADMINS, commissioner: ['admin', 'contract_manager'] },
    status: 201,
    answer: InvitationView,
    errors: [roleNotOfKind, organisationNotFound, organisationHasAdmin, emailTaken, shownOnce],
  })
  async invite(@CurrentActor() actor: Actor, @Body({ schema: Invite }) body: Invite): Promise<unknown> {
    return this.inviting.invite(actor, body);
  }

  @Post('invitations/accept')
  @Operation({
    summary: 'Accept an invitation: become a member and get a personal key',
    permit: 'public',
    status: 201,
    answer: z.object({ memberId: z.uuid(), key: KeyView }),
    errors: [invitationUnusable, emailTaken],
  })
  async accept(@Body({ schema: AcceptInvitation }) body: AcceptInvitation): Promise<unknown> {
    return this.organisations.acceptInvitation(body);
  }

  @Post('keys/personal')
  @Operation({
    summary: 'A new personal key, while yours is still valid',
    permit: EVERYONE,
    status: 201,
    answer: KeyView,
  })
  async renew(@CurrentActor() actor: Actor): Promise<unknown> {
    const member = { id: actor.memberId ?? '', organisationId: actor.orgId };
    return this.database.transaction(actor, (tx) => this.keys.issuePersonal(tx, member));
  }

  @Get('keys')
  @Operation({
    summary: 'The keys of your programs, without their secrets',
    permit: ADMINS,
    answer: z.object({ items: z.array(ServiceKeyView) }),
  })
  async listKeys(@CurrentActor() actor: Actor): Promise<unknown> {
    return { items: (await this.serviceKeys.list(actor)).map(keyViewOf) };
  }

  @Post('keys')
  @Operation({
    summary: 'A key for a program',
    description: 'It is shown once: a repeated `Idempotency-Key` is a conflict.',
    permit: ADMINS,
    status: 201,
    answer: KeyView,
    errors: [shownOnce],
  })
  async issueKey(
    @CurrentActor() actor: Actor,
    @Body({ schema: IssueServiceKey }) body: IssueServiceKey,
  ): Promise<unknown> {
    return this.serviceKeys.issue(actor, body);
  }

  @Delete('keys/:id')
  @Operation({ summary: 'Revoke a key, at once', permit: ADMINS, status: 204 })
  async revokeKey(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: z.infer<typeof IdParameter>,
  ): Promise<void> {
    await this.serviceKeys.revoke(actor, id);
  }
}

function viewOf(organisation: Organisation): z.infer<typeof OrganisationView> {
  const { registeredBy: _registrar, createdAt: _created, ...view } = organisation;
  return view;
}

function keyViewOf({ id, label, prefix, scopes, createdAt, expiresAt }: ServiceKey) {
  return { id, label, prefix, scopes, createdAt, expiresAt };
}
