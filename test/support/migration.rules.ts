/** What a migration does, as it says it to the database. */
export interface MigrationText {
  readonly name: string;
  /** Whether it runs in a transaction. */
  readonly isWhole: boolean;
  readonly statements: readonly string[];
}

/** Tables that grow with every session of the year: what reads the whole of one under a lock stops the product. */
export const BIG_TABLES = ['ledger.event', 'ledger.transfer', 'claim', 'session', 'attendance', 'referral'];

const NAME = String.raw`(?:only\s+)?([\w."]+)`;
const CREATE_TABLE = new RegExp(String.raw`^create\s+table\s+(?:if\s+not\s+exists\s+)?${NAME}`);
const CREATE_INDEX = new RegExp(String.raw`^create\s+(?:unique\s+)?index\s+(concurrently\s+)?.*?\bon\s+${NAME}`);
const ALTER_TABLE = new RegExp(String.raw`^alter\s+table\s+(?:if\s+exists\s+)?${NAME}`);
const SET_NOT_NULL = /\balter\s+(?:column\s+)?(\w+)\s+set\s+not\s+null/g;
const CHANGE_TYPE = /\balter\s+(?:column\s+)?(?!column\b)\w+\s+(?:set\s+data\s+)?type\b/;
const ADDS_CHECKED = /\badd\s+(?:constraint\s+\w+\s+)?(?:check|foreign\s+key)\b/;
const ALONE = /^(?:create\s+(?:unique\s+)?index\s+concurrently|drop\s+index\s+concurrently|set|reset|select)\b/;

/** Statements one by one: without comments and the bodies of functions, in lower case. */
export function statementsOf(sql: string): string[] {
  return sql
    .replace(/--.*$/gm, '')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(\$\w*\$)[\s\S]*?\1/g, "''")
    .split(';')
    .map((one) => one.trim().toLowerCase().replace(/\s+/g, ' '))
    .filter((one) => one !== '');
}

/** What in a migration would keep people waiting, each with its safe form. `earlier` ran in releases before it. */
export function findUnsafe(migration: MigrationText, earlier: readonly MigrationText[] = []): string[] {
  const statements = migration.statements.flatMap(statementsOf);
  const made = new Set(statements.flatMap((one) => tableOf(CREATE_TABLE, one) ?? []));
  const before = earlier.flatMap((one) => one.statements.flatMap(statementsOf));
  const wrong = statements.flatMap((one) => [
    ...wrongIndex(one, migration.isWhole, made),
    ...wrongChange(one, made, before),
  ]);
  if (!migration.isWhole && statements.some((one) => !ALONE.test(one)))
    wrong.push('what is not in a transaction is one index and nothing else');
  return wrong;
}

function wrongIndex(statement: string, isWhole: boolean, made: ReadonlySet<string>): string[] {
  const [, concurrently, name = ''] = CREATE_INDEX.exec(statement) ?? [];
  const table = bare(name);
  if (concurrently !== undefined)
    return isWhole ? ['an index that is made concurrently needs transaction = false'] : [];
  return isBig(table) && !made.has(table)
    ? [`an index on ${table} is made with createIndexConcurrently, in a migration of its own`]
    : [];
}

function wrongChange(statement: string, made: ReadonlySet<string>, before: readonly string[]): string[] {
  const table = tableOf(ALTER_TABLE, statement);
  if (table === undefined || made.has(table)) return [];
  const wrong = [...statement.matchAll(SET_NOT_NULL)]
    .map(([, column = '']) => column)
    .filter((column) => !isCheckedNotNull(table, column, before))
    .map(
      (column) =>
        `${table}.${column} becomes not null after "check (${column} is not null) not valid" and its validation, each in ` +
        'an earlier migration',
    );
  if (CHANGE_TYPE.test(statement)) wrong.push(`a column of ${table} changes its type by way of a new column`);
  if (isBig(table) && ADDS_CHECKED.test(statement) && !statement.includes('not valid') && !addsColumn(statement))
    wrong.push(`a constraint on ${table} is added "not valid", and validated in a later migration`);
  return wrong;
}

/** PostgreSQL 12 and later read no row where a valid constraint says it already. */
function isCheckedNotNull(table: string, column: string, before: readonly string[]): boolean {
  const ofTable = before.filter((one) => tableOf(ALTER_TABLE, one) === table);
  const check = new RegExp(String.raw`add constraint (\w+) check \(\s*${column} is not null\s*\) not valid`);
  const names = ofTable.flatMap((one) => check.exec(one)?.[1] ?? []);
  return names.some((name) => ofTable.some((one) => new RegExp(String.raw`validate constraint ${name}\b`).test(one)));
}

/** A column that comes into being empty brings its own check along, and there is nothing to read. */
function addsColumn(statement: string): boolean {
  return /\badd\s+column\b/.test(statement);
}

function tableOf(pattern: RegExp, statement: string): string | undefined {
  const name = pattern.exec(statement)?.[1];
  return name === undefined ? undefined : bare(name);
}

function bare(name: string): string {
  return name.replaceAll('"', '').replace(/^public\./, '');
}

function isBig(table: string): boolean {
  return BIG_TABLES.includes(table);
}
