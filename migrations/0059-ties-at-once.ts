import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from './tenancy.js';

/**
 * Rows that name what is there are found to do so at once: what all rows of a statement share is looked up once, and who was at
 * which session is asked of the attendance alone. Only a statement that is refused is gone through tie by tie, to say which.
 */
export class TiesAtOnce1764000000059 implements MigrationInterface {
  name = 'TiesAtOnce1764000000059';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      asOwner(
        tied('session', SESSION, [isMissing(Object.entries(SESSION))]),
        tied('attendance', ATTENDANCE, [
          `exists (select from added a where ${Object.entries(ATTENDANCE)
            .map((tie) => isNotThere(tie))
            .join(' or ')})`,
        ]),
        tied('claim', { ...CLAIM, ...OF_PERSON }, [isMissing(Object.entries(CLAIM)), OF_AN_ATTENDANCE, OF_NONE]),
        'drop trigger has_file on session;',
        'drop function session_has_file();',
      ),
    );
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

/** The column of a row, and the table of what it names, under the same commissioner and provider. */
type Tie = readonly [column: string, parent: string];

const SESSION = { contract_id: 'contract', service_id: 'service', claim_file_id: 'claim_file' };
const ATTENDANCE = { session_id: 'session', referral_id: 'referral' };
const CLAIM = {
  contract_id: 'contract',
  service_id: 'service',
  rate_card_id: 'rate_card',
  claim_file_id: 'claim_file',
};
const OF_PERSON = { referral_id: 'referral', session_id: 'session', attendance_id: 'attendance' };

/**
 * Whether row `a` names what is not there. Of the indexes of a table that is named only one begins with the provider, and it goes
 * on with the id. So there is one way to look a row up, also by a plan that was made when the table was empty; what else has to
 * be the same is compared outside.
 */
function isNotThere([column, parent]: Tie, also = ''): string {
  return `(a.${column} is not null and not exists (
      select from (select p.* from ${parent} p where p.provider_id = a.provider_id and p.id = a.${column} offset 0) p
      where p.commissioner_id = a.commissioner_id${also}))`;
}

/** Of what many rows of a statement share: each once. */
function isMissing(ties: readonly Tie[]): string {
  const columns = ties.map(([column]) => column).join(', ');
  return `exists (
    select from (select distinct commissioner_id, provider_id, ${columns} from added) a
    where ${ties.map((tie) => isNotThere(tie)).join(' or ')})`;
}

/** An attendance has its session and its person, who are tied already: the claim has to have the same. */
const OF_AN_ATTENDANCE = `exists (select from added a where ${isNotThere(
  ['attendance_id', 'attendance'],
  ' and p.session_id is not distinct from a.session_id and p.referral_id is not distinct from a.referral_id',
)})`;

const OF_NONE = `exists (
    select from (
      select distinct commissioner_id, provider_id, session_id, referral_id from added where attendance_id is null) a
    where ${isNotThere(['session_id', 'session'])} or ${isNotThere(['referral_id', 'referral'])})`;

function tied(table: string, ties: Readonly<Record<string, string>>, refusals: readonly string[]): string {
  const told = (column: string, what: string) => `
    raise exception '% names ${what}', '${table}.${column}' using errcode = 'foreign_key_violation',
      schema = 'public', table = '${table}', column = '${column}', constraint = '${table}_${column}_tied';`;
  const each = Object.entries(ties).map(
    (tie) => `
    if ${isMissing([tie])} then${told(tie[0], 'something that is not there')}
    end if;`,
  );
  const rest = table === 'claim' ? told('attendance_id', 'an attendance of another session or person') : '';
  return `
create or replace function ${table}_is_tied() returns trigger language plpgsql security definer
set search_path = public, pg_temp set enable_seqscan = off set enable_bitmapscan = off as $$
begin
  if ${refusals.join('\n  or ')} then${each.join('')}${rest}
  end if;
  return null;
end $$;`;
}
