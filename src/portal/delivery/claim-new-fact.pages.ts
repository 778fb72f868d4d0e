import { Controller, Get, Post, Query } from '@nestjs/common';
import {
  ClaimLists,
  ListedFacts,
  SessionRegister,
  yourReference,
  type ContractService,
  type ListedClaim,
  type ListedFact,
} from '../../delivery/index.js';
import { Clock } from '../../platform/clock.js';
import { seeOther, view, type PageAnswer } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { ClaimDrafts, entryOf } from './claim-drafts.service.js';
import { NewClaimAddress } from './delivery.schemas.js';
import { monthsUpTo } from './months.rules.js';
import { contractsOf } from './session-form.rules.js';

const COORDINATOR = { provider: ['coordinator'] } as const;
const MONTHS = 16;

/** Adding one fact to the list of claims that is no session: a milestone, or a month with an amount of its own. */
@Controller('claims/new')
export class NewFactPages {
  constructor(
    private readonly lists: ClaimLists,
    private readonly facts: ListedFacts,
    private readonly register: SessionRegister,
    private readonly drafts: ClaimDrafts,
    private readonly clock: Clock,
  ) {}

  @Page({ permit: COORDINATOR, sensitive: 'claims' })
  @Get('milestone')
  async askMilestone(
    @CurrentVisit() visit: Visit,
    @Query({ schema: NewClaimAddress }) address: NewClaimAddress,
  ): Promise<PageAnswer> {
    const entry = await this.entryToChange(visit, address, 'milestone');
    return this.showMilestone(visit, address, { entry });
  }

  @Action({ permit: COORDINATOR, sensitive: 'claims' })
  @Post('milestone')
  async addMilestone(
    @CurrentVisit() visit: Visit,
    @Query({ schema: NewClaimAddress }) address: NewClaimAddress,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const contract = await this.contractOf(visit, address.contract);
    if (!contract) return seeOther('/claims/new');
    const { milestones } = await this.lists.claimable(visit.actor, contract.contractId);
    const codes = milestones.map(({ code }) => code);
    const typed = form.text('referral', { missing: 'claims.new.milestone.referralMissing', max: 64 });
    const name = form.choice('name', codes, 'claims.new.milestone.nameMissing');
    const reachedOn = form.day('reachedOn', { missing: 'claims.new.milestone.dayMissing' });
    const own = form.as(yourReference, fields.text('yourReference') || undefined, { '': 'yourReference' }) ?? null;
    if (form.ok && typed !== undefined && name !== undefined && reachedOn !== undefined) {
      const found = await this.facts.referralsNamed(visit.actor, contract.contractId, typed);
      const [referral, another] = found;
      if (!referral || another)
        form.refuse('referral', `errors.delivery_${another ? 'ambiguous' : 'unknown'}_referral`);
      else {
        const { contractId } = contract;
        const fact = { kind: 'milestone', contractId, referralId: referral.id, name, reachedOn } as const;
        const refusal = await this.put(visit, entryOf(fact, own), address.item);
        if (refusal === null) return seeOther('/claims/list', 'claims.list.added', { count: 1 });
        form.refused(refusal, refusal.code === 'delivery.in_future' ? 'reachedOn' : 'referral');
      }
    }
    return this.showMilestone(visit, address, { form });
  }

  @Page({ permit: COORDINATOR })
  @Get('month')
  async askMonth(
    @CurrentVisit() visit: Visit,
    @Query({ schema: NewClaimAddress }) address: NewClaimAddress,
  ): Promise<PageAnswer> {
    const entry = await this.entryToChange(visit, address, 'period');
    return this.showMonth(visit, address, { entry });
  }

  @Action({ permit: COORDINATOR })
  @Post('month')
  async addMonth(
    @CurrentVisit() visit: Visit,
    @Query({ schema: NewClaimAddress }) address: NewClaimAddress,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const contract = await this.contractOf(visit, address.contract);
    if (!contract) return seeOther('/claims/new');
    const { blockServices } = await this.lists.claimable(visit.actor, contract.contractId);
    const codes = blockServices.map(({ code }) => code);
    const service = form.choice('service', codes, 'claims.new.month.serviceMissing');
    const month = form.choice('month', monthsUpTo(this.clock.today(), MONTHS), 'claims.new.month.monthMissing');
    const own = form.as(yourReference, fields.text('yourReference') || undefined, { '': 'yourReference' }) ?? null;
    if (form.ok && service !== undefined && month !== undefined) {
      const fact = { kind: 'period', contractId: contract.contractId, month, service } as const;
      const refusal = await this.put(visit, entryOf(fact, own), address.item);
      if (refusal === null) return seeOther('/claims/list', 'claims.list.added', { count: 1 });
      form.refused(refusal, 'month');
    }
    return this.showMonth(visit, address, { form });
  }

  /** Adds an entry that can be submitted as it is; one that was changed takes the place of the old one. */
  private async put(visit: Visit, entry: ListedClaim, instead: string | undefined) {
    const { entries } = await this.lists.price(visit.actor, [entry]);
    const refusal = entries[0]?.refusal ?? null;
    if (refusal !== null) return refusal;
    if (instead !== undefined && instead !== entry.key) await this.drafts.remove(visit.actor, [instead]);
    await this.drafts.add(visit.actor, [entry]);
    return null;
  }

  private async showMilestone(
    visit: Visit,
    address: NewClaimAddress,
    { form, entry }: { form?: Form; entry?: ListedClaim | undefined },
  ): Promise<PageAnswer> {
    const contract = await this.contractOf(visit, address.contract);
    if (!contract) return seeOther('/claims/new');
    const facts = await this.lists.claimable(visit.actor, contract.contractId);
    const [reference] = await this.referencesOf(visit, entry);
    const before = entry?.fact.kind === 'milestone' ? entry.fact : undefined;
    const was = before && {
      referral: reference,
      name: before.name,
      reachedOn: before.reachedOn,
      yourReference: entry?.yourReference ?? '',
    };
    const data = { contract, milestones: facts.milestones, item: entry?.key ?? address.item };
    return view('delivery/claim-milestone.njk', data, {
      errors: form?.errors ?? [],
      values: form?.values ?? was ?? {},
    });
  }

  private async showMonth(
    visit: Visit,
    address: NewClaimAddress,
    { form, entry }: { form?: Form; entry?: ListedClaim | undefined },
  ): Promise<PageAnswer> {
    const contract = await this.contractOf(visit, address.contract);
    if (!contract) return seeOther('/claims/new');
    const facts = await this.lists.claimable(visit.actor, contract.contractId);
    const before = entry?.fact.kind === 'period' ? entry.fact : undefined;
    const was = before && { month: before.month, service: before.service, yourReference: entry?.yourReference ?? '' };
    const months = monthsUpTo(this.clock.today(), MONTHS).slice(1);
    const data = { contract, services: facts.blockServices, months, item: entry?.key ?? address.item };
    return view('delivery/claim-month-fee.njk', data, {
      errors: form?.errors ?? [],
      values: form?.values ?? was ?? {},
    });
  }

  private async contractOf(visit: Visit, id: string | undefined): Promise<ContractService | undefined> {
    const contracts = contractsOf(await this.register.services(visit.actor));
    return id === undefined && contracts.length === 1 ? contracts[0] : contracts.find((one) => one.contractId === id);
  }

  private async entryToChange(visit: Visit, { item }: NewClaimAddress, kind: ListedFact['kind']) {
    if (item === undefined) return undefined;
    return (await this.drafts.list(visit.actor)).find((entry) => entry.key === item && entry.fact.kind === kind);
  }

  private async referencesOf(visit: Visit, entry: ListedClaim | undefined): Promise<string[]> {
    if (entry?.fact.kind !== 'milestone') return [];
    const about = await this.facts.describe(visit.actor, [entry]);
    return about.flatMap(({ reference }) => reference ?? []);
  }
}
