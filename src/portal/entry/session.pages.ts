import { Controller, Get, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Config } from '../../platform/config.js';
import { DomainError } from '../../platform/errors.js';
import { CONFIG } from '../../platform/platform.module.js';
import {
  CredentialsService,
  LoginsService,
  SandboxSignIn,
  SessionsService,
  SignInService,
  SingleSignOnService,
  Site,
} from '../../sign-in/index.js';
import { LOCALES } from '../../words/index.js';
import { json, leaveTo, localPath, seeOther, view, type PageAnswer } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import { visitorOf } from '../page/visitor.rules.js';
import type { Visit } from '../page/visit.rules.js';
import { VisitsService } from '../page/visits.service.js';
import { passkeyAnswer } from './passkey-answer.js';
import { Whence } from './sign-in.pages.js';

const Language = z.strictObject({ locale: z.enum(LOCALES) });
type Language = z.infer<typeof Language>;

/** What somebody does with their session: goes on with it, proves that it is still they, changes for whom, ends it. */
@Controller()
export class SessionPages {
  constructor(
    private readonly sessions: SessionsService,
    private readonly signIn: SignInService,
    private readonly credentials: CredentialsService,
    private readonly singleSignOn: SingleSignOnService,
    private readonly logins: LoginsService,
    private readonly sandbox: SandboxSignIn,
    private readonly site: Site,
    private readonly visits: VisitsService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('organisations/choose')
  @Page({ permit: 'signed-in' })
  choose(@Query({ schema: Whence }) { to }: Whence, @CurrentVisit() visit: Visit): PageAnswer {
    return this.choicePage(visit, localPath(to));
  }

  @Post('organisations/choose')
  @Action({ permit: 'signed-in' })
  async chosen(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const to = localPath(fields.text('to'));
    const form = new Form(visit.t, fields);
    const choices = (visit.session?.memberships ?? []).map(({ memberId }) => memberId);
    const memberId = form.choice('member', choices, 'entry.choose.missing');
    if (memberId === undefined) return this.choicePage(visit, to, form);
    await this.sessions.choose(visit.browserToken, memberId);
    return seeOther(to);
  }

  @Post('sign-out')
  @Action({ permit: 'public' })
  async signOut(@CurrentVisit() visit: Visit, @Res() reply: FastifyReply): Promise<PageAnswer> {
    if (visit.session) await this.sessions.end(visit.browserToken);
    this.visits.forgetSession(reply);
    return seeOther('/sign-in', 'entry.signedOut');
  }

  @Post('session/extend')
  @Action({ permit: 'signed-in' })
  async extend(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    const { idleEndsAt, endsAt } = await this.sessions.extend(visit.browserToken);
    return json({ idleEndsAt, endsAt });
  }

  @Get('confirm-identity')
  @Page({ permit: 'signed-in' })
  askProof(@CurrentVisit() visit: Visit, @Query({ schema: Whence }) { to }: Whence): Promise<PageAnswer> {
    return this.proofPage(visit, localPath(to));
  }

  @Post('confirm-identity/passkey/options')
  @Action({ permit: 'signed-in' })
  async proofOptions(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    return json(await this.signIn.offerStepUp(visit.browserToken, visitorOf(visit)));
  }

  @Post('confirm-identity/passkey')
  @Action({ permit: 'signed-in' })
  proveByPasskey(
    @CurrentVisit() visit: Visit,
    @SentFields() fields: Fields,
    @Res() reply: FastifyReply,
  ): Promise<PageAnswer> {
    return this.prove(visit, fields, reply, () =>
      this.signIn.stepUpWithPasskey(visit.browserToken, visitorOf(visit), passkeyAnswer(fields)),
    );
  }

  @Post('confirm-identity/code')
  @Action({ permit: 'signed-in' })
  proveByCode(
    @CurrentVisit() visit: Visit,
    @SentFields() fields: Fields,
    @Res() reply: FastifyReply,
  ): Promise<PageAnswer> {
    const code = fields.text('code').slice(0, 40);
    return this.prove(visit, fields, reply, () =>
      this.signIn.stepUpWithCode(visit.browserToken, visitorOf(visit), code),
    );
  }

  /** Whoever signed in through their organisation proves it there again. */
  @Get('confirm-identity/organisation')
  @Page({ permit: 'signed-in' })
  async proveByOrganisation(
    @CurrentVisit() visit: Visit,
    @Query({ schema: Whence }) { to }: Whence,
  ): Promise<PageAnswer> {
    const providers = await this.singleSignOn.list();
    const provider = providers.find(({ organisationId }) => organisationId === visit.membership?.organisationId);
    if (!provider) return this.proofPage(visit, localPath(to));
    const purpose = { purpose: 'step_up', token: visit.browserToken } as const;
    return leaveTo((await this.singleSignOn.begin(visitorOf(visit), provider, purpose, localPath(to))).url);
  }

  @Post('confirm-identity/sandbox')
  @Action({ permit: 'signed-in' })
  proveNothing(
    @CurrentVisit() visit: Visit,
    @SentFields() fields: Fields,
    @Res() reply: FastifyReply,
  ): Promise<PageAnswer> {
    return this.prove(visit, fields, reply, () => this.sandbox.stepUp(visit.browserToken));
  }

  @Get('language/:locale')
  @Page({ permit: 'public' })
  async speak(
    @CurrentVisit() visit: Visit,
    @Param({ schema: Language }) { locale }: Language,
    @Query({ schema: Whence }) { to }: Whence,
    @Res() reply: FastifyReply,
  ): Promise<PageAnswer> {
    this.visits.cookies.keepLanguage(reply, locale);
    if (visit.session) await this.logins.chooseLocale(visit.session.loginId, locale);
    return seeOther(localPath(to));
  }

  private async prove(
    visit: Visit,
    fields: Fields,
    reply: FastifyReply,
    proof: () => Promise<string>,
  ): Promise<PageAnswer> {
    const to = localPath(fields.text('to'));
    try {
      this.visits.keepSession(reply, await proof());
      return seeOther(to);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const form = new Form(visit.t, fields);
      form.refused(error, 'code');
      return this.proofPage(visit, to, form);
    }
  }

  private async proofPage(visit: Visit, to: string, form?: Form): Promise<PageAnswer> {
    const ways = visit.session && (await this.credentials.waysOf(visit.session.loginId));
    const passkeys = this.site.rpId !== null && (ways?.passkeys.length ?? 0) > 0;
    const organisation = visit.session?.method === 'oidc' ? visit.membership?.name : undefined;
    const data = { to, passkeys, code: ways?.hasPassword ?? false, oneClick: this.config.sandbox, organisation };
    return view('entry/confirm.njk', data, { errors: form?.errors ?? [] });
  }

  private choicePage(visit: Visit, to: string, form?: Form): PageAnswer {
    const { memberships = [] } = visit.session ?? {};
    return view(
      'entry/choose.njk',
      { to, memberships, current: visit.membership?.memberId },
      { errors: form?.errors ?? [] },
    );
  }
}
