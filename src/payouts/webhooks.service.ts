import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { systemActor, type Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { emit, type TopicData } from '../platform/events.js';
import { Jobs, LOG } from '../platform/jobs.js';
import { FundsService } from './funds.service.js';
import { PayoutAccountStates } from './payout-account-states.service.js';
import { sha256 } from './payout-books.service.js';
import { PayoutObserver, type Observation } from './payout-observer.service.js';
import { noticeForged, railNoAnswer } from './payouts.errors.js';
import { noticeReceived } from './payouts.events.js';
import { RailCredentials } from './rail-credentials.service.js';
import { ForgedNoticeError, type NoticeHeaders, type Outcome, type RailNotice } from './rail.js';
import { aboutOf } from './notice.rules.js';

export interface StoredNotice {
  readonly id: string;
  readonly type: string;
  readonly accountId: string | null;
  readonly objectId: string | null;
  readonly state: 'received' | 'done' | 'parked';
  readonly reason: string | null;
  readonly timesReceived: number;
  readonly receivedAt: Date;
}

const STORED = `
select id, type, account_id as "accountId", object_id as "objectId", state, reason, times_received as "timesReceived",
       received_at as "receivedAt"
from webhook_event`;

/** The event id is the key: a notice that comes again is counted, and nothing else. */
const KEEP = `
insert into webhook_event (commissioner_id, id, type, account_id, object_id, body_sha256, state, received_at)
values ($1, $2, $3, $4, $5, $6, 'received', $7)
on conflict (commissioner_id, id) do update set times_received = webhook_event.times_received + 1
returning times_received as "timesReceived"`;

/** Those whose job was lost. Under the relay's role. $1 received before */
const WAITING = `
select commissioner_id as "commissionerId", id from webhook_event where state = 'received' and received_at <= $1 limit 500`;

const LATE_MS = 30_000;

/**
 * Notices of the rail: proved, kept, answered at once, and looked into afterwards. A notice says only that something
 * happened to an object; what happened is read from the rail, so that neither order nor repetition matters.
 */
@Injectable()
export class WebhooksService implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly credentials: RailCredentials,
    private readonly funds: FundsService,
    private readonly accounts: PayoutAccountStates,
    private readonly observer: PayoutObserver,
    private readonly jobs: Jobs,
    private readonly clock: Clock,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  onModuleInit(): void {
    this.jobs.define({
      name: 'payout-notice',
      on: [noticeReceived],
      due: (reader) => reader.query<TopicData>(WAITING, [new Date(this.clock.now().getTime() - LATE_MS)]),
      run: ({ commissionerId, id }) => this.lookInto(commissionerId, id),
    });
  }

  /**
   * Keeps a notice whose signature proves it; of any other nothing is kept.
   *
   * @throws webhook.not_genuine
   */
  async receive(commissionerCode: string, rawBody: Buffer | undefined, headers: NoticeHeaders): Promise<void> {
    const addressee = await this.credentials.findByCode(commissionerCode);
    if (!addressee || !rawBody) throw noticeForged();
    const { commissionerId, rail } = addressee;
    const notice = await rail.verifyWebhook(rawBody, headers).catch((error: unknown) => {
      // Signed, but no event that we can read: as little ours as a forged one.
      if (error instanceof ForgedNoticeError || error instanceof RangeError || error instanceof SyntaxError)
        return null;
      throw error;
    });
    if (!notice) throw noticeForged();
    await this.keep(commissionerId, notice, rawBody);
  }

  /** Reads what a notice is about from the rail, and takes it in. What cannot be is parked, for a person to look at. */
  async lookInto(commissionerId: string, id: string): Promise<void> {
    const notice = await this.database.read(systemActor(commissionerId, id), async (reader) => {
      const [row] = await reader.query<StoredNotice>(`${STORED} where id = $1`, [id]);
      return row;
    });
    if (notice?.state !== 'received') return;
    const seen = await this.observe(commissionerId, notice);
    const parked = seen === 'unexpected' || seen === 'foreign';
    if (parked) this.log.warn({ noticeId: id, type: notice.type, seen }, 'notice parked');
    await this.database.transaction(systemActor(commissionerId, id), (tx) =>
      tx.execute(
        `update webhook_event set state = $3, reason = $4, finished_at = $5
         where commissioner_id = $1 and id = $2 and state = 'received'`,
        [commissionerId, id, parked ? 'parked' : 'done', seen, this.clock.now()],
      ),
    );
  }

  /** Notices that a person has to look at, or all, newest first. */
  list(actor: Actor, state: StoredNotice['state'] | undefined): Promise<StoredNotice[]> {
    return this.database.read(actor, (reader) =>
      reader.query<StoredNotice>(
        `${STORED} where ($1::text is null or state = $1) order by received_at desc, id desc limit 200`,
        [state ?? null],
      ),
    );
  }

  private async keep(commissionerId: string, notice: RailNotice, rawBody: Buffer): Promise<void> {
    await this.database.transaction(systemActor(commissionerId, notice.id), async (tx) => {
      const { id, type, accountId = null, objectId = null } = notice;
      const values = [commissionerId, id, type, accountId, objectId, sha256(rawBody), this.clock.now()];
      const [kept] = await tx.query<{ timesReceived: number }>(KEEP, values);
      if (kept?.timesReceived === 1) await emit(tx, commissionerId, noticeReceived, { commissionerId, id });
    });
  }

  private async observe(commissionerId: string, notice: StoredNotice): Promise<Observation | 'not_needed'> {
    const { objectId, accountId } = notice;
    const rail = await this.credentials.railOf(commissionerId);
    switch (aboutOf(notice.type)) {
      case 'funds':
        await this.funds.refresh(commissionerId);
        return 'moved';
      case 'transfer':
        if (objectId === null) return 'foreign';
        return this.observer.observeTransfer(commissionerId, read(await rail.getTransfer(objectId)));
      case 'bank_payout':
        if (objectId === null || accountId === null) return 'foreign';
        return this.observer.observeBankPayout(commissionerId, read(await rail.getPayout(accountId, objectId)));
      case 'account': {
        const account = await this.accounts.findByExternalId(commissionerId, accountId ?? objectId ?? '');
        if (!account) return 'not_needed'; // not stored yet, and nothing can be sent to it before it is
        await this.accounts.refresh(commissionerId, account.id);
        return 'moved';
      }
      default:
        return 'not_needed';
    }
  }
}

/** @throws rail.no_answer, so that the job comes again */
function read<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'done') return outcome.value;
  throw railNoAnswer();
}
