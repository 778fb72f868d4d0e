export { formatPounds, parseMinor, parsePounds, sumMinor, type Minor } from './money.js';
export { basisPoints, multiply, type Ratio, type Rounding } from './multiply.js';
export { allocate, allocateEqually } from './allocate.js';
export {
  en16931CategoryOf,
  isVatTreatment,
  mayShareInvoice,
  OUTSIDE_SCOPE,
  VAT_CATEGORIES,
  vatOn,
  vatOnCredit,
  vatTotals,
  vatTreatmentOn,
  type VatCategory,
  type VatLine,
  type VatTotal,
  type VatTreatment,
} from './vat.js';
