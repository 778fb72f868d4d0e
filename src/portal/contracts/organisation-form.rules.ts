import {
  parseCharityNumber,
  parseCompanyNumber,
  parseOdsCode,
  parsePostcode,
  parseVatNumber,
  type Parsed,
} from '../../identifiers/index.js';
import type { LegalForm } from '../../organisations/index.js';
import type { Fields } from '../page/fields.rules.js';
import type { Form } from '../page/form.js';

const KINDS = ['provider', 'referrer'] as const;
const LEGAL_FORMS = [
  'charity',
  'cic',
  'company',
  'unincorporated',
  'sole_trader',
  'council',
  'nhs_body',
  'public_body',
] as const satisfies readonly LegalForm[];
const NUMBER_MAX = 40;

/** Where a form shows what is wrong with a part of the request. */
export const ORGANISATION_PLACES: Readonly<Record<string, string>> = {
  code: 'short',
  odsCode: 'ods',
  charityNumber: 'charity',
  companyNumber: 'company',
  postcode: 'postal',
};

/** The fields of what a service says that another organisation has. */
export const TAKEN_PLACES: Readonly<Record<string, string>> = {
  'organisation.code_taken': 'short',
  'organisation.ods_code_taken': 'ods',
  'organisation.charity_number_taken': 'charity',
  'organisation.company_number_taken': 'company',
};

/** An organisation as the API takes it; numbers as people write them become canonical. */
export function readOrganisation(form: Form, fields: Fields) {
  return {
    kind: form.choice('kind', KINDS, 'organisations.form.kindMissing'),
    name: readName(form),
    code: readShort(form, fields),
    legalForm: form.choice('legalForm', LEGAL_FORMS, 'organisations.form.legalFormMissing'),
    charityNumber: identifierField(form, fields, 'charity', parseCharityNumber, 'organisations.form.charityWrong'),
    companyNumber: identifierField(form, fields, 'company', parseCompanyNumber, 'organisations.form.companyWrong'),
    odsCode: identifierField(form, fields, 'ods', parseOdsCode, 'organisations.form.odsWrong'),
    address: readAddress(form, fields),
    postcode: readPostcode(form, fields),
  };
}

/** A VAT registration as the API takes it. */
export function readVatRegistration(form: Form, fields: Fields) {
  const vatNumber = identifierField(form, fields, 'vatNumber', parseVatNumber, 'organisations.vat.numberWrong');
  if (!fields.has('vatNumber')) form.refuse('vatNumber', 'organisations.vat.numberMissing');
  const startsOn = form.day('startsOn', { missing: 'organisations.vat.startsOnMissing' });
  const endsOn = form.day('endsOn');
  if (startsOn !== undefined && endsOn !== undefined && endsOn < startsOn)
    form.refuse('endsOn-day', 'organisations.vat.endsBefore');
  return { vatNumber, startsOn, ...(endsOn !== undefined && { endsOn }) };
}

function readName(form: Form): string | undefined {
  const name = form.text('name', { missing: 'organisations.form.nameMissing', max: 200 });
  if (name === undefined || name.length >= 2) return name;
  form.refuse('name', 'organisations.form.nameMissing');
  return undefined;
}

function readShort(form: Form, fields: Fields): string | undefined {
  if (form.text('short', { missing: 'organisations.form.shortMissing', max: NUMBER_MAX }) === undefined)
    return undefined;
  const code = fields
    .text('short')
    .toUpperCase()
    .replace(/[\s_-]+/g, '');
  if (/^[A-Z0-9]{2,12}$/.test(code)) return code;
  form.refuse('short', 'organisations.form.shortWrong');
  return undefined;
}

/** Undefined when it was left empty, or is wrong: then the form says so, without repeating what was typed. */
function identifierField(
  form: Form,
  fields: Fields,
  name: string,
  parse: (text: string) => Parsed,
  wrong: string,
): string | undefined {
  const text = fields.text(name).replace(/\s+/g, '');
  if (text === '') return undefined;
  const parsed = text.length > NUMBER_MAX ? undefined : parse(text);
  if (parsed?.ok) return parsed.value;
  form.refuse(name, wrong);
  return undefined;
}

function readAddress(form: Form, fields: Fields): string[] | undefined {
  const lines = fields
    .text('address')
    .split(/\n|,/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length === 0) form.refuse('address', 'organisations.form.addressMissing');
  else if (lines.length > 6 || lines.some((line) => line.length > 100))
    form.refuse('address', 'organisations.form.addressWrong');
  else return lines;
  return undefined;
}

function readPostcode(form: Form, fields: Fields): string | undefined {
  if (fields.has('postal'))
    return identifierField(form, fields, 'postal', parsePostcode, 'organisations.form.postalWrong');
  form.refuse('postal', 'organisations.form.postalMissing');
  return undefined;
}
