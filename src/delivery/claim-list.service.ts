import { Injectable } from '@nestjs/common';
import { sumMinor, type Minor } from '../money/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import { Database, type Reader } from '../platform/database.js';
import { DomainError } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import { cardFor } from '../pricing/index.js';
import type { Charge, ClaimPrice } from './claim-charge.rules.js';
import { ClaimDesk } from './claim-desk.service.js';
import { ClaimFacts, type Earned } from './claim-facts.service.js';
import type { ListedClaim, ListedFact } from './claim-list.rules.js';
import { ClaimPricer } from './claim-pricer.service.js';
import { ClaimSettings, type ClaimSetting } from './claim-setting.service.js';
import { claimFactClaimed, milestoneRecordedTwice, ROW_ERRORS } from './delivery.errors.js';
import { findStandingClaims } from './delivery-intake.queries.js';
import { FactClaims, type Submitted } from './fact-claims.service.js';
import { Milestone } from './milestone.entity.js';
import {
  findUnclaimed,
  findUnclaimedReferrals,
  type UnclaimedReferral,
  type UnclaimedRow,
} from './unclaimed-delivery.queries.js';
import { deliveredCharges, lacksMinutes, lookedBackTo } from './unclaimed-delivery.rules.js';
import { UnclaimedDelivery } from './unclaimed-delivery.service.js';

/** An entry of a list with what its claims would come to if they were submitted now, or why they cannot be. */
export interface PricedClaim {
  readonly listed: ListedClaim;
  /** One for each claim that it would be. */
  readonly prices: readonly ClaimPrice[];
  readonly netMinor: Minor;
  readonly indicativeMinor: Minor;
  readonly refusal: DomainError | null;
}

export interface PricedList {
  readonly entries: readonly PricedClaim[];
  /** Of the entries that can be submitted. */
  readonly netMinor: Minor;
  readonly indicativeMinor: Minor;
}

/** What else than sessions a contract pays for, by the cards that were published for it. */
export interface ClaimableFacts {
  readonly milestones: readonly { readonly code: string; readonly name: string }[];
  /** Services with a fee for each accepted referral. */
  readonly referralServices: readonly string[];
  /** Services with a monthly amount: their codes and names. */
  readonly blockServices: readonly { readonly code: string; readonly name: string }[];
}

/** Facts of one entry as charges, with the names of milestones that are not recorded yet. */
interface Proposed {
  readonly charges: readonly Charge[];
  readonly supposed: ReadonlyMap<string, string>;
}

/** Claims that somebody gathers before submitting them: what each would come to, by the price function of the claims. */
@Injectable()
export class ClaimLists {
  constructor(
    private readonly database: Database,
    private readonly settings: ClaimSettings,
    private readonly facts: ClaimFacts,
    private readonly pricer: ClaimPricer,
    private readonly claims: FactClaims,
    private readonly desk: ClaimDesk,
    private readonly delivery: UnclaimedDelivery,
    private readonly clock: Clock,
  ) {}

  /** Prices the entries of each contract together, in their order. What stands against one is said of it alone. */
  price(actor: Actor, list: readonly ListedClaim[]): Promise<PricedList> {
    return this.database.read(actor, async (reader) => {
      const byKey = new Map<string, PricedClaim>();
      for (const contractId of new Set(list.map(({ fact }) => fact.contractId))) {
        const own = list.filter(({ fact }) => fact.contractId === contractId);
        for (const entry of await this.priceOfContract(reader, contractId, own)) byKey.set(entry.listed.key, entry);
      }
      const entries = list.flatMap(({ key }) => byKey.get(key) ?? []);
      const good = entries.filter(({ refusal }) => refusal === null);
      return {
        entries,
        netMinor: sumMinor(good.map(({ netMinor }) => netMinor)),
        indicativeMinor: sumMinor(good.map(({ indicativeMinor }) => indicativeMinor)),
      };
    });
  }

  /**
   * Submits one entry as one command.
   *
   * @throws what recording a milestone, claiming a session and submitting a claim refuse
   */
  submit(actor: Actor, { fact, yourReference }: ListedClaim): Promise<Submitted> {
    const said = yourReference === null ? {} : { yourReference };
    const { contractId: contract } = fact;
    switch (fact.kind) {
      case 'session':
        return this.delivery.claim(actor, fact.sessionId);
      case 'milestone': {
        const { referralId, name, reachedOn } = fact;
        return this.desk.reachMilestone(actor, { contract, referralId, name, reachedOn, claim: true, ...said });
      }
      default:
        return this.claims.submit(actor, { contract, fact: citedFact(fact), ...said });
    }
  }

  /** @throws not_found */
  claimable(actor: Actor, contractId: string): Promise<ClaimableFacts> {
    return this.database.read(actor, async (reader) => {
      const { cards, services } = await this.settings.load(reader, contractId);
      const milestones = cards.flatMap(({ terms }) => (terms.basis === 'milestone' ? terms.milestones : []));
      const withBasis = (basis: string) =>
        services.filter(({ id }) => cards.some((card) => card.serviceId === id && card.terms.basis === basis));
      return {
        milestones: [...new Map(milestones.map(({ code, name }) => [code, { code, name }])).values()],
        referralServices: withBasis('referral').map(({ id }) => id),
        blockServices: withBasis('block').map(({ code, name }) => ({ code, name })),
      };
    });
  }

  /** Accepted referrals of services with a fee for them, whose fee nobody has claimed. */
  unclaimedReferrals(actor: Actor, contractId: string): Promise<UnclaimedReferral[]> {
    return this.database.read(actor, async (reader) => {
      const { cards } = await this.settings.load(reader, contractId);
      const referrals = await findUnclaimedReferrals(reader, contractId, lookedBackTo(this.clock.today()));
      return referrals.filter(({ serviceId, acceptedOn }) =>
        cards.some(
          ({ chargeKind, serviceId: of }) =>
            of === serviceId && cardFor(cards, serviceId, acceptedOn, chargeKind)?.terms.basis === 'referral',
        ),
      );
    });
  }

  private async priceOfContract(
    reader: Reader,
    contractId: string,
    list: readonly ListedClaim[],
  ): Promise<PricedClaim[]> {
    const setting = await this.settings.load(reader, contractId);
    const proposals = await this.propose(reader, setting, list);
    const proposed = proposals.flatMap(({ proposal }) => (proposal instanceof DomainError ? [] : [proposal]));
    const charges = proposed.flatMap((one) => one.charges);
    const supposed = new Map(proposed.flatMap((one) => [...one.supposed]));
    const prices = await this.pricer.price(reader, setting, charges, 'all', supposed);
    return proposals.map(({ listed, proposal }) => {
      const own = proposal instanceof DomainError ? [] : proposal.charges;
      const found = own.flatMap(({ claimId }) => prices.get(claimId) ?? []);
      return {
        listed,
        prices: found,
        netMinor: sumMinor(found.map(({ netMinor }) => netMinor)),
        indicativeMinor: sumMinor(found.map(({ indicativeMinor }) => indicativeMinor)),
        refusal: proposal instanceof DomainError ? proposal : null,
      };
    });
  }

  /** What of each entry nobody has claimed, or why there is nothing to claim. */
  private async propose(reader: Reader, setting: ClaimSetting, list: readonly ListedClaim[]): Promise<Proposal[]> {
    const sessionIds = list.flatMap(({ fact }) => (fact.kind === 'session' ? fact.sessionId : []));
    const filter = { since: EVER, contractId: setting.contractId, sessionIds };
    const rows = sessionIds.length === 0 ? [] : await findUnclaimed(reader, filter);
    const proposals: Proposal[] = [];
    for (const listed of list) {
      proposals.push({ listed, proposal: await this.chargesOf(reader, setting, listed.fact, rows) });
    }
    const cited = proposals.flatMap(({ proposal }) =>
      proposal instanceof DomainError ? [] : proposal.charges.map(({ factId }) => factId),
    );
    const standing = await findStandingClaims(reader, setting, cited);
    const isFree = ({ factId, chargeKind }: Charge) =>
      !standing.some((one) => one.factId === factId && one.chargeKind === chargeKind);
    return proposals.map(({ listed, proposal }) => {
      if (proposal instanceof DomainError) return { listed, proposal };
      const charges = proposal.charges.filter(isFree);
      return { listed, proposal: charges.length === 0 ? claimFactClaimed() : { ...proposal, charges } };
    });
  }

  private async chargesOf(
    reader: Reader,
    setting: ClaimSetting,
    fact: ListedFact,
    rows: readonly UnclaimedRow[],
  ): Promise<Proposed | DomainError> {
    if (fact.kind === 'session') return this.ofSession(setting, fact.sessionId, rows);
    try {
      if (fact.kind === 'milestone') return await this.ofMilestone(reader, setting, fact);
      const earned = await this.facts.earnedBy(reader, setting, citedFact(fact));
      return { charges: chargesFrom(earned, this.clock.today()), supposed: new Map() };
    } catch (error) {
      if (error instanceof DomainError) return error;
      throw error;
    }
  }

  /** One that is recorded stays what it is; another gets an id for the time being. */
  private async ofMilestone(
    reader: Reader,
    setting: ClaimSetting,
    fact: Extract<ListedFact, { kind: 'milestone' }>,
  ): Promise<Proposed> {
    const { referralId, name, reachedOn } = fact;
    const known = await reader.findOneBy(Milestone, { commissionerId: setting.commissionerId, referralId, name });
    if (known && known.reachedOn !== reachedOn) throw milestoneRecordedTwice({ reachedOn: known.reachedOn });
    if (reachedOn > this.clock.today()) throw ROW_ERRORS.in_future();
    const id = known?.id ?? newId();
    const earned = await this.facts.byMilestone(reader, setting, { id, referralId, name, reachedOn });
    return { charges: chargesFrom(earned, this.clock.today()), supposed: new Map([[id, name]]) };
  }

  private ofSession({ rates }: ClaimSetting, sessionId: string, rows: readonly UnclaimedRow[]): Proposed | DomainError {
    const own = rows.filter((row) => row.sessionId === sessionId);
    if (own.some((row) => lacksMinutes(row, rates))) return ROW_ERRORS.minutes_needed();
    return { charges: deliveredCharges(own, rates, this.clock.today(), newId), supposed: new Map() };
  }
}

/** A recorded session may be as old as it likes: claimed late, it is flagged. */
const EVER = '0001-01-01';

interface Proposal {
  readonly listed: ListedClaim;
  readonly proposal: Proposed | DomainError;
}

function citedFact(fact: Extract<ListedFact, { kind: 'referral' | 'period' }>) {
  if (fact.kind === 'referral') return { kind: 'referral', id: fact.referralId } as const;
  return { kind: 'period', month: fact.month, service: fact.service } as const;
}

function chargesFrom({ serviceId, earned, periodEndsOn }: Earned, today: IsoDate): Charge[] {
  return earned.map((fact) => ({
    ...fact,
    claimId: newId(),
    serviceId,
    periodEndsOn: periodEndsOn(fact),
    expectedMinor: null,
    submittedOn: today,
  }));
}
