import { Injectable } from '@nestjs/common';
import type { Actor } from '../platform/actor.js';
import type { IsoDate } from '../platform/clock.js';
import { foldReference } from '../platform/csv-cells.rules.js';
import { Database, type Reader } from '../platform/database.js';
import { ContractsService } from '../pricing/index.js';
import type { ListedClaim } from './claim-list.rules.js';
import { findListedSessions, findReferences, findServices, type ListedSession } from './session-list.queries.js';

/** What an entry of a list of claims is about, for people. */
export interface DescribedFact {
  readonly key: string;
  readonly contractCode: string;
  readonly commissionerName: string;
  /** Null for a fact of a referral, which names its own. */
  readonly serviceName: string | null;
  /** Of a session. */
  readonly session: ListedSession | null;
  /** Of a milestone, as the rate card has it. */
  readonly milestone: string | null;
  /** Of the referral of a milestone or a fee. */
  readonly reference: string | null;
  /** The day of a session or a milestone, the first day of a month; null for a fee. */
  readonly day: IsoDate | null;
}

/** A referral that was accepted, by what people typed of its reference. */
export interface NamedReferral {
  readonly id: string;
  readonly reference: string;
}

/** $1 contract, $2 reference without regard to capitals and spaces. */
const NAMED = `
select id, reference from referral
where contract_id = $1 and upper(regexp_replace(reference, '\\s+', ' ', 'g')) = $2 order by reference limit 2`;

/** Says what entries of a list of claims are about. */
@Injectable()
export class ListedFacts {
  constructor(
    private readonly database: Database,
    private readonly contracts: ContractsService,
  ) {}

  /** In the order of the entries; an entry about something that is not the actor's to see has few words. */
  describe(actor: Actor, list: readonly ListedClaim[]): Promise<DescribedFact[]> {
    return this.database.read(actor, async (reader) => {
      const facts = list.map(({ fact }) => fact);
      const services = await findServices(reader);
      const sessionIds = facts.flatMap((fact) => (fact.kind === 'session' ? fact.sessionId : []));
      const sessions = await findListedSessions(reader, sessionIds);
      const referralIds = facts.flatMap((fact) => ('referralId' in fact ? fact.referralId : []));
      const references = await findReferences(reader, referralIds);
      const names = await this.milestoneNames(reader, list);
      return list.map(({ key, fact }) => {
        const contract = services.find(({ contractId }) => contractId === fact.contractId);
        const session = fact.kind === 'session' ? (sessions.find(({ id }) => id === fact.sessionId) ?? null) : null;
        const service =
          fact.kind === 'period'
            ? services.find((one) => one.contractId === fact.contractId && one.serviceCode === fact.service)
            : undefined;
        return {
          key,
          contractCode: contract?.contractCode ?? '',
          commissionerName: contract?.commissionerName ?? '',
          serviceName: session?.serviceName ?? service?.serviceName ?? null,
          session,
          milestone: fact.kind === 'milestone' ? (names.get(`${fact.contractId} ${fact.name}`) ?? fact.name) : null,
          reference: 'referralId' in fact ? (references.get(fact.referralId) ?? null) : null,
          day: dayOf(fact, session),
        };
      });
    });
  }

  /** Referrals of a contract whose reference is this, but for capitals and spaces: two where it is ambiguous. */
  referralsNamed(actor: Actor, contractId: string, reference: string): Promise<NamedReferral[]> {
    return this.database.read(actor, (reader) => reader.query(NAMED, [contractId, foldReference(reference)]));
  }

  /** By contract and code. */
  private async milestoneNames(reader: Reader, list: readonly ListedClaim[]): Promise<Map<string, string>> {
    const names = new Map<string, string>();
    const contractIds = list.flatMap(({ fact }) => (fact.kind === 'milestone' ? fact.contractId : []));
    for (const contractId of new Set(contractIds)) {
      for (const { terms } of await this.contracts.cardsOf(reader, contractId)) {
        if (terms.basis !== 'milestone') continue;
        for (const { code, name } of terms.milestones) names.set(`${contractId} ${code}`, name);
      }
    }
    return names;
  }
}

function dayOf(fact: ListedClaim['fact'], session: ListedSession | null): IsoDate | null {
  if (fact.kind === 'milestone') return fact.reachedOn;
  if (fact.kind === 'period') return `${fact.month}-01`;
  return session?.heldOn ?? null;
}
