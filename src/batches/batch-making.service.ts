import { Injectable } from '@nestjs/common';
import {
  ClaimsService,
  CompletionDeclarations,
  lastClaimDay,
  lastDayOfMonth,
  workingDayAfter,
} from '../delivery/index.js';
import type { Minor } from '../money/index.js';
import { MembersService } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import { Database, type Reader } from '../platform/database.js';
import { ContractsService, type ContractInForce } from '../pricing/index.js';
import { BatchCandidates, type BatchCandidate } from './batch-candidates.service.js';
import { findMade, findMonths, type EarlierBatch, type MadeRow, type MonthOfContract } from './batch-making.queries.js';
import {
  firstDayOf,
  isMonthComplete,
  lastDayOf,
  standingOfMonth,
  type ClaimDays,
  type MonthStanding,
} from './batch.rules.js';

interface Standing extends ClaimDays {
  readonly standing: MonthStanding;
}

/** A contract with claims that wait for a batch, and what its maker should know. */
export interface ReadyBatch extends BatchCandidate, Standing {
  readonly providerName: string;
  readonly flaggedCount: number;
  /** Of months before. */
  readonly earlierCount: number;
  /** Claims that wait for an answer, which come into a later batch. */
  readonly queriedCount: number;
  /** Of the claims, those that came after the provider said that the month is complete. */
  readonly sinceCount: number;
  /** Batches that the month has already. */
  readonly batches: readonly EarlierBatch[];
  /** Nothing more is to be expected of the month, and nothing stands against its batch. */
  readonly isToMake: boolean;
}

/** A contract that was in force in the month and has no claim that waits. */
export interface QuietContract extends Standing, Omit<MonthOfContract, 'declaredAt' | 'isNil'> {
  readonly contractCode: string;
  readonly contractTitle: string;
}

/** A batch as it was made, with the day by which the contract has it decided. */
export interface MadeBatch extends MadeRow {
  readonly decideBy: IsoDate;
}

/** A month before its batches are made. */
export interface MonthToMake {
  readonly period: IsoDate;
  /** Its last day is past. */
  readonly isOver: boolean;
  /** By the code of the contract. */
  readonly ready: readonly ReadyBatch[];
  readonly quiet: readonly QuietContract[];
}

/** Somebody who may approve batches, up to an amount unless it is null. */
export interface Approver {
  readonly name: string;
  readonly limitMinor: Minor | null;
}

/** What a month's batches would be, contract by contract, for whoever makes them. */
@Injectable()
export class BatchMaking {
  constructor(
    private readonly database: Database,
    private readonly contracts: ContractsService,
    private readonly claims: ClaimsService,
    private readonly declarations: CompletionDeclarations,
    private readonly candidates: BatchCandidates,
    private readonly members: MembersService,
    private readonly clock: Clock,
  ) {}

  /** The contracts of a month (`YYYY-MM`) that has begun: those to make batches of, and those of which nothing waits. */
  of(actor: Actor, month: string): Promise<MonthToMake> {
    const period = firstDayOf(month);
    return this.database.read(actor, async (reader) => {
      const contracts = await this.contracts.all(reader, lastDayOf(period));
      const months = await findMonths(reader, period);
      const standingOf = await this.standings(reader, period);
      const ready: ReadyBatch[] = [];
      for (const waiting of await this.declarations.waiting(reader, period)) {
        const { contractId, providerName, queriedCount, newCount } = waiting;
        const of = months.get(contractId);
        const claims = await this.claims.openClaims(reader, contractId, period);
        const candidate = await this.candidates.of(reader, contractId, period, claims);
        const standing = standingOf(candidate.contract, of);
        ready.push({
          ...candidate,
          ...standing,
          providerName,
          flaggedCount: claims.filter(({ price }) => price.flags.length > 0).length,
          earlierCount: claims.filter(({ forPeriod }) => forPeriod < period).length,
          queriedCount,
          sinceCount: standing.declaredAt === null ? 0 : newCount,
          batches: of?.batches ?? [],
          isToMake: isMonthComplete(standing.standing) && candidate.refusals.length === 0,
        });
      }
      const isReady = new Set(ready.map(({ contract }) => contract.id));
      const others = contracts.filter((contract) => !isReady.has(contract.id) && wasInForce(contract, period));
      const quiet = others.flatMap((contract): QuietContract[] => {
        const of = months.get(contract.id);
        const named = { contractCode: contract.code, contractTitle: contract.title };
        return of ? [{ ...of, ...named, ...standingOf(contract, of) }] : [];
      });
      return { period, isOver: lastDayOf(period) < this.clock.today(), ready, quiet };
    });
  }

  /** Those of the batches that the actor may see, by code. */
  made(actor: Actor, ids: readonly string[]): Promise<MadeBatch[]> {
    return this.database.read(actor, async (reader) => {
      const bankHolidays = await this.contracts.bankHolidays(reader);
      const rows = await findMade(reader, ids);
      const made: MadeBatch[] = [];
      for (const period of new Set(rows.map((row) => row.period))) {
        const contracts = await this.contracts.all(reader, lastDayOf(period));
        const daysOf = new Map(contracts.map(({ id, decideDays }) => [id, decideDays]));
        for (const row of rows.filter((one) => one.period === period)) {
          const decideBy = workingDayAfter(row.submittedOn, daysOf.get(row.contractId) ?? 0, bankHolidays);
          made.push({ ...row, decideBy });
        }
      }
      return made;
    });
  }

  /** Who may approve what the actor submits: everybody who approves, but for the actor. */
  async approvers(actor: Actor): Promise<Approver[]> {
    const members = await this.database.read(actor, (reader) => this.members.withRoles(reader, ['approver']));
    return members
      .filter(({ id }) => id !== actor.memberId)
      .map(({ displayName: name, approvalLimitMinor: limitMinor }) => ({ name, limitMinor }));
  }

  private async standings(reader: Reader, period: IsoDate) {
    const bankHolidays = await this.contracts.bankHolidays(reader);
    return (contract: ContractInForce, of: MonthOfContract | undefined): Standing => {
      const { declaredAt = null, isNil = false } = of ?? {};
      const claimBy = workingDayAfter(lastDayOfMonth(period), contract.claimDay, bankHolidays);
      const days = { declaredAt, isNil, claimBy, lastClaimDay: lastClaimDay(period, contract, bankHolidays) };
      return { ...days, standing: standingOfMonth(days, this.clock.today()) };
    };
  }
}

/** Whether the contract was in force on any day of the month. */
function wasInForce(contract: ContractInForce, period: IsoDate): boolean {
  return contract.startsOn <= lastDayOf(period) && contract.endsOn >= period;
}
