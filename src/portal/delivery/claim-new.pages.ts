import { Controller, Get, Post, Query } from '@nestjs/common';
import {
  ClaimLists,
  SessionRegister,
  UnclaimedDelivery,
  type ContractService,
  type ListedFact,
} from '../../delivery/index.js';
import { Clock } from '../../platform/clock.js';
import { seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { ClaimDrafts, entryOf } from './claim-drafts.service.js';
import { NewClaimAddress } from './delivery.schemas.js';
import { addressOf } from '../page/address.rules.js';
import { contractsOf, latestOf } from './session-form.rules.js';

const COORDINATOR = { provider: ['coordinator'] } as const;
const WHAT = ['sessions', 'milestone', 'referrals', 'month'] as const;

/** Adding to the list of claims: what it is, then one page for each kind of fact. */
@Controller('claims/new')
export class NewClaimPages {
  constructor(
    private readonly lists: ClaimLists,
    private readonly delivery: UnclaimedDelivery,
    private readonly register: SessionRegister,
    private readonly drafts: ClaimDrafts,
    private readonly clock: Clock,
  ) {}

  @Page({ permit: COORDINATOR })
  @Get()
  async ask(
    @CurrentVisit() visit: Visit,
    @Query({ schema: NewClaimAddress }) address: NewClaimAddress,
  ): Promise<PageAnswer> {
    return this.choose(visit, address.contract);
  }

  @Action({ permit: COORDINATOR })
  @Post()
  async answer(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const contracts = contractsOf(await this.register.services(visit.actor));
    const form = new Form(visit.t, fields);
    const ids = contracts.map(({ contractId }) => contractId);
    const contract = form.choice('contract', ids, 'claims.new.contractMissing');
    const what = form.choice('what', WHAT, 'claims.new.whatMissing');
    if (contract !== undefined && what !== undefined) return seeOther(addressOf(`/claims/new/${what}`, { contract }));
    return this.choose(visit, undefined, form);
  }

  @Page({ permit: COORDINATOR, sensitive: 'claims' })
  @Get('sessions')
  async askSessions(
    @CurrentVisit() visit: Visit,
    @Query({ schema: NewClaimAddress }) { contract }: NewClaimAddress,
  ): Promise<PageAnswer> {
    return this.showSessions(visit, contract);
  }

  @Action({ permit: COORDINATOR, sensitive: 'claims' })
  @Post('sessions')
  async addSessions(
    @CurrentVisit() visit: Visit,
    @Query({ schema: NewClaimAddress }) { contract }: NewClaimAddress,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const known = await this.delivery.list(visit.actor, { contractId: contract });
    const chosen = known.filter(({ sessionId }) => fields.all('sessions').includes(sessionId));
    if (chosen.length === 0) {
      form.refuse('sessions', 'claims.new.sessions.none');
      return this.showSessions(visit, contract, form);
    }
    const facts = chosen.map(({ contractId, sessionId }): ListedFact => ({ kind: 'session', contractId, sessionId }));
    await this.drafts.add(
      visit.actor,
      facts.map((fact) => entryOf(fact)),
    );
    return seeOther('/claims/list', 'claims.list.added', { count: chosen.length });
  }

  @Page({ permit: COORDINATOR, sensitive: 'claims' })
  @Get('referrals')
  async askReferrals(
    @CurrentVisit() visit: Visit,
    @Query({ schema: NewClaimAddress }) { contract }: NewClaimAddress,
  ): Promise<PageAnswer> {
    return this.showReferrals(visit, contract);
  }

  @Action({ permit: COORDINATOR, sensitive: 'claims' })
  @Post('referrals')
  async addReferrals(
    @CurrentVisit() visit: Visit,
    @Query({ schema: NewClaimAddress }) { contract }: NewClaimAddress,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    if (contract === undefined) return seeOther('/claims/new');
    const form = new Form(visit.t, fields);
    const known = await this.lists.unclaimedReferrals(visit.actor, contract);
    const chosen = known.filter(({ id }) => fields.all('referrals').includes(id));
    if (chosen.length === 0) {
      form.refuse('referrals', 'claims.new.referrals.none');
      return this.showReferrals(visit, contract, form);
    }
    const facts = chosen.map(({ id }): ListedFact => ({ kind: 'referral', contractId: contract, referralId: id }));
    await this.drafts.add(
      visit.actor,
      facts.map((fact) => entryOf(fact)),
    );
    return seeOther('/claims/list', 'claims.list.added', { count: chosen.length });
  }

  private async choose(visit: Visit, contract: string | undefined, form?: Form): Promise<View> {
    const services = await this.register.services(visit.actor);
    const contracts = contractsOf(services);
    const listed = await this.drafts.list(visit.actor);
    const likely = latestOf(services)?.contractId;
    const data = { contracts, listed: listed.length, contract: contract ?? likely };
    return view('delivery/claim-new.njk', data, form && { errors: form.errors, values: form.values });
  }

  private async showSessions(visit: Visit, contractId: string | undefined, form?: Form): Promise<View> {
    const contract = await this.contractOf(visit, contractId);
    const unclaimed = await this.delivery.list(visit.actor, { contractId: contract?.contractId });
    const listed = new Set((await this.drafts.list(visit.actor)).map(({ key }) => key));
    const services = new Map(
      (await this.register.services(visit.actor)).map((one) => [one.serviceId, one.serviceName]),
    );
    const free = unclaimed.filter(({ sessionId }) => !listed.has(`session.${sessionId}`));
    const rows = worthClaiming(free).map((one) => ({ ...one, serviceName: services.get(one.serviceId) ?? '' }));
    const data = { contract, rows, lacking: free.filter(({ lacksMinutes }) => lacksMinutes).length };
    return view('delivery/claim-sessions.njk', data, form && { errors: form.errors, values: form.values });
  }

  private async showReferrals(visit: Visit, id: string | undefined, form?: Form): Promise<PageAnswer> {
    const contract = await this.contractOf(visit, id);
    if (!contract) return seeOther('/claims/new');
    const { contractId } = contract;
    const referrals = await this.lists.unclaimedReferrals(visit.actor, contractId);
    const entries = referrals.map((one) => entryOf({ kind: 'referral', contractId, referralId: one.id }));
    const listed = new Set((await this.drafts.list(visit.actor)).map(({ key }) => key));
    const priced = await this.lists.price(
      visit.actor,
      entries.filter(({ key }) => !listed.has(key)),
    );
    const rows = priced.entries.flatMap(({ listed: { key }, netMinor, refusal }) => {
      const referral = referrals.find((one) => key === `referral.${one.id}`);
      return referral && refusal === null ? [{ ...referral, netMinor }] : [];
    });
    const data = { contract, rows };
    return view('delivery/claim-referrals.njk', data, form && { errors: form.errors, values: form.values });
  }

  private async contractOf(visit: Visit, id: string | undefined): Promise<ContractService | undefined> {
    const contracts = contractsOf(await this.register.services(visit.actor));
    return id === undefined && contracts.length === 1 ? contracts[0] : contracts.find((one) => one.contractId === id);
  }
}

/** What comes to nothing is not offered. */
function worthClaiming<S extends { readonly netMinor: bigint; readonly indicativeMinor: bigint }>(
  sessions: readonly S[],
): S[] {
  return sessions.filter(({ netMinor, indicativeMinor }) => netMinor > 0n || indicativeMinor > 0n);
}
