import { hash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { LedgerService } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { foldReference } from '../platform/csv-cells.rules.js';
import type { Tx } from '../platform/database.js';
import { newId } from '../platform/ids.js';
import { ContractsService, type CountedLines } from '../pricing/index.js';
import type { ClaimSetting } from './claim-setting.service.js';
import { ClaimSubmission, type ClaimOrigin, type SubmittedClaim } from './claim-submission.service.js';
import { sessionKeyText, type DeliveredRow } from './delivered-row.rules.js';
import {
  findAttendances,
  findPlacesOnDays,
  findReferencesOnDays,
  findReferralsByCapitals,
  findReferralsById,
  findReferralsByReference,
  findSessions,
  findStandingClaims,
  findTakenRows,
  sendDelivery,
  type FoundReferral,
} from './delivery-intake.queries.js';
import { planDelivery, type DeliveryPlan, type RowOutcome } from './delivery-plan.rules.js';
import type { RecordedFacts } from './claim-line.rules.js';
import { countsStored } from './claim-history.queries.js';
import type { HeldStatements } from './held-statements.rules.js';
import type { KeptHistory } from './kept-history.rules.js';
import type { FoundRow, KnownDelivery } from './known-delivery.rules.js';
import {
  daysOfPlan,
  daysOfRows,
  joinedFacts,
  neighboursWith,
  plannedFacts,
  unplannedCharges,
  withPlanned,
  type AskedDays,
  type Neighbours,
} from './planned-facts.rules.js';
import { readFacts } from './recorded-facts.queries.js';
import { recordingEvents } from './recording-events.rules.js';

export interface TakenDelivery {
  /** One for each row, in their order. */
  readonly outcomes: readonly RowOutcome[];
  readonly claims: readonly SubmittedClaim[];
  readonly plan: DeliveryPlan;
  readonly takenAt: Date;
}

/** Delivery that is planned, and of which nothing may be stored yet. */
export interface PlannedDelivery {
  readonly plan: DeliveryPlan;
  readonly statements: HeldStatements;
}

export interface IntakeOptions extends ClaimOrigin {
  /** Whether what is recorded is claimed as well. */
  readonly claim: boolean;
  /** What other parts of the same file have come to know of the claims before. */
  readonly history?: KeptHistory;
  /** Keeps what is to be stored until it is let go. Without, all of it is sent as soon as it is known. */
  readonly statements?: HeldStatements;
  /** What the same file had taken before in this transaction. It is let go once all is read that need not wait for it. */
  readonly after?: PlannedDelivery;
  /** Called when all is read that is to be read: from then on it is the database that is at work. */
  readonly onRead?: () => void;
}

/** Takes delivery in, by rows: the one way for requests and for files. Reads what is known, plans, stores the plan. */
@Injectable()
export class DeliveryIntake {
  constructor(
    private readonly contracts: ContractsService,
    private readonly submission: ClaimSubmission,
    private readonly ledger: LedgerService,
    private readonly clock: Clock,
  ) {}

  /**
   * Records sessions and attendances that are new and, where asked, claims what they earn and nobody has claimed. Each row
   * has its outcome; a row that fails records nothing. Takes the contract's lock, so that the same rows sent at the same
   * time have one effect.
   */
  async take(
    tx: Tx,
    actor: Actor,
    setting: ClaimSetting,
    rows: readonly DeliveredRow[],
    options: IntakeOptions,
  ): Promise<TakenDelivery> {
    const { after, statements = tx } = options;
    const unstored = after?.statements.areHeld === true ? after.plan : undefined;
    // Ahead of the lock: what referrals say changes without it.
    const found = await findRows(tx, setting, rows);
    const locked = after ? undefined : this.contracts.lockContract(tx, setting.contractId);
    if (options.statements) await locked;
    const [known, ahead] = await Promise.all([
      readKnown(tx, setting, found, options.claimFileId, unstored),
      options.statements ? undefined : this.readAhead(tx, setting, found, options),
      locked,
    ]);
    const now = this.clock.now();
    const plan = planDelivery(found, known, {
      contractId: setting.contractId,
      rates: setting.rates,
      isInForce: (day) => setting.termsOn(day).isInForce,
      now,
      today: this.clock.today(),
      claims: options.claim,
      newId,
    });
    const planned = ahead
      ? plannedFacts(plan, ahead.neighbours, referralsOf(found))
      : await readPlanned(tx, setting, found, plan, unstored);
    const older = unplannedCharges(plan.claims, planned);
    if (older.length > 0 || countsStored(setting)) after?.statements.letGo();
    // Read ahead of all that is stored, so that what is stored is not waited for until it is priced and spelled.
    const before =
      plan.claims.length > 0 && older.length === 0
        ? (ahead?.before ?? (await this.submission.readBefore(tx, setting, planned, options.history)))
        : undefined;
    after?.statements.letGo();
    options.onRead?.();
    if (options.statements) await turn(); // what was let go leaves while this is spelled and priced: not before the loop turns
    sendDelivery(statements, setting, plan, now, options.claimFileId);
    const recorded = recordingEvents(plan, actor, setting);
    const isOneStatement = !options.statements && plan.claims.length > 0;
    if (!isOneStatement) this.ledger.sendAll(statements, recorded);
    if (older.length > 0) options.statements?.letGo();
    if (options.statements) await turn();
    const facts = older.length === 0 ? planned : joinedFacts(planned, await readFacts(tx, setting, older));
    const given = { ...options, facts, before, events: isOneStatement ? recorded : [] };
    const claims = await this.submission.submit(tx, actor, setting, plan.claims, given);
    return { outcomes: plan.outcomes, claims, plan, takenAt: now };
  }

  /**
   * What a plan of a few rows may depend on, for all of them, so that it is read along with what is known of them; a file's
   * rows are looked up as far as their plan needs it.
   */
  private async readAhead(
    tx: Tx,
    setting: ClaimSetting,
    found: readonly RowInFull[],
    { claim, history }: IntakeOptions,
  ): Promise<{ neighbours: Neighbours; before: readonly CountedLines[] } | undefined> {
    if (!claim) return undefined;
    const [neighbours, before] = await Promise.all([
      readNeighbours(tx, setting, daysOfRows(found)),
      this.submission.readBefore(tx, setting, { referrals: referralsOf(found) }, history),
    ]);
    return { neighbours, before };
  }
}

/** A row whose referral is known in full. */
type RowInFull = FoundRow & { readonly referral: Referral };

async function findRows(tx: Tx, setting: ClaimSetting, rows: readonly DeliveredRow[]): Promise<RowInFull[]> {
  const referralOf = await findReferrals(tx, setting, rows);
  return rows.map((given) => {
    const referral = referralOf(given);
    const referralId = typeof referral === 'string' ? null : (referral?.id ?? null);
    return {
      given,
      referral,
      sessionKey: sha256(sessionKeyText(given, referralId)),
      rowHash: given.normalised === null ? null : sha256(given.normalised),
    };
  });
}

type Referral = FoundReferral | 'unknown' | 'ambiguous' | null;

/** By id, by reference as it is written, and only then without regard to capitals. */
async function findReferrals(
  tx: Tx,
  setting: ClaimSetting,
  rows: readonly DeliveredRow[],
): Promise<(row: DeliveredRow) => Referral> {
  const keys = rows.flatMap(({ referral }) => referral ?? []);
  const ids = unique(keys.flatMap((key) => ('id' in key ? key.id : [])));
  const references = unique(keys.flatMap((key) => ('reference' in key ? key.reference : [])));
  const byId = mapOf(await findReferralsById(tx, setting, ids), ({ id }) => id);
  const exact = mapOf(await findReferralsByReference(tx, setting, references), ({ reference }) => reference);
  const capitals = unique(references.filter((reference) => !exact.has(reference)).map(foldReference));
  const near = new Map<string, FoundReferral[]>();
  for (const row of await findReferralsByCapitals(tx, setting, capitals)) {
    const folded = foldReference(row.reference);
    near.set(folded, [...(near.get(folded) ?? []), row]);
  }
  return ({ referral }) => {
    if (referral === null) return null;
    if ('id' in referral) return byId.get(referral.id) ?? 'unknown';
    const written = exact.get(referral.reference);
    if (written) return written;
    const [first, second] = near.get(foldReference(referral.reference)) ?? [];
    return second ? 'ambiguous' : (first ?? 'unknown');
  };
}

/** Reads only what can be there: what is new on all sides has neither people nor claims, and no row told of it before. */
async function readKnown(
  tx: Tx,
  setting: ClaimSetting,
  found: readonly RowInFull[],
  claimFileId: string | undefined,
  unstored: DeliveryPlan | undefined,
): Promise<KnownDelivery> {
  const keys = new Set(found.map(({ sessionKey }) => sessionKey));
  const sessions = await findSessions(tx, setting, [...keys]);
  const sessionIds = [...sessions.values()].map(({ id }) => id);
  const attendances = await findAttendances(tx, setting, sessionIds);
  const paysReferrals = setting.cards.some(({ terms }) => terms.basis === 'referral');
  const referralIds = paysReferrals ? [...referralsOf(found).keys()] : [];
  const facts = unique([...sessionIds, ...attendances.map(({ id }) => id), ...referralIds]);
  const claims = await findStandingClaims(tx, setting, facts);
  const again = found.filter(({ sessionKey }) => sessions.has(sessionKey));
  const hashes = unique(again.flatMap(({ rowHash }) => rowHash ?? []));
  const taken =
    claimFileId === undefined
      ? new Map<string, never>()
      : await findTakenRows(tx, setting, hashes, sessionIds, claimFileId);
  const known = { sessions, attendances, claims, hashes: taken };
  return unstored ? withPlanned(known, keys, unstored) : known;
}

/** What the price of the plan's charges depends on, before any of it is stored. */
async function readPlanned(
  tx: Tx,
  setting: ClaimSetting,
  found: readonly RowInFull[],
  plan: DeliveryPlan,
  unstored: DeliveryPlan | undefined,
): Promise<RecordedFacts> {
  if (plan.claims.length === 0) return plannedFacts(plan, { places: [], references: [] }, new Map());
  const neighbours = await readNeighbours(tx, setting, daysOfPlan(plan));
  return plannedFacts(plan, unstored ? neighboursWith(neighbours, unstored) : neighbours, referralsOf(found));
}

async function readNeighbours(tx: Tx, setting: ClaimSetting, { people, references }: AskedDays): Promise<Neighbours> {
  const [places, days] = await Promise.all([
    findPlacesOnDays(tx, setting, people),
    findReferencesOnDays(tx, setting, references),
  ]);
  return { places, references: days };
}

function referralsOf(found: readonly RowInFull[]): Map<string, FoundReferral> {
  return new Map(
    found.flatMap(({ referral }) =>
      referral === null || typeof referral === 'string' ? [] : [[referral.id, referral] as const],
    ),
  );
}

const sha256 = (text: string): string => hash('sha256', text);

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

function mapOf<T>(rows: readonly T[], key: (row: T) => string): Map<string, T> {
  return new Map(rows.map((row) => [key(row), row]));
}
