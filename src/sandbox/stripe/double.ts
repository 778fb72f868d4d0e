import { changeSettings, createAccount, createLink, retrieveAccount, retrieveSettings } from './accounts.js';
import { listEntries, retrieveBalance, retrieveEntry, unconserved } from './balances.js';
import { Contract, type Operation } from './contract.js';
import { listEvents, listThinEvents, retrieveEvent, retrieveThinEvent } from './events.js';
import { StripeFailure, type Reply } from './failures.js';
import { Faults } from './faults.js';
import { IdempotencyStore } from './idempotency.js';
import { advancePayouts, cancelPayout, createPayout, listPayouts, retrievePayout } from './payouts.js';
import { loadState, saveState, type Platform } from './state.js';
import { listTopups, retrieveTopup } from './topups.js';
import {
  createReversal,
  createTransfer,
  listReversals,
  listTransfers,
  retrieveReversal,
  retrieveTransfer,
} from './transfers.js';
import { Courier } from './webhooks.js';
import type { Call, World } from './world.js';

/** One handler for each operation of the contract. */
const HANDLERS: Readonly<Record<string, (call: Call) => unknown>> = {
  'POST /v2/core/accounts': createAccount,
  'GET /v2/core/accounts/{id}': retrieveAccount,
  'POST /v2/core/account_links': createLink,
  'GET /v2/core/events': listThinEvents,
  'GET /v2/core/events/{id}': retrieveThinEvent,
  'POST /v1/transfers': createTransfer,
  'GET /v1/transfers': listTransfers,
  'GET /v1/transfers/{transfer}': retrieveTransfer,
  'POST /v1/transfers/{id}/reversals': createReversal,
  'GET /v1/transfers/{id}/reversals': listReversals,
  'GET /v1/transfers/{transfer}/reversals/{id}': retrieveReversal,
  'POST /v1/payouts': createPayout,
  'GET /v1/payouts': listPayouts,
  'GET /v1/payouts/{payout}': retrievePayout,
  'POST /v1/payouts/{payout}/cancel': cancelPayout,
  'GET /v1/balance': retrieveBalance,
  'GET /v1/balance_settings': retrieveSettings,
  'POST /v1/balance_settings': changeSettings,
  'GET /v1/balance_transactions': listEntries,
  'GET /v1/balance_transactions/{id}': retrieveEntry,
  'GET /v1/topups': listTopups,
  'GET /v1/topups/{topup}': retrieveTopup,
  'GET /v1/events': listEvents,
  'GET /v1/events/{id}': retrieveEvent,
};

/** A request as it came in, for tests that search everything sent for what must not be sent. */
export interface RequestRecord {
  readonly at: string;
  readonly platform: string;
  readonly accountId: string;
  readonly method: string;
  readonly path: string;
  readonly params: unknown;
  readonly idempotencyKey: string | null;
  status: number;
}

const REQUESTS_KEPT = 5_000;

export interface DoubleOptions {
  readonly stateFile?: string | undefined;
  readonly settleAfterSeconds?: number | undefined;
  readonly now: () => Date;
}

/** The state of the double and what it can do, without HTTP. */
export class StripeDouble {
  readonly contract = Contract.get();
  readonly faults = new Faults();
  readonly idempotency = new IdempotencyStore();
  readonly requests: RequestRecord[] = [];
  /** What the double did that Stripe could not have done. Empty, or the double has a bug. */
  readonly violations: string[] = [];
  readonly world: World & { baseUrl: string };
  readonly courier: Courier;

  constructor(private readonly options: DoubleOptions) {
    const state = loadState(options.stateFile);
    this.world = {
      state,
      apiVersion: this.contract.apiVersion,
      settleAfterSeconds: options.settleAfterSeconds,
      baseUrl: '',
      now: () => new Date(options.now().getTime() + state.clockOffsetMs),
      assertEvent: (kind, body) => this.assertNoFlaw(this.contract.flawOfEvent(kind, body)),
    };
    this.courier = new Courier(this.world, options.now, () => this.save());
  }

  log(request: RequestRecord): void {
    this.requests.push(request);
    if (this.requests.length > REQUESTS_KEPT) this.requests.shift();
  }

  /** What the clock has brought since it was last looked at. */
  tick(): void {
    let moved = false;
    for (const platform of this.platforms()) moved = advancePayouts(this.world, platform) || moved;
    if (moved) this.settled();
  }

  /** Moves the double's clock; a negative number of seconds is refused. */
  advanceClock(seconds: number): void {
    if (!(seconds >= 0)) throw new RangeError('The clock only moves forward');
    this.world.state.clockOffsetMs += Math.round(seconds * 1000);
    for (const platform of this.platforms()) advancePayouts(this.world, platform);
    this.settled();
  }

  /** Executes one valid call. A failure that Stripe could give becomes a reply; any other is a violation and a 500. */
  execute(operation: Operation, call: Call): Reply & { readonly stored: boolean } {
    try {
      const handler = HANDLERS[`${operation.method} ${operation.template}`];
      if (!handler) throw new Error(`No handler for ${operation.id}`);
      return { status: 200, body: handler(call), stored: true };
    } catch (error) {
      if (error instanceof StripeFailure) return { ...error.reply(operation.version), stored: error.stored };
      return { ...this.violated(operation, String(error)), stored: true };
    }
  }

  /** The reply as it may leave: one that breaks the contract or leaves money unconserved is a recorded 500 instead. */
  audited(operation: Operation, platform: Platform, reply: Reply): Reply {
    const flaws = operation.method === 'POST' ? unconserved(platform) : [];
    const flaw = this.contract.flawOfReply(operation, reply.status, reply.body);
    if (flaw) flaws.push(flaw);
    return flaws.length === 0 ? reply : this.violated(operation, flaws.join('; '));
  }

  /** After a change from outside of the API: money is checked, and the change committed. */
  settled(): void {
    for (const platform of this.platforms()) this.violations.push(...unconserved(platform));
    this.commit();
  }

  /** Writes the state, then sends the notices on their way. */
  commit(): void {
    this.save();
    this.courier.kick();
  }

  save(): void {
    if (this.options.stateFile) saveState(this.options.stateFile, this.world.state);
  }

  platforms(): Platform[] {
    return Object.values(this.world.state.platforms);
  }

  private violated(operation: Operation, what: string): Reply {
    this.violations.push(`${operation.id}: ${what}`);
    return new StripeFailure(500, 'api_error', 'double_violated', `The double is wrong: ${what}`).reply(
      operation.version,
    );
  }

  private assertNoFlaw(flaw: string | undefined): void {
    if (flaw) throw new Error(flaw);
  }
}
