/**
 * How long each event of the log $1 waited, in milliseconds: from the making of its id to the checkpoint of the pass that
 * sealed it. What the first checkpoint holds was there before anybody waited.
 */
export const WAITS = `
select extract(epoch from c.sealed_at)::float8 * 1000 - ('x' || substr(replace(leaf.id::text, '-', ''), 1, 12))::bit(48)::bigint as ms
from ledger.tile t cross join lateral unnest(t.event_ids) with ordinality leaf (id, place)
cross join lateral (
  select sealed_at from ledger.checkpoint where log_id = $1 and size >= t.n * 256 + leaf.place order by size limit 1) c
where t.log_id = $1 and t.level = 0
  and t.n * 256 + leaf.place > (select min(size) from ledger.checkpoint where log_id = $1)`;
