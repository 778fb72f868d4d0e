import { ApiKey } from './api-key.entity.js';
import { Invitation } from './invitation.entity.js';
import { Member } from './member.entity.js';
import { Organisation } from './organisation.entity.js';
import { VatRegistration } from './vat-registration.entity.js';

export { OrganisationsModule } from './organisations.module.js';
export { OrganisationsService, type NewCommissioner, type NewMember } from './organisations.service.js';
export { InvitationsService, type InvitationOffer } from './invitations.service.js';
export { MembersService, type PendingInvitation } from './members.service.js';
export { KeysService, type IssuedKey, type ServiceKey } from './keys.service.js';
export { type Member } from './member.entity.js';
export { rolesOf } from './member.rules.js';
export { type Organisation, type LegalForm, type OrganisationKind } from './organisation.entity.js';
export { emailTaken, invitationUnusable, organisationNotFound } from './organisations.errors.js';
export { IdParameter, RegisterOrganisation } from './organisations.schemas.js';

export const ORGANISATION_ENTITIES = [Organisation, VatRegistration, Member, ApiKey, Invitation];
