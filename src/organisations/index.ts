import { ApiKey } from './api-key.entity.js';
import { Invitation } from './invitation.entity.js';
import { Member } from './member.entity.js';
import { Organisation } from './organisation.entity.js';
import { VatRegistration } from './vat-registration.entity.js';

export { OrganisationsModule } from './organisations.module.js';
export { OrganisationsService, type NewCommissioner, type NewMember } from './organisations.service.js';
export {
  OrganisationRegister,
  type OrganisationFilter,
  type OrganisationInFull,
} from './organisation-register.service.js';
export { InvitationsService, type InvitationOffer } from './invitations.service.js';
export { InvitingService, type InvitingOffer, type PendingInvitation } from './inviting.service.js';
export { MembersService, type MemberRefusals } from './members.service.js';
export { KeysService, type IssuedKey } from './keys.service.js';
export { ServiceKeysService, type ServiceKey } from './service-keys.service.js';
export { type Member } from './member.entity.js';
export { rolesOf } from './member.rules.js';
export { scopesOf } from './service-key.rules.js';
export {
  LEGAL_FORMS,
  ORGANISATION_KINDS,
  type Organisation,
  type LegalForm,
  type OrganisationKind,
} from './organisation.entity.js';
export { type VatRegistration } from './vat-registration.entity.js';
export { emailTaken, invitationUnusable, organisationNotFound } from './organisations.errors.js';
export {
  ChangeApprovalLimit,
  ChangeRoles,
  EndVat,
  IdParameter,
  Invite,
  IssueServiceKey,
  RegisterOrganisation,
  RegisterVat,
} from './organisations.schemas.js';

export const ORGANISATION_ENTITIES = [Organisation, VatRegistration, Member, ApiKey, Invitation];
