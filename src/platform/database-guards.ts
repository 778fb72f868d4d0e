import type { QueryRunner } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import type { Ask } from './database-security.js';

/** What keeps people apart, or keeps rows as they are: a policy or a trigger, by its name on its table. */
export interface Guard {
  readonly kind: 'policy' | 'trigger';
  /** With its schema. */
  readonly table: string;
  readonly name: string;
}

const CHANGED = /\b(create|drop) (policy|trigger) (?:if exists )?(\w+)\s[^;]*?\bon ([\w.]+)/g;

/** Bodies of functions and comments: what stands there is not done. */
const QUIET = /\$(\w*)\$[\s\S]*?\$\1\$|--.*$/gm;

/** What a migration is answered where it asks first: that what it makes concurrently is there. */
const ANSWER = [{ owner: 'wp_owner', schema: 'public', isValid: true }];

/** Every policy and trigger that the migrations of this version make, and do not take away again. */
export async function expectedGuards(): Promise<Guard[]> {
  const said: string[] = [];
  const query = (sql: string) => {
    said.push(sql);
    return Promise.resolve(ANSWER);
  };
  for (const Migration of migrations) await new Migration().up({ query } as unknown as QueryRunner);
  const text = said.join(';\n').replace(QUIET, '');
  const guards = new Map<string, Guard>();
  for (const [, change, kind, name = '', table = ''] of text.matchAll(CHANGED)) {
    const guard: Guard = {
      kind: kind === 'policy' ? 'policy' : 'trigger',
      name,
      table: table.includes('.') ? table : `public.${table}`,
    };
    if (change === 'create') guards.set(keyOf(guard), guard);
    else guards.delete(keyOf(guard));
  }
  return [...guards.values()];
}

/** A trigger that is disabled guards nothing. */
const STANDING = `
select 'policy' as kind, c.relnamespace::regnamespace || '.' || c.relname as table, p.polname as name
from pg_policy p join pg_class c on c.oid = p.polrelid
union all
select 'trigger', c.relnamespace::regnamespace || '.' || c.relname, t.tgname
from pg_trigger t join pg_class c on c.oid = t.tgrelid where not t.tgisinternal and t.tgenabled in ('O', 'A')`;

/** Those that the migrations made, and that are not there, or are disabled. */
export async function findMissingGuards(ask: Ask): Promise<Guard[]> {
  const standing = new Set((await ask<Guard>(STANDING)).map(keyOf));
  return (await expectedGuards()).filter((guard) => !standing.has(keyOf(guard)));
}

function keyOf({ kind, table, name }: Guard): string {
  return `${kind} ${name} on ${table}`;
}
