import {
  as,
  eventsOf,
  registerInvariant,
  registerStateTable,
  said,
  saidBytes,
  saidHashOfJson,
  since,
  type Invariant,
  type StateTable,
} from '../ledger/index.js';
import { TAKEN_DIGEST, TAKEN_ROWS } from './claim-file.queries.js';

const WRITTEN_AT = 'when the row was written; its event says when it was recorded';

const CLAIM_FILE_ENDS = eventsOf('claim_file.received', 'claim_file.refused', 'claim_file.cancelled');

const TAKEN: Invariant = {
  sentence: 'The rows that were taken of a claim file are those that its event binds.',
  sql: `
with t as materialized (${CLAIM_FILE_ENDS}),
taken as (
  select r.commissioner_id, r.claim_file_id, encode(${TAKEN_DIGEST}, 'hex') as digest,
         bool_and(r.taken is not null and (r.contract_id, r.provider_id) is not distinct from (f.contract_id, f.provider_id))
           as is_own
  from (${TAKEN_ROWS}) r
  left join claim_file f on f.commissioner_id = r.commissioner_id and f.id = r.claim_file_id
  where f.state is distinct from 'receiving' group by 1, 2)
select commissioner_id, claim_file_id, taken.digest, t.data->>'takenSha256' as said
from taken full join (select commissioner_id, subject_id as claim_file_id, data from t) t
  using (commissioner_id, claim_file_id)
where case when t.data is null then true when not t.data ? 'takenSha256' then false
           else coalesce(taken.digest, encode(sha256(''), 'hex')) <> t.data->>'takenSha256' end or not taken.is_own`,
};

const SESSIONS: StateTable = {
  table: 'session',
  sentence: 'Every session is what was recorded of it.',
  key: ['id'],
  told: `select t.*, subject_id as id from (${eventsOf('session.recorded')}) t`,
  columns: {
    provider_id: as('t.provider_id'),
    contract_id: said('contractId', 'uuid'),
    service_id: said('serviceId', 'uuid'),
    kind: said('kind'),
    natural_key: since('naturalKey', saidBytes('naturalKey')),
    held_on: said('heldOn', 'date'),
    starts_at: as('t.occurred_at'),
    start_recorded: since('startRecorded', said('startRecorded', 'boolean')),
    duration_minutes: said('durationMinutes', 'int'),
    mode: said('mode'),
    booked: said('booked', 'int'),
    outcome: said('outcome'),
    cancelled_at: since('startRecorded', said('cancelledAt', 'timestamptz')),
    evidence_sha256: saidBytes('evidenceSha256'),
    event_id: as('t.event_id'),
  },
  bound: { claim_file_id: TAKEN.sentence, taken_rows: TAKEN.sentence },
  untold: {
    reference: 'the provider’s own words for a session; what they mean to the next file is in its natural key',
    created_at: WRITTEN_AT,
  },
};

/** Who came is told with the session; who is added to it later, or is one of very many, has an event alone. */
const ATTENDANCES: StateTable = {
  table: 'attendance',
  sentence: 'Every attendance is what was recorded of it, in its session or after.',
  key: ['id'],
  told: `
with e as materialized (${eventsOf('session.recorded', 'attendance.recorded')}),
told as (
  select commissioner_id, (a->>'attendanceId')::uuid as id, provider_id, subject_id as session_id, a as data,
         place - 1 as position, data ? 'startRecorded' as in_full
  from e cross join lateral jsonb_array_elements(data->'attendances') with ordinality r (a, place)
  where type = 'session.recorded'
  union all
  select commissioner_id, subject_id, provider_id, (data->>'sessionId')::uuid, data, (data->>'position')::int,
         data ? 'position'
  from e where type = 'attendance.recorded')
select told.*, s.service_id, s.held_on from told
left join session s on s.commissioner_id = told.commissioner_id and s.id = told.session_id`,
  columns: {
    provider_id: as('t.provider_id'),
    session_id: as('t.session_id'),
    service_id: as('t.service_id'),
    held_on: as('t.held_on'),
    referral_id: said('referralId', 'uuid'),
    outcome: said('outcome'),
    cancelled_at: (column) => `t.in_full and s.${column} is distinct from (t.data->>'cancelledAt')::timestamptz`,
    travel: (column) => `t.in_full and s.${column} is distinct from coalesce((t.data->>'travel')::boolean, false)`,
    booking_position: (column) => `t.in_full and s.${column} is distinct from t.position`,
  },
  untold: { created_at: WRITTEN_AT },
};

const MILESTONES: StateTable = {
  table: 'milestone',
  sentence: 'Every milestone is what was recorded of it.',
  key: ['id'],
  told: `select t.*, subject_id as id from (${eventsOf('milestone.recorded')}) t`,
  columns: {
    provider_id: as('t.provider_id'),
    referral_id: said('referralId', 'uuid'),
    name: said('name'),
    reached_on: said('reachedOn', 'date'),
    created_at: as('t.occurred_at'),
  },
};

const DECLARED = {
  provider_id: as('t.provider_id'),
  contract_id: said('contractId', 'uuid'),
  period: said('forPeriod', 'date'),
  declared_at: as('t.occurred_at'),
  declared_by: as('t.member_id'),
};

const NIL_DECLARATIONS: StateTable = {
  table: 'nil_declaration',
  sentence: 'Every month without delivery is declared by its event.',
  key: ['id'],
  told: `select t.*, subject_id as id from (${eventsOf('claim.nil_declared')}) t`,
  columns: DECLARED,
};

const COMPLETION_DECLARATIONS: StateTable = {
  table: 'completion_declaration',
  sentence: 'Every month that was sent for review is what its event says.',
  key: ['id'],
  told: `select t.*, subject_id as id from (${eventsOf('claim.month_completed')}) t`,
  columns: {
    ...DECLARED,
    code: said('code'),
    claim_count: said('claimCount', 'int'),
    flagged_count: said('flaggedCount', 'int'),
    total_minor: said('totalMinor', 'bigint'),
    indicative_minor: said('indicativeMinor', 'bigint'),
  },
};

/** Of a file that is still on its way, no event tells. */
const CLAIM_FILES: StateTable = {
  table: 'claim_file',
  sentence: 'Every claim file that came to its end is what its event says.',
  key: ['id'],
  told: `select t.*, subject_id as id from (${CLAIM_FILE_ENDS}) t`,
  pending: `s.state = 'receiving'`,
  columns: {
    provider_id: as('t.provider_id'),
    contract_id: said('contractId', 'uuid'),
    sha256: saidBytes('sha256'),
    state: as(`split_part(t.type, '.', 2)`),
    repeats_id: said('repeatsId', 'uuid'),
    rows: said('rows', 'int'),
    accepted: said('accepted', 'int'),
    repeated: said('repeated', 'int'),
    included: said('included', 'int'),
    failed: said('failed', 'int'),
    flagged: said('flagged', 'int'),
    total_minor: said('totalMinor', 'bigint'),
    indicative_minor: said('indicativeMinor', 'bigint'),
    problem: since('problemSha256', saidHashOfJson('problemSha256')),
    received_at: since('receivedAt', said('receivedAt', 'timestamptz')),
    finished_at: as('t.occurred_at'),
    // Whoever ends a file need not be who sent it.
    submitted_by: as(`case when t.data ? 'submittedBy' then (t.data->>'submittedBy')::uuid else t.member_id end`),
  },
  untold: {
    row_count: 'how far its taking has come',
    chunk_count: 'how far its taking has come',
    chunks_taken: 'how far its taking has come',
    progress_at: 'how far its taking has come',
    key_id: 'by which the events of its rows name who sent it',
    dropped_columns: 'how the file was written, for whoever sent it',
    encoding: 'how the file was written, for whoever sent it',
    separator: 'how the file was written, for whoever sent it',
  },
};

/** Adds what was delivered, declared and sent in files to what is held to the journal. */
export function registerDeliveryState(): void {
  for (const state of [SESSIONS, ATTENDANCES, MILESTONES, NIL_DECLARATIONS, COMPLETION_DECLARATIONS, CLAIM_FILES])
    registerStateTable(state);
  registerInvariant(TAKEN);
  registerStateTable({
    table: 'claim_file_row',
    bound: {
      commissioner_id: TAKEN.sentence,
      contract_id: TAKEN.sentence,
      row_hash: TAKEN.sentence,
      provider_id: TAKEN.sentence,
      claim_file_id: TAKEN.sentence,
      row_number: TAKEN.sentence,
    },
  });
}
