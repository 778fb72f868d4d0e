import { ApiKey } from './api-key.entity.js';
import { Invitation } from './invitation.entity.js';
import { Member } from './member.entity.js';
import { Organisation } from './organisation.entity.js';
import { VatRegistration } from './vat-registration.entity.js';

export { OrganisationsModule } from './organisations.module.js';
export { OrganisationsService, type NewCommissioner, type NewMember } from './organisations.service.js';
export { KeysService, type IssuedKey } from './keys.service.js';
export { type Organisation, type LegalForm } from './organisation.entity.js';
export { organisationNotFound } from './organisations.errors.js';
export { IdParameter, RegisterOrganisation } from './organisations.schemas.js';

export const ORGANISATION_ENTITIES = [Organisation, VatRegistration, Member, ApiKey, Invitation];
