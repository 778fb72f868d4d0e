import { Injectable } from '@nestjs/common';
import { claimNotFound, ClaimRegister, type Claim } from '../delivery/index.js';
import { sumMinor, type Minor } from '../money/index.js';
import type { Actor } from '../platform/actor.js';
import { Database } from '../platform/database.js';
import { pageOf, type Page } from '../platform/page.js';
import { ClaimQuery } from './claim-query.entity.js';
import { findStandings, type ClaimStanding, type StandingFilter } from './claim-standing.queries.js';

/** All of one claim: where it stands, how its price came about, and what was asked about it. */
export interface ClaimInFull {
  readonly standing: ClaimStanding;
  readonly claim: Claim;
  /** The oldest first. */
  readonly queries: readonly ClaimQuery[];
}

export interface SummedClaims {
  /** In the order in which they came. */
  readonly claims: readonly ClaimStanding[];
  readonly netMinor: Minor;
  readonly indicativeMinor: Minor;
}

const IDS_MAX = 500;

/** Claims with where they stand: a claim has its own state until a batch holds it, and then that of its batch. */
@Injectable()
export class ClaimStandings {
  constructor(
    private readonly database: Database,
    private readonly register: ClaimRegister,
  ) {}

  /** The latest first. */
  list(actor: Actor, filter: StandingFilter & { readonly limit: number }): Promise<Page<ClaimStanding>> {
    return this.database.read(actor, async (reader) =>
      pageOf(await findStandings(reader, filter, filter.limit + 1), filter.limit),
    );
  }

  /** Those of the ids that the actor may see, at most 500, by id. */
  async withIds(actor: Actor, ids: readonly string[]): Promise<Map<string, ClaimStanding>> {
    if (ids.length === 0) return new Map();
    const found = await this.database.read(actor, (reader) => findStandings(reader, { ids }, IDS_MAX));
    return new Map(found.map((standing) => [standing.id, standing]));
  }

  /** The same with what they come to together, net of VAT. */
  async summed(actor: Actor, ids: readonly string[]): Promise<SummedClaims> {
    const claims = [...(await this.withIds(actor, ids)).values()].toReversed();
    return {
      claims,
      netMinor: sumMinor(claims.map(({ priceMinor }) => priceMinor)),
      indicativeMinor: sumMinor(claims.map(({ indicativeMinor }) => indicativeMinor)),
    };
  }

  /** @throws claim.not_found */
  read(actor: Actor, id: string): Promise<ClaimInFull> {
    return this.database.read(actor, async (reader) => {
      const claim = await this.register.get(reader, id);
      const [standing] = await findStandings(reader, { ids: [id] }, 1);
      if (!standing) throw claimNotFound();
      const queries = await reader.find(ClaimQuery, { where: { claimId: id }, order: { id: 'ASC' } });
      return { standing, claim, queries };
    });
  }
}
