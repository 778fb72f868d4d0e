import { Controller, Get } from '@nestjs/common';
import { InvitingService, MembersService } from '../../organisations/index.js';
import { view, type PageAnswer } from '../page/answer.rules.js';
import { CurrentVisit, Page } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { ADMINS } from './administration.schemas.js';
import { rolesIn } from './role-words.rules.js';

/** Who works for an organisation, and who has been asked to. */
@Controller('people')
export class PeoplePages {
  constructor(
    private readonly members: MembersService,
    private readonly inviting: InvitingService,
  ) {}

  @Page({ permit: ADMINS })
  @Get()
  async list(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    const { t, actor } = visit;
    const members = await this.members.list(actor);
    const invitations = (await this.inviting.listOpen(actor)).filter((one) => one.organisationId === actor.orgId);
    return view('administration/people.njk', {
      kind: actor.side,
      activeCount: members.filter(({ disabledAt }) => disabledAt === null).length,
      members: members
        .toSorted((one, other) => one.displayName.localeCompare(other.displayName, t.locale))
        .map((member) => ({
          member,
          roles: rolesIn(t, member.roles),
          isApprover: member.roles.includes('approver'),
          isSelf: member.id === actor.memberId,
          state: member.disabledAt === null ? 'active' : 'disabled',
        })),
      invitations: invitations.map((one) => ({ ...one, roles: rolesIn(t, one.roles) })),
    });
  }
}
