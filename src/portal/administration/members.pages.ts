import { Controller, Get, Param, Post } from '@nestjs/common';
import type { z } from 'zod';
import {
  ChangeApprovalLimit,
  ChangeRoles,
  IdParameter,
  MembersService,
  rolesOf,
  type OrganisationKind,
} from '../../organisations/index.js';
import { DomainError } from '../../platform/errors.js';
import { seeOther, seeOtherNoting, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { ADMINS } from './administration.schemas.js';
import { dutiesIn, roleChoicesIn, rolesIn } from './role-words.rules.js';

type Id = z.infer<typeof IdParameter>;
/** Only those who approve have a limit. */
const LIMITERS = { commissioner: ['admin'] } as const;

/** The page of a change, what is said when it is done, and the field beside which a refusal stands. */
interface Change {
  readonly template: string;
  readonly done: string;
  readonly field: string;
}

const ROLES: Change = { template: 'administration/person-roles.njk', done: 'people.roles.done', field: 'roles' };
const LIMIT: Change = { template: 'administration/person-limit.njk', done: 'people.limit.done', field: 'limit' };
const DISABLE: Change = { template: 'administration/person-disable.njk', done: 'people.disable.done', field: '' };
const ENABLE: Change = { template: 'administration/person-enable.njk', done: 'people.enable.done', field: '' };

/** What one of an organisation's people may do. Each change needs a fresh proof of whoever makes it. */
@Controller('people/:id')
export class MemberPages {
  constructor(private readonly members: MembersService) {}

  @Page({ permit: ADMINS })
  @Get()
  show(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.page(visit, id, 'administration/person.njk');
  }

  @Page({ permit: ADMINS, stepUp: true })
  @Get('roles')
  askRoles(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.page(visit, id, ROLES.template);
  }

  @Action({ permit: ADMINS, stepUp: true })
  @Post('roles')
  async changeRoles(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const roles = fields.all('roles');
    if (roles.length === 0) form.refuse('roles', 'people.roles.missing');
    const request = form.as(ChangeRoles, { roles });
    const work = request && (() => this.members.changeRoles(visit.command(), id, request.roles));
    return this.change(visit, id, form, ROLES, work);
  }

  @Page({ permit: LIMITERS, stepUp: true })
  @Get('limit')
  askLimit(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.page(visit, id, LIMIT.template);
  }

  @Action({ permit: LIMITERS, stepUp: true })
  @Post('limit')
  async changeLimit(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const typed = form.pounds('limit');
    const wanted =
      typed === undefined
        ? { approvalLimitMinor: null }
        : form.as(ChangeApprovalLimit, { approvalLimitMinor: typed.toString() }, { approvalLimitMinor: 'limit' });
    const work =
      form.ok && wanted ? () => this.members.changeLimit(visit.command(), id, wanted.approvalLimitMinor) : undefined;
    return this.change(visit, id, form, LIMIT, work);
  }

  @Page({ permit: ADMINS, stepUp: true })
  @Get('disable')
  askDisable(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.page(visit, id, DISABLE.template);
  }

  @Action({ permit: ADMINS, stepUp: true })
  @Post('disable')
  disable(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    return this.change(visit, id, form, DISABLE, () => this.members.disable(visit.command(), id));
  }

  @Page({ permit: ADMINS, stepUp: true })
  @Get('enable')
  async askEnable(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    const { disabledAt } = await this.members.get(visit.actor, id);
    if (disabledAt === null) return seeOtherNoting(`/people/${id}`, 'people.enable.already');
    return this.page(visit, id, ENABLE.template);
  }

  @Action({ permit: ADMINS, stepUp: true })
  @Post('enable')
  enable(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    return this.change(visit, id, form, ENABLE, () => this.members.enable(visit.command(), id));
  }

  private async change(
    visit: Visit,
    id: string,
    form: Form,
    { template, done, field }: Change,
    work: (() => Promise<unknown>) | undefined,
  ): Promise<PageAnswer> {
    if (!work) return this.page(visit, id, template, form);
    try {
      await work();
      return seeOther(`/people/${id}`, done);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      form.refused(error, field);
      return this.page(visit, id, template, form);
    }
  }

  private async page({ t, actor }: Visit, id: string, template: string, form?: Form): Promise<View> {
    const { member, refusals } = await this.members.getWithRefusals(actor, id);
    const kind = actor.side as OrganisationKind;
    const data = {
      member,
      refusals,
      kind,
      isSelf: member.id === actor.memberId,
      state: member.disabledAt === null ? 'active' : 'disabled',
      isApprover: member.roles.includes('approver'),
      roleNames: rolesIn(t, member.roles),
      roles: roleChoicesIn(t, kind, rolesOf(kind)),
      duties: dutiesIn(t, kind),
    };
    return view(template, data, form && { errors: form.errors, values: form.values });
  }
}
