import { onConstraint } from '../platform/constraints.js';
import { defineError } from '../platform/errors.js';

const taken = (what: string, code: string) =>
  defineError({
    code,
    kind: 'conflict',
    title: `Another organisation has this ${what}.`,
    fix: `Look the organisation up by it; a ${what} belongs to one organisation only.`,
  });

export const codeTaken = taken('code', 'organisation.code_taken');
export const odsCodeTaken = taken('ODS code', 'organisation.ods_code_taken');
export const charityNumberTaken = taken('charity number', 'organisation.charity_number_taken');
export const companyNumberTaken = taken('company number', 'organisation.company_number_taken');

export const vatRegistrationOverlaps = defineError({
  code: 'organisation.vat_registration_overlaps',
  kind: 'conflict',
  title: 'The organisation has another VAT registration in these dates.',
  fix: 'End the earlier registration first, or correct the dates.',
});

export const vatRegistrationMissing = defineError({
  code: 'organisation.vat_registration_missing',
  kind: 'not_found',
  title: 'The organisation has no VAT registration that starts on this day.',
  fix: 'Give the first day of a registration that it has.',
});

export const emailTaken = defineError({
  code: 'member.email_taken',
  kind: 'conflict',
  title: 'A member of this organisation has this e-mail address.',
  fix: 'Use the member that exists, or another address.',
});

export const roleNotOfKind = defineError({
  code: 'member.role_not_of_organisation',
  kind: 'invalid',
  title: 'This role does not exist in an organisation of this kind.',
  fix: 'details.roles lists the roles that do.',
});

export const ownRights = defineError({
  code: 'member.own_rights',
  kind: 'forbidden',
  title: 'Nobody changes their own roles or their own limit.',
  fix: 'Ask another admin of your organisation.',
});

export const lastAdmin = defineError({
  code: 'member.last_admin',
  kind: 'rule_broken',
  title: 'An organisation keeps at least one admin who is not disabled.',
  fix: 'Make somebody else an admin first.',
});

export const invitationUnusable = defineError({
  code: 'invitation.unusable',
  kind: 'forbidden',
  title: 'This invitation was used, has expired, or does not exist.',
  fix: 'Ask whoever invited you for a new one.',
});

export const invitationUsed = defineError({
  code: 'invitation.used',
  kind: 'conflict',
  title: 'This invitation was accepted: it cannot be taken back.',
  fix: 'Disable the member instead.',
});

export const organisationHasAdmin = defineError({
  code: 'invitation.organisation_has_admin',
  kind: 'forbidden',
  title: 'This organisation has an admin, who invites its people.',
  fix: 'Ask an admin of that organisation to invite them.',
});

export const shownOnce = defineError({
  code: 'secret.shown_once',
  kind: 'conflict',
  title: 'This was done already, and its secret was shown then.',
  fix: 'If nobody kept the secret, revoke what was made and ask for a new one.',
});

export const organisationNotFound = defineError({
  code: 'organisation.not_found',
  kind: 'not_found',
  title: 'There is no such organisation.',
  fix: 'Check the id, or register the organisation first.',
});

onConstraint('organisation_code_taken', codeTaken);
onConstraint('organisation_ods_code_taken', odsCodeTaken);
onConstraint('organisation_charity_number_taken', charityNumberTaken);
onConstraint('organisation_company_number_taken', companyNumberTaken);
onConstraint('vat_registration_overlaps', vatRegistrationOverlaps);
onConstraint('vat_registration_pkey', vatRegistrationOverlaps);
onConstraint('member_email_taken', emailTaken);
