import { Injectable } from '@nestjs/common';
import { Commands, LedgerService } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { Database, type Tx } from '../platform/database.js';
import { newId } from '../platform/ids.js';
import { ContractsService } from '../pricing/index.js';
import { ClaimFacts } from './claim-facts.service.js';
import { ClaimRegister } from './claim-register.service.js';
import { ClaimSettings, type ClaimSetting } from './claim-setting.service.js';
import { lastDayOfMonth } from './claim-window.rules.js';
import { Claim } from './claim.entity.js';
import type { DeclareNil, RecordMilestone } from './claims.schemas.js';
import {
  claimNotWithdrawable,
  milestoneRecordedTwice,
  nilThoughClaimed,
  periodNotOver,
  ROW_ERRORS,
} from './delivery.errors.js';
import { FactClaims, type Submitted } from './fact-claims.service.js';
import { Milestone } from './milestone.entity.js';
import { NilDeclaration } from './nil-declaration.entity.js';

/** The part of a module above in a withdrawal. */
type WithdrawalFollower = (tx: Tx, claim: Claim, at: Date) => Promise<void>;

/** What a provider declares beside its claims: milestones, months without delivery, and claims that it withdraws. */
@Injectable()
export class ClaimDesk {
  private readonly withdrawalFollowers: WithdrawalFollower[] = [];

  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly contracts: ContractsService,
    private readonly settings: ClaimSettings,
    private readonly facts: ClaimFacts,
    private readonly claims: FactClaims,
    private readonly register: ClaimRegister,
    private readonly clock: Clock,
  ) {}

  /**
   * Records that a milestone was reached and, where asked, claims it: once for each name and referral.
   *
   * @throws milestone.recorded_twice when it was recorded with another day
   */
  async reachMilestone(actor: Actor, request: RecordMilestone): Promise<Submitted & { milestone: Milestone }> {
    const setting = await this.settingOf(actor, request.contract);
    const { commissionerId } = setting;
    return this.commands.run(actor, { name: 'milestone.record', commissionerId }, async (tx) => {
      await this.contracts.lockContract(tx, setting.contractId);
      const { milestone, isNew } = await this.recordMilestone(tx, actor, setting, request);
      if (!request.claim) return { milestone, claims: [], repeated: !isNew };
      const fact = { kind: 'milestone', id: milestone.id } as const;
      return { milestone, ...(await this.claims.claimIn(tx, actor, setting, fact, request)) };
    });
  }

  /** @throws claim.not_found, claim.not_withdrawable */
  async withdraw(actor: Actor, id: string): Promise<Claim> {
    const { commissionerId, contractId } = await this.register.read(actor, id);
    return this.commands.run(actor, { name: 'claim.withdraw', commissionerId, subjectId: id }, async (tx) => {
      await this.contracts.lockContract(tx, contractId);
      const claim = await this.register.get(tx, id);
      if (claim.batchId !== null) throw claimNotWithdrawable({ because: 'in_batch', batchId: claim.batchId });
      if (claim.state === 'withdrawn' || claim.state === 'rejected')
        throw claimNotWithdrawable({ because: claim.state });
      await tx.update(Claim, { commissionerId, id }, { state: 'withdrawn' });
      const occurredAt = this.clock.now();
      for (const follow of this.withdrawalFollowers) await follow(tx, claim, occurredAt);
      await this.ledger.record(tx, {
        type: 'claim.withdrawn',
        commissionerId,
        subjectId: id,
        actor,
        providerId: claim.providerId,
        causeId: claim.eventId,
        occurredAt,
        data: {
          contractId,
          fact: { kind: claim.factKind, id: claim.factId },
          provisionalMinor: claim.provisionalMinor,
        },
      });
      return this.register.get(tx, id);
    });
  }

  /** Lets a module above do its part of every withdrawal, in the same transaction. */
  onWithdrawn(follow: WithdrawalFollower): void {
    this.withdrawalFollowers.push(follow);
  }

  /**
   * Declares that nothing was delivered in a month that is over.
   *
   * @throws nil_declaration.claims_exist, nil_declaration.declared_twice, claim.period_not_over
   */
  async declareNil(actor: Actor, request: DeclareNil): Promise<NilDeclaration> {
    const { commissionerId, contractId, providerId, termsOn } = await this.settingOf(actor, request.contract);
    const period = `${request.period}-01`;
    return this.commands.run(actor, { name: 'claim.declare_nil', commissionerId }, async (tx) => {
      await this.contracts.lockContract(tx, contractId);
      const lastDay = lastDayOfMonth(period);
      if (lastDay >= this.clock.today()) throw periodNotOver({ lastDay });
      if (!termsOn(period).isInForce && !termsOn(lastDay).isInForce) throw ROW_ERRORS.outside_contract();
      const claims = await tx.countBy(Claim, [
        { contractId, forPeriod: period, state: 'submitted' },
        { contractId, forPeriod: period, state: 'queried' },
      ]);
      if (claims > 0) throw nilThoughClaimed({ claims });
      const id = newId();
      const declaredBy = actor.memberId;
      const declaredAt = this.clock.now();
      const nil = { commissionerId, id, providerId, contractId, period, declaredAt, declaredBy };
      await tx.insert(NilDeclaration, nil);
      await this.ledger.record(tx, {
        type: 'claim.nil_declared',
        commissionerId,
        subjectId: id,
        actor,
        providerId,
        occurredAt: declaredAt,
        data: { contractId, forPeriod: period },
      });
      return nil;
    });
  }

  private settingOf(actor: Actor, contract: string): Promise<ClaimSetting> {
    return this.database.read(actor, (reader) => this.settings.loadNamed(reader, contract));
  }

  private async recordMilestone(
    tx: Tx,
    actor: Actor,
    { commissionerId, providerId, contractId }: ClaimSetting,
    { referralId, name, reachedOn }: RecordMilestone,
  ): Promise<{ milestone: Milestone; isNew: boolean }> {
    await this.facts.getReferral(tx, contractId, referralId);
    const known = await tx.findOneBy(Milestone, { commissionerId, referralId, name });
    if (known && known.reachedOn !== reachedOn) throw milestoneRecordedTwice({ reachedOn: known.reachedOn });
    if (known) return { milestone: known, isNew: false };
    if (reachedOn > this.clock.today()) throw ROW_ERRORS.in_future();
    const [id, createdAt] = [newId(), this.clock.now()];
    const milestone = { commissionerId, id, providerId, referralId, name, reachedOn, createdAt };
    await tx.insert(Milestone, milestone);
    await this.ledger.record(tx, {
      type: 'milestone.recorded',
      commissionerId,
      subjectId: id,
      actor,
      providerId,
      occurredAt: createdAt,
      data: { contractId, referralId, name, reachedOn },
    });
    return { milestone, isNew: true };
  }
}
