import { commitmentTo, newSalt } from '../platform/commitments.js';
import { eventsOf, type Judgement, sha256Of } from './state-table.queries.js';

/** A free text, ready to be kept in a row, and what an event says of it. */
export interface BoundText {
  readonly text: string;
  /** 32 bytes. Belongs beside the text, and in no event, document, log or job. */
  readonly salt: Buffer;
  /** SHA-256, in lower-case hexadecimal. Without the salt nobody can tell which text it is of. */
  readonly commitment: string;
}

/** Binds a text that somebody wrote: the row keeps text and salt, the event the commitment. See docs/decisions/0019. */
export function bindText(given: string): BoundText {
  const text = given.toWellFormed(); // as the database keeps it
  const salt = newSalt();
  return { text, salt, commitment: commitmentTo({ kind: 'text', text }, salt).toString('hex') };
}

/** Where a row keeps a free text that an event binds. The salt is in the column of the same name with `_salt`. */
export interface TextPlace {
  /** Of the one text that such an event binds. */
  readonly eventType: string;
  /** `question`: the event says `questionCommitment`, and before there were salts `questionSha256`. */
  readonly name: string;
  readonly table: string;
  readonly column: string;
  /** Picks the row `s` that holds the text of the event `e`; `e` has `event_id`, `seq`, `subject_id` and `data`. */
  readonly row: string;
  /** The claim that the text is about, over `s`. A text about a batch, a contract or an advance is about no person. */
  readonly claim?: string;
}

const places = new Map<string, TextPlace>();

/** Adds a text to those that can be erased. */
export function registerText(place: TextPlace): void {
  places.set(place.eventType, place);
}

/** Every text that was registered, by the type of the event that binds it. */
export function textPlaces(): ReadonlyMap<string, TextPlace> {
  return places;
}

/** What an event `e` says of its text, by its type; null of an event without one. */
export function saidOfText(how: 'Commitment' | 'Sha256'): string {
  const cases = [...places.values()].map(({ eventType, name }) => `when '${eventType}' then e.data->>'${name}${how}'`);
  return `case e.type ${cases.join(' ')} end`;
}

/** Counts the texts of a commissioner, $1, that its journal binds by a hash without a salt, as versions before did. */
export function unsaltedTexts(): string {
  return `
select count(*)::int as count from (${eventsOf(...places.keys())}) e
where e.commissioner_id = $1 and ${saidOfText('Sha256')} is not null`;
}

/** Columns of the told row: of the event that binds a text, and of whose text it is. */
export interface SaidText {
  /** As in `TextPlace`. */
  readonly name: string;
  /** What the event says; else `data`. */
  readonly data?: string;
  /** Its id; else `event_id`. */
  readonly event?: string;
  /** The person whose erasure ends the text; undefined of a text about no single person. */
  readonly person?: string;
}

/**
 * Judges a text and its salt by what an event said of it: they are those that it commits to, or those whose hash without a
 * salt an earlier version put there, or both are gone because the journal says so, and only then.
 */
export function saidText(column: string, said: SaidText): Record<string, Judgement> {
  const { name, data = 'data', event = 'event_id', person } = said;
  const [commitment, unsalted] = [`t.${data}->>'${name}Commitment'`, `t.${data}->>'${name}Sha256'`];
  const [text, salt] = [`s.${column}`, `s.${column}_salt`];
  const gone = `(${commitment} is not null or ${unsalted} is not null) and ${goneSince(event, person)}`;
  return {
    [column]:
      () => `case when ${text} is null and ${salt} is null and ${commitment} is null and ${unsalted} is null then false
      when ${gone} then ${text} is not null
      when ${commitment} is not null then ${commitmentOf(text, salt)} is distinct from ${commitment}
      else ${sha256Of(text)} is distinct from ${unsalted} end`,
    [`${column}_salt`]: () =>
      `(${salt} is not null) is distinct from (${text} is not null and ${commitment} is not null)`,
  };
}

/** As `commitmentTo` makes it, in hexadecimal; null without a salt. */
function commitmentOf(text: string, salt: string): string {
  const spelled = `ledger.canonical_json(jsonb_build_object('kind', 'text', 'text', ${text}))`;
  return `encode(sha256('\\x02'::bytea || ${salt} || convert_to(${spelled}, 'UTF8')), 'hex')`;
}

/** Whether the journal says, after an event, that the text of it is gone: redacted by itself, or with its person. */
function goneSince(event: string, person: string | undefined): string {
  const redacted = `exists (select from ledger.event x
    where x.commissioner_id = t.commissioner_id and x.cause_id = t.${event} and x.type = 'text.redacted')`;
  if (person === undefined) return redacted;
  return `(${redacted} or exists (select from ledger.event x
    join ledger.event w on w.commissioner_id = x.commissioner_id and w.id = t.${event} and w.seq < x.seq
    where x.commissioner_id = t.commissioner_id and x.subject_id = t.${person} and x.type = 'person.erased'))`;
}
