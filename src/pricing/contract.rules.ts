import type { IsoDate } from '../platform/clock.js';

export const SERVICE_KINDS = ['activity', 'connection'] as const;
/** An activity (a class, a walk, advice), or a connection (accompanying someone, advocating for them). */
export type ServiceKind = (typeof SERVICE_KINDS)[number];

export const DOCUMENT_MODES = ['self_billed', 'provider_issued', 'provider_own', 'grant_notice'] as const;
/**
 * Who makes the document of an approved batch: the commissioner under a self-billing agreement, the provider from a draft,
 * the provider in its own system, or nobody, because a grant pays for no supply.
 */
export type DocumentMode = (typeof DOCUMENT_MODES)[number];

export const RAILS = ['stripe', 'outside'] as const;
/** How money reaches the provider: through the payment platform, or by accounts payable, which finance records. */
export type RailKind = (typeof RAILS)[number];

export const REGIMES = ['procurement_act', 'provider_selection', 'grant', 'other'] as const;
export type Regime = (typeof REGIMES)[number];

export const BUDGET_RULES = ['refuse', 'flag'] as const;
/** What happens to a batch beyond the budget. */
export type BudgetRule = (typeof BUDGET_RULES)[number];

/** What the two agreed, besides dates and prices. */
export interface ContractTerms {
  readonly documentMode: DocumentMode;
  /** With `provider_issued`: the provider has agreed that its drafts are issued without waiting for it. */
  readonly standingAuthority: boolean;
  readonly rail: RailKind;
  /** Nothing is approved without a purchase order that covers it. */
  readonly poRequired: boolean;
  readonly costCode: string | null;
  readonly buyerReference: string | null;
  /** Lines of the address of the commissioner's accounts payable, as invoices carry it. */
  readonly payablesAddress: string[];
  /** Calendar days from receipt of the invoice. */
  readonly paymentDays: number;
  /** Working day of the next month by which a month is claimed. */
  readonly claimDay: number;
  /** Days after the claim day in which a late claim needs nobody's leave. */
  readonly lateWindowDays: number;
  /** Working days in which a batch is decided. */
  readonly decideDays: number;
  readonly regime: Regime;
  readonly budgetRule: BudgetRule;
  /** Whether the commissioner gets the VAT back. What it does not get back is a cost and uses budget. */
  readonly vatRecoverable: boolean;
}

/** One version: the terms and the days for which they were agreed. First and last days are included. */
export interface ContractVersionTerms extends ContractTerms {
  readonly version: number;
  readonly effectiveFrom: IsoDate;
  readonly agreedOn: IsoDate;
  /** The first and the last day of the contract, as this version has them. */
  readonly startsOn: IsoDate;
  readonly endsOn: IsoDate;
}

/** Why something is refused: what, where in the request, and in words. */
export interface TermsFinding {
  readonly code: string;
  readonly field: string;
  readonly message: string;
}

/**
 * The version whose terms govern a day: the latest to take effect by then, and of those that take effect together the
 * one agreed later (the higher number). A day before all of them is governed by the first to take effect, a day after the
 * contract's end by the last, so that a batch can be decided when the contract is over.
 */
export function versionOn<V extends Pick<ContractVersionTerms, 'version' | 'effectiveFrom'>>(
  versions: readonly V[],
  day: IsoDate,
): V | undefined {
  let best: V | undefined;
  let first: V | undefined;
  for (const version of versions) {
    if (!first || version.effectiveFrom < first.effectiveFrom || isLaterOfSameDay(version, first)) first = version;
    if (version.effectiveFrom > day) continue;
    if (!best || version.effectiveFrom > best.effectiveFrom || isLaterOfSameDay(version, best)) best = version;
  }
  return best ?? first;
}

/** Whether a service delivered on the day is under the contract. Both days are included. */
export function isInForce(contract: Pick<ContractVersionTerms, 'startsOn' | 'endsOn'>, day: IsoDate): boolean {
  return contract.startsOn <= day && day <= contract.endsOn;
}

export const CONTRACT_STANDINGS = ['in_force', 'ending_soon', 'to_come', 'over'] as const;
/** Where a day stands to a contract; one that ends soon is in force too. */
export type ContractStanding = (typeof CONTRACT_STANDINGS)[number];

/** How long before its last day a contract ends soon: long enough to agree on another. */
export const ENDING_SOON_DAYS = 60;
const DAY_MS = 86_400_000;

export function standingOf(
  { startsOn, endsOn }: Pick<ContractVersionTerms, 'startsOn' | 'endsOn'>,
  day: IsoDate,
): ContractStanding {
  if (day < startsOn) return 'to_come';
  if (day > endsOn) return 'over';
  return endsOn <= lastDayOfSoon(day) ? 'ending_soon' : 'in_force';
}

/** The last day that is soon on a day. */
export function lastDayOfSoon(day: IsoDate): IsoDate {
  return new Date(Date.parse(day) + ENDING_SOON_DAYS * DAY_MS).toISOString().slice(0, 10);
}

/** All that stands against a version of a contract; empty when nothing does. */
export function whyNotAgree(terms: ContractVersionTerms, today: IsoDate): TermsFinding[] {
  return [...dateFindings(terms, today), ...documentFindings(terms), ...paymentFindings(terms)];
}

function dateFindings({ startsOn, endsOn, effectiveFrom, agreedOn }: ContractVersionTerms, today: IsoDate) {
  const findings: TermsFinding[] = [];
  if (endsOn < startsOn) findings.push(finding('ends_before_start', 'endsOn', 'The last day is before the first.'));
  else if (effectiveFrom < startsOn || effectiveFrom > endsOn)
    findings.push(
      finding('outside_contract', 'effectiveFrom', `The version takes effect outside ${startsOn} to ${endsOn}.`),
    );
  if (agreedOn > today) findings.push(finding('not_agreed_yet', 'agreedOn', 'It cannot be agreed after today.'));
  return findings;
}

function documentFindings({ documentMode, standingAuthority, regime }: ContractVersionTerms): TermsFinding[] {
  const findings: TermsFinding[] = [];
  if (standingAuthority && documentMode !== 'provider_issued')
    findings.push(
      finding(
        'authority_without_drafts',
        'standingAuthority',
        'Standing authority lets drafts be issued for the provider, so it needs the document mode provider_issued.',
      ),
    );
  if ((documentMode === 'grant_notice') !== (regime === 'grant'))
    findings.push(
      finding(
        'grant_is_no_supply',
        'documentMode',
        'A grant pays for no supply: it has the regime grant, the document mode grant_notice, and no VAT; nothing else has.',
      ),
    );
  return findings;
}

/** Procurement Act 2023 s68: payment within 30 days, and a term that says otherwise has no effect. */
function paymentFindings({ regime, paymentDays }: ContractVersionTerms): TermsFinding[] {
  return regime === 'procurement_act' && paymentDays > 30
    ? [finding('later_than_the_act', 'paymentDays', 'Procurement Act 2023 s68 allows 30 days at the most.')]
    : [];
}

function isLaterOfSameDay(
  a: Pick<ContractVersionTerms, 'version' | 'effectiveFrom'>,
  b: Pick<ContractVersionTerms, 'version' | 'effectiveFrom'>,
): boolean {
  return a.effectiveFrom === b.effectiveFrom && a.version > b.version;
}

function finding(code: string, field: string, message: string): TermsFinding {
  return { code, field, message };
}

/** Whether a day is one of a period's; both its days are. */
export function covers({ startsOn, endsOn }: { startsOn: IsoDate; endsOn: IsoDate }, day: IsoDate): boolean {
  return startsOn <= day && day <= endsOn;
}

/** What binds a self-billing agreement. */
interface Agreed {
  readonly acceptedAt: Date | null;
  readonly vatNumber: string | null;
  readonly startsOn: IsoDate;
  readonly endsOn: IsoDate;
}

/** Of the agreements of a provider the one that binds on a day, on which the provider has this VAT number; else null. */
export function agreementOn<A extends Agreed>(
  agreements: readonly A[],
  vatNumber: string | null,
  day: IsoDate,
): A | null {
  const held = agreements.find(
    (agreement) => agreement.acceptedAt !== null && agreement.vatNumber === vatNumber && covers(agreement, day),
  );
  return held ?? null;
}
