import { Controller, Get, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DomainError } from '../../platform/errors.js';
import { IdParameter } from '../../organisations/index.js';
import { CredentialsService, SessionsService, SingleSignOnService, Site } from '../../sign-in/index.js';
import { json, leaveTo, seeOther, view, type PageAnswer } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import { visitorOf } from '../page/visitor.rules.js';
import type { Visit } from '../page/visit.rules.js';
import { VisitsService } from '../page/visits.service.js';
import { passkeyAnswer } from './passkey-answer.js';
import { qrPath } from './qr-path.js';

type Id = { id: string };
const SIGNED_IN = { permit: 'signed-in' } as const;
const FRESH = { permit: 'signed-in', stepUp: true } as const;

/** How somebody signs in, and where they are signed in now. What changes it needs a fresh proof. */
@Controller('account')
export class AccountPages {
  constructor(
    private readonly credentials: CredentialsService,
    private readonly sessions: SessionsService,
    private readonly singleSignOn: SingleSignOnService,
    private readonly site: Site,
    private readonly visits: VisitsService,
  ) {}

  @Get()
  @Page(SIGNED_IN)
  show(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    return this.page(visit);
  }

  @Get('passkeys/new')
  @Page(FRESH)
  askPasskey(): PageAnswer {
    return view('entry/new-passkey.njk', { passkeys: this.site.rpId !== null });
  }

  @Post('passkeys/options')
  @Action(FRESH)
  async passkeyOptions(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    return json(await this.credentials.offerPasskey(visit.browserToken, visitorOf(visit)));
  }

  @Post('passkeys')
  @Action(FRESH)
  async addPasskey(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const name = form.text('name', { max: 80 }) ?? visit.t('entry.account.passkeyUnnamed');
    const again = () => view('entry/new-passkey.njk', { passkeys: true }, { errors: form.errors, values: form.values });
    if (!form.ok) return again();
    try {
      await this.credentials.addPasskey(visit.browserToken, visitorOf(visit), name, passkeyAnswer(fields));
      return seeOther('/account', 'entry.account.passkeyAdded');
    } catch (error) {
      form.refused(error, 'name');
      return again();
    }
  }

  @Post('passkeys/:id/remove')
  @Action(FRESH)
  removePasskey(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    return this.change(visit, fields, 'entry.account.passkeyRemoved', () =>
      this.credentials.removePasskey(visit.browserToken, id),
    );
  }

  @Get('password')
  @Page(FRESH)
  askPassword(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    return this.passwordPage(visit);
  }

  @Post('password')
  @Action(FRESH)
  async setPassword(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const password = form.text('password', { missing: 'entry.password.passwordMissing', max: 512 });
    const code = form.text('code', { missing: 'entry.join.codeMissing', max: 40 });
    if (password === undefined || code === undefined || !form.ok) return this.passwordPage(visit, form);
    try {
      const given = { password, code, enrolment: fields.text('enrolment') };
      const codes = await this.credentials.setPassword(visit.browserToken, visitorOf(visit), given);
      return view('entry/recovery-codes.njk', { codes, next: '/account' });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      form.refused(error, error.code === 'sign_in.code_wrong' ? 'code' : 'password');
      return this.passwordPage(visit, form);
    }
  }

  @Post('password/remove')
  @Action(FRESH)
  removePassword(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    return this.change(visit, fields, 'entry.account.passwordRemoved', () =>
      this.credentials.removePassword(visit.browserToken),
    );
  }

  @Post('recovery-codes')
  @Action(FRESH)
  async renewCodes(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    const codes = await this.credentials.renewRecoveryCodes(visit.browserToken);
    return view('entry/recovery-codes.njk', { codes, next: '/account' });
  }

  @Get('identities/:id/link')
  @Page(FRESH)
  async linkIdentity(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    const provider = (await this.singleSignOn.list()).find(({ organisationId }) => organisationId === id);
    if (!provider) return seeOther('/account');
    const purpose = { purpose: 'link', token: visit.browserToken } as const;
    const { url } = await this.singleSignOn.begin(visitorOf(visit), provider, purpose, '/account');
    return leaveTo(url);
  }

  @Post('identities/remove')
  @Action(FRESH)
  removeIdentity(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    return this.change(visit, fields, 'entry.account.identityRemoved', () =>
      this.credentials.removeIdentity(visit.browserToken, fields.text('issuer')),
    );
  }

  @Post('sessions/:id/end')
  @Action(SIGNED_IN)
  async endSession(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @Res() reply: FastifyReply,
  ): Promise<PageAnswer> {
    if (visit.session) await this.sessions.endOne(visit.session.loginId, id);
    if (visit.session?.id !== id) return seeOther('/account', 'entry.account.sessionEnded');
    this.visits.forgetSession(reply);
    return seeOther('/sign-in', 'entry.signedOut');
  }

  private async change(visit: Visit, fields: Fields, done: string, work: () => Promise<void>): Promise<PageAnswer> {
    try {
      await work();
      return seeOther('/account', done);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const form = new Form(visit.t, fields);
      form.refused(error);
      return this.page(visit, form);
    }
  }

  private async page({ session }: Visit, form?: Form): Promise<PageAnswer> {
    if (session === null) return seeOther('/sign-in');
    const ways = await this.credentials.waysOf(session.loginId);
    const open = await this.sessions.listOf(session.loginId);
    const own = new Set(session.memberships.map(({ organisationId }) => organisationId));
    const providers = (await this.singleSignOn.list()).filter(({ organisationId }) => own.has(organisationId));
    const data = { ways, open, current: session.id, providers, email: session.email };
    return view('entry/account.njk', data, { errors: form?.errors ?? [] });
  }

  private async passwordPage(visit: Visit, form?: Form): Promise<PageAnswer> {
    const app = await this.credentials.offerPassword(visit.browserToken, visitorOf(visit));
    const data = {
      action: '/account/password',
      back: '/account',
      app,
      qr: qrPath(app.uri),
      named: false,
      title: visit.t('entry.account.passwordTitle'),
    };
    return view('entry/new-password.njk', data, { errors: form?.errors ?? [], values: form?.values ?? {} });
  }
}
