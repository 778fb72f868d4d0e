import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter, Invite, InvitingService, MembersService, type InvitingOffer } from '../../organisations/index.js';
import { DomainError, notFound } from '../../platform/errors.js';
import { NoticesService } from '../../notices/index.js';
import { Site } from '../../sign-in/index.js';
import { seeOther, seeOtherNoting, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import { hasRole, type Visit } from '../page/visit.rules.js';
import { ADMINS, InviteAddress, INVITERS } from './administration.schemas.js';
import { dutiesIn, roleChoicesIn, rolesIn } from './role-words.rules.js';

type Id = z.infer<typeof IdParameter>;
type ShownInvitation = Awaited<ReturnType<InvitingService['get']>>;
const EMAIL_MAX = 200;

/** Inviting people: to one's own organisation, and the first ones to a body that it registered. */
@Controller('people')
export class InvitingPages {
  constructor(
    private readonly inviting: InvitingService,
    private readonly members: MembersService,
    private readonly notices: NoticesService,
    private readonly site: Site,
  ) {}

  @Page({ permit: INVITERS, stepUp: true })
  @Get('invite')
  async ask(
    @CurrentVisit() visit: Visit,
    @Query({ schema: InviteAddress }) { organisation }: InviteAddress,
  ): Promise<PageAnswer> {
    if (organisation === undefined && !hasRole(visit, 'admin')) {
      return seeOtherNoting('/organisations', 'people.invite.chooseOrganisation');
    }
    return this.page(visit, await this.inviting.offer(visit.actor, organisation));
  }

  @Action({ permit: INVITERS, stepUp: true })
  @Post('invite')
  async invite(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const address = InviteAddress.safeParse({ organisation: fields.text('organisation') || undefined });
    if (!address.success) throw notFound();
    const organisationId = address.data.organisation;
    const offer = await this.inviting.offer(visit.actor, organisationId);
    const form = new Form(visit.t, fields);
    const email = form.text('email', { missing: 'people.invite.emailMissing', max: EMAIL_MAX });
    if (email !== undefined && !Invite.shape.email.safeParse(email).success) {
      form.refuse('email', 'people.invite.emailWrong');
    }
    const roles = fields.all('roles');
    if (roles.length === 0) form.refuse('roles', 'people.roles.missing');
    const limit = offer.organisation.kind === 'commissioner' ? form.pounds('limit') : undefined;
    const approvalLimitMinor = limit?.toString();
    const places = { approvalLimitMinor: 'limit' };
    const request = form.as(Invite, { organisationId, email, roles, approvalLimitMinor }, places);
    if (!request) return this.page(visit, offer, form);
    return this.send(visit, request, (error) => {
      form.refused(error, 'email');
      return this.page(visit, offer, form);
    });
  }

  /** A member who has only worked with keys gets a way to sign in, and keeps what they may do. */
  @Action({ permit: ADMINS, stepUp: true })
  @Post(':id/invite')
  async inviteMember(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    const { email, roles, approvalLimitMinor } = await this.members.get(visit.actor, id);
    const request = { email, roles, ...(approvalLimitMinor !== null && { approvalLimitMinor }) };
    return this.send(visit, request, (error) => {
      throw error;
    });
  }

  @Page({ permit: INVITERS, stepUp: true })
  @Get('invitations/:id/revoke')
  async askRevoke(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.revokePage(visit, await this.inviting.get(visit.actor, id));
  }

  @Action({ permit: INVITERS, stepUp: true })
  @Post('invitations/:id/revoke')
  async revoke(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const invitation = await this.inviting.get(visit.actor, id);
    try {
      await this.inviting.revoke(visit.command(), id);
      return seeOther(listOf(visit, invitation), 'people.revoke.done');
    } catch (error) {
      form.refused(error);
      return this.revokePage(visit, invitation, form);
    }
  }

  /** Makes the invitation, sends it, and shows its link this once. */
  private async send(visit: Visit, request: Invite, again: (error: DomainError) => PageAnswer): Promise<PageAnswer> {
    let made;
    try {
      made = await this.inviting.invite(visit.command(), request);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      if (error.code === 'secret.shown_once') return seeOtherNoting('/people', 'people.invite.already');
      return again(error);
    }
    await this.notices.sendInvitation(made);
    return view('administration/invited.njk', {
      link: this.site.url(`/join/${made.token}`),
      email: request.email,
      expiresAt: made.expiresAt,
      delivery: this.notices.delivery,
      onward: listOf(visit, { organisationId: request.organisationId ?? visit.actor.orgId }),
    });
  }

  private page({ t }: Visit, { organisation, isOwn, roles, hasAdmin }: InvitingOffer, form?: Form): View {
    const { id, kind, name } = organisation;
    const data = {
      organisation: isOwn ? undefined : { id, name },
      kind,
      hasAdmin,
      roles: roleChoicesIn(t, kind, roles),
      duties: dutiesIn(t, kind),
    };
    return view('administration/invite.njk', data, form && { errors: form.errors, values: form.values });
  }

  private revokePage(visit: Visit, invitation: ShownInvitation, form?: Form): View {
    const data = { invitation, roles: rolesIn(visit.t, invitation.roles), back: listOf(visit, invitation) };
    return view('administration/revoke-invitation.njk', data, form && { errors: form.errors });
  }
}

/** The page on which the invitations of an organisation are listed. */
function listOf({ actor }: Visit, { organisationId }: { readonly organisationId: string }): string {
  return organisationId === actor.orgId ? '/people' : `/organisations/${organisationId}`;
}
