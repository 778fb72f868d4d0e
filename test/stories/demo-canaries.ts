import type pg from 'pg';

const NHS_LIKE = /(?<![0-9a-f])999[ -]?\d{3}[ -]?\d{4}(?![0-9a-f])/gi;
/** Everybody in the files was born before 1991, and nothing else is as old. */
const BIRTH_DATE = /(?<!\d)(?:(?:19[3-8]\d|1990)-\d\d-\d\d|\d\d?[/.]\d\d?[/.](?:19[3-8]\d|1990))(?!\d)/g;

/** Finds what identifies the invented people of the demo's files. */
export class Canaries {
  private readonly names: RegExp;
  private readonly nhsNumbers: ReadonlySet<string>;

  constructor({ names, nhsNumbers }: { names: readonly string[]; nhsNumbers: readonly string[] }) {
    this.names = new RegExp(names.join('|'), 'gi');
    this.nhsNumbers = new Set(nhsNumbers);
  }

  in(text: string): string[] {
    const numbers = text.match(NHS_LIKE) ?? [];
    return [
      ...(text.match(this.names) ?? []),
      ...(text.match(BIRTH_DATE) ?? []),
      ...numbers.filter((number) => this.nhsNumbers.has(number.replaceAll(/\D/g, ''))),
    ];
  }
}

const ROWS_AT_ONCE = 5_000;

/** Every row of every table, as a superuser sees it, with what is stored as bytes also spelled as text. */
export async function* textOfTables(admin: pg.Client): AsyncGenerator<{ name: string; text: string }> {
  const { rows: tables } = await admin.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')`,
  );
  for (const { name } of tables) {
    for (let offset = 0; ; offset += ROWS_AT_ONCE) {
      const { rows } = await admin.query<{ row: string }>(
        `select to_jsonb(t)::text as row from ${name} t order by ctid offset ${offset} limit ${ROWS_AT_ONCE}`,
      );
      const text = rows.map(({ row }) => row).join('\n');
      yield { name, text: `${text}\n${bytesIn(text)}` };
      if (rows.length < ROWS_AT_ONCE) break;
    }
  }
}

function bytesIn(text: string): string {
  const hexadecimal = text.match(/(?<=\\\\x)[0-9a-f]{16,}/g) ?? [];
  return hexadecimal.map((digits) => Buffer.from(digits, 'hex').toString('latin1')).join('\n');
}
