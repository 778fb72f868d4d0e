export type { Parsed } from './parsed.js';
export { findNhsNumbers, parseNhsNumber, type NhsNumber, type NhsNumberFound } from './nhs-number.rules.js';
export { parseOdsCode } from './ods-code.rules.js';
export { parseCharityNumber, type CharityNumber, type CharityRegulator } from './charity-number.rules.js';
export { parseCompanyNumber } from './company-number.rules.js';
export { parseVatNumber, type VatNumber } from './vat-number.rules.js';
export { parseGln } from './gln.rules.js';
export { paddedAccountNumber, parseAccountNumber, parseSortCode, type SortCode } from './bank-account.rules.js';
export { parsePostcode } from './uk-postcode.rules.js';
export {
  findIdentifiers,
  maskIdentifiers,
  type IdentifierFound,
  type IdentifierKind,
  type MaskOptions,
} from './mask.rules.js';
