import { z } from 'zod';
import {
  parseCharityNumber,
  parseCompanyNumber,
  parseGln,
  parseOdsCode,
  parsePostcode,
  parseVatNumber,
} from '../identifiers/index.js';
import { identifier } from '../platform/identifier.schemas.js';
import { ROLES, SERVICE_SCOPES } from '../platform/actor.js';
import { LEGAL_FORMS, ORGANISATION_KINDS } from './organisation.entity.js';

const line = z.string().trim().min(1).max(100);
const email = z.email().max(200);
const pence = z
  .string()
  .regex(/^\d{1,15}$/, 'must be pence as digits')
  .transform(BigInt);

export const RegisterOrganisation = z
  .strictObject({
    kind: z.enum(['provider', 'referrer']),
    code: z
      .string()
      .regex(/^[A-Z0-9]{2,12}$/, 'must be 2 to 12 capitals and digits')
      .describe('Short code; starts the numbers of its invoices.'),
    name: z.string().trim().min(2).max(200),
    legalForm: z.enum(LEGAL_FORMS),
    odsCode: identifier(parseOdsCode, 'ODS code, 1 to 9 letters and digits.').optional(),
    charityNumber: identifier(parseCharityNumber, 'Number at one of the three charity regulators.').optional(),
    companyNumber: identifier(parseCompanyNumber, 'Companies House number, 8 characters.').optional(),
    gln: identifier(parseGln, 'Global Location Number.').optional(),
    address: z.array(line).min(1).max(6),
    postcode: identifier(parsePostcode, 'UK postcode.'),
  })
  .meta({ id: 'RegisterOrganisation' });
export type RegisterOrganisation = z.infer<typeof RegisterOrganisation>;

export const OrganisationView = z
  .object({
    id: z.uuid(),
    kind: z.enum(ORGANISATION_KINDS),
    code: z.string(),
    name: z.string(),
    legalForm: z.enum(LEGAL_FORMS),
    odsCode: z.string().nullable(),
    charityNumber: z.string().nullable(),
    companyNumber: z.string().nullable(),
    gln: z.string().nullable(),
    address: z.array(z.string()),
    postcode: z.string(),
  })
  .meta({ id: 'Organisation' });

export const RegisterVat = z
  .strictObject({
    vatNumber: identifier(parseVatNumber, 'VAT registration number, with or without GB.'),
    startsOn: z.iso.date(),
    endsOn: z.iso.date().optional(),
  })
  .refine(({ startsOn, endsOn }) => endsOn === undefined || startsOn <= endsOn, {
    path: ['endsOn'],
    error: 'must not be before startsOn',
  })
  .meta({ id: 'RegisterVat' });
export type RegisterVat = z.infer<typeof RegisterVat>;

export const EndVat = z
  .strictObject({
    startsOn: z.iso.date().describe('The first day of the registration that ends.'),
    endsOn: z.iso.date().describe('Its last day, included.'),
  })
  .refine(({ startsOn, endsOn }) => startsOn <= endsOn, { path: ['endsOn'], error: 'must not be before startsOn' })
  .meta({ id: 'EndVat' });
export type EndVat = z.infer<typeof EndVat>;

export const Invite = z
  .strictObject({
    organisationId: z.uuid().optional().describe('Your own organisation unless given; else one that you registered.'),
    email,
    roles: z.array(z.enum(ROLES)).min(1).max(9),
    approvalLimitMinor: pence
      .optional()
      .describe('The most that the member may approve at once, in pence; no limit unless given.'),
  })
  .meta({ id: 'Invite' });
export type Invite = z.infer<typeof Invite>;

export const InvitationView = z
  .object({
    id: z.uuid(),
    token: z.string().describe('Shown once: give it to the person invited.'),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'Invitation' });

export const AcceptInvitation = z
  .strictObject({ token: z.string().min(20).max(200), displayName: z.string().trim().min(1).max(120) })
  .meta({ id: 'AcceptInvitation' });
export type AcceptInvitation = z.infer<typeof AcceptInvitation>;

export const KeyView = z
  .object({
    id: z.uuid(),
    key: z.string().describe('Shown once.'),
    prefix: z.string(),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'Key' });

export const IssueServiceKey = z
  .strictObject({
    label: z.string().trim().min(1).max(80),
    scopes: z.array(z.enum(SERVICE_SCOPES)).min(1),
    days: z.int().min(1).max(365).default(365),
  })
  .meta({ id: 'IssueServiceKey' });
export type IssueServiceKey = z.infer<typeof IssueServiceKey>;

export const MemberView = z
  .object({
    id: z.uuid(),
    displayName: z.string(),
    email: z.string(),
    roles: z.array(z.enum(ROLES)),
    approvalLimitMinor: z.string().nullable(),
    disabled: z.boolean(),
  })
  .meta({ id: 'Member' });

export const ChangeRoles = z
  .strictObject({ roles: z.array(z.enum(ROLES)).min(1).max(9).describe('All that the member is to have.') })
  .meta({ id: 'ChangeRoles' });
export type ChangeRoles = z.infer<typeof ChangeRoles>;

export const ChangeApprovalLimit = z
  .strictObject({
    approvalLimitMinor: pence.describe('The most that the member may approve at once, in pence.'),
  })
  .meta({ id: 'ChangeApprovalLimit' });
export type ChangeApprovalLimit = z.infer<typeof ChangeApprovalLimit>;

export const PendingInvitationView = z
  .object({
    id: z.uuid(),
    organisationId: z.uuid().describe('Your own, or one that you registered.'),
    email: z.string(),
    roles: z.array(z.enum(ROLES)),
    approvalLimitMinor: z.string().nullable(),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'PendingInvitation' });

export const ServiceKeyView = z
  .object({
    id: z.uuid(),
    label: z.string(),
    prefix: z.string().describe('How the key begins.'),
    scopes: z.array(z.enum(SERVICE_SCOPES)),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'ServiceKey' });

export const WhoAmI = z
  .object({
    organisation: OrganisationView,
    kind: z.enum(['person', 'service']),
    memberId: z.uuid().nullable(),
    roles: z.array(z.enum(ROLES)),
    scopes: z.array(z.enum(SERVICE_SCOPES)),
    sandbox: z.boolean(),
  })
  .meta({ id: 'WhoAmI' });

export const IdParameter = z.strictObject({ id: z.uuid() });
