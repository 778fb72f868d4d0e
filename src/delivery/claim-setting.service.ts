import { Injectable } from '@nestjs/common';
import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { isUuid } from '../platform/ids.js';
import {
  cardFor,
  ContractsService,
  earningFactOf,
  isInForce,
  stampOf,
  versionOn,
  type ContractCard,
  type ContractedService,
  type ContractInForce,
} from '../pricing/index.js';
import type { Rates } from './claim-charge.rules.js';
import { lastClaimDay, periodOf } from './claim-window.rules.js';

/** All that a contract says about claims, read once for many of them. */
export interface ClaimSetting {
  readonly commissionerId: string;
  readonly contractId: string;
  readonly providerId: string;
  /** Those that have a card of the contract. */
  readonly services: readonly ContractedService[];
  readonly cards: readonly ContractCard[];
  readonly rates: Rates;
  readonly bankHolidays: ReadonlySet<IsoDate>;
  /** The terms that govern a day, and whether the contract is in force on it. */
  readonly termsOn: (day: IsoDate) => ContractInForce & { readonly isInForce: boolean };
  /** The last day on which what was delivered on a day is claimed without a second person. */
  readonly lastClaimDayOf: (day: IsoDate) => IsoDate;
}

interface KeptSetting {
  readonly stamp: string;
  readonly setting: ClaimSetting;
}

const KEPT_MAX = 500;
const DAYS_MAX = 5_000;

/** What contracts say. What was read before is kept, and holds for a reader who finds that nothing of it was written since. */
@Injectable()
export class ClaimSettings {
  /** By contract, the one that was asked for last at the end. */
  private readonly kept = new Map<string, KeptSetting>();

  constructor(private readonly contracts: ContractsService) {}

  /**
   * For a contract by its id, or by its code.
   *
   * @throws not_found
   * @throws contract.code_ambiguous
   */
  async loadNamed(reader: Reader, contract: string): Promise<ClaimSetting> {
    const named = isUuid(contract) ? { id: contract } : { code: contract };
    const { contractId, stamp } = await stampOf(reader, named);
    const kept = this.kept.get(contractId);
    this.kept.delete(contractId);
    if (kept?.stamp === stamp) {
      this.kept.set(contractId, kept);
      return kept.setting;
    }
    const setting = await this.readSetting(reader, contractId);
    const later = await stampOf(reader, { id: contractId });
    if (later.stamp === stamp) this.keep(contractId, { stamp, setting });
    return setting;
  }

  /** @throws not_found for a contract that is not the reader's to see */
  load(reader: Reader, contractId: string): Promise<ClaimSetting> {
    return this.loadNamed(reader, contractId);
  }

  private keep(contractId: string, kept: KeptSetting): void {
    this.kept.set(contractId, kept);
    const [oldest] = this.kept.keys();
    if (this.kept.size > KEPT_MAX && oldest !== undefined) this.kept.delete(oldest);
  }

  private async readSetting(reader: Reader, contractId: string): Promise<ClaimSetting> {
    const versions = await this.contracts.versions(reader, contractId);
    const [first] = versions;
    if (!first) throw notFound();
    const cards = await this.contracts.cardsOf(reader, contractId);
    const termsOn = remembered((day: IsoDate) => {
      const terms = versionOn(versions, day) ?? first;
      return { ...terms, isInForce: isInForce(terms, day) };
    });
    const bankHolidays = await this.contracts.bankHolidays(reader);
    return {
      commissionerId: first.commissionerId,
      contractId,
      providerId: first.providerId,
      services: await this.contracts.servicesOf(reader, first),
      cards,
      rates: ratesOf(cards),
      bankHolidays,
      termsOn,
      lastClaimDayOf: remembered((day: IsoDate) => lastClaimDay(periodOf(day), termsOn(day), bankHolidays)),
    };
  }
}

function ratesOf(cards: readonly ContractCard[]): Rates {
  const chargeKinds = remembered((serviceId: string) => {
    const kinds = cards.filter((card) => card.serviceId === serviceId).map((card) => card.chargeKind);
    return [...new Set(kinds)].sort();
  });
  const onDay = remembered((serviceId: string) =>
    remembered((day: IsoDate) => {
      const bases = new Map(
        chargeKinds(serviceId).map((kind) => [kind, cardFor(cards, serviceId, day, kind)?.terms.basis]),
      );
      return { bases, isHourly: [...bases.values()].includes('hour') };
    }),
  );
  return {
    chargeKinds,
    earningFact: (serviceId, day, chargeKind) => {
      const basis = onDay(serviceId)(day).bases.get(chargeKind);
      return basis && earningFactOf(basis);
    },
    isHourly: (serviceId, day) => onDay(serviceId)(day).isHourly,
  };
}

/** The same answer to the same question: thousands of rows ask about the same few days. */
function remembered<T>(answer: (question: string) => T): (question: string) => T {
  const answers = new Map<string, T>();
  return (question) => {
    const known = answers.get(question);
    if (known !== undefined || answers.has(question)) return known as T;
    const fresh = answer(question);
    if (answers.size >= DAYS_MAX) answers.clear();
    answers.set(question, fresh);
    return fresh;
  };
}
