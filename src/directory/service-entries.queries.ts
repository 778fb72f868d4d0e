import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';
import type { Places } from './listing.rules.js';

/** A service of the side, whether or not its entry has been written. */
export interface ServiceEntry {
  /** The service's. */
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly commissionerId: string;
  readonly commissionerCode: string;
  readonly commissionerName: string;
  readonly providerName: string;
  /** Null where there is nothing yet to show. */
  readonly entry: {
    readonly name: string;
    readonly listed: boolean;
    readonly places: Places;
    readonly assuredOn: IsoDate | null;
    readonly changedAt: Date;
  } | null;
}

interface Row extends Omit<ServiceEntry, 'entry'> {
  readonly entryName: string | null;
  readonly listed: boolean;
  readonly places: Places;
  readonly assuredOn: IsoDate | null;
  readonly changedAt: Date;
}

/** $1 a pattern of names and codes, $2 one service, $3 after, $4 how many. By name. */
const ENTRIES = `
select s.id, s.code, s.name, c.id as "commissionerId", c.code as "commissionerCode", c.name as "commissionerName",
       p.name as "providerName", l.name as "entryName", l.listed, l.places, l.assured_on as "assuredOn",
       l.changed_at as "changedAt"
from service s
join organisation c on c.id = s.commissioner_id
join organisation p on p.id = s.provider_id
left join service_listing l on l.commissioner_id = s.commissioner_id and l.service_id = s.id
where ($1::text is null or s.name ilike $1 or s.code ilike $1 or l.name ilike $1 or p.name ilike $1)
  and ($2::uuid is null or s.id = $2)
  and ($3::uuid is null or (s.name, s.id) > (select o.name, o.id from service o where o.id = $3))
order by s.name, s.id limit $4`;

export async function findServiceEntries(
  reader: Reader,
  { search, serviceId }: { readonly search?: string | undefined; readonly serviceId?: string | undefined },
  page: { readonly after?: string | undefined; readonly most: number },
): Promise<ServiceEntry[]> {
  const pattern = search === undefined ? null : `%${search.replace(/[\\%_]/g, String.raw`\$&`)}%`;
  const rows = await reader.query<Row>(ENTRIES, [pattern, serviceId ?? null, page.after ?? null, page.most]);
  return rows.map(({ entryName, listed, places, assuredOn, changedAt, ...service }) => ({
    ...service,
    entry: entryName === null ? null : { name: entryName, listed, places, assuredOn, changedAt },
  }));
}
