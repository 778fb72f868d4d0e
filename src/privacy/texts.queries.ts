import { eventsOf, saidOfText, textPlaces, type TextPlace } from '../ledger/index.js';
import type { Reader, Tx } from '../platform/database.js';

/** A text that somebody wrote freely, by the event that binds it. */
export interface WrittenText {
  /** Of the event. */
  readonly id: string;
  readonly eventType: string;
  /** The claim, batch, contract or advance that the event is of. */
  readonly subjectId: string;
  /** The claim that the text is about; null of a text about no single person, and of one that is gone. */
  readonly claimId: string | null;
  readonly providerId: string | null;
  readonly writtenAt: Date;
  /** In hexadecimal, as the event says it. */
  readonly hash: string;
  /** False of the hash without a salt that versions before put into the event. */
  readonly isSalted: boolean;
  /** Null once it is gone: redacted, erased with its person, or dropped when its claim was opened again. */
  readonly text: string | null;
  /** In hexadecimal. */
  readonly salt: string | null;
  readonly redactedAt: Date | null;
}

/** Which texts; all of them unless narrowed. */
export interface TextFilter {
  readonly id?: string | undefined;
  readonly subject?: string | undefined;
  /** Before the event of this id. */
  readonly after?: string | undefined;
  readonly limit: number;
}

type SaidText = Omit<WrittenText, 'claimId' | 'text' | 'salt'>;
type KeptText = Pick<WrittenText, 'id' | 'claimId' | 'text' | 'salt'>;

/** Texts of one commissioner, the latest first. */
export async function findTexts(reader: Reader, commissionerId: string, filter: TextFilter): Promise<WrittenText[]> {
  const { id, subject, after, limit } = filter;
  const values = [commissionerId, id ?? null, subject ?? null, after ?? null, limit];
  const said = await reader.query<SaidText>(saidTexts(), values);
  const kept = new Map<string, KeptText>();
  for (const [type, place] of textPlaces()) {
    const ids = said.filter(({ eventType }) => eventType === type).map((one) => one.id);
    if (ids.length === 0) continue;
    for (const one of await reader.query<KeptText>(keptTexts(place), [commissionerId, ids])) kept.set(one.id, one);
  }
  return said.map((one) => ({ ...one, claimId: null, text: null, salt: null, ...kept.get(one.id) }));
}

/** Takes a text and its salt out of its row; false when they are gone. The caller records it. */
export async function redactText(tx: Tx, commissionerId: string, place: TextPlace, id: string): Promise<boolean> {
  const { table, column, row, eventType } = place;
  const sql = `
update ${table} s set ${column} = null, ${column}_salt = null
from (${eventsOf(eventType)}) e
where e.commissioner_id = $1 and e.event_id = $2 and s.commissioner_id = $1 and ${row} and s.${column} is not null`;
  return (await tx.execute(sql, [commissionerId, id])) === 1;
}

/** $1 commissioner, $2 person. */
const CLAIMS_OF_PERSON = `
select c.id from claim c where c.commissioner_id = $1
  and c.referral_id in (select r.id from referral r where r.commissioner_id = $1 and r.person_id = $2)`;

/**
 * Holds the claims of a person still until the transaction ends. Whoever writes about one holds it as well when its event is
 * recorded: so either the text is seen here, or its event stands behind that of the erasure.
 */
export async function lockClaims(tx: Tx, commissionerId: string, personId: string): Promise<void> {
  await tx.query(`${CLAIMS_OF_PERSON} order by c.id for no key update of c`, [commissionerId, personId]);
}

/** Takes every text about a claim of a person out of its row, with its salt; gives how many there were. */
export async function destroyTexts(tx: Tx, commissionerId: string, personId: string): Promise<number> {
  let destroyed = 0;
  for (const { table, column, claim } of textPlaces().values()) {
    if (claim === undefined) continue;
    const sql = `
update ${table} s set ${column} = null, ${column}_salt = null
where s.commissioner_id = $1 and s.${column} is not null and ${claim} in (${CLAIMS_OF_PERSON})`;
    destroyed += await tx.execute(sql, [commissionerId, personId]);
  }
  return destroyed;
}

/** How many hashes without a salt, of texts about claims of a person, stand in the journal for good. */
export async function countUnsalted(reader: Reader, commissionerId: string, personId: string): Promise<number> {
  const types = [...textPlaces().values()].filter(({ claim }) => claim !== undefined).map(({ eventType }) => eventType);
  const sql = `
select count(*)::int as count from (${eventsOf(...types)}) e
where e.commissioner_id = $1 and e.subject_id in (${CLAIMS_OF_PERSON}) and ${saidOfText('Sha256')} is not null`;
  const [row] = await reader.query<{ count: number }>(sql, [commissionerId, personId]);
  return row?.count ?? 0;
}

const PERSON_OF_CLAIM = `
select r.person_id as id from claim c join referral r on r.commissioner_id = c.commissioner_id and r.id = c.referral_id
where c.commissioner_id = $1 and c.id = $2`;

export async function findPersonOfClaim(reader: Reader, commissionerId: string, claimId: string) {
  const [person] = await reader.query<{ id: string }>(PERSON_OF_CLAIM, [commissionerId, claimId]);
  return person?.id;
}

/** $1 commissioner, $2 one event, $3 subject, $4 before this event: null for any; $5 how many. */
function saidTexts(): string {
  return `
select w.* from (
  select e.event_id as id, e.type as "eventType", e.subject_id as "subjectId", e.provider_id as "providerId",
         e.occurred_at as "writtenAt", coalesce(${saidOfText('Commitment')}, ${saidOfText('Sha256')}) as hash,
         ${saidOfText('Commitment')} is not null as "isSalted",
         (select max(x.occurred_at) from ledger.event x
          where x.commissioner_id = e.commissioner_id and x.cause_id = e.event_id and x.type = 'text.redacted') as "redactedAt"
  from (${eventsOf(...textPlaces().keys())}) e
  where e.commissioner_id = $1 and ($2::uuid is null or e.event_id = $2) and ($3::uuid is null or e.subject_id = $3)
    and ($4::uuid is null or e.event_id < $4)) w
where w.hash is not null order by w.id desc limit $5`;
}

/** $1 commissioner, $2 events of the type. */
function keptTexts({ eventType, table, column, row, claim }: TextPlace): string {
  return `
select e.event_id as id, ${claim ?? 'null::uuid'} as "claimId", s.${column} as text,
       encode(s.${column}_salt, 'hex') as salt
from (${eventsOf(eventType)}) e join ${table} s on s.commissioner_id = e.commissioner_id and ${row}
where e.commissioner_id = $1 and e.event_id = any ($2::uuid[])`;
}
