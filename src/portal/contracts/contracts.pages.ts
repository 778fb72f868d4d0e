import { Controller, Get, Param, Query } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter } from '../../organisations/index.js';
import { Clock } from '../../platform/clock.js';
import {
  CONTRACT_STANDINGS,
  ContractRegister,
  FundingService,
  SelfBillingService,
  type ContractInFull,
  type ServiceOfContract,
} from '../../pricing/index.js';
import type { Translate } from '../../words/index.js';
import { addressOf } from '../page/address.rules.js';
import { view, type PageAnswer } from '../page/answer.rules.js';
import { CurrentVisit, Page } from '../page/page.js';
import { hasRole, type Visit } from '../page/visit.rules.js';
import { cardDays, cardPrice, chargeName } from './card-words.rules.js';
import { ContractsAddress } from './contracts.schemas.js';
import { changedTerms, termFacts } from './term-words.rules.js';

type Id = z.infer<typeof IdParameter>;

const PAGE_ROWS = 50;
const CHANGES = 50;
const READERS = { commissioner: 'any', provider: 'any' } as const;

/** The contracts of an organisation, and one of them with all that belongs to it. */
@Controller('contracts')
export class ContractPages {
  constructor(
    private readonly register: ContractRegister,
    private readonly funding: FundingService,
    private readonly agreements: SelfBillingService,
    private readonly clock: Clock,
  ) {}

  @Page({ permit: READERS })
  @Get()
  async list(
    @CurrentVisit() visit: Visit,
    @Query({ schema: ContractsAddress }) { standing, provider, after }: ContractsAddress,
  ): Promise<PageAnswer> {
    const filter = { standing, providerId: provider, after, limit: PAGE_ROWS };
    const { items, next } = await this.register.list(visit.actor, filter);
    const address = { standing, provider };
    return view(
      'contracts/list.njk',
      {
        items: items.map((item) => ({ ...item, usedPercent: percentUsed(item) })),
        providers: visit.actor.side === 'commissioner' ? await this.register.providers(visit.actor) : [],
        standings: CONTRACT_STANDINGS,
        isFiltered: standing !== undefined || provider !== undefined,
        first: after === undefined ? undefined : addressOf('/contracts', address),
        next: next === null ? undefined : addressOf('/contracts', { ...address, after: next }),
        ...abilities(visit),
      },
      { values: address },
    );
  }

  @Page({ permit: READERS })
  @Get(':id')
  async show(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    const { actor, t } = visit;
    const whole = await this.register.read(actor, id);
    const { contract } = whole;
    const budget = await this.funding.budget(actor, id);
    const isCommissioner = actor.side === 'commissioner';
    const changes = isCommissioner ? await this.funding.budgetChanges(actor, id, { limit: CHANGES }) : undefined;
    const agreements = await this.agreements.list(actor, contract.providerId);
    const own = agreements.filter(({ commissionerId }) => commissionerId === contract.commissionerId);
    const today = this.clock.today();
    const orders = await this.funding.orders(actor, id);
    return view('contracts/show.njk', {
      ...whole,
      facts: termFacts(t, contract),
      versions: versionsInWords(t, whole),
      services: whole.services.map((entry) => serviceInWords(t, entry)),
      budget: { ...budget, usedPercent: percentUsed(budget) },
      changes: changes?.items ?? [],
      orders: orders.map((order) => ({ ...order, isNow: order.startsOn <= today && today <= order.endsOn })),
      agreements: own,
      holdsAgreement: own.some(
        ({ acceptedAt, startsOn, endsOn }) => acceptedAt !== null && startsOn <= today && today <= endsOn,
      ),
      today,
      ...abilities(visit),
    });
  }
}

/** What a visitor may do with contracts. The services judge; this only leaves out what they would refuse. */
export function abilities(visit: Visit) {
  const isCommissioner = visit.membership?.kind === 'commissioner';
  return {
    isCommissioner,
    maySetUp: isCommissioner && hasRole(visit, 'contract_manager'),
    mayFund: isCommissioner && hasRole(visit, 'contract_manager', 'finance'),
    mayReadJournal: hasRole(visit, 'auditor', 'finance', 'admin'),
    mayRegister: isCommissioner && hasRole(visit, 'contract_manager', 'admin'),
  };
}

/** How much of what is authorised is committed or spent, in whole per cent; 0 where nothing is authorised. */
export function percentUsed(budget: {
  readonly authorisedMinor: bigint;
  readonly committedMinor: bigint;
  readonly spentMinor: bigint;
}): number {
  const { authorisedMinor, committedMinor, spentMinor } = budget;
  return authorisedMinor <= 0n ? 0 : Number(((committedMinor + spentMinor) * 100n) / authorisedMinor);
}

/** The versions from the latest to the first, each with what it changed. */
function versionsInWords(t: Translate, { versions, contract }: ContractInFull) {
  return versions
    .map((version, index) => {
      const before = versions[index - 1];
      return {
        ...version,
        isNow: version.version === contract.version,
        changes: before === undefined ? [] : changedTerms(t, before, version),
      };
    })
    .toReversed();
}

export function serviceInWords(t: Translate, { service, cards, current, vat }: ServiceOfContract) {
  return {
    id: service.id,
    code: service.code,
    name: service.name,
    kind: service.kind,
    hasCards: cards.length > 0,
    vat,
    prices: current.map((card) => ({
      charge: chargeName(t, card.chargeKind),
      isMain: card.chargeKind === 'primary',
      price: cardPrice(t, card.terms),
      days: cardDays(t, card),
    })),
  };
}
