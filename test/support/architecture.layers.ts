/** The modules of src/ from the bottom up. Imports go downwards only; modules of one row never import each other. */
export const ROWS: readonly (readonly string[])[] = [
  ['money', 'identifiers', 'transparency'],
  ['platform'],
  ['ledger', 'words'],
  ['sealing'],
  ['organisations'],
  ['sign-in'],
  ['referrals', 'pricing'],
  ['delivery', 'directory'],
  ['batches'],
  ['invoicing', 'payouts'],
  ['statements', 'insights', 'audit'],
  ['assurance', 'notices', 'privacy', 'sandbox'],
  ['portal'],
];

export const MODULES: readonly string[] = ROWS.flat();

/** The program itself: it puts the modules together, and none of them imports it. */
export const APPLICATION = '^src/([^/]+\\.ts$|commands/)';

/** All but the platform, which is a shelf of separate tools: an index of it would load the queue for a date. */
export const FRONT_DOORS: readonly string[] = MODULES.filter((module) => module !== 'platform');

export const ROLES: ReadonlySet<string> = new Set([
  'module',
  'entity',
  'rules',
  'calculator',
  'document',
  'proof',
  'columns',
  'controller',
  'schemas',
  'service',
  'queries',
  'errors',
  'worker',
  'pdf',
  'gateway',
  'events',
]);

/** Modules whose files need no role, because the folder is one. */
export const PLAIN_FOLDERS: ReadonlyMap<string, string> = new Map([
  ['money', 'every file is pure arithmetic'],
  ['identifiers', 'every file is the pure check of one identifier'],
  [
    'transparency',
    'every file is one proof or format of RFC 6962 and C2SP; SHA-256 and Ed25519 of node:crypto keep them from being rules',
  ],
  ['audit', 'every file is one part of the bundle, or of the program that verifies it without a database'],
  ['platform', 'every file is one tool, named by what it is'],
  ['sandbox', 'the Stripe double is a program of its own, not a feature'],
]);

/** The other files without a role, each with its reason. */
export const PLAIN_FILES: ReadonlyMap<string, string> = new Map([
  ['migrations/tenancy.ts', 'the SQL that every tenant table repeats'],
  ['migrations/concurrent-index.ts', 'how an index is made while people write'],
  ['src/main.ts', 'the binary'],
  ['src/commands.ts', 'the table of what the binary can be told to do'],
  ['src/app.ts', 'builds the application from its modules'],
  ['src/openapi.ts', 'the description of the whole API'],
  ['src/openapi-routes.ts', 'serves that description, and loads what makes it only then'],
  ['src/runtime.ts', 'opens what a process needs before there is an application'],
  ['src/sandbox-stripe.ts', 'starts the Stripe double beside a sandbox'],
  ['src/entities.ts', 'the entities of all modules, as a list'],
  ['src/commands/expected-error.ts', 'an error for the terminal, without a stack'],
  ['src/ledger/accounts.ts', 'the chart of accounts, as data'],
  ['src/ledger/rules.ts', 'the front door to what is pure in the ledger, which loads no Nest'],
  ['src/organisations/secrets.ts', 'makes and hashes the secrets of keys; node:crypto keeps it from being a rule'],
  ['src/payouts/bank-details.ts', 'salts and hashes bank details; node:crypto keeps it from being a rule'],
  ['src/payouts/rail.ts', 'the port to a payout rail: types that every rail answers'],
  ['src/portal/page/page.ts', 'the decorators of a page: node and Nest keep them from being a rule'],
  ['src/portal/page/form.ts', 'reads what people type'],
  ['src/portal/page/sent-form.ts', 'reads a form as it arrives'],
  ['src/portal/page/form-token.ts', 'makes and checks the token of a form; node:crypto keeps it from being a rule'],
  ['src/portal/page/once.ts', 'makes the token of one sending'],
  ['src/portal/page/cookies.ts', 'the cookies of a browser'],
  ['src/portal/page/edge.ts', 'prepares the server for pages'],
  ['src/portal/entry/passkey-answer.ts', 'reads what a browser puts into a form for a passkey'],
  ['src/portal/entry/qr-path.ts', 'draws a QR code; its package keeps it from being a rule'],
  ['src/portal/entry/task-cards.ts', 'a task in words; the words keep it from being a rule'],
  ['src/portal/page/page-errors.ts', 'what a guard throws, which is no error of the domain'],
  ['src/assurance/invariants.ts', 'one SQL statement for each sentence that must be true'],
]);

/** Roles that only one folder has: what Nest is given, what listens in the double, what the program can be told. */
export const OWN_ROLES: ReadonlyMap<string, readonly string[]> = new Map([
  ['platform', ['filter', 'guard', 'interceptor', 'pipe', 'relay']],
  ['sandbox', ['server']],
  ['commands', ['command']],
  ['portal', ['pages', 'filter', 'guard', 'interceptor']],
]);

/**
 * Files that decide and compute and do nothing else. A pure file may import only pure files when it runs, so the whole
 * of what it reaches is pure; types come from anywhere below.
 */
export const PURE =
  '^src/(money|identifiers)/' +
  '|^src/.*\\.(rules|calculator|document|proof|columns)\\.ts$' +
  '|^src/platform/(errors|clock|columns|canonical-json)\\.ts$' +
  '|^src/ledger/(accounts|rules)\\.ts$' +
  '|^src/payouts/rail\\.ts$';

export const SPEC = '\\.(spec|e2e-spec)\\.ts$';

const pure = new RegExp(PURE);
const spec = new RegExp(SPEC);

export function isPure(path: string): boolean {
  return pure.test(path) && !spec.test(path);
}

export function isSpec(path: string): boolean {
  return spec.test(path);
}

/** A file of the project: its path from the root, with forward slashes, and its text. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
}

export interface Violation {
  readonly rule: string;
  readonly file: string;
  /** Counts from 1; left out where the whole file is meant. */
  readonly line?: number;
  readonly reason: string;
}

/** One violation on one line, as the failing test prints it. */
export function inWords({ rule, file, line, reason }: Violation): string {
  return `${file}${line === undefined ? '' : `:${line}`} [${rule}] ${reason}`;
}
