import { Injectable } from '@nestjs/common';
import type { Actor } from '../platform/actor.js';
import type { IsoDate } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import {
  readComing,
  readOwed,
  readPaid,
  type MoneyComing,
  type MoneyPaid,
  type OwedInvoice,
} from './money-owed.queries.js';
import { owedStateOf, owedSums, type OwedState, type OwedSums } from './money-owed.rules.js';

/** What a provider is owed and when, what comes after that, and what has arrived; for a commissioner what it owes. */
export interface MoneyOwed extends OwedSums {
  /** By the day on which they are due. */
  readonly invoices: readonly (OwedInvoice & { readonly state: OwedState })[];
  /** By contract. */
  readonly coming: readonly MoneyComing[];
  /** The latest first. */
  readonly paid: readonly MoneyPaid[];
}

const PAID_MAX = 10;

@Injectable()
export class MoneyOwedService {
  constructor(private readonly database: Database) {}

  /** On one snapshot, so that nothing is counted twice or missed while it moves on. */
  of(actor: Actor, today: IsoDate): Promise<MoneyOwed> {
    return this.database.read(actor, async (reader) => {
      const owed = await readOwed(reader);
      const invoices = owed.map((invoice) => ({ ...invoice, state: owedStateOf(invoice, today) }));
      const coming = await readComing(reader);
      const paid = await readPaid(reader, PAID_MAX);
      return { ...owedSums(invoices, coming), invoices, coming, paid };
    });
  }
}
