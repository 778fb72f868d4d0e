import { Injectable } from '@nestjs/common';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { foldReference } from '../platform/csv-cells.rules.js';
import { Database } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { pageOf, type Page } from '../platform/page.js';
import {
  findNamedReferrals,
  findReferralContracts,
  findReferredServices,
  readWaitingFigures,
  type NamedReferral,
  type ReferralContract,
  type ReferralFilter,
  type ReferralOrder,
  type ReferredService,
  type WaitingFigures,
} from './referral-list.queries.js';
import { daysWaited, isOverdue, possibleSteps, type ReferralStep } from './referral.rules.js';

/** A referral as people look at it, today. */
export interface ListedReferral extends NamedReferral {
  /** So far only the provider says that it was referred. */
  readonly unconfirmed: boolean;
  /** Not answered by its day. */
  readonly overdue: boolean;
  /** Since it was made. */
  readonly waitedDays: number;
  /** What can be done with it now, by whoever may. */
  readonly steps: readonly ReferralStep[];
}

/** Referrals as people look for them: with names, the latest or the most urgent first. */
@Injectable()
export class ReferralRegister {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  list(
    actor: Actor,
    filter: ReferralFilter,
    page: { readonly order: ReferralOrder; readonly after?: string | undefined; readonly limit: number },
  ): Promise<Page<ListedReferral>> {
    const { reference } = filter;
    const folded = { ...filter, ...(reference !== undefined && { reference: foldReference(reference) }) };
    return this.database.read(actor, async (reader) => {
      const rows = await findNamedReferrals(reader, actor.side, folded, { ...page, most: page.limit + 1 });
      return pageOf(
        rows.map((row) => this.listed(row)),
        page.limit,
      );
    });
  }

  /** @throws not_found */
  async read(actor: Actor, id: string): Promise<ListedReferral> {
    const [referral] = await this.database.read(actor, (reader) =>
      findNamedReferrals(reader, actor.side, { id }, { order: 'latest', most: 1 }),
    );
    if (!referral) throw notFound();
    return this.listed(referral);
  }

  /** Of those that the actor sees. */
  waiting(actor: Actor): Promise<WaitingFigures & { readonly longestDays: number }> {
    const today = this.clock.today();
    return this.database.read(actor, async (reader) => {
      const figures = await readWaitingFigures(reader, today);
      return { ...figures, longestDays: figures.firstMadeOn === null ? 0 : daysWaited(figures.firstMadeOn, today) };
    });
  }

  /** Services that the actor has referrals of. */
  services(actor: Actor): Promise<ReferredService[]> {
    return this.database.read(actor, (reader) => findReferredServices(reader, actor.side));
  }

  /** Contracts that a file of referrals can be about. A referrer has none to choose from. */
  contracts(actor: Actor): Promise<ReferralContract[]> {
    return actor.side === 'referrer' ? Promise.resolve([]) : this.database.read(actor, findReferralContracts);
  }

  private listed(referral: NamedReferral): ListedReferral {
    const today = this.clock.today();
    return {
      ...referral,
      unconfirmed: referral.confirmedAt === null,
      overdue: isOverdue(referral, today),
      waitedDays: daysWaited(referral.madeOn, today),
      steps: possibleSteps(referral),
    };
  }
}
