import { parsePostcode } from '../identifiers/index.js';
import type { Customer, PostalAddress, Supplier } from './invoice.document.js';

/** What the register says of an organisation. */
export interface Registered {
  readonly name: string;
  readonly legalForm: string;
  readonly address: readonly string[];
  readonly postcode: string;
  readonly odsCode: string | null;
  readonly charityNumber: string | null;
  readonly companyNumber: string | null;
}

const PUBLIC_AUTHORITIES: ReadonlySet<string> = new Set(['nhs_body', 'council', 'public_body']);

/** Whether the Late Payment of Commercial Debts (Interest) Act 1998 s4 gives it 30 days at the most. */
export function isPublicAuthority({ legalForm }: Pick<Registered, 'legalForm'>): boolean {
  return PUBLIC_AUTHORITIES.has(legalForm);
}

export function supplierOf(provider: Registered, vatNumber: string | null): Supplier {
  const { name, address, postcode, odsCode, charityNumber, companyNumber } = provider;
  return { name, address: { lines: address, postcode }, vatNumber, odsCode, charityNumber, companyNumber };
}

/** The commissioner under the address of its accounts payable, as the contract has it. */
export function customerOf(
  commissioner: Registered,
  payablesAddress: readonly string[],
  vatNumber: string | null,
): Customer {
  const { name, postcode, odsCode } = commissioner;
  return { name, address: addressOf(payablesAddress, postcode), vatNumber, odsCode, payablesCode: null };
}

/** The last line is the postcode where it reads as one; otherwise that of the commissioner stands. */
function addressOf(lines: readonly string[], postcode: string): PostalAddress {
  const last = parsePostcode(lines.at(-1) ?? '');
  return last.ok && lines.length > 1 ? { lines: lines.slice(0, -1), postcode: last.value } : { lines, postcode };
}
