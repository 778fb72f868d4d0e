import type { QueryRunner } from 'typeorm';
import { migrations } from '../migrations/index.js';
import { findUnsafe, type MigrationText } from './support/migration.rules.js';

/** From here on migrations run on databases that are in use. */
const IN_USE_FROM = 25;

interface Migration {
  readonly name: string;
  readonly transaction?: boolean;
  up(runner: QueryRunner): Promise<unknown>;
}

/** What it says to a database on which every index that it makes concurrently is there already. */
async function textOf(migration: Migration): Promise<MigrationText> {
  const statements: string[] = [];
  const answer = [{ owner: 'wp_owner', schema: 'public', isValid: true }];
  const query = (sql: string) => {
    statements.push(sql);
    return Promise.resolve(answer);
  };
  await migration.up({ query } as unknown as QueryRunner);
  return { name: migration.name, isWhole: migration.transaction !== false, statements };
}

const numberOf = ({ name }: { name: string }) => Number(/(\d{3})$/.exec(name)?.[1]);

describe('a migration', () => {
  it('is found by its number, and has SQL to look at', async () => {
    const texts = await Promise.all(migrations.map((Migration) => textOf(new Migration())));
    const numbers = texts.map(numberOf);
    expect(numbers.every((number) => number > 0)).toBe(true);
    expect([...numbers].sort((a, b) => a - b)).toEqual(numbers);
    expect(texts.filter(({ statements }) => statements.join('').length < 20)).toEqual([]);
  });

  it(`keeps nobody waiting, from ${IN_USE_FROM} on`, async () => {
    const texts = await Promise.all(migrations.map((Migration) => textOf(new Migration())));
    const unsafe = texts
      .map((text, place) => ({ ...text, wrong: findUnsafe(text, texts.slice(0, place)) }))
      .filter((text) => numberOf(text) >= IN_USE_FROM && text.wrong.length > 0)
      .map(({ name, wrong }) => ({ name, wrong }));
    expect(unsafe).toEqual([]);
  });

  const whole = (...statements: string[]): MigrationText => ({ name: 'Planted025', isWhole: true, statements });
  const alone = (...statements: string[]): MigrationText => ({ name: 'Planted025', isWhole: false, statements });
  const CHECKED = whole('alter table notice add constraint told check (a is not null) not valid');
  const VALIDATED = whole('alter table notice validate constraint told');

  it.each<[string, MigrationText, RegExp | null, MigrationText[]?]>([
    ['an index on a big table', whole('set role o; create index a on claim (id); reset role;'), /createIndexConc/],
    ['a unique index of the ledger', whole('create unique index a on only "ledger"."event" (id)'), /createIndexConc/],
    ['a line break in it', whole('create\n index a\n on public.session\n (id)'), /createIndexConcurrently/],
    ['an index on a small table', whole('create index a on notice (id)'), null],
    ['an index on a big table that is new', whole('create table claim (id int); create index a on claim (id)'), null],
    ['an index in a comment', whole('-- create index a on claim (id);\nselect 1'), null],
    ['a concurrent index in a transaction', whole('create index concurrently a on claim (id)'), /transaction = false/],
    ['a concurrent index without', alone('create index concurrently a on claim (id)'), null],
    ['more without a transaction', alone('create index concurrently a on claim (id)', 'drop table b'), /nothing else/],
    ['not null', whole('alter table notice alter column a set not null'), /becomes not null after/],
    ['not null, checked and not yet valid', whole('alter table notice alter a set not null'), /becomes not/, [CHECKED]],
    ['not null that is known', whole('alter table notice alter a set not null'), null, [CHECKED, VALIDATED]],
    ['not null of another column', whole('alter table notice alter b set not null'), /n/, [CHECKED, VALIDATED]],
    ['another type', whole('alter table notice alter column a type bigint'), /new column/],
    ['another type in long', whole('alter table notice alter a set data type bigint'), /new column/],
    ['another type of a column of that name', whole('alter table notice alter column type type text'), /new column/],
    ['statistics of a column of that name', whole('alter table notice alter column type set statistics 9'), null],
    ['a constraint on a big table', whole('alter table claim add constraint x check (a > 0)'), /not valid/],
    ['one that is not valid yet', whole('alter table claim add constraint x check (a > 0) not valid'), null],
    ['a column with its check', whole('alter table claim add column a int check (a > 0)'), null],
  ])('is judged by what it does: %s', (_, text, wrong, earlier = []) => {
    const found = findUnsafe(text, earlier);
    if (wrong === null) expect(found).toEqual([]);
    else expect(found.join('\n')).toMatch(wrong);
  });
});
