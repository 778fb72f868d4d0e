import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter, OrganisationRegister } from '../../organisations/index.js';
import { Clock } from '../../platform/clock.js';
import { AuthoriseContract, ContractRegister, ContractTermsService } from '../../pricing/index.js';
import { seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { CONTRACT_PLACES, placeFindings, readNewContract, usualTerms } from './contract-form.rules.js';
import { ChangeAddress } from './contracts.schemas.js';
import { FormDrafts } from './form-drafts.service.js';
import { termFacts } from './term-words.rules.js';

type Id = z.infer<typeof IdParameter>;

const SETS_UP = { commissioner: ['contract_manager'] } as const;
const DRAFT = 'contract-new';
const PROVIDERS_MAX = 500;

/** Setting up a contract: one page of questions, the answers to check, and what comes next. */
@Controller('contracts')
export class NewContractPages {
  constructor(
    private readonly terms: ContractTermsService,
    private readonly register: ContractRegister,
    private readonly organisations: OrganisationRegister,
    private readonly drafts: FormDrafts,
    private readonly clock: Clock,
  ) {}

  @Page({ permit: SETS_UP })
  @Get('new')
  async ask(
    @CurrentVisit() visit: Visit,
    @Query({ schema: ChangeAddress }) { change, provider }: ChangeAddress,
  ): Promise<PageAnswer> {
    const typed = change === undefined ? null : await this.drafts.find(visit.actor, DRAFT, '');
    if (typed) return this.form(visit, typed.values());
    const { organisation } = await this.organisations.read(visit.actor, visit.actor.orgId);
    const own = [organisation.name, ...organisation.address, organisation.postcode].slice(0, 7);
    const usual = { ...usualTerms(own), agreedOn: this.clock.today(), ...(provider !== undefined && { provider }) };
    return this.form(visit, usual);
  }

  @Action({ permit: SETS_UP })
  @Post('new')
  async check(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const { form, request } = await this.read(visit, fields);
    if (request) placeFindings(form, await this.terms.whyNotAuthorise(visit.actor, request));
    if (!form.ok) return this.form(visit, form.values, form);
    await this.drafts.keep(visit.actor, DRAFT, '', fields);
    return seeOther('/contracts/new/check');
  }

  @Page({ permit: SETS_UP })
  @Get('new/check')
  async answers(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    return this.showAnswers(visit);
  }

  @Action({ permit: SETS_UP })
  @Post('new/check')
  async authorise(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    const typed = await this.drafts.find(visit.actor, DRAFT, '');
    if (!typed) return seeOther('/contracts/new');
    const { form, request } = await this.read(visit, typed);
    if (!request) return this.form(visit, form.values, form);
    try {
      const { id } = await this.terms.authorise(visit.command(), request);
      await this.drafts.discard(visit.actor, DRAFT, '');
      return seeOther(`/contracts/${id}/ready`);
    } catch (error) {
      form.refused(error);
    }
    return this.showAnswers(visit, form);
  }

  @Page({ permit: SETS_UP })
  @Get(':id/ready')
  async ready(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return view('contracts/ready.njk', { ...(await this.register.read(visit.actor, id)) });
  }

  private async showAnswers(visit: Visit, refused?: Form): Promise<PageAnswer> {
    const typed = await this.drafts.find(visit.actor, DRAFT, '');
    if (!typed) return seeOther('/contracts/new');
    const { form, request } = await this.read(visit, typed);
    if (!request) return this.form(visit, form.values, form);
    const { organisation: provider } = await this.organisations.read(visit.actor, request.providerId);
    const data = { request, provider, facts: termFacts(visit.t, request) };
    return view('contracts/check.njk', data, refused && { errors: refused.errors });
  }

  private async read(visit: Visit, fields: Fields): Promise<{ form: Form; request: AuthoriseContract | undefined }> {
    const form = new Form(visit.t, fields);
    const providers = await this.providers(visit);
    const typed = readNewContract(
      form,
      fields,
      providers.map(({ id }) => id),
    );
    return { form, request: form.as(AuthoriseContract, typed, CONTRACT_PLACES) };
  }

  private async form(visit: Visit, values: Readonly<Record<string, unknown>>, form?: Form): Promise<View> {
    const providers = await this.providers(visit);
    return view('contracts/new.njk', { providers }, { values, ...(form && { errors: form.errors }) });
  }

  private async providers(visit: Visit) {
    const page = await this.organisations.list(visit.actor, { kind: 'provider', limit: PROVIDERS_MAX });
    return page.items;
  }
}
