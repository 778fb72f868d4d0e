import { Injectable } from '@nestjs/common';
import { accounts, LedgerService } from '../ledger/index.js';
import { systemActor, type Actor } from '../platform/actor.js';
import { Clock, londonDay, type IsoDate } from '../platform/clock.js';
import { Database, type Tx } from '../platform/database.js';
import { newId } from '../platform/ids.js';
import { railNoAnswer } from './payouts.errors.js';
import { RailCredentials } from './rail-credentials.service.js';
import type { ReceivedFunds } from './rail.js';

export interface Funds {
  /** Free on the platform. */
  readonly fundsMinor: bigint;
  /** Instructed, not yet taken by the platform. */
  readonly reservedMinor: bigint;
  /** Arrivals that were new. */
  readonly newArrivals: number;
}

export interface Arrival {
  readonly id: string;
  readonly amountMinor: bigint;
  readonly externalId: string;
  readonly receivedOn: IsoDate;
  readonly isReturned: boolean;
}

/** What was announced long ago may still settle, or be taken back by the bank. */
const LOOKED_BACK_MS = 90 * 86_400_000;

/** Once for each arrival at the rail, however often it is read. */
const INSERT_FUNDING = `
insert into funding (commissioner_id, id, rail, amount_minor, external_id, received_on, event_id, created_at)
values ($1, $2, 'stripe', $3, $4, $5, $6, $7) on conflict (commissioner_id, rail, external_id) do nothing returning id`;

const TAKE_BACK = `
update funding set return_event_id = $3
where commissioner_id = $1 and rail = 'stripe' and external_id = $2 and return_event_id is null
returning id, event_id as "eventId"`;

/** The commissioner's money on the payment platform. */
@Injectable()
export class FundsService {
  constructor(
    private readonly database: Database,
    private readonly credentials: RailCredentials,
    private readonly ledger: LedgerService,
    private readonly clock: Clock,
  ) {}

  /**
   * Reads from the rail what came in, and books what is new: each arrival once, and its return once.
   *
   * @throws rail.no_answer, rail.not_configured
   */
  async refresh(commissionerId: string, actor: Actor = systemActor(commissionerId, commissionerId)): Promise<Funds> {
    const rail = await this.credentials.railOf(commissionerId);
    const received = await rail.receivedFunds(await this.since(commissionerId));
    if (received.kind !== 'done') throw railNoAnswer();
    let newArrivals = 0;
    for (const arrival of received.value) {
      if (await this.book(commissionerId, actor, arrival)) newArrivals += 1;
    }
    return { ...(await this.read(actor, commissionerId)), newArrivals };
  }

  /** What the books say is free and reserved, without asking the rail. */
  async read(actor: Actor, commissionerId: string): Promise<Funds> {
    const [fundsMinor = 0n, reservedMinor = 0n] = await this.database.read(actor, (reader) =>
      this.ledger.balances(reader, commissionerId, [accounts.funds(), accounts.fundsReserved()]),
    );
    return { fundsMinor, reservedMinor, newArrivals: 0 };
  }

  /** The latest arrivals, newest first. */
  arrivals(actor: Actor): Promise<Arrival[]> {
    return this.database.read(actor, (reader) =>
      reader.query<Arrival>(
        `select id, amount_minor as "amountMinor", external_id as "externalId", received_on as "receivedOn",
                return_event_id is not null as "isReturned"
         from funding order by received_on desc, id desc limit 100`,
      ),
    );
  }

  /** From the beginning at first: the commissioner may have paid in before this instance was set up. */
  private async since(commissionerId: string): Promise<Date> {
    const [known] = await this.database.read(systemActor(commissionerId, commissionerId), (reader) =>
      reader.query('select from funding limit 1'),
    );
    return new Date(known === undefined ? 0 : this.clock.now().getTime() - LOOKED_BACK_MS);
  }

  private book(commissionerId: string, actor: Actor, arrival: ReceivedFunds): Promise<boolean> {
    const { status } = arrival;
    if (status !== 'succeeded' && status !== 'reversed') return Promise.resolve(false);
    return this.database.transaction(actor, (tx) =>
      status === 'succeeded'
        ? this.bookIn(tx, commissionerId, actor, arrival)
        : this.bookBack(tx, commissionerId, actor, arrival),
    );
  }

  private async bookIn(tx: Tx, commissionerId: string, actor: Actor, arrival: ReceivedFunds): Promise<boolean> {
    const { fundsId, amountMinor, createdAt } = arrival;
    const [id, eventId, receivedOn] = [newId(), newId(), londonDay(createdAt)];
    const occurredAt = this.clock.now();
    const values = [commissionerId, id, amountMinor.toString(), fundsId, receivedOn, eventId, occurredAt];
    const inserted = await tx.query(INSERT_FUNDING, values);
    if (inserted.length === 0) return false;
    await this.ledger.post(tx, {
      event: {
        id: eventId,
        type: 'funds.received',
        commissionerId,
        subjectId: id,
        actor,
        occurredAt,
        data: { rail: 'stripe', railId: fundsId, amountMinor, receivedOn },
      },
      transfers: [{ debit: accounts.funds(), credit: accounts.bank(), amountMinor }],
      effectiveOn: receivedOn,
      fact: true,
    });
    return true;
  }

  private async bookBack(tx: Tx, commissionerId: string, actor: Actor, arrival: ReceivedFunds): Promise<boolean> {
    const returnId = newId();
    const [funding] = await tx.query<{ id: string; eventId: string }>(TAKE_BACK, [
      commissionerId,
      arrival.fundsId,
      returnId,
    ]);
    if (!funding) return false;
    const { id: subjectId, eventId } = funding;
    const data = { rail: 'stripe', railId: arrival.fundsId, amountMinor: arrival.amountMinor };
    const event = { id: returnId, type: 'funds.returned', commissionerId, subjectId, actor, causeId: eventId, data };
    await this.ledger.reverse(tx, { eventId }, { event, fact: true });
    return false;
  }
}
