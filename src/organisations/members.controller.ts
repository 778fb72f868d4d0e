import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { z } from 'zod';
import type { Actor } from '../platform/actor.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import type { Member } from './member.entity.js';
import { InvitingService } from './inviting.service.js';
import { MembersService } from './members.service.js';
import { invitationUsed, lastAdmin, ownRights, roleNotOfKind } from './organisations.errors.js';
import {
  ChangeApprovalLimit,
  ChangeRoles,
  IdParameter,
  MemberView,
  PendingInvitationView,
} from './organisations.schemas.js';

type Id = z.infer<typeof IdParameter>;
const ADMINS = { commissioner: ['admin'], provider: ['admin'], referrer: ['admin'] } as const;
const INVITERS = { ...ADMINS, commissioner: ['admin', 'contract_manager'] } as const;

@Heading('Members')
@Controller('v1')
export class MembersController {
  constructor(
    private readonly members: MembersService,
    private readonly inviting: InvitingService,
  ) {}

  @Get('members')
  @Operation({
    summary: 'The members of your organisation',
    permit: ADMINS,
    answer: z.object({ items: z.array(MemberView) }),
  })
  async list(@CurrentActor() actor: Actor): Promise<unknown> {
    return { items: (await this.members.list(actor)).map(viewOf) };
  }

  @Post('members/:id/roles')
  @Operation({
    summary: 'Give a member other roles',
    description: 'From the next request on. Nobody changes their own; an organisation keeps an admin.',
    permit: ADMINS,
    answer: MemberView,
    errors: [roleNotOfKind, ownRights, lastAdmin],
    idempotent: true,
  })
  async changeRoles(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Body({ schema: ChangeRoles }) { roles }: ChangeRoles,
  ): Promise<unknown> {
    return viewOf(await this.members.changeRoles(actor, id, roles));
  }

  @Post('members/:id/approval-limit')
  @Operation({
    summary: 'Set the most that a member may approve at once',
    permit: { commissioner: ['admin'] },
    answer: MemberView,
    errors: [ownRights],
    idempotent: true,
  })
  async changeLimit(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Body({ schema: ChangeApprovalLimit }) { approvalLimitMinor }: ChangeApprovalLimit,
  ): Promise<unknown> {
    return viewOf(await this.members.changeLimit(actor, id, approvalLimitMinor));
  }

  @Delete('members/:id/approval-limit')
  @Operation({
    summary: 'Let a member approve without a limit',
    permit: { commissioner: ['admin'] },
    answer: MemberView,
    errors: [ownRights],
    idempotent: true,
  })
  async liftLimit(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return viewOf(await this.members.changeLimit(actor, id, null));
  }

  @Post('members/:id/disable')
  @Operation({
    summary: 'End what a member can do, at once',
    permit: ADMINS,
    status: 204,
    errors: [lastAdmin],
    idempotent: true,
  })
  async disable(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<void> {
    await this.members.disable(actor, id);
  }

  @Post('members/:id/enable')
  @Operation({
    summary: 'Let a disabled member in again',
    description: 'With the roles and the limit of before, and without the keys.',
    permit: ADMINS,
    status: 204,
    idempotent: true,
  })
  async enable(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<void> {
    await this.members.enable(actor, id);
  }

  @Get('invitations')
  @Operation({
    summary: 'Invitations that you made and that can still be accepted',
    permit: INVITERS,
    answer: z.object({ items: z.array(PendingInvitationView) }),
  })
  async invitations(@CurrentActor() actor: Actor): Promise<unknown> {
    return { items: await this.inviting.listOpen(actor) };
  }

  @Delete('invitations/:id')
  @Operation({ summary: 'Take an invitation back', permit: INVITERS, status: 204, errors: [invitationUsed] })
  async revoke(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<void> {
    await this.inviting.revoke(actor, id);
  }
}

function viewOf(member: Member): z.infer<typeof MemberView> {
  return {
    id: member.id,
    displayName: member.displayName,
    email: member.email,
    roles: member.roles,
    approvalLimitMinor: member.approvalLimitMinor?.toString() ?? null,
    disabled: member.disabledAt !== null,
  };
}
