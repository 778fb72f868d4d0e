import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Apart, Commands, type DoneTogether, type PromisedAnswer } from '../ledger/index.js';
import { OrganisationsService } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { Database, type Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import { Metrics } from '../platform/metrics.js';
import { ContractsService } from '../pricing/index.js';
import type { EarnedFact } from './claim-charge.rules.js';
import { ClaimFacts, type FactOfClaim } from './claim-facts.service.js';
import { countsOwn } from './claim-history.rules.js';
import { ClaimRegister } from './claim-register.service.js';
import { ClaimSettings, type ClaimSetting } from './claim-setting.service.js';
import { ClaimSubmission, type ClaimOrigin, type SubmittedClaim } from './claim-submission.service.js';
import type { Claim } from './claim.entity.js';
import type { SubmitClaim } from './claims.schemas.js';
import { ROW_ERRORS } from './delivery.errors.js';
import { findStandingClaims } from './delivery-intake.queries.js';
import type { NewClaim } from './delivery-plan.rules.js';
import type { KnownClaim } from './known-delivery.rules.js';
import { SenderLots, type Sent } from './sender-lots.service.js';

export interface Submitted {
  readonly claims: readonly Claim[];
  /** The same was claimed before. */
  readonly repeated: boolean;
}

/** What a claim says beside its fact. */
export type Said = Pick<SubmitClaim, 'expectedMinor' | 'yourReference'>;

/** What a fact earns that nobody has claimed; when all of it was claimed, the claims that stand. */
interface PlannedFact {
  readonly free: readonly NewClaim[];
  readonly standing: readonly string[];
}

const COMMAND = 'claim.submit';

/**
 * Claims what recorded facts earn. Requests of one sender for one contract that come while others of theirs are under way are
 * claimed together: one transaction, one pricing, one wait for the disk.
 */
@Injectable()
export class FactClaims implements BeforeApplicationShutdown {
  readonly lots: SenderLots<SubmitClaim, Submitted>;

  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly contracts: ContractsService,
    private readonly organisations: OrganisationsService,
    private readonly settings: ClaimSettings,
    private readonly facts: ClaimFacts,
    private readonly submission: ClaimSubmission,
    private readonly register: ClaimRegister,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    this.lots = new SenderLots(metrics, {
      figures: {
        waiting: 'wellpaid_claims_waiting',
        requests: 'wellpaid_claims_recorded_total',
        lots: 'wellpaid_claims_lots_total',
        lotRequests: 'wellpaid_claims_lot_requests',
        lotSeconds: 'wellpaid_claims_lot_duration_seconds',
      },
      purpose: 'to claim a fact',
      keysOf: ({ fact }) => [JSON.stringify(fact)],
      together: (sent) => this.submitTogether(sent),
      alone: ({ actor, request }) => this.submitAlone(actor, request),
    });
  }

  /**
   * Claims what a recorded fact earns by the card in force: one claim for each kind of charge, and for each part of a
   * month. The same again answers with the claims that there are.
   *
   * @throws claim.fact_earns_nothing, claim.period_not_over, delivery.* and not_found for the fact
   * @throws request.too_busy when more is waiting than can be claimed soon
   */
  submit(actor: Actor, request: SubmitClaim): Promise<Submitted> {
    const { contract, paidTo = null, deliveredBy = null } = request;
    return this.lots.join([contract, paidTo, deliveredBy], { actor, request });
  }

  /** Claims what waits before the process ends. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.lots.drain();
  }

  /** Claims what one fact of the contract earns, under the contract's lock, as part of a command. */
  async claimIn(
    tx: Tx,
    actor: Actor,
    setting: ClaimSetting,
    fact: FactOfClaim,
    said: Said,
    origin: ClaimOrigin = {},
  ): Promise<Submitted> {
    const { free, standing } = await this.plan(tx, setting, fact, said);
    if (free.length === 0) return { claims: await this.register.withIds(tx, standing), repeated: true };
    const submitted = await this.submission.submit(tx, actor, setting, free, origin);
    const ids = submitted.map(({ claimId }) => claimId);
    return { claims: await this.register.withIds(tx, ids), repeated: false };
  }

  private async submitAlone(actor: Actor, request: SubmitClaim): Promise<Submitted> {
    const setting = await this.database.read(actor, (reader) => this.settings.loadNamed(reader, request.contract));
    const { commissionerId } = setting;
    return this.commands.run(actor, { name: COMMAND, commissionerId }, async (tx) => {
      await this.contracts.lockContract(tx, setting.contractId);
      const origin = await this.originOf(tx, request);
      return this.claimIn(tx, actor, setting, request.fact, request, origin);
    });
  }

  /** Undefined when they cannot be claimed together. */
  private submitTogether(
    sent: readonly Sent<SubmitClaim>[],
  ): Promise<readonly PromisedAnswer<Submitted>[] | undefined> {
    const [first] = sent;
    assert(first, 'a lot has a request');
    const { actor, request } = first;
    const actors = sent.map((one) => one.actor);
    return this.commands.runTogether(actors, { name: COMMAND }, async (tx) => {
      const setting = await this.settings.loadNamed(tx, request.contract);
      await this.contracts.lockContract(tx, setting.contractId);
      const origin = await this.originOf(tx, request);
      // Side by side: what is asked about one is sent before the answer about another has come.
      const planned = await Promise.all(sent.map((one) => this.plan(tx, setting, one.request.fact, one.request)));
      const free = planned.flatMap((one) => one.free);
      const submitted = await this.submission.submit(tx, actor, setting, free, origin);
      refuseSamePerson(setting, planned, submitted);
      const standing = await this.register.withIds(
        tx,
        planned.flatMap((one) => one.standing),
      );
      return sharedOut(planned, submitted, standing);
    });
  }

  /** @throws delivery.claimed_before when it was claimed with something else said */
  private async plan(tx: Tx, setting: ClaimSetting, fact: FactOfClaim, said: Said): Promise<PlannedFact> {
    const { serviceId, earned, periodEndsOn, causeId } = await this.facts.earnedBy(tx, setting, fact);
    const factIds = earned.map(({ factId }) => factId);
    const standing = await findStandingClaims(tx, setting, factIds);
    const isClaimed = ({ factId, chargeKind }: EarnedFact) =>
      standing.some((claim) => claim.factId === factId && claim.chargeKind === chargeKind);
    const free = earned
      .filter((charge) => !isClaimed(charge))
      .map((charge) => ({
        ...charge,
        claimId: newId(),
        serviceId,
        periodEndsOn: periodEndsOn(charge),
        expectedMinor: said.expectedMinor ?? null,
        submittedOn: this.clock.today(),
        row: 0,
        yourReference: said.yourReference ?? null,
        causeId,
      }));
    if (free.length > 0) return { free, standing: [] };
    if (standing.some((claim) => isAnother(claim, said))) throw ROW_ERRORS.claimed_before();
    return { free, standing: standing.map(({ id }) => id) };
  }

  private async originOf(tx: Tx, { paidTo, deliveredBy }: SubmitClaim): Promise<ClaimOrigin> {
    if (paidTo !== undefined) await this.organisations.get(tx, paidTo);
    if (deliveredBy !== undefined) await this.organisations.get(tx, deliveredBy);
    return { ...(paidTo !== undefined && { paidTo }), ...(deliveredBy !== undefined && { deliveredBy }) };
  }
}

function isAnother(claim: KnownClaim, { expectedMinor, yourReference }: Said): boolean {
  return (
    (expectedMinor !== undefined && claim.expectedMinor !== null && claim.expectedMinor !== expectedMinor) ||
    (yourReference !== undefined && claim.yourReference !== null && claim.yourReference !== yourReference)
  );
}

/**
 * Where claims of a person are counted, two requests about the same one are claimed one after the other: the later has to see
 * what the earlier did. That they are of one person is known only once their facts are read.
 *
 * @throws Apart
 */
function refuseSamePerson(
  { cards }: ClaimSetting,
  planned: readonly PlannedFact[],
  submitted: readonly SubmittedClaim[],
): void {
  if (!countsOwn(cards)) return;
  const personOf = new Map(submitted.map(({ claimId, claim }) => [claimId, claim.personId]));
  const met = new Set<string>();
  for (const { free } of planned) {
    const own = new Set(free.flatMap(({ claimId }) => personOf.get(claimId) ?? []));
    for (const person of own) if (met.has(person)) throw new Apart();
    for (const person of own) met.add(person);
  }
}

/** Gives each request what was claimed for it, or what stands. */
function sharedOut(
  planned: readonly PlannedFact[],
  submitted: readonly SubmittedClaim[],
  standing: readonly Claim[],
): DoneTogether<Submitted> {
  const made = new Map(submitted.map(({ claimId, claim }) => [claimId, claim]));
  const known = new Map(standing.map((claim) => [claim.id, claim]));
  const owners = new Map<string, number>();
  const answers = planned.map(({ free, standing: ids }, index) => {
    for (const { claimId } of free) owners.set(claimId, index);
    return free.length > 0
      ? { claims: free.flatMap(({ claimId }) => made.get(claimId) ?? []), repeated: false }
      : { claims: ids.flatMap((id) => known.get(id) ?? []), repeated: true };
  });
  return { answers, ownerOf: (subjectId) => owners.get(subjectId) };
}
