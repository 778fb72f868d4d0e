import { Controller, Get, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { DomainError } from '../../platform/errors.js';
import { JoiningService, SingleSignOnService, Site, type Offer, type OpenedSession } from '../../sign-in/index.js';
import { json, seeOther, view, type PageAnswer } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import { visitorOf } from '../page/visitor.rules.js';
import type { Visit } from '../page/visit.rules.js';
import { VisitsService } from '../page/visits.service.js';
import { passkeyAnswer } from './passkey-answer.js';
import { qrPath } from './qr-path.js';

const LinkParameter = z.strictObject({ link: z.string().regex(/^[\w-]{20,200}$/) });
type LinkParameter = z.infer<typeof LinkParameter>;
const NAME_MAX = 120;

/** Using an invitation: looking at it uses nothing up; the first way to sign in does. */
@Controller('join/:link')
export class JoinPages {
  constructor(
    private readonly joining: JoiningService,
    private readonly singleSignOn: SingleSignOnService,
    private readonly site: Site,
    private readonly visits: VisitsService,
  ) {}

  @Get()
  @Page({ permit: 'public' })
  show(@CurrentVisit() visit: Visit, @Param({ schema: LinkParameter }) { link }: LinkParameter): Promise<PageAnswer> {
    return this.offerPage(visit, link);
  }

  /** Somebody who has signed in takes one more organisation. */
  @Post()
  @Action({ permit: 'signed-in' })
  async accept(
    @CurrentVisit() visit: Visit,
    @Param({ schema: LinkParameter }) { link }: LinkParameter,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    return this.attempt(
      form,
      () => this.offerPage(visit, link, form),
      async () => {
        await this.joining.joinAs(visit.browserToken, link);
        return seeOther('/', 'entry.join.done');
      },
    );
  }

  @Post('passkey/options')
  @Action({ permit: 'public' })
  async passkeyOptions(
    @CurrentVisit() visit: Visit,
    @Param({ schema: LinkParameter }) { link }: LinkParameter,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const displayName = fields.text('displayName').slice(0, NAME_MAX) || '?';
    return json(await this.joining.offerPasskey(visitorOf(visit), link, { displayName, locale: visit.t.locale }));
  }

  @Post('passkey')
  @Action({ permit: 'public' })
  async withPasskey(
    @CurrentVisit() visit: Visit,
    @Param({ schema: LinkParameter }) { link }: LinkParameter,
    @SentFields() fields: Fields,
    @Res() reply: FastifyReply,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const name = visit.t('entry.join.firstPasskey');
    return this.attempt(
      form,
      () => this.offerPage(visit, link, form),
      async () =>
        this.enter(reply, await this.joining.withPasskey(visitorOf(visit), link, name, passkeyAnswer(fields))),
    );
  }

  @Get('password')
  @Page({ permit: 'public' })
  askPassword(
    @CurrentVisit() visit: Visit,
    @Param({ schema: LinkParameter }) { link }: LinkParameter,
  ): Promise<PageAnswer> {
    return this.passwordPage(visit, link);
  }

  @Post('password')
  @Action({ permit: 'public' })
  async withPassword(
    @CurrentVisit() visit: Visit,
    @Param({ schema: LinkParameter }) { link }: LinkParameter,
    @SentFields() fields: Fields,
    @Res() reply: FastifyReply,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const offer = await this.joining.show(link);
    const displayName =
      offer.kind === 'set_up'
        ? offer.displayName
        : form.text('displayName', { missing: 'entry.join.nameMissing', max: NAME_MAX });
    const password = form.text('password', { missing: 'entry.password.passwordMissing', max: 512 });
    const code = form.text('code', { missing: 'entry.join.codeMissing', max: 40 });
    if (!form.ok || displayName === undefined || password === undefined || code === undefined) {
      return this.passwordPage(visit, link, form);
    }
    return this.attempt(
      form,
      () => this.passwordPage(visit, link, form),
      async () => {
        const given = { password, code, enrolment: fields.text('enrolment') };
        const newcomer = { displayName, locale: visit.t.locale };
        const opened = await this.joining.withPassword(visitorOf(visit), link, newcomer, given);
        this.visits.keepSession(reply, opened.token);
        return view('entry/recovery-codes.njk', { codes: opened.recoveryCodes, next: '/' });
      },
    );
  }

  @Post('organisation')
  @Action({ permit: 'public' })
  async withOrganisation(
    @CurrentVisit() visit: Visit,
    @Param({ schema: LinkParameter }) { link }: LinkParameter,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const displayName = form.text('displayName', { missing: 'entry.join.nameMissing', max: NAME_MAX });
    const provider = (await this.singleSignOn.list()).find(
      ({ organisationId }) => organisationId === fields.text('organisation'),
    );
    if (displayName === undefined || provider === undefined) return this.offerPage(visit, link, form);
    const purpose = { purpose: 'join', link, newcomer: { displayName, locale: visit.t.locale } } as const;
    const { url } = await this.singleSignOn.begin(visitorOf(visit), provider, purpose);
    return view('entry/leave.njk', { url, name: provider.name });
  }

  private async attempt(
    form: Form,
    again: () => Promise<PageAnswer>,
    work: () => Promise<PageAnswer>,
  ): Promise<PageAnswer> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DomainError) || error.code === 'invitation.unusable') throw error;
      form.refused(error, 'password');
      return again();
    }
  }

  private enter(reply: FastifyReply, { token }: OpenedSession): PageAnswer {
    this.visits.keepSession(reply, token);
    return seeOther('/', 'entry.join.done');
  }

  private async offerPage(visit: Visit, link: string, form?: Form): Promise<PageAnswer> {
    const offer = await this.joining.show(link);
    const providers = await this.singleSignOn.list();
    const provider =
      offer.kind === 'invitation' ? providers.find((one) => one.organisationId === offer.organisationId) : undefined;
    const data = { link, offer, provider, passkeys: this.site.rpId !== null, roles: rolesOf(offer) };
    return view('entry/join.njk', data, { errors: form?.errors ?? [], values: form?.values ?? {} });
  }

  private async passwordPage(visit: Visit, link: string, form?: Form): Promise<PageAnswer> {
    const offer = await this.joining.show(link);
    const app = await this.joining.offerPassword(visitorOf(visit), link);
    const data = {
      action: `/join/${link}/password`,
      back: `/join/${link}`,
      app,
      qr: qrPath(app.uri),
      named: offer.kind === 'invitation',
      title: visit.t('entry.join.passwordTitle'),
    };
    return view('entry/new-password.njk', data, { errors: form?.errors ?? [], values: form?.values ?? {} });
  }
}

function rolesOf(offer: Offer): readonly string[] {
  return offer.kind === 'invitation' ? offer.roles : ['operator'];
}
