import { Injectable } from '@nestjs/common';
import type { Actor } from '../platform/actor.js';
import { Database } from '../platform/database.js';
import { pageOf, type Page } from '../platform/page.js';
import type { Organisation, OrganisationKind } from './organisation.entity.js';
import { OrganisationsService } from './organisations.service.js';
import { VatRegistration } from './vat-registration.entity.js';

export interface OrganisationFilter {
  readonly kind?: OrganisationKind | undefined;
  /** A part of the name, or the beginning of the code or of a number. */
  readonly text?: string | undefined;
  /** The last organisation of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface OrganisationInFull {
  readonly organisation: Organisation;
  /** The latest first. */
  readonly vatRegistrations: readonly VatRegistration[];
  /** Who registered it; null for one that was set up by the operator. */
  readonly registeredByName: string | null;
  /** Whether the actor registered it, and so looks after its numbers and invites its first people. */
  readonly isOurs: boolean;
}

const MATCHING = `
select id, kind, code, name, legal_form as "legalForm", ods_code as "odsCode", charity_number as "charityNumber",
       company_number as "companyNumber", gln, address, postcode, registered_by as "registeredBy",
       created_at as "createdAt"
from organisation
where ($1::text is null or kind = $1)
  and ($2 = '' or position(lower($2) in lower(name)) > 0
       or exists (select from unnest(array[code, charity_number, company_number, ods_code]) n
                  where starts_with(n, upper(replace($2, ' ', '')))))
  and ($3::uuid is null or (name, id) > (select o.name, o.id from organisation o where o.id = $3))
order by name, id limit $4`;

/** The register of organisations, to look through and to look at. Everybody may see it. */
@Injectable()
export class OrganisationRegister {
  constructor(
    private readonly database: Database,
    private readonly organisations: OrganisationsService,
  ) {}

  /** Organisations by name. */
  list(actor: Actor, { kind, text = '', after, limit }: OrganisationFilter): Promise<Page<Organisation>> {
    return this.database.read(actor, async (reader) => {
      const asked = [kind ?? null, text.trim(), after ?? null, limit + 1];
      return pageOf(await reader.query<Organisation>(MATCHING, asked), limit);
    });
  }

  /** @throws organisation.not_found */
  read(actor: Actor, id: string): Promise<OrganisationInFull> {
    return this.database.read(actor, async (reader) => {
      const organisation = await this.organisations.get(reader, id);
      const { registeredBy } = organisation;
      const registrar = registeredBy === null ? null : await this.organisations.find(reader, registeredBy);
      const order = { startsOn: 'DESC' } as const;
      return {
        organisation,
        vatRegistrations: await reader.find(VatRegistration, { where: { organisationId: id }, order }),
        registeredByName: registrar?.name ?? null,
        isOurs: registeredBy === actor.orgId,
      };
    });
  }
}
