import type { SourceText } from './architecture.layers.js';

/** A small project that obeys every import rule, each by as little as the rule allows. */
const LAWFUL: Readonly<Record<string, string>> = {
  'package.json':
    '{"type":"module","dependencies":{"pg":"1","stripe":"1","@nestjs/swagger":"1"},"devDependencies":{"jest":"1"}}',
  'tsconfig.json': '{"compilerOptions":{"module":"nodenext","moduleResolution":"nodenext"}}',
  ...Object.fromEntries(
    ['pg', 'stripe', '@nestjs/swagger', 'jest', 'smuggled'].flatMap((name) => [
      [
        `node_modules/${name}/package.json`,
        `{"name":"${name}","version":"1.0.0","type":"module","exports":"./index.js"}`,
      ],
      [`node_modules/${name}/index.js`, 'export const it = 1;'],
    ]),
  ),
  'src/main.ts':
    "import { a } from './batches/index.js'; import { now } from './platform/clock.js'; export { a, now };",
  'src/commands/pay.command.ts': "import { a } from '../batches/index.js'; export { a };",
  'src/money/money.ts': 'export const money = 1n;',
  'src/money/index.ts': "export * from './money.js';",
  'src/identifiers/ods.ts': 'export const ods = 1;',
  'src/audit/near.ts': "import { now } from '../platform/clock.js'; export { now };",
  'src/platform/clock.ts': 'export const now = 1;',
  'src/platform/database.ts': "import { it } from 'pg'; export const database = it;",
  'src/ledger/index.ts': 'export const post = 1;',
  'src/ledger/log.entity.ts': 'export type Log = 1; export const log = 1;',
  'src/ledger/log.rules.ts': "import type { Log } from './log.entity.js'; export type { Log }; export const rule = 1;",
  'src/ledger/rules.ts': "export { rule } from './log.rules.js';",
  'src/ledger/sum.rules.ts':
    "import { type Log } from './log.rules.js'; import { money } from '../money/index.js'; export const sum: [Log, bigint] = [1, money];",
  'src/ledger/log.rules.spec.ts': "import { it } from 'jest'; import './log.rules.js'; export { it };",
  'src/ledger/log.e2e-spec.ts':
    "import { a } from '../batches/index.js'; import { b } from '../batches/batch.queries.js'; export { a, b };",
  'src/referrals/index.ts': 'export const referral = 1;',
  'src/pricing/index.ts': 'export const price = 1;',
  'src/batches/index.ts': "export { b as a } from './batch.queries.js';",
  'src/batches/batch.queries.ts':
    "import { post } from '../ledger/index.js'; import { price } from '../pricing/index.js'; export const b = [post, price];",
  'src/batches/door.rules.ts': "import { rule } from '../ledger/rules.js'; export const twice = 2 * rule;",
  'src/payouts/index.ts': 'export const payout = 1;',
  'src/payouts/stripe.gateway.ts': "import { it } from 'stripe'; export const gateway = it;",
  'src/sandbox/stripe/index.ts': "import type { it } from 'stripe'; export type It = typeof it;",
  'src/openapi.ts': "import { it } from '@nestjs/swagger'; export const description = it;",
  'src/openapi-routes.ts':
    "import type { it } from '@nestjs/swagger'; export const late = (): Promise<{ description: typeof it }> => import('./openapi.js');",
  'migrations/index.ts': "import { it } from 'pg'; export const migrations = [it];",
  'test/a.spec.ts': "import { b } from '../src/batches/batch.queries.js'; export { b };",
};

/** One file each that breaks one rule: the rule, the file, its text. */
export const BAD_IMPORTS: readonly (readonly [rule: string, path: string, text: string])[] = [
  ['layers', 'src/money/up.ts', "import { now } from '../platform/clock.js'; export { now };"],
  ['layers', 'src/platform/up.ts', "import { post } from '../ledger/index.js'; export { post };"],
  [
    'layers',
    'src/ledger/up.service.ts',
    "import type { price } from '../pricing/index.js'; export type Price = typeof price;",
  ],
  ['layers', 'src/ledger/up.spec.ts', "import { price } from '../pricing/index.js'; export { price };"],
  ['layers', 'src/ledger/lazy.service.ts', "export const lazy = () => import('../pricing/index.js');"],
  ['layers', 'src/payouts/commands.service.ts', "export * from '../commands/pay.command.js';"],
  ['layers', 'src/payouts/main.service.ts', "export * from '../main.js';"],
  ['same-row', 'src/identifiers/across.ts', "import { money } from '../money/index.js'; export { money };"],
  ['same-row', 'src/referrals/across.service.ts', "import { price } from '../pricing/index.js'; export { price };"],
  ['front-door', 'src/batches/back.service.ts', "import { log } from '../ledger/log.entity.js'; export { log };"],
  ['front-door', 'src/ledger/back.service.ts', "import { money } from '../money/money.js'; export { money };"],
  ['front-door', 'src/commands/back.command.ts', "export * from '../batches/batch.queries.js';"],
  ['front-door', 'src/back.ts', "export * from './batches/batch.queries.js';"],
  ['cycle', 'src/ledger/self.queries.ts', "export type * from './self.service.js';"],
  ['purity', 'src/ledger/package.rules.ts', "import { it } from 'pg'; export { it };"],
  ['purity', 'src/ledger/node.calculator.ts', "import { sep } from 'node:path'; export { sep };"],
  [
    'purity',
    'src/ledger/entity.document.ts',
    "import { log, type Log } from './log.entity.js'; export const it: Log = log;",
  ],
  ['purity', 'src/batches/door.proof.ts', "import { post } from '../ledger/index.js'; export { post };"],
  ['purity', 'src/money/package.ts', "import { it } from 'pg'; export { it };"],
  ['offline', 'src/audit/far.ts', "import { database } from '../platform/database.js'; export { database };"],
  ['stripe', 'src/payouts/run.service.ts', "import type { it } from 'stripe'; export type It = typeof it;"],
  ['stripe', 'src/payouts/lazy.service.ts', "export const lazy = () => import('stripe');"],
  ['stripe', 'src/sandbox/stripe/server.ts', "import { it } from 'stripe'; export { it };"],
  ['description', 'src/ledger/tag.controller.ts', "import { it } from '@nestjs/swagger'; export { it };"],
  ['description', 'src/app.ts', "import { description } from './openapi.js'; export { description };"],
  ['product-alone', 'src/ledger/test.service.ts', "export * from '../../test/a.spec.js';"],
  ['product-alone', 'src/ledger/dev.service.ts', "import { it } from 'jest'; export { it };"],
  ['product-alone', 'src/ledger/smuggled.service.ts', "import { it } from 'smuggled'; export { it };"],
  ['migrations-alone', 'migrations/0001-log.ts', "import { now } from '../src/platform/clock.js'; export { now };"],
  ['resolves', 'src/ledger/lost.service.ts', "export * from './nowhere.js';"],
];

export const PLANTED: Readonly<Record<string, string>> = {
  ...LAWFUL,
  ...Object.fromEntries(BAD_IMPORTS.map(([, path, text]) => [path, text])),
  'src/ledger/self.service.ts': "export * from './self.queries.js';",
};

/** Names that the closed set of roles admits. */
export const GOOD_NAMES = [
  'src/main.ts',
  'src/app.module.ts',
  'src/commands/migrate.command.ts',
  'src/money/money.ts',
  'src/platform/data-source.ts',
  'src/platform/problem.filter.ts',
  'src/ledger/index.ts',
  'src/ledger/merkle.proof.ts',
  'src/delivery/claim-file.columns.ts',
  'src/payouts/stripe.webhook.controller.ts',
  'src/pricing/rate-card.entity.ts',
  'src/pricing/contract-manager.queries.ts',
  'src/payouts/payout-status.entity.ts',
  'src/pricing/price.calculator.spec.ts',
  'src/delivery/late-claims.e2e-spec.ts',
  'src/sandbox/stripe/server.ts',
  'migrations/0001-platform.ts',
  'test/architecture.spec.ts',
  'test/stories/first-payment.e2e-spec.ts',
];

export const BAD_NAMES: readonly (readonly [rule: string, path: string, reason: string])[] = [
  ['file-name', 'src/ledger/posting.ts', 'has no role'],
  ['file-name', 'src/ledger/posting.repository.ts', '"repository" is not one of the roles'],
  ['file-name', 'src/ledger/problem.filter.ts', '"filter" is not one of the roles'],
  ['file-name', 'src/ledger/accountStates.rules.ts', 'kebab-case'],
  ['file-name', 'src/ledger/Deep/account.rules.ts', 'kebab-case'],
  ['file-name', 'src/ledger/accounts.entity.ts', 'plural'],
  ['file-name', 'src/bookings/booking.entity.ts', 'no row'],
  ['file-name', 'src/worker.ts', 'has no role'],
  ['file-name', 'migrations/platform.ts', 'NNNN-noun'],
  ['banned-word', 'src/money/money-utils.ts', '"utils"'],
  ['banned-word', 'src/ledger/common/account.rules.ts', '"common"'],
  ['banned-word', 'test/support/pg-helper.ts', '"helper"'],
];

const at = (path: string, text: string): SourceText => ({ path, text });
const lines = (count: number): string =>
  Array.from({ length: count }, (_, index) => `export const n${index} = 1;`).join('\n');
const body = (count: number): string => `export function long() {\n${'  f();\n'.repeat(count - 2)}}`;

/** Text that comes close to a rule and keeps it. */
export const GOOD_SOURCES: readonly SourceText[] = [
  at('src/platform/config.ts', 'export const env = process.env;'),
  at('src/platform/clock.ts', 'export const now = () => new Date(Date.now());'),
  at('src/platform/migrate.ts', "import { DataSource } from 'typeorm'; export { DataSource };"),
  at('src/ledger/a.service.ts', 'export const day = (at: Date) => new Date(at); export const hosts = { Date };'),
  at('src/ledger/a.entity.ts', "import { Entity } from 'typeorm'; export { Entity };"),
  at('src/ledger/a.queries.ts', `${lines(300)}\n`),
  at('src/ledger/b.queries.ts', body(70)),
  at('src/ledger/a.spec.ts', `// @ts-expect-error: proves that it does not compile\n${lines(400)}`),
  at('src/ledger/b.service.ts', "export const text = '// TODO: any, @ts-ignore'; export const any = { any: 1 };"),
  at('src/ledger/c.service.ts', 'export const url = `http://x/${1}// TODO ${2} FIXME`; export const re = /TODO/;'),
  at('src/ledger/h.service.ts', '// What @ts-ignore and oxlint-disable would hide.\nexport const h = 1;'),
  at('src/ledger/d.service.ts', 'export function findLog(): string | undefined { return undefined; }'),
  at('src/ledger/e.service.ts', 'export function getLog(): { at: string | null } { return { at: null }; }'),
  at(
    'src/ledger/f.service.ts',
    'export function getting(contractManager: 1, entityManager: 1) { return [contractManager, entityManager]; }',
  ),
  at(
    'src/ledger/g.service.ts',
    'export function processed(x: { update(): void }) { x.update(); return crypto.randomUUID(); }',
  ),
  at('src/ledger/a.rules.ts', 'export const averageOf = (performance: { days: 1 }) => Math.round(performance.days);'),
  at('test/support/wait.ts', 'export const until = Date.now() + Number(process.env.WAIT_MS);'),
];

export const BAD_SOURCES: readonly (readonly [rule: string, path: string, text: string])[] = [
  ['environment', 'src/ledger/a.service.ts', 'export const host = process.env.HOST;'],
  ['environment', 'src/main.ts', "export const host = process['env'].HOST;"],
  ['environment', 'src/platform/log.ts', "import { env } from 'node:process'; export { env };"],
  ['environment', 'migrations/0001-a.ts', 'export const { HOST } = globalThis.process.env;'],
  ['clock', 'src/ledger/a.service.ts', 'export const at = new Date();'],
  ['clock', 'src/ledger/a.service.ts', 'export const at = new Date;'],
  ['clock', 'src/platform/ids.ts', 'export const idAt = (ms = Date.now()) => ms;'],
  ['clock', 'src/ledger/a.service.ts', 'export const now = Date.now;'],
  ['clock', 'src/ledger/a.service.ts', 'export const text = Date();'],
  ['clock', 'src/ledger/a.spec.ts', 'export const at = new Date();'],
  ['data-source', 'src/ledger/a.service.ts', "import { DataSource } from 'typeorm'; export { DataSource };"],
  [
    'data-source',
    'src/ledger/a.service.ts',
    "import type { DataSource as Source } from 'typeorm'; export type { Source };",
  ],
  ['data-source', 'src/platform/jobs.ts', "import * as orm from 'typeorm'; export { orm };"],
  ['any', 'src/ledger/a.service.ts', 'export const rows: any[] = [];'],
  ['any', 'test/support/b.ts', 'export const row = (x: unknown) => x as any;'],
  ['suppression', 'src/ledger/a.service.ts', '// @ts-ignore\nexport const a: number = 1;'],
  ['suppression', 'test/a.spec.ts', '/* @ts-nocheck */'],
  ['suppression', 'src/ledger/a.service.ts', 'export const a = [\n  1, // oxlint-disable-line\n];'],
  ['suppression', 'src/ledger/a.service.ts', '/* eslint-disable */ export {};'],
  ['suppression', 'src/ledger/a.service.ts', '// @ts-expect-error: later\nexport const a: number = 1;'],
  ['unfinished', 'src/ledger/a.service.ts', 'export function post() {\n  // TODO: post\n}'],
  ['unfinished', 'migrations/0001-a.ts', '/** FIXME */\nexport const a = 1;'],
  ['unfinished', 'src/ledger/a.service.ts', 'export const a = 1; // TODO'],
  ['file-length', 'src/ledger/a.service.ts', lines(301)],
  ['file-length', 'test/support/a.ts', lines(301)],
  ['function-length', 'src/ledger/a.service.ts', body(71)],
  ['function-length', 'src/ledger/a.service.ts', `export const long = () => {\n${'  f();\n'.repeat(70)}};`],
  ['function-length', 'src/ledger/a.service.ts', `export class A {\n  post() {\n${'    f();\n'.repeat(70)}  }\n}`],
  ['purity', 'src/money/money.ts', 'export const pick = () => Math.random();'],
  ['purity', 'src/ledger/a.rules.ts', 'export const id = () => crypto.randomUUID();'],
  ['purity', 'src/ledger/a.calculator.ts', "export const rate = () => fetch('https://rates');"],
  ['purity', 'src/ledger/a.document.ts', 'export const log = (x: unknown) => console.log(x);'],
  ['banned-word', 'src/ledger/a.service.ts', 'export class PostingManager {}'],
  ['banned-word', 'src/ledger/a.service.ts', 'export interface PostingDto { id: string }'],
  ['banned-word', 'src/ledger/a.service.ts', 'export class A { private helperOf = 1; }'],
  ['banned-word', 'test/support/a.ts', 'export const DB_UTILS = 1;'],
  ['domain-verb', 'src/ledger/a.service.ts', 'export function updateBatch() {}'],
  ['domain-verb', 'src/ledger/a.worker.ts', 'export class A { process() {} }'],
  ['domain-verb', 'src/ledger/a.worker.ts', 'export const handleJob = async () => 1;'],
  [
    'get-or-find',
    'src/ledger/a.queries.ts',
    'export async function getLog(): Promise<string | undefined> { return undefined; }',
  ],
  ['get-or-find', 'src/ledger/a.service.ts', 'export class A { getLog(): null | string { return null; } }'],
];
