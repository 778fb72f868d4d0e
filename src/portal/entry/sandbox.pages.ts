import { Controller, Get, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { SandboxSignIn, type SandboxPerson } from '../../sign-in/index.js';
import { localPath, seeOther, view, type PageAnswer } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import { visitorOf } from '../page/visitor.rules.js';
import type { Visit } from '../page/visit.rules.js';
import { VisitsService } from '../page/visits.service.js';
import { Whence } from './sign-in.pages.js';

/** Being anybody, by one click: in the sandbox alone. */
@Controller('sign-in/sandbox')
export class SandboxPages {
  constructor(
    private readonly sandbox: SandboxSignIn,
    private readonly visits: VisitsService,
  ) {}

  @Get()
  @Page({ permit: 'public' })
  async list(@Query({ schema: Whence }) { to }: Whence): Promise<PageAnswer> {
    const groups = new Map<string, { organisation: SandboxPerson['organisation']; people: SandboxPerson[] }>();
    for (const person of await this.sandbox.list()) {
      const group = groups.get(person.organisation.id) ?? { organisation: person.organisation, people: [] };
      group.people.push(person);
      groups.set(person.organisation.id, group);
    }
    const kinds = (['commissioner', 'provider', 'referrer'] as const).map((kind) => ({
      kind,
      groups: [...groups.values()].filter(({ organisation }) => organisation.kind === kind),
    }));
    return view('entry/sandbox.njk', { kinds: kinds.filter((one) => one.groups.length > 0), to: localPath(to) });
  }

  @Post()
  @Action({ permit: 'public' })
  async become(
    @CurrentVisit() visit: Visit,
    @SentFields() fields: Fields,
    @Res() reply: FastifyReply,
  ): Promise<PageAnswer> {
    const before = visit.session === null ? undefined : visit.browserToken;
    const { token } = fields.has('operator')
      ? await this.sandbox.becomeOperator(visitorOf(visit), before)
      : await this.sandbox.become(visitorOf(visit), fields.text('member'), before);
    this.visits.keepSession(reply, token);
    return seeOther(localPath(fields.text('to')));
  }
}
