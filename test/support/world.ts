import { KeysService, OrganisationsService, type Organisation } from '../../src/organisations/index.js';
import type { Role } from '../../src/platform/actor.js';
import type { ApiClient } from './api-client.js';
import type { TestApp } from './app.js';

const AUTH = { side: 'auth', orgId: null } as const;

export interface Person {
  memberId: string;
  key: string;
  api: ApiClient;
}

/** An organisation with people to act for it, each with a personal key. */
export interface Party {
  id: string;
  code: string;
  organisation: Organisation;
  /** A member with these roles; made at the first call, the same one after that. */
  as(...roles: Role[]): Promise<Person>;
  /** One more member with these roles: a second pair of eyes. */
  another(...roles: Role[]): Promise<Person>;
}

/** Adds a commissioner with people, without going through HTTP: as the operator's command line does. */
export async function commissioner(app: TestApp, code = 'NELICB', name = `Commissioner ${code}`): Promise<Party> {
  const { organisation } = await app.nest.get(OrganisationsService).setUp({
    code,
    name,
    legalForm: 'nhs_body',
    address: ['Unex Tower', 'London'],
    postcode: 'E15 1DA',
    admin: { displayName: 'First admin', email: `admin@${code.toLowerCase()}.example`, roles: ['admin'] },
  });
  return partyOf(app, organisation);
}

/** Registers a provider or a referrer through the API of the commissioner, with people of its own. */
export async function registered(
  app: TestApp,
  by: Party,
  kind: 'provider' | 'referrer',
  code: string,
  more: Record<string, unknown> = {},
): Promise<Party> {
  const contractManager = await by.as('contract_manager');
  const { body } = await contractManager.api.post<{ id: string }>('/v1/organisations', {
    kind,
    code,
    name: `${kind === 'provider' ? 'Provider' : 'Referrer'} ${code}`,
    legalForm: 'charity',
    address: ['1 High Street', 'London'],
    postcode: 'E1 6AN',
    ...more,
  });
  return partyOf(app, await getOrganisation(app, body.id));
}

function partyOf(app: TestApp, organisation: Organisation): Party {
  const people = new Map<string, Promise<Person>>();
  const another = (...roles: Role[]) => enrol(app, organisation, roles);
  return {
    id: organisation.id,
    code: organisation.code,
    organisation,
    another,
    as: (...roles) => {
      const key = [...roles].sort().join(' ');
      const person = people.get(key) ?? another(...roles);
      people.set(key, person);
      return person;
    },
  };
}

let enrolled = 0;

async function enrol(app: TestApp, organisation: Organisation, roles: Role[]): Promise<Person> {
  const email = `member${++enrolled}@${organisation.code.toLowerCase()}.example`;
  return app.database.transaction(AUTH, async (tx) => {
    const member = await app.nest.get(OrganisationsService).enrol(tx, organisation, {
      displayName: `${roles.join(' and ')} of ${organisation.code}`,
      email,
      roles,
    });
    const { key } = await app.nest.get(KeysService).issuePersonal(tx, member);
    return { memberId: member.id, key, api: app.api(key) };
  });
}

function getOrganisation(app: TestApp, id: string): Promise<Organisation> {
  return app.database.read(AUTH, (reader) => app.nest.get(OrganisationsService).get(reader, id));
}
