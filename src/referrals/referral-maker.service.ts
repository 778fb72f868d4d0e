import { Injectable } from '@nestjs/common';
import { LedgerService } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import type { Tx } from '../platform/database.js';
import { newId } from '../platform/ids.js';
import { Pseudonyms } from '../platform/pseudonyms.js';
import type { ReferralSource } from './referral.entity.js';
import { respondBy } from './referral.rules.js';

/** A referral to be made, by whatever way it came. */
export interface NewReferral {
  /** Folded: upper case, single spaces. */
  readonly reference: string;
  readonly service: string;
  readonly source: ReferralSource;
  readonly madeOn: IsoDate;
  readonly respondBy?: IsoDate | undefined;
  readonly lawfulBasis: string;
  readonly sharingAgreement: string | null;
  readonly sessionsPlanned: number | null;
  readonly personReference: string | null;
  /** Ten validated digits; turned into a pseudonym here, kept nowhere. */
  readonly nhsNumber: string | null;
  /** Accepted at once, on the day that it was made. */
  readonly accepted: boolean;
}

/** Whose referral it is: the commissioner who pays, the provider who delivers, the contract where there is a choice. */
export interface Destination {
  readonly commissionerId: string;
  readonly providerId: string;
  readonly contract: string | undefined;
}

/** What became of each referral, in the order given. */
export type MadeReferral =
  | { readonly kind: 'made'; readonly id: string }
  | { readonly kind: 'repeated' }
  | { readonly kind: 'no_contract' }
  | { readonly kind: 'several_contracts' };

interface Target {
  contractId: string;
  serviceId: string;
}

/** Makes referrals set-based: one by hand and a thousand from a file go the same way. */
@Injectable()
export class ReferralMaker {
  constructor(
    private readonly ledger: LedgerService,
    private readonly pseudonyms: Pseudonyms,
    private readonly clock: Clock,
  ) {}

  /** Stores the referrals that have one contract in force and a new reference, with an event for each. */
  async make(
    tx: Tx,
    actor: Actor,
    { commissionerId, providerId, contract }: Destination,
    referrals: readonly NewReferral[],
  ): Promise<MadeReferral[]> {
    const targets = await findTargets(tx, { commissionerId, providerId, contract }, referrals);
    const results: MadeReferral[] = targets.map((found) => {
      if (found.length === 1) return { kind: 'repeated' };
      return { kind: found.length === 0 ? 'no_contract' : 'several_contracts' };
    });
    const rows = referrals.flatMap((referral, index) => {
      const target = targets[index];
      if (target?.length !== 1 || !target[0]) return [];
      return [{ index, ...this.rowOf(actor, commissionerId, providerId, referral, target[0]) }];
    });
    const made = await insertReferrals(tx, rows);
    const byId = new Map(made.map(({ id, personId }) => [id, personId]));
    const stored = rows.filter(({ id }) => byId.has(id));
    for (const { index, id } of stored) results[index] = { kind: 'made', id };
    await this.ledger.recordAll(
      tx,
      stored.flatMap((row) => this.eventsOf(actor, row, byId.get(row.id) ?? '')),
    );
    return results;
  }

  private rowOf(
    actor: Actor,
    commissionerId: string,
    providerId: string,
    referral: NewReferral,
    target: Target,
  ): ReferralRow {
    const confirmed = actor.side !== 'provider';
    const pseudonym = referral.nhsNumber === null ? null : this.pseudonyms.of(commissionerId, referral.nhsNumber);
    return {
      id: newId(),
      commissionerId,
      providerId,
      referrerId: actor.side === 'referrer' ? actor.orgId : null,
      actorOrgId: actor.orgId,
      ...target,
      reference: referral.reference,
      source: referral.source,
      lawfulBasis: referral.lawfulBasis,
      sharingAgreement: referral.sharingAgreement,
      state: referral.accepted ? 'accepted' : 'made',
      confirmedAt: confirmed ? this.clock.now().toISOString() : null,
      confirmedBy: confirmed ? actor.memberId : null,
      madeOn: referral.madeOn,
      respondBy: respondBy(referral.madeOn, referral.respondBy),
      sessionsPlanned: referral.sessionsPlanned,
      acceptedOn: referral.accepted ? referral.madeOn : null,
      createdAt: this.clock.now().toISOString(),
      personReference: pseudonym ? null : referral.personReference,
      pseudonym: pseudonym?.toString('hex') ?? null,
    };
  }

  private eventsOf(actor: Actor, row: ReferralRow, personId: string) {
    const { commissionerId, providerId, referrerId, contractId, serviceId, source, madeOn } = row;
    const shared = { commissionerId, subjectId: row.id, actor, providerId, referrerId };
    const data = { contractId, serviceId, personId, source, madeOn, unconfirmed: row.confirmedAt === null };
    const made = { ...shared, type: 'referral.made', data };
    if (row.acceptedOn === null) return [made];
    return [made, { ...shared, type: 'referral.accepted', data: { acceptedOn: row.acceptedOn } }];
  }
}

interface ReferralRow extends Target {
  id: string;
  commissionerId: string;
  providerId: string;
  referrerId: string | null;
  actorOrgId: string;
  reference: string;
  source: ReferralSource;
  lawfulBasis: string;
  sharingAgreement: string | null;
  state: 'made' | 'accepted';
  confirmedAt: string | null;
  confirmedBy: string | null;
  madeOn: IsoDate;
  respondBy: IsoDate;
  sessionsPlanned: number | null;
  acceptedOn: IsoDate | null;
  createdAt: string;
  personReference: string | null;
  /** Hex. */
  pseudonym: string | null;
}

/** For each referral the contracts that it can fall under: none, one, or too many to choose. */
async function findTargets(
  tx: Tx,
  { commissionerId, providerId, contract }: Destination,
  referrals: readonly NewReferral[],
): Promise<Target[][]> {
  const wanted = new Map(referrals.map(({ service, madeOn }) => [`${service} ${madeOn}`, { service, madeOn }]));
  const rows = await tx.query<Target & { service: string; madeOn: IsoDate }>(
    `select w.service, w.made_on as "madeOn", t.contract_id as "contractId", t.service_id as "serviceId"
     from jsonb_to_recordset($4::jsonb) w (service text, made_on date)
     cross join lateral referral_target($1, $2, w.service, $3, w.made_on) t`,
    [
      commissionerId,
      providerId,
      contract ?? null,
      JSON.stringify([...wanted.values()].map(({ service, madeOn }) => ({ service, made_on: madeOn }))),
    ],
  );
  return referrals.map(({ service, madeOn }) => rows.filter((row) => row.service === service && row.madeOn === madeOn));
}

/** Inserts those whose reference is new, and says which. A person is found or made for each that is stored. */
async function insertReferrals(tx: Tx, rows: readonly ReferralRow[]): Promise<{ id: string; personId: string }[]> {
  if (rows.length === 0) return [];
  return tx.query(
    `with wanted as (
       select * from jsonb_to_recordset($1::jsonb) w ("id" uuid, "commissionerId" uuid, "providerId" uuid,
         "referrerId" uuid, "actorOrgId" uuid, "contractId" uuid, "serviceId" uuid, "reference" text, "source" text,
         "lawfulBasis" text, "sharingAgreement" text, "state" text, "confirmedAt" timestamptz, "confirmedBy" uuid,
         "madeOn" date, "respondBy" date, "sessionsPlanned" int, "acceptedOn" date, "createdAt" timestamptz,
         "personReference" text, "pseudonym" text)
     ), unknown as (
       select distinct on (w."reference") w.* from wanted w
       where not exists (select from referral r where r.commissioner_id = w."commissionerId"
                         and r.provider_id = w."providerId" and r.reference = w."reference")
       order by w."reference", w."id"
     ), identified as materialized (
       select u.*, person_for(u."commissionerId", u."personReference", decode(u."pseudonym", 'hex')) as person_id from unknown u
     )
     insert into referral (commissioner_id, id, provider_id, referrer_id, actor_org_id, contract_id, service_id, person_id,
       reference, source, lawful_basis, sharing_agreement, state, confirmed_at, confirmed_by, made_on, respond_by,
       sessions_planned, accepted_on, created_at)
     select "commissionerId", "id", "providerId", "referrerId", "actorOrgId", "contractId", "serviceId", person_id,
       "reference", "source", "lawfulBasis", "sharingAgreement", "state", "confirmedAt", "confirmedBy", "madeOn",
       "respondBy", "sessionsPlanned", "acceptedOn", "createdAt" from identified
     on conflict do nothing returning id, person_id as "personId"`,
    [JSON.stringify(rows)],
  );
}
