import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock, type IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { cardFor, cardPeriods, ContractsService, type EarningFact } from '../pricing/index.js';
import { Attendance } from './attendance.entity.js';
import { acceptanceOf, earnedBy, type EarnedFact } from './claim-charge.rules.js';
import type { ClaimSetting } from './claim-setting.service.js';
import { lastDayOfMonth } from './claim-window.rules.js';
import type { SubmitClaim } from './claims.schemas.js';
import { claimEarnsNothing, periodNotOver, ROW_ERRORS } from './delivery.errors.js';
import { londonInstant } from './london-time.rules.js';
import { Milestone } from './milestone.entity.js';
import { Session } from './session.entity.js';

export type FactOfClaim = SubmitClaim['fact'];

/** What a fact earns, and of what service. */
export interface Earned {
  readonly serviceId: string;
  readonly earned: readonly EarnedFact[];
  readonly periodEndsOn: (charge: EarnedFact) => IsoDate | null;
  /** The event that recorded the fact, where a claim can name it. */
  readonly causeId: string | null;
}

interface AcceptedReferral {
  readonly id: string;
  readonly serviceId: string;
  readonly acceptedOn: IsoDate;
  readonly acceptedAt: Date;
}

const REFERRAL = `
select id, contract_id as "contractId", service_id as "serviceId", accepted_on as "acceptedOn" from referral where id = $1`;

/** Finds what a claim cites, and what it earns by the cards in force. */
@Injectable()
export class ClaimFacts {
  constructor(
    private readonly contracts: ContractsService,
    private readonly clock: Clock,
  ) {}

  /**
   * What a fact of the contract earns; at least one charge.
   *
   * @throws not_found, claim.fact_earns_nothing, claim.period_not_over, service.unknown, delivery.*
   */
  async earnedBy(reader: Reader, setting: ClaimSetting, fact: FactOfClaim): Promise<Earned> {
    switch (fact.kind) {
      case 'period':
        return this.ofPeriod(reader, setting, fact);
      case 'referral':
        return this.ofReferral(reader, setting, fact.id);
      case 'milestone':
        return this.ofMilestone(reader, setting, fact.id);
      default:
        return this.ofDelivery(reader, setting, fact);
    }
  }

  /**
   * A referral of the contract that was accepted.
   *
   * @throws not_found, delivery.referral_of_other_contract, delivery.referral_not_accepted
   */
  async getReferral(reader: Reader, contractId: string, id: string): Promise<AcceptedReferral> {
    type Row = { id: string; contractId: string; serviceId: string; acceptedOn: IsoDate | null };
    const [referral] = await reader.query<Row>(REFERRAL, [id]);
    if (!referral) throw notFound();
    if (referral.contractId !== contractId) throw ROW_ERRORS.referral_of_other_contract();
    const { serviceId, acceptedOn } = referral;
    if (acceptedOn === null) throw ROW_ERRORS.referral_not_accepted();
    return { id, serviceId, acceptedOn, acceptedAt: londonInstant(acceptedOn, '12:00') };
  }

  private async ofDelivery(
    reader: Reader,
    setting: ClaimSetting,
    fact: { readonly kind: 'attendance' | 'session'; readonly id: string },
  ): Promise<Earned> {
    const attendance = fact.kind === 'attendance' ? await reader.findOneBy(Attendance, { id: fact.id }) : null;
    if (fact.kind === 'attendance' && !attendance) throw notFound();
    const session = await reader.findOneBy(Session, { id: attendance?.sessionId ?? fact.id });
    if (session?.contractId !== setting.contractId) throw notFound();
    const referral = attendance && (await this.getReferral(reader, setting.contractId, attendance.referralId));
    const { serviceId } = session;
    if (session.durationMinutes === null && setting.rates.isHourly(serviceId, session.heldOn))
      throw ROW_ERRORS.minutes_needed();
    const facts = { serviceId, session, attendanceId: attendance?.id ?? null, referral };
    const earned = earnedBy(facts, setting.rates).filter(({ factKind }) => factKind === fact.kind);
    if (earned.length === 0) throw nothingEarned(setting, serviceId, session.heldOn);
    return { serviceId, earned, periodEndsOn: () => null, causeId: session.eventId };
  }

  private async ofReferral(reader: Reader, setting: ClaimSetting, id: string): Promise<Earned> {
    const referral = await this.getReferral(reader, setting.contractId, id);
    const { serviceId, acceptedOn } = referral;
    const kinds = kindsEarnedBy(setting, serviceId, acceptedOn, 'referral');
    const earned = kinds.map((chargeKind) => acceptanceOf(referral, chargeKind));
    return { serviceId, earned, periodEndsOn: () => null, causeId: null };
  }

  private async ofMilestone(reader: Reader, setting: ClaimSetting, id: string): Promise<Earned> {
    const milestone = await reader.findOneBy(Milestone, { id });
    if (!milestone) throw notFound();
    return this.byMilestone(reader, setting, milestone);
  }

  /**
   * What a milestone earns, or would once it is recorded.
   *
   * @throws not_found, claim.fact_earns_nothing, delivery.*
   */
  async byMilestone(
    reader: Reader,
    setting: ClaimSetting,
    { id, referralId, name, reachedOn }: Pick<Milestone, 'id' | 'referralId' | 'name' | 'reachedOn'>,
  ): Promise<Earned> {
    const { serviceId } = await this.getReferral(reader, setting.contractId, referralId);
    const kinds = kindsEarnedBy(setting, serviceId, reachedOn, 'milestone');
    const named = kinds.filter((kind) => hasMilestone(setting, serviceId, reachedOn, kind, name));
    const charge = { sessionId: null, attendanceId: null, referralId, servedOn: reachedOn };
    const earned = (named.length > 0 ? named : kinds.slice(0, 1)).map((chargeKind) => ({
      ...charge,
      chargeKind,
      factKind: 'milestone' as const,
      factId: id,
      servedAt: londonInstant(reachedOn, '12:00'),
    }));
    return { serviceId, earned, periodEndsOn: () => null, causeId: null };
  }

  private async ofPeriod(
    reader: Reader,
    setting: ClaimSetting,
    { month, service }: { readonly month: string; readonly service: string },
  ): Promise<Earned> {
    const { id: serviceId } = await this.contracts.serviceByCode(reader, setting, service);
    const lastDay = lastDayOfMonth(`${month}-01`);
    if (lastDay >= this.clock.today()) throw periodNotOver({ lastDay });
    const ends = new Map<string, IsoDate>();
    const earned = setting.rates.chargeKinds(serviceId).flatMap((chargeKind) =>
      cardPeriods(setting.cards, setting.termsOn(lastDay), serviceId, month, chargeKind)
        .filter(({ card }) => card.terms.basis === 'block')
        .map(({ firstDay, lastDay: endsOn }): EarnedFact => {
          const factId = periodId(setting.contractId, serviceId, firstDay);
          ends.set(`${factId} ${chargeKind}`, endsOn);
          const none = { referralId: null, sessionId: null, attendanceId: null };
          const servedAt = londonInstant(firstDay, '00:00');
          return { ...none, chargeKind, factKind: 'period', factId, servedOn: firstDay, servedAt };
        }),
    );
    if (earned.length === 0) throw nothingEarned(setting, serviceId, `${month}-01`);
    const periodEndsOn = ({ factId, chargeKind }: EarnedFact) => ends.get(`${factId} ${chargeKind}`) ?? null;
    return { serviceId, earned, periodEndsOn, causeId: null };
  }
}

function kindsEarnedBy(setting: ClaimSetting, serviceId: string, day: IsoDate, fact: EarningFact): string[] {
  if (!setting.termsOn(day).isInForce) throw ROW_ERRORS.outside_contract();
  const { rates } = setting;
  const kinds = rates.chargeKinds(serviceId).filter((kind) => rates.earningFact(serviceId, day, kind) === fact);
  if (kinds.length === 0) throw nothingEarned(setting, serviceId, day);
  return kinds;
}

function nothingEarned({ rates }: ClaimSetting, serviceId: string, day: IsoDate) {
  const facts = rates.chargeKinds(serviceId).map((kind) => rates.earningFact(serviceId, day, kind));
  const earning = [...new Set(facts.filter((fact) => fact !== undefined))];
  return earning.length === 0 ? ROW_ERRORS.no_rate_card({ day }) : claimEarnsNothing({ day, earnedBy: earning });
}

function hasMilestone(
  { cards }: ClaimSetting,
  serviceId: string,
  day: IsoDate,
  chargeKind: string,
  name: string,
): boolean {
  const terms = cardFor(cards, serviceId, day, chargeKind)?.terms;
  return terms?.basis === 'milestone' && terms.milestones.some(({ code }) => code === name);
}

/**
 * A period is not recorded anywhere else: its id follows from what it is, so that it can be claimed once. A UUID version 8
 * (RFC 9562 section 5.8) from SHA-256 over contract, service and first day.
 */
function periodId(contractId: string, serviceId: string, firstDay: IsoDate): string {
  const digits = createHash('sha256').update(`period/1 ${contractId} ${serviceId} ${firstDay}`).digest('hex');
  const [a, b, c, d, e] = [0, 8, 12, 16, 20].map((start, index, starts) =>
    digits.slice(start, starts[index + 1] ?? 32),
  );
  return `${a}-${b}-8${c?.slice(1)}-a${d?.slice(1)}-${e}`;
}
