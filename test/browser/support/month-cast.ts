import type { Page } from 'playwright-core';
import type { Role } from '../../../src/platform/actor.js';
import { MonthStage } from '../../stories/month-stage.js';
import type { PaymentStage } from '../../stories/payment-stage.js';
import { FULL_LISTING, list } from '../../support/listings.js';
import { registered, type Party } from '../../support/world.js';
import { complaintsOf, textOf } from './chromium.js';
import type { Hands } from './hands.js';
import { signInAs } from './people.js';

/** A group of two people: the days of November on which it met, and on which of them each came. */
export interface Attendance {
  readonly days: readonly string[];
  readonly first: readonly boolean[];
  readonly second: readonly boolean[];
}

/** Everything the month comes to, as the pages write it. */
export interface Figures {
  readonly attended: string;
  readonly claims: number;
  readonly total: string;
  /** Flagged claims, and what they come to. */
  readonly flagged: number;
  readonly flaggedTotal: string;
  readonly budgetLeft: string;
  readonly fundsLeft: string;
}

export interface Play {
  readonly stage: PaymentStage;
  /** A window of its own for somebody. */
  open(): Promise<Hands>;
  readonly withScripts: boolean;
  readonly attendance: Attendance;
  readonly figures: Figures;
}

/** £32.00 for each person who came, flagged from the fourth time on; a budget of £1,000.00. */
const TERMS = {
  code: 'SING-26',
  card: { basis: 'attendance', priceMinor: '3200', caps: { perReferral: 3 } },
  budgetMinor: '100000',
};

/** Those who have a part in the month of one contract, and what they come to know on the way. */
export class Cast {
  /** Of the referrals, in the order of their making. */
  readonly references: string[] = [];
  payoutReference = '';

  private constructor(
    readonly play: Play,
    readonly surgery: Party,
    readonly choir: Party,
  ) {}

  /** The contract, its service in the directory, and an account at the payment platform: what there is before. */
  static async gather(play: Play): Promise<Cast> {
    const { app, icb } = play.stage;
    const choir = await registered(app, icb, 'provider', `CHOIR${icb.code}`, { name: 'Quay Singers' });
    const surgery = await registered(app, icb, 'referrer', `GP${icb.code}`, { name: 'Quay Surgery' });
    const stage = await MonthStage.withProvider(app, icb, choir, TERMS);
    await list(icb, stage.contract.serviceId, FULL_LISTING);
    const { api: treasurer } = await choir.as('treasurer');
    await play.stage.onboard({ stage, id: choir.id, treasurer, account: { id: '', externalId: '' } });
    return new Cast(play, surgery, choir);
  }

  /** A window for somebody who has signed in: this minute, unless it is not `fresh`. */
  async as(party: Party, role: Role, options: { fresh?: boolean } = {}): Promise<Hands> {
    const hands = await this.play.open();
    await signInAs(hands.page, this.play.stage.app, await party.as(role), options);
    return hands;
  }
}

/** Waits until the page has this heading. */
export async function at(page: Page, heading: string | RegExp): Promise<void> {
  await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
}

/** Waits until the page says so. */
export async function said(page: Page, text: string): Promise<void> {
  await page.locator('main').getByText(text).first().waitFor();
}

/** The text of the page, on one line. */
export async function mainOf(page: Page): Promise<string> {
  return (await textOf(page.locator('main'))).replace(/\s+/g, ' ');
}

/** Nothing went wrong on the way. */
export function over(page: Page): void {
  expect(complaintsOf(page)).toEqual([]);
}
