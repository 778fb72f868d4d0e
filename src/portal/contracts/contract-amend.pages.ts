import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter } from '../../organisations/index.js';
import { Clock } from '../../platform/clock.js';
import { DomainError } from '../../platform/errors.js';
import { AmendContract, ContractRegister, ContractTermsService, type ContractInFull } from '../../pricing/index.js';
import { seeOther, view, type PageAnswer } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { CONTRACT_PLACES, placeFindings, readAmendment, typedTerms } from './contract-form.rules.js';
import { ChangeAddress } from './contracts.schemas.js';
import { FormDrafts } from './form-drafts.service.js';
import { changedTerms, termFacts } from './term-words.rules.js';

type Id = z.infer<typeof IdParameter>;

const SETS_UP = { commissioner: ['contract_manager'] } as const;
const DRAFT = 'contract-amend';

/** Changing what was agreed from a day on: the terms as they are now, the answers to check, a new version. */
@Controller('contracts/:id/amend')
export class AmendContractPages {
  constructor(
    private readonly terms: ContractTermsService,
    private readonly register: ContractRegister,
    private readonly drafts: FormDrafts,
    private readonly clock: Clock,
  ) {}

  @Page({ permit: SETS_UP })
  @Get()
  async ask(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @Query({ schema: ChangeAddress }) { change }: ChangeAddress,
  ): Promise<PageAnswer> {
    const whole = await this.register.read(visit.actor, id);
    const typed = change === undefined ? null : await this.drafts.find(visit.actor, DRAFT, id);
    const latest = whole.versions.at(-1) ?? whole.contract;
    return form(whole, typed?.values() ?? { ...typedTerms(latest), agreedOn: this.clock.today() });
  }

  @Action({ permit: SETS_UP })
  @Post()
  async check(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const whole = await this.register.read(visit.actor, id);
    const typed = read(visit, fields);
    if (typed.request) placeFindings(typed.form, await this.terms.whyNotAmend(visit.actor, id, typed.request));
    if (!typed.form.ok) return form(whole, typed.form.values, typed.form);
    await this.drafts.keep(visit.actor, DRAFT, id, fields);
    return seeOther(`/contracts/${id}/amend/check`);
  }

  @Page({ permit: SETS_UP })
  @Get('check')
  async answers(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.showAnswers(visit, id);
  }

  @Action({ permit: SETS_UP })
  @Post('check')
  async amend(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    const kept = await this.drafts.find(visit.actor, DRAFT, id);
    if (!kept) return seeOther(`/contracts/${id}/amend`);
    const typed = read(visit, kept);
    if (!typed.request) return form(await this.register.read(visit.actor, id), typed.form.values, typed.form);
    try {
      const { effectiveFrom } = await this.terms.amend(visit.command(), id, typed.request);
      await this.drafts.discard(visit.actor, DRAFT, id);
      return seeOther(`/contracts/${id}`, 'contracts.amend.done', { day: visit.t.day(effectiveFrom) });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      typed.form.refused(error);
    }
    return this.showAnswers(visit, id, typed.form);
  }

  private async showAnswers(visit: Visit, id: string, refused?: Form): Promise<PageAnswer> {
    const whole = await this.register.read(visit.actor, id);
    const kept = await this.drafts.find(visit.actor, DRAFT, id);
    if (!kept) return seeOther(`/contracts/${id}/amend`);
    const typed = read(visit, kept);
    if (!typed.request) return form(whole, typed.form.values, typed.form);
    const latest = whole.versions.at(-1) ?? whole.contract;
    const after = { ...typed.request, startsOn: latest.startsOn };
    const changed = new Set(changedTerms(visit.t, latest, after));
    const facts = termFacts(visit.t, after).map((fact) => ({ ...fact, isChanged: changed.has(fact.key) }));
    const data = { ...whole, request: typed.request, facts, changed: [...changed] };
    return view('contracts/amend-check.njk', data, refused && { errors: refused.errors });
  }
}

function read(visit: Visit, fields: Fields) {
  const typed = new Form(visit.t, fields);
  return { form: typed, request: typed.as(AmendContract, readAmendment(typed, fields), CONTRACT_PLACES) };
}

function form(whole: ContractInFull, values: Readonly<Record<string, unknown>>, typed?: Form) {
  return view('contracts/amend.njk', { ...whole }, { values, ...(typed && { errors: typed.errors }) });
}
