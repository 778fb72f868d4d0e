import type { Invariant } from '../ledger/index.js';

/** What must be true of people who were erased, and of those who were not. */
export const PERSON_INVARIANTS: readonly Invariant[] = [
  {
    sentence:
      'Of a person who was erased nothing is kept that says who it is: no key, no ciphertext, nothing to find it by.',
    sql: `
select p.commissioner_id, p.id from person p
where p.erased_at is not null and (
  num_nonnulls(p.reference, p.pseudonym, p.blind_index, p.commitment) > 0
  or exists (select from person_key k where k.commissioner_id = p.commissioner_id and k.person_id = p.id)
  or exists (select from person_vault v where v.commissioner_id = p.commissioner_id and v.person_id = p.id)
  or exists (select from referral r where r.commissioner_id = p.commissioner_id and r.person_id = p.id
             and r.person_erased_at is distinct from p.erased_at))`,
  },
  {
    sentence: 'A person is erased, or under a legal hold, where the journal says so and nowhere else.',
    sql: `
with told as (
  select distinct on (e.commissioner_id, e.subject_id) e.commissioner_id, e.subject_id as id, e.type, e.occurred_at
  from ledger.event e where e.type in ('person.erased', 'person.hold_placed', 'person.hold_lifted')
  order by e.commissioner_id, e.subject_id, e.seq desc)
select coalesce(p.commissioner_id, t.commissioner_id) as commissioner_id, coalesce(p.id, t.id) as id, t.type
from (select * from person where erased_at is not null or held_at is not null) p full join told t using (commissioner_id, id)
where (p.erased_at, p.held_at) is distinct from (
  case t.type when 'person.erased' then t.occurred_at end, case t.type when 'person.hold_placed' then t.occurred_at end)`,
  },
  {
    sentence: 'A person whom something identifies is sealed under a key of their own, or waits to be.',
    sql: `
select p.commissioner_id, p.id from person p
left join person_key k on k.commissioner_id = p.commissioner_id and k.person_id = p.id
left join person_vault v on v.commissioner_id = p.commissioner_id and v.person_id = p.id and v.kind = 'identity'
where (p.commitment is not null) <> (k.person_id is not null) or (p.commitment is not null) <> (v.person_id is not null)
   or (p.commitment is not null and p.reference is not null)`,
  },
];
