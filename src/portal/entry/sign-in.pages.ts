import { Controller, Get, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Config } from '../../platform/config.js';
import { CONFIG } from '../../platform/platform.module.js';
import { SignInService, SingleSignOnService, Site, type OpenedSession } from '../../sign-in/index.js';
import { json, leaveTo, localPath, seeOther, view, type PageAnswer } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import { visitorOf } from '../page/visitor.rules.js';
import type { Visit } from '../page/visit.rules.js';
import { VisitsService } from '../page/visits.service.js';
import { passkeyAnswer } from './passkey-answer.js';

const Reasons = ['idle', 'ended'] as const;
export const Whence = z.object({
  to: z.string().max(500).optional(),
  why: z.enum(Reasons).optional().catch(undefined),
});
export type Whence = z.infer<typeof Whence>;
const ProviderName = z.strictObject({
  kind: z.enum(['commissioner', 'provider', 'referrer']),
  code: z.string().regex(/^[A-Z0-9]{2,12}$/),
});
type ProviderName = z.infer<typeof ProviderName>;

/** Signing in: a passkey first, a password with a code, or the account of one's organisation. */
@Controller('sign-in')
export class SignInPages {
  constructor(
    private readonly signIn: SignInService,
    private readonly singleSignOn: SingleSignOnService,
    private readonly site: Site,
    private readonly visits: VisitsService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @Page({ permit: 'public' })
  async begin(@CurrentVisit() visit: Visit, @Query({ schema: Whence }) { to, why }: Whence): Promise<PageAnswer> {
    if (visit.session) return seeOther(localPath(to));
    return this.page({ to: localPath(to), why });
  }

  @Post('passkey/options')
  @Action({ permit: 'public' })
  async passkeyOptions(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    return json(await this.signIn.offerPasskey(visitorOf(visit)));
  }

  @Post('passkey')
  @Action({ permit: 'public' })
  async withPasskey(
    @CurrentVisit() visit: Visit,
    @SentFields() fields: Fields,
    @Res() reply: FastifyReply,
  ): Promise<PageAnswer> {
    const to = localPath(fields.text('to'));
    const form = new Form(visit.t, fields);
    try {
      return this.enter(reply, await this.signIn.withPasskey(visitorOf(visit), passkeyAnswer(fields)), to);
    } catch (error) {
      form.refused(error);
      return this.page({ to, why: undefined }, form);
    }
  }

  @Get('password')
  @Page({ permit: 'public' })
  askPassword(@CurrentVisit() visit: Visit, @Query({ schema: Whence }) { to }: Whence): PageAnswer {
    return visit.session ? seeOther(localPath(to)) : view('entry/password.njk', { to: localPath(to) });
  }

  @Post('password')
  @Action({ permit: 'public' })
  async withPassword(
    @CurrentVisit() visit: Visit,
    @SentFields() fields: Fields,
    @Res() reply: FastifyReply,
  ): Promise<PageAnswer> {
    const to = localPath(fields.text('to'));
    const form = new Form(visit.t, fields);
    const email = form.text('email', { missing: 'entry.password.emailMissing' });
    const password = form.text('password', { missing: 'entry.password.passwordMissing', max: 512 });
    const code = form.text('code', { missing: 'entry.password.codeMissing', max: 40 });
    if (email !== undefined && password !== undefined && code !== undefined && form.ok) {
      try {
        const proof = { email, password, code };
        return this.enter(reply, await this.signIn.withPassword(visitorOf(visit), proof), to);
      } catch (error) {
        form.refused(error, 'email');
      }
    }
    return view('entry/password.njk', { to }, { errors: form.errors, values: form.values });
  }

  /** To the identity provider; and, at the same address with what it answers, back from it. */
  @Get('with/:kind/:code')
  @Page({ permit: 'public' })
  async withOrganisation(
    @CurrentVisit() visit: Visit,
    @Param({ schema: ProviderName }) name: ProviderName,
    @Res() reply: FastifyReply,
  ): Promise<PageAnswer> {
    const query = new URL(visit.path, 'http://portal').searchParams;
    if (!query.has('state')) {
      const { url } = await this.singleSignOn.begin(
        visitorOf(visit),
        name,
        { purpose: 'sign_in' },
        localPath(query.get('to') ?? '/'),
      );
      return leaveTo(url);
    }
    const before = visit.session === null ? undefined : visit.browserToken;
    const signedOn = await this.singleSignOn.finish(visitorOf(visit), name, query.toString(), before);
    this.visits.keepSession(reply, signedOn.token);
    return seeOther(localPath(signedOn.to));
  }

  private enter(reply: FastifyReply, { token }: OpenedSession, to: string): PageAnswer {
    this.visits.keepSession(reply, token);
    return seeOther(to);
  }

  private async page({ to, why }: Whence, form?: Form): Promise<PageAnswer> {
    const providers = await this.singleSignOn.list();
    const passkeys = this.site.rpId !== null;
    const data = { to, why, providers, passkeys, sandboxPeople: this.config.sandbox };
    return view('entry/sign-in.njk', data, { errors: form?.errors ?? [] });
  }
}
