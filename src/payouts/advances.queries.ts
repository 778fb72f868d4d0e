import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';
import type { AdvanceReason, AdvanceState, OpenAdvance } from './advance.rules.js';
import type { DueAdvance } from './payable.rules.js';
import type { PayoutState } from './payout-state.rules.js';

/** An advance beside what became of its money. */
export interface AdvanceRow {
  readonly id: string;
  readonly reference: string;
  readonly commissionerId: string;
  readonly providerId: string;
  readonly contractId: string;
  readonly amountMinor: bigint;
  readonly reasonCode: AdvanceReason;
  readonly sharePercent: number | null;
  readonly instalmentMinor: bigint | null;
  readonly recoverBy: IsoDate;
  readonly state: AdvanceState;
  readonly approvedAt: Date | null;
  readonly closedAt: Date | null;
  readonly payoutId: string | null;
  readonly payoutState: PayoutState | null;
  readonly recoveredMinor: bigint;
}

/** What only the commissioner sees of it. */
export interface AdvanceProposal {
  /** Null once it was redacted. */
  readonly reason: string | null;
  readonly declineReason: string | null;
  readonly proposedBy: string;
  readonly proposedAt: Date;
  readonly approvedBy: string | null;
  readonly closedBy: string | null;
}

/** By id, the latest first. $1 one id, $2 before this one, $3 provider, $4 contract: null for any; $5 how many. */
const advances = (more: string) => `
select a.id, a.reference, a.commissioner_id as "commissionerId", a.provider_id as "providerId",
       a.contract_id as "contractId", a.amount_minor as "amountMinor", a.reason_code as "reasonCode",
       a.share_percent as "sharePercent", a.instalment_minor as "instalmentMinor", a.recover_by as "recoverBy", a.state,
       a.approved_at as "approvedAt", a.closed_at as "closedAt", p.id as "payoutId", p.state as "payoutState",
       coalesce(r.minor, 0)::bigint as "recoveredMinor"${more}
from advance a
left join payout_advance pa on pa.commissioner_id = a.commissioner_id and pa.advance_id = a.id and pa.live
left join payout p on p.commissioner_id = pa.commissioner_id and p.id = pa.payout_id
left join lateral (select sum(r.amount_minor) as minor from advance_recovery r
                   where r.commissioner_id = a.commissioner_id and r.advance_id = a.id) r on true
where ($1::uuid is null or a.id = $1) and ($2::uuid is null or a.id < $2)
  and ($3::uuid is null or a.provider_id = $3) and ($4::uuid is null or a.contract_id = $4)
order by a.id desc limit $5`;

const PROPOSALS =
  advances(`, a.reason, a.decline_reason as "declineReason", a.proposed_by as "proposedBy", a.proposed_at as "proposedAt",
       a.approved_by as "approvedBy", a.closed_by as "closedBy"`);
const AGREED = advances('');

export interface AdvanceSelection {
  readonly id?: string;
  readonly after?: string | undefined;
  readonly providerId?: string | undefined;
  readonly contractId?: string | undefined;
  readonly limit: number;
}

/** A provider sees what was agreed, and not why. */
export function readAdvances(
  reader: Reader,
  side: 'commissioner' | 'provider',
  { id, after, providerId, contractId, limit }: AdvanceSelection,
): Promise<(AdvanceRow & Partial<AdvanceProposal>)[]> {
  const values = [id ?? null, after ?? null, providerId ?? null, contractId ?? null, limit];
  return reader.query<AdvanceRow & Partial<AdvanceProposal>>(side === 'commissioner' ? PROPOSALS : AGREED, values);
}

export interface RecoveryRow {
  readonly invoiceId: string;
  readonly number: string | null;
  readonly amountMinor: bigint;
  readonly remainingMinor: bigint;
  readonly recoveredAt: Date;
}

/** The oldest first: each leaves less to recover. */
export function readRecoveries(reader: Reader, advanceId: string): Promise<RecoveryRow[]> {
  return reader.query<RecoveryRow>(
    `select r.invoice_id as "invoiceId", i.number, r.amount_minor as "amountMinor",
            r.remaining_minor as "remainingMinor", r.recovered_at as "recoveredAt"
     from advance_recovery r join invoice i on i.commissioner_id = r.commissioner_id and i.id = r.invoice_id
     where r.advance_id = $1 order by r.remaining_minor desc`,
    [advanceId],
  );
}

/** Advances that can be paid: approved, and in no payout that may still pay them. They are due at once. */
export function readPayableAdvances(reader: Reader, providerId: string | null): Promise<DueAdvance[]> {
  return reader.query<DueAdvance>(
    `select a.id, a.provider_id as "providerId", a.contract_id as "contractId", a.amount_minor as "amountMinor",
            (a.approved_at at time zone 'Europe/London')::date as "dueOn", a.reference
     from advance a
     where a.state = 'approved' and ($1::uuid is null or a.provider_id = $1)
       and not exists (select from payout_advance p where p.commissioner_id = a.commissioner_id
                                                      and p.advance_id = a.id and p.live)
     order by a.approved_at, a.id`,
    [providerId],
  );
}

/** Advances that have reached their provider's bank and are not all recovered, the oldest first. */
export function readOpenAdvances(reader: Reader, providerId: string | null): Promise<OpenAdvance[]> {
  return reader.query<OpenAdvance>(
    `select a.id, a.contract_id as "contractId", a.share_percent as "sharePercent",
            a.instalment_minor as "instalmentMinor", a.recover_by as "recoverBy",
            a.approved_event_id as "approvedEventId",
            (a.amount_minor - coalesce(r.minor, 0))::bigint as "remainingMinor"
     from advance a
     join payout_advance pa on pa.commissioner_id = a.commissioner_id and pa.advance_id = a.id and pa.live
     join payout p on p.commissioner_id = pa.commissioner_id and p.id = pa.payout_id and p.state = 'paid'
     left join lateral (select sum(r.amount_minor) as minor from advance_recovery r
                        where r.commissioner_id = a.commissioner_id and r.advance_id = a.id) r on true
     where a.state = 'approved' and ($1::uuid is null or a.provider_id = $1) and a.amount_minor > coalesce(r.minor, 0)
     order by a.approved_at, a.id`,
    [providerId],
  );
}

/** What the advances of a contract that were agreed, or wait to be, still have to recover. $2 is not counted. */
export async function outstandingOn(reader: Reader, contractId: string, besides: string | null): Promise<bigint> {
  const [row] = await reader.query<{ minor: bigint }>(
    `select coalesce(sum(a.amount_minor - coalesce(r.minor, 0)), 0)::bigint as minor
     from advance a
     left join lateral (select sum(r.amount_minor) as minor from advance_recovery r
                        where r.commissioner_id = a.commissioner_id and r.advance_id = a.id) r on true
     where a.contract_id = $1 and a.state in ('proposed', 'approved') and a.id is distinct from $2::uuid`,
    [contractId, besides],
  );
  return row?.minor ?? 0n;
}

/** Under the lock of payments. */
export async function nextAdvanceNumber(reader: Reader, commissionerId: string): Promise<number> {
  const [row] = await reader.query<{ next: number }>(
    'select coalesce(max(number), 0) + 1 as next from advance where commissioner_id = $1',
    [commissionerId],
  );
  return row?.next ?? 1;
}
