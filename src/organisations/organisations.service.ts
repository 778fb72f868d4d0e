import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { Commands, LedgerService } from '../ledger/index.js';
import { systemActor, type Actor, type Role, type Scope } from '../platform/actor.js';
import { canonicalJson } from '../platform/canonical-json.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import { Database, type Reader, type Tx } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import { Invitation } from './invitation.entity.js';
import { homeOf, readersOfOrganisation } from './journal-home.queries.js';
import { KeysService, type IssuedKey } from './keys.service.js';
import { Member } from './member.entity.js';
import { rolesOf, rolesThatDoNotFit } from './member.rules.js';
import { Organisation, type OrganisationKind } from './organisation.entity.js';
import {
  invitationUnusable,
  organisationNotFound,
  roleNotOfKind,
  vatRegistrationMissing,
} from './organisations.errors.js';
import type { AcceptInvitation, EndVat, RegisterOrganisation, RegisterVat } from './organisations.schemas.js';
import { hashOfSecret } from './secrets.js';
import { VatRegistration } from './vat-registration.entity.js';

const AUTH = { side: 'auth', orgId: null } as const;

export interface NewMember {
  displayName: string;
  email: string;
  roles: Role[];
  approvalLimitMinor?: bigint | null;
}

export interface NewCommissioner extends Omit<RegisterOrganisation, 'kind'> {
  admin: NewMember;
}

@Injectable()
export class OrganisationsService {
  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly keys: KeysService,
    private readonly clock: Clock,
  ) {}

  /** Registers a provider or referrer under the commissioner that works with it. */
  register(actor: Actor, request: RegisterOrganisation): Promise<Organisation> {
    const id = newId();
    return this.commands.run(actor, { name: 'organisation.register', commissionerId: actor.orgId }, async (tx) => {
      const organisation = this.organisationOf({ ...request, id, registeredBy: actor.orgId });
      await tx.insert(Organisation, organisation);
      await this.recordRegistration(tx, actor, organisation);
      return organisation;
    });
  }

  /** Sets an instance up: the commissioner, its first member, and a personal key. For the operator's command line. */
  async setUp(request: NewCommissioner): Promise<{ organisation: Organisation; member: Member; key: IssuedKey }> {
    const { admin, ...rest } = request;
    return this.database.transaction(AUTH, async (tx) => {
      const organisation = this.organisationOf({ ...rest, kind: 'commissioner', id: newId(), registeredBy: null });
      await tx.insert(Organisation, organisation);
      await this.recordRegistration(tx, systemActor(organisation.id, organisation.id), organisation);
      const member = await this.enrol(tx, organisation, admin);
      return { organisation, member, key: await this.keys.issuePersonal(tx, member) };
    });
  }

  /** A personal key for a member that exists, found by e-mail address. For the operator's command line. */
  async personalKey(organisationCode: string, email: string): Promise<IssuedKey> {
    return this.database.transaction(AUTH, async (tx) => {
      const [member] = await tx.query<{ id: string; organisationId: string }>(
        `select m.id, m.organisation_id as "organisationId" from member m join organisation o on o.id = m.organisation_id
         where o.code = $1 and lower(m.email) = lower($2) and m.disabled_at is null`,
        [organisationCode, email],
      );
      if (!member) throw notFound();
      return this.keys.issuePersonal(tx, member);
    });
  }

  /** Turns an invitation, once, into a member with a personal key. */
  acceptInvitation(request: AcceptInvitation): Promise<{ memberId: string; key: IssuedKey }> {
    return this.database.transaction(AUTH, async (tx) => {
      const now = this.clock.now();
      const tokenHash = hashOfSecret(request.token);
      const used = await tx.execute(
        'update invitation set used_at = $1 where token_hash = $2 and used_at is null and expires_at > $1',
        [now, tokenHash],
      );
      const invitation = used === 1 ? await tx.findOneBy(Invitation, { tokenHash }) : null;
      if (!invitation) throw invitationUnusable();
      const organisation = await this.get(tx, invitation.organisationId);
      const { email, roles, approvalLimitMinor } = invitation;
      const { displayName } = request;
      const member = await this.enrol(tx, organisation, { displayName, email, roles, approvalLimitMinor });
      return { memberId: member.id, key: await this.keys.issuePersonal(tx, member) };
    });
  }

  /** Records that a provider is registered for VAT from a day on. Its own treasurer or its registrar may. */
  registerVat(actor: Actor, organisationId: string, request: RegisterVat): Promise<VatRegistration> {
    return this.database.transaction(actor, async (tx) => {
      const organisation = await this.get(tx, organisationId);
      if (organisation.id !== actor.orgId && organisation.registeredBy !== actor.orgId) throw organisationNotFound();
      const registration = {
        organisationId,
        vatNumber: request.vatNumber,
        startsOn: request.startsOn,
        endsOn: request.endsOn ?? null,
        createdAt: this.clock.now(),
      };
      await tx.insert(VatRegistration, registration);
      await this.recordVat(tx, actor, organisation, 'recorded', registration);
      return registration;
    });
  }

  /**
   * Says on which day a VAT registration ends, or corrects that. Its own treasurer or its registrar may.
   *
   * @throws organisation.not_found, organisation.vat_registration_missing, organisation.vat_registration_overlaps
   */
  endVat(actor: Actor, organisationId: string, { startsOn, endsOn }: EndVat): Promise<VatRegistration> {
    return this.database.transaction(actor, async (tx) => {
      const organisation = await this.get(tx, organisationId);
      if (organisation.id !== actor.orgId && organisation.registeredBy !== actor.orgId) throw organisationNotFound();
      const where = { organisationId, startsOn };
      const registration = await tx.findOneBy(VatRegistration, where);
      if (!registration) throw vatRegistrationMissing({ startsOn });
      await tx.update(VatRegistration, where, { endsOn });
      Object.assign(registration, { endsOn });
      await this.recordVat(tx, actor, organisation, 'ended', registration);
      return registration;
    });
  }

  private async recordRegistration(tx: Tx, actor: Actor, organisation: Organisation): Promise<void> {
    const { id, kind, code, createdAt } = organisation;
    await this.ledger.record(tx, {
      commissionerId: homeOf(organisation),
      type: 'organisation.registered',
      subjectId: id,
      actor,
      ...readersOfOrganisation(organisation),
      occurredAt: createdAt,
      data: { kind, code, entrySha256: entrySha256(organisation) },
    });
  }

  /** In the journal of the commissioner that looks after the organisation; a number is bound by its hash. */
  private async recordVat(
    tx: Tx,
    actor: Actor,
    organisation: Organisation,
    happened: 'recorded' | 'ended',
    { startsOn, endsOn, vatNumber, createdAt }: VatRegistration,
  ): Promise<void> {
    await this.ledger.record(tx, {
      type: happened === 'recorded' ? 'vat_registration.recorded' : 'vat_registration.ended',
      commissionerId: homeOf(organisation),
      subjectId: organisation.id,
      actor,
      ...readersOfOrganisation(organisation),
      ...(happened === 'recorded' && { occurredAt: createdAt }),
      data: { startsOn, endsOn, vatNumberSha256: hash('sha256', vatNumber) },
    });
  }

  async find(reader: Reader, id: string): Promise<Organisation | null> {
    return reader.findOneBy(Organisation, { id });
  }

  /** @throws organisation.not_found */
  async get(reader: Reader, id: string): Promise<Organisation> {
    const organisation = await reader.findOneBy(Organisation, { id });
    if (!organisation) throw organisationNotFound();
    return organisation;
  }

  /** Several organisations, by id. */
  async getAll(reader: Reader, ids: Iterable<string>): Promise<ReadonlyMap<string, Organisation>> {
    const wanted = [...new Set(ids)];
    const found = await reader.findBy(Organisation, { id: In(wanted) });
    if (found.length < wanted.length) throw organisationNotFound();
    return new Map(found.map((one) => [one.id, one]));
  }

  /** What organisations are called, by id. */
  async names(actor: Scope, ids: Iterable<string>): Promise<Map<string, string>> {
    const wanted = [...new Set(ids)];
    const found = await this.database.read(actor, (reader) =>
      reader.find(Organisation, { select: { id: true, name: true }, where: { id: In(wanted) } }),
    );
    return new Map(found.map(({ id, name }) => [id, name]));
  }

  /** Organisations of a kind, by code; all may see the register. */
  async list(actor: Actor, kind: OrganisationKind | undefined, code: string | undefined): Promise<Organisation[]> {
    const where = { ...(kind && { kind }), ...(code !== undefined && { code }) };
    return this.database.read(actor, (reader) => reader.find(Organisation, { where, order: { code: 'ASC' } }));
  }

  /** The VAT number under which the organisation is registered on a day; null when it is not. */
  async vatNumberOn(reader: Reader, organisationId: string, day: IsoDate): Promise<string | null> {
    const [row] = await reader.query<{ vatNumber: string }>(
      `select vat_number as "vatNumber" from vat_registration
       where organisation_id = $1 and starts_on <= $2 and (ends_on is null or ends_on >= $2)`,
      [organisationId, day],
    );
    return row?.vatNumber ?? null;
  }

  /** Makes a member without an invitation: set-up and tests. */
  async enrol(
    tx: Tx,
    organisation: Pick<Organisation, 'id' | 'kind' | 'registeredBy'>,
    person: NewMember,
  ): Promise<Member> {
    checkRoles(organisation.kind, person.roles);
    const member = {
      id: newId(),
      organisationId: organisation.id,
      displayName: person.displayName,
      email: person.email,
      roles: person.roles,
      approvalLimitMinor: person.approvalLimitMinor ?? null,
      createdAt: this.clock.now(),
      disabledAt: null,
      loginId: null,
    };
    await tx.insert(Member, member);
    const { id, organisationId, roles, approvalLimitMinor, createdAt } = member;
    const commissionerId = homeOf(organisation);
    await this.ledger.record(tx, {
      type: 'member.joined',
      commissionerId,
      subjectId: id,
      actor: systemActor(commissionerId, id),
      ...readersOfOrganisation(organisation),
      occurredAt: createdAt,
      data: { organisationId, roles, approvalLimitMinor },
    });
    return member;
  }

  private organisationOf(
    from: Omit<RegisterOrganisation, 'kind'> & { kind: OrganisationKind; id: string; registeredBy: string | null },
  ): Organisation {
    return {
      ...from,
      odsCode: from.odsCode ?? null,
      charityNumber: from.charityNumber ?? null,
      companyNumber: from.companyNumber ?? null,
      gln: from.gln ?? null,
      createdAt: this.clock.now(),
    };
  }
}

function checkRoles(kind: OrganisationKind, roles: Role[]): void {
  const wrong = rolesThatDoNotFit(kind, roles);
  if (wrong.length > 0) throw roleNotOfKind({ wrong, roles: rolesOf(kind) });
}

/** What others know an organisation by, which its registration binds by its hash. */
function entrySha256(organisation: Organisation): string {
  const { name, legalForm, odsCode, charityNumber, companyNumber, gln, address, postcode } = organisation;
  const entry = { name, legalForm, odsCode, charityNumber, companyNumber, gln, address, postcode };
  return hash('sha256', canonicalJson(entry));
}
