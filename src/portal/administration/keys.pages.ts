import { Controller, Get, Param, Post } from '@nestjs/common';
import type { z } from 'zod';
import {
  IdParameter,
  IssueServiceKey,
  scopesOf,
  ServiceKeysService,
  type OrganisationKind,
} from '../../organisations/index.js';
import { DomainError } from '../../platform/errors.js';
import { Site } from '../../sign-in/index.js';
import { seeOther, seeOtherNoting, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { ADMINS } from './administration.schemas.js';
import { scopeChoicesIn } from './role-words.rules.js';

type Id = z.infer<typeof IdParameter>;
const LABEL_MAX = 80;
/** How long a key can last. */
const DAYS = ['30', '90', '180', '365'] as const;

/** Keys by which an organisation's programs act for it. */
@Controller('keys')
export class KeyPages {
  constructor(
    private readonly keys: ServiceKeysService,
    private readonly site: Site,
  ) {}

  @Page({ permit: ADMINS })
  @Get()
  async list(@CurrentVisit() { t, actor }: Visit): Promise<PageAnswer> {
    const keys = await this.keys.list(actor);
    const named = keys.map((key) => ({ ...key, scopes: scopeChoicesIn(t, key.scopes).map(({ text }) => text) }));
    return view('administration/keys.njk', { keys: named.toReversed() });
  }

  @Page({ permit: ADMINS, stepUp: true })
  @Get('new')
  ask(@CurrentVisit() visit: Visit): PageAnswer {
    return this.newPage(visit);
  }

  @Action({ permit: ADMINS, stepUp: true })
  @Post('new')
  async issue(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const label = form.text('label', { missing: 'keys.new.labelMissing', max: LABEL_MAX });
    const scopes = fields.all('scopes');
    if (scopes.length === 0) form.refuse('scopes', 'keys.new.scopesMissing');
    const days = form.choice('days', DAYS, 'keys.new.daysMissing');
    const request = form.as(IssueServiceKey, { label, scopes, days: Number(days) });
    if (!request) return this.newPage(visit, form);
    try {
      const { key, expiresAt } = await this.keys.issue(visit.command(), request);
      return view('administration/key-issued.njk', {
        key,
        expiresAt,
        label: request.label,
        api: this.site.url('/v1/me'),
      });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      if (error.code === 'secret.shown_once') return seeOtherNoting('/keys', 'keys.new.already');
      form.refused(error);
      return this.newPage(visit, form);
    }
  }

  @Page({ permit: ADMINS, stepUp: true })
  @Get(':id/revoke')
  async askRevoke(
    @CurrentVisit() { t, actor }: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
  ): Promise<PageAnswer> {
    const key = await this.keys.get(actor, id);
    const may = key.isPersonal ? [t('keys.personal.may')] : scopeChoicesIn(t, key.scopes).map(({ text }) => text);
    const label = key.isPersonal ? t('keys.personal.label') : key.label;
    return view('administration/revoke-key.njk', { key: { ...key, label, scopes: may } });
  }

  @Action({ permit: ADMINS, stepUp: true })
  @Post(':id/revoke')
  async revoke(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    await this.keys.revoke(visit.command(), id);
    return seeOther('/keys', 'keys.revoke.done');
  }

  private newPage({ t, actor }: Visit, form?: Form): View {
    const scopes = scopeChoicesIn(t, scopesOf(actor.side as OrganisationKind));
    const days = DAYS.map((count) => ({ value: count, text: t('keys.new.days', { count: Number(count) }) }));
    return view('administration/new-key.njk', { scopes, days }, form && { errors: form.errors, values: form.values });
  }
}
