import { hash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LedgerService } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import type { Tx } from '../platform/database.js';
import { newId } from '../platform/ids.js';
import { Pseudonyms } from '../platform/pseudonyms.js';
import type { PersonIdentity } from './person-identity.rules.js';
import { PersonVault } from './person-vault.service.js';
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
    private readonly vault: PersonVault,
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
    const made = new Map((await insertReferrals(tx, rows)).map((one) => [one.id, one]));
    const events = rows.flatMap((row) => {
      const person = made.get(row.id);
      if (!person) return [];
      results[row.index] = { kind: 'made', id: row.id };
      return this.eventsOf(actor, row, person);
    });
    await this.ledger.recordAll(tx, events);
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
    const createdAt = this.clock.now().toISOString();
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
      confirmedAt: confirmed ? createdAt : null,
      confirmedBy: confirmed ? actor.memberId : null,
      madeOn: referral.madeOn,
      respondBy: respondBy(referral.madeOn, referral.respondBy),
      sessionsPlanned: referral.sessionsPlanned,
      acceptedOn: referral.accepted ? referral.madeOn : null,
      createdAt,
      ...this.personOf(commissionerId, actor.orgId, referral),
    };
  }

  /** A new person, sealed; used where nobody is known by the same reference or number. */
  private personOf(
    commissionerId: string,
    ownerOrgId: string,
    { personReference: reference, nhsNumber }: NewReferral,
  ): PersonColumns {
    const id = randomUUID();
    const pseudonym = nhsNumber === null ? null : this.pseudonyms.of(commissionerId, nhsNumber).toString('hex');
    const identity: PersonIdentity | null =
      pseudonym !== null
        ? { kind: 'nhs_pseudonym', commissionerId, pseudonym }
        : reference !== null
          ? { kind: 'reference', commissionerId, ownerOrgId, reference }
          : null;
    const sealed = identity && this.vault.seal(id, identity);
    const isReference = identity?.kind === 'reference';
    return {
      personId: id,
      personReference: isReference ? identity.reference : null,
      blindIndex: isReference
        ? this.vault.indexOf(commissionerId, ownerOrgId, identity.reference).toString('hex')
        : null,
      pseudonym,
      commitment: sealed?.commitment.toString('hex') ?? null,
      version: sealed?.version ?? null,
      wrapped: sealed?.wrapped.toString('hex') ?? null,
      sealed: sealed?.sealed.toString('hex') ?? null,
    };
  }

  private eventsOf(actor: Actor, row: ReferralRow, { personId, commitment }: InsertedReferral) {
    const { commissionerId, providerId, referrerId, contractId, serviceId, source, madeOn, acceptedOn } = row;
    const { respondBy: answerBy, sessionsPlanned, lawfulBasis, sharingAgreement } = row;
    const occurredAt = new Date(row.createdAt);
    const shared = { commissionerId, subjectId: row.id, actor, providerId, referrerId, occurredAt };
    const data = {
      contractId,
      serviceId,
      personId,
      ...(commitment !== null && { personCommitment: commitment }),
      source,
      madeOn,
      respondBy: answerBy,
      sessionsPlanned,
      lawfulBasisSha256: hash('sha256', lawfulBasis),
      sharingAgreementSha256: sharingAgreement === null ? null : hash('sha256', sharingAgreement),
      unconfirmed: row.confirmedAt === null,
    };
    const made = { ...shared, type: 'referral.made', data };
    return acceptedOn === null ? [made] : [made, { ...shared, type: 'referral.accepted', data: { acceptedOn } }];
  }
}

/** Bytes are hexadecimal. Null where nothing is known of the person. */
interface PersonColumns {
  personId: string;
  personReference: string | null;
  blindIndex: string | null;
  pseudonym: string | null;
  commitment: string | null;
  version: number | null;
  wrapped: string | null;
  sealed: string | null;
}

interface ReferralRow extends Target, PersonColumns {
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
}

interface InsertedReferral {
  readonly id: string;
  readonly personId: string;
  /** Hexadecimal; null of a person of whom nothing is known, or who is not in the vault yet. */
  readonly commitment: string | null;
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
async function insertReferrals(tx: Tx, rows: readonly ReferralRow[]): Promise<InsertedReferral[]> {
  return rows.length === 0 ? [] : tx.query<InsertedReferral>(INSERT, [JSON.stringify(rows)]);
}

const INSERT = `
with wanted as (
  select * from jsonb_to_recordset($1::jsonb) w ("id" uuid, "commissionerId" uuid, "providerId" uuid,
    "referrerId" uuid, "actorOrgId" uuid, "contractId" uuid, "serviceId" uuid, "reference" text, "source" text,
    "lawfulBasis" text, "sharingAgreement" text, "state" text, "confirmedAt" timestamptz, "confirmedBy" uuid,
    "madeOn" date, "respondBy" date, "sessionsPlanned" int, "acceptedOn" date, "createdAt" timestamptz,
    "personId" uuid, "personReference" text, "blindIndex" text, "pseudonym" text, "commitment" text,
    "version" smallint, "wrapped" text, "sealed" text)
), unknown as (
  select distinct on (w."reference") w.* from wanted w
  where not exists (select from referral r where r.commissioner_id = w."commissionerId"
                    and r.provider_id = w."providerId" and r.reference = w."reference")
  order by w."reference", w."id"
), identified as materialized (
  select u.*, p.person_id, p.commitment as known_commitment from unknown u
  cross join lateral person_referred(u."commissionerId", u."personId", u."personReference", decode(u."blindIndex", 'hex'),
    decode(u."pseudonym", 'hex'), decode(u."commitment", 'hex'), u."version", decode(u."wrapped", 'hex'),
    decode(u."sealed", 'hex')) p
), stored as (
  insert into referral (commissioner_id, id, provider_id, referrer_id, actor_org_id, contract_id, service_id, person_id,
    reference, source, lawful_basis, sharing_agreement, state, confirmed_at, confirmed_by, made_on, respond_by,
    sessions_planned, accepted_on, created_at)
  select "commissionerId", "id", "providerId", "referrerId", "actorOrgId", "contractId", "serviceId", person_id,
    "reference", "source", "lawfulBasis", "sharingAgreement", "state", "confirmedAt", "confirmedBy", "madeOn",
    "respondBy", "sessionsPlanned", "acceptedOn", "createdAt" from identified
  on conflict do nothing returning id, person_id
)
select s.id, s.person_id as "personId", encode(i.known_commitment, 'hex') as commitment
from stored s join identified i on i."id" = s.id`;
