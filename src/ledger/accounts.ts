/** A commissioner keeps two books that never meet: what money did, and what the budget allows. */
export type Book = 'money' | 'budget';

/** The side on which an account grows: debit or credit. Its balance is that side less the other. */
export type NormalSide = 'D' | 'C';

export interface ChartEntry {
  readonly book: Book;
  readonly normal: NormalSide;
  /** Has a balance row with a floor at zero, which refuses decisions (never facts). */
  readonly strict: boolean;
  /** One for each contract of each provider; otherwise one for each commissioner. */
  readonly keyed: boolean;
  /** What the balance says, for people. */
  readonly meaning: string;
}

/**
 * The chart of accounts. The database holds the same rows in `ledger.chart` and opens no account that is not of it.
 * Only a balance that limits a decision is strict: a strict account serialises the postings that touch it.
 */
export const CHART = {
  funds: money('D', true, false, 'free on the payment platform'),
  funds_reserved: money('D', true, false, 'instructed, not yet taken by the platform'),
  bank: money('D', false, false, "negative: what the commissioner's own bank has paid in or out"),
  activity: money('D', false, false, 'cost of delivered services'),
  vat_input: money('D', false, false, 'VAT on invoices received'),
  fees: money('D', false, false, 'charges of the payment platform'),
  accrued: money('C', true, true, 'approved, not yet invoiced'),
  owed: money('C', true, true, 'invoiced and payable now'),
  in_transit: money('C', true, true, "instructed, not yet in the provider's bank"),
  rail: money('D', false, true, "taken by the platform, not yet in the provider's bank"),
  advance: money('D', true, true, 'paid ahead, to be taken back from later payments'),
  recoverable: money('D', true, true, 'paid and then credited: the provider owes it back'),
  authorised: budget('D', false, 'what the contract allows in all'),
  budget: budget('C', true, 'left to commit'),
  committed: budget('C', true, 'in batches that wait for approval'),
  spent: budget('C', true, 'approved'),
} as const satisfies Record<string, ChartEntry>;

export type AccountKind = keyof typeof CHART;

/** An account of a commissioner, whether it has been opened yet or not. Posting opens it. */
export interface Account {
  readonly kind: AccountKind;
  readonly providerId: string | null;
  readonly contractId: string | null;
}

const single = (kind: AccountKind) => (): Account => ({ kind, providerId: null, contractId: null });

const keyed =
  (kind: AccountKind) =>
  (providerId: string, contractId: string): Account => ({ kind, providerId, contractId });

/** Every account there can be, such as `accounts.funds()` and `accounts.owed(providerId, contractId)`. */
export const accounts = {
  funds: single('funds'),
  fundsReserved: single('funds_reserved'),
  bank: single('bank'),
  activity: single('activity'),
  vatInput: single('vat_input'),
  fees: single('fees'),
  accrued: keyed('accrued'),
  owed: keyed('owed'),
  inTransit: keyed('in_transit'),
  rail: keyed('rail'),
  advance: keyed('advance'),
  recoverable: keyed('recoverable'),
  authorised: keyed('authorised'),
  budget: keyed('budget'),
  committed: keyed('committed'),
  spent: keyed('spent'),
};

/** The name of an account in its commissioner's books: `funds`, or `owed:{provider}:{contract}`. */
export function accountCode({ kind, providerId, contractId }: Account): string {
  return providerId === null ? kind : `${kind}:${providerId}:${contractId}`;
}

function money(normal: NormalSide, strict: boolean, perContract: boolean, meaning: string): ChartEntry {
  return { book: 'money', normal, strict, keyed: perContract, meaning };
}

function budget(normal: NormalSide, strict: boolean, meaning: string): ChartEntry {
  return { book: 'budget', normal, strict, keyed: true, meaning };
}
