import { sumMinor } from '../money/index.js';
import type { IsoDate } from '../platform/clock.js';

/**
 * A statement of account: what stands before the lines, and what stands after them. The lines travel beside it in
 * pages, so that a statement of any size is rendered with flat memory.
 *
 * Balances and effects are what the commissioner owes the provider, in pence sterling: invoiced, and neither in the
 * provider's bank yet nor to be given back. Positive is owed, negative is paid in advance. Dates are `YYYY-MM-DD`.
 * References are opaque.
 */
export interface StatementHead {
  readonly format: 'wellpaid.statement.1';
  readonly subject: StatementSubject;
  readonly period: { readonly from: IsoDate; readonly to: IsoDate };
  readonly preparedOn: IsoDate;
  readonly currency: 'GBP';
  readonly openingMinor: bigint;
  readonly sandbox: boolean;
}

/** Whose statement: one provider with a commissioner, a commissioner with all its providers, or one contract. */
export interface StatementSubject {
  readonly kind: 'provider' | 'commissioner' | 'contract';
  readonly code: string;
  readonly name: string;
  /** The other side, or for a contract its two parties. */
  readonly parties: readonly string[];
}

export type StatementLineKind =
  | 'invoice'
  | 'credit_note'
  | 'grant_notice'
  | 'payout'
  | 'payout_returned'
  | 'payment_outside'
  | 'repayment'
  | 'adjustment';

/** A fact as the ledger knows it, before the running balance. */
export interface StatementEntry {
  readonly effectiveOn: IsoDate;
  readonly kind: StatementLineKind;
  readonly reference: string;
  readonly provider: StatementProvider;
  /** Code of the contract that it counts under. */
  readonly contract: string;
  /** What is owed grows by it. Signed. */
  readonly effectMinor: bigint;
  /** How much of the effect is VAT. Signed alike. */
  readonly vatMinor: bigint;
  /** The event of the journal that posted it. */
  readonly eventId: string;
}

export interface StatementProvider {
  readonly code: string;
  readonly name: string;
}

export interface StatementLine extends StatementEntry {
  readonly balanceMinor: bigint;
}

/** Known once the last line has passed. */
export interface StatementFoot extends StatementClosing {
  readonly lineCount: number;
  readonly increasedMinor: bigint;
  readonly decreasedMinor: bigint;
}

/** What the balance is made of: owed and in transit, less advanced and recoverable. */
export interface BalanceParts {
  /** Invoiced and not yet instructed to be paid. */
  readonly owedMinor: bigint;
  /** Instructed, and not yet in the provider's bank. */
  readonly inTransitMinor: bigint;
  /** Paid ahead of invoices. */
  readonly advancedMinor: bigint;
  /** Paid and then credited: the provider owes it back. */
  readonly recoverableMinor: bigint;
}

/** What is no part of the balance, because it is on no invoice. */
export interface NotInvoiced {
  /** By the ledger, on the last day of the period. */
  readonly approvedNotInvoicedMinor: bigint;
  /** At the price that each claim has now: claimed by the last day of the period and not approved by then. */
  readonly claimedNotApprovedMinor: bigint;
  /** What was delivered in the period without funding, at its indicative value: acknowledged, never payable. */
  readonly recognisedMinor: bigint;
}

/** Unpaid invoices by days past their due day on the last day of the period. */
export interface Ageing {
  readonly notDueMinor: bigint;
  readonly days1To30Minor: bigint;
  readonly days31To60Minor: bigint;
  readonly days61To90Minor: bigint;
  readonly over90Minor: bigint;
}

/** A statement on its way: the lines can be read once, page by page, and the foot is known when they have been. */
export interface Statement {
  readonly head: StatementHead;
  readonly pages: AsyncIterable<readonly StatementLine[]>;
  /** Throws Error before the last line has been read. */
  foot(): StatementFoot;
}

export interface StatementClosing {
  /** The balance that the ledger itself has at the end of the period. */
  readonly closingMinor: bigint;
  readonly parts: BalanceParts;
  readonly notInvoiced: NotInvoiced;
  readonly ageing: Ageing;
  /** How much of the journal it tells: as many events as that checkpoint of it has; null when none was sealed yet. */
  readonly bookedSize: number | null;
  /** Of the platform's log, which holds one of the journal's; null when there is none yet. */
  readonly checkpoint: StatementCheckpoint | null;
}

/** A signed head of the platform's log, so that each side holds a witness of it. */
export interface StatementCheckpoint {
  readonly origin: string;
  readonly size: number;
  /** Base64. */
  readonly root: string;
}

/**
 * Runs the balance through the entries, which come in the order of their days. Reading throws RangeError at an entry out
 * of order or outside the period, and at the end when opening and entries do not come to the ledger's own closing
 * balance: a statement that does not add up is not finished.
 */
export function openStatement(
  head: StatementHead,
  entries: AsyncIterable<readonly StatementEntry[]> | Iterable<readonly StatementEntry[]>,
  closing: StatementClosing,
): Statement {
  const run = new BalanceRun(head);
  let foot: StatementFoot | undefined;
  async function* pages(): AsyncGenerator<readonly StatementLine[]> {
    for await (const page of entries) yield page.map((entry) => run.lineOf(entry));
    foot = { ...run.close(closing.closingMinor), ...closing };
  }
  return {
    head,
    pages: pages(),
    foot: () => {
      if (foot === undefined) throw new Error('The foot of a statement is known after its last line');
      return foot;
    },
  };
}

class BalanceRun {
  private lineCount = 0;
  private increasedMinor = 0n;
  private decreasedMinor = 0n;
  private balanceMinor: bigint;
  private before: IsoDate;

  constructor(private readonly head: StatementHead) {
    this.balanceMinor = head.openingMinor;
    this.before = head.period.from;
  }

  lineOf(entry: StatementEntry): StatementLine {
    const { effectiveOn, reference, effectMinor } = entry;
    const { to } = this.head.period;
    if (effectiveOn < this.before || effectiveOn > to) {
      throw new RangeError(`${reference} of ${effectiveOn} stands after ${this.before} in a period to ${to}`);
    }
    this.before = effectiveOn;
    this.lineCount += 1;
    if (effectMinor > 0n) this.increasedMinor += effectMinor;
    else this.decreasedMinor -= effectMinor;
    this.balanceMinor += effectMinor;
    return {
      effectiveOn,
      kind: entry.kind,
      reference,
      provider: entry.provider,
      contract: entry.contract,
      effectMinor,
      vatMinor: entry.vatMinor,
      eventId: entry.eventId,
      balanceMinor: this.balanceMinor,
    };
  }

  close(closingMinor: bigint): Pick<StatementFoot, 'lineCount' | 'increasedMinor' | 'decreasedMinor'> {
    if (this.balanceMinor !== closingMinor) {
      throw new RangeError(`The entries come to ${this.balanceMinor}, the ledger to ${closingMinor}`);
    }
    const { lineCount, increasedMinor, decreasedMinor } = this;
    return { lineCount, increasedMinor, decreasedMinor };
  }
}

export interface UnpaidInvoice {
  readonly dueOn: IsoDate;
  readonly openMinor: bigint;
}

const DAY_MS = 86_400_000;
const CHUNK_CHARACTERS = 16_384;

/** Unpaid invoices by how many days they are past due on a day. The day on which it is due is not past it. */
export function ageingOf(invoices: readonly UnpaidInvoice[], on: IsoDate): Ageing {
  const between = (from: number, to: number): bigint =>
    sumMinor(
      invoices
        .filter(({ dueOn }) => {
          const days = (Date.parse(on) - Date.parse(dueOn)) / DAY_MS;
          return days >= from && days <= to;
        })
        .map(({ openMinor }) => openMinor),
    );
  return {
    notDueMinor: between(-Infinity, 0),
    days1To30Minor: between(1, 30),
    days31To60Minor: between(31, 60),
    days61To90Minor: between(61, 90),
    over90Minor: between(91, Infinity),
  };
}

/**
 * The statement as JSON text, `{"head": …, "lines": […], "foot": …}`, some lines at a time. Amounts are decimal strings of
 * pence. Cut short, it is not JSON, so that half a statement is never taken for a whole one.
 */
export async function* statementJson(statement: Statement): AsyncGenerator<string> {
  let text = `{"head":${asJson(statement.head)},"lines":[`;
  let separator = '';
  for await (const page of statement.pages) {
    for (const line of page) {
      text += separator + asJson(line);
      separator = ',';
      if (text.length < CHUNK_CHARACTERS) continue;
      yield text;
      text = '';
    }
  }
  yield `${text}],"foot":${asJson(statement.foot())}}`;
}

function asJson(value: StatementHead | StatementLine | StatementFoot): string {
  return JSON.stringify(value, (_key, field: unknown) => (typeof field === 'bigint' ? field.toString() : field));
}
