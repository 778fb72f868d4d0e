import { cruise, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';
import { APPLICATION, FRONT_DOORS, PURE, ROWS, SPEC, type Violation } from './architecture.layers.js';

const E2E = '\\.e2e-spec\\.ts$';
const FRONT_DOOR = ['^src/[^/]+/index\\.ts$', '^src/sandbox/[^/]+/index\\.ts$', '^src/ledger/rules\\.ts$'];
const STRIPE = 'node_modules/stripe/';
const below = (modules: readonly string[]): string => `^src/(${modules.join('|')})/`;

/** Unit specs obey the layers too; an e2e spec boots the whole application, like test/. */
const upward: IForbiddenRuleType[] = ROWS.map((row, index) => ({
  name: `layers/${index}`,
  comment: `${row.join(' and ')} may import only what lies below row ${index}: emit an event, or move the code down`,
  from: { path: below(row), pathNot: E2E },
  to: { path: [...ROWS.slice(index + 1).map(below), APPLICATION] },
}));

const sideways: IForbiddenRuleType[] = ROWS.filter((row) => row.length > 1).map((row) => ({
  name: `same-row/${row[0]}`,
  comment: `${row.join(' and ')} stand on one row and never import each other`,
  from: { path: below(row), pathNot: E2E },
  to: { path: below(row), pathNot: '^src/$1/' },
}));

/** What stands before a slash is the rule, what follows tells apart whom it binds. */
const others: IForbiddenRuleType[] = [
  {
    name: 'front-door/modules',
    comment: 'another module is imported through its index.ts only, or what is pure in the ledger through its rules.ts',
    from: { path: '^src/([^/]+)/', pathNot: [E2E, APPLICATION] },
    to: { path: below(FRONT_DOORS), pathNot: ['^src/$1/', ...FRONT_DOOR] },
  },
  {
    name: 'front-door/application',
    comment: 'the application is put together from the index.ts of each module',
    from: { path: APPLICATION, pathNot: E2E },
    to: { path: below(FRONT_DOORS), pathNot: FRONT_DOOR },
  },
  {
    name: 'cycle',
    comment: 'with ESM and decorators an import cycle can crash at load',
    from: {},
    to: { circular: true },
  },
  {
    name: 'purity',
    comment: 'a pure file runs only pure files: no package, no node:, no Nest, and of an entity only types',
    from: { path: PURE, pathNot: SPEC },
    to: { pathNot: PURE, dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'offline',
    comment: 'an auditor verifies on a bare machine: nothing that the verifier reaches is a package',
    from: { path: '^src/audit/', pathNot: SPEC },
    to: { path: 'node_modules/', reachable: true },
  },
  {
    name: 'stripe/product',
    comment: 'only payouts/stripe.gateway.ts imports stripe, and its double imports types',
    from: { path: '^(src|migrations)/', pathNot: ['^src/payouts/stripe\\.gateway\\.ts$', '^src/sandbox/stripe/'] },
    to: { path: STRIPE },
  },
  {
    name: 'stripe/double',
    comment: 'the double borrows types from stripe and runs none of its code',
    from: { path: '^src/sandbox/stripe/', pathNot: SPEC },
    to: { path: STRIPE, dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'description/package',
    comment:
      'only openapi.ts runs @nestjs/swagger: it loads five hundred modules, and every process would wait for them',
    from: { path: '^src/', pathNot: '^src/openapi\\.ts$' },
    to: { path: 'node_modules/@nestjs/swagger/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'description/late',
    comment: 'openapi.ts is loaded when somebody asks for the description',
    from: { path: '^src/' },
    to: { path: '^src/openapi\\.ts$', dynamic: false, dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'product-alone/tests',
    comment: 'the product does not import its tests',
    from: { path: '^(src|migrations)/', pathNot: SPEC },
    to: { path: ['^test/', SPEC] },
  },
  {
    name: 'product-alone/packages',
    comment: 'the product runs only packages that package.json lists under dependencies',
    from: { path: '^(src|migrations)/', pathNot: [SPEC, '^src/portal/assets/build\\.mjs$'] },
    to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'migrations-alone',
    comment: 'a released migration must not change with the code: it imports nothing of src',
    from: { path: '^migrations/' },
    to: { path: '^src/' },
  },
  {
    name: 'resolves',
    comment: 'the import points at nothing',
    from: {},
    to: { couldNotResolve: true },
  },
];

const FORBIDDEN = [...upward, ...sideways, ...others].map((rule) => ({ ...rule, severity: 'error' as const }));
const COMMENTS = new Map(FORBIDDEN.map(({ name, comment }) => [name, comment]));

export const IMPORT_RULES: readonly string[] = [...new Set(FORBIDDEN.map(({ name }) => ruleOf(String(name))))];

/** Reads every import of the .ts files in `folders` of the project at `root`; gives those that must not be. */
export async function importViolations(root: string, folders: string[]): Promise<Violation[]> {
  const options = {
    baseDir: root,
    validate: true,
    ruleSet: { forbidden: FORBIDDEN },
    parser: 'tsc' as const,
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
  };
  const { output } = await cruise(folders, options, { conditionNames: ['import', 'node', 'default', 'types'] });
  const { modules, summary } = output as ICruiseResult;
  if (!modules.some(({ dependencies }) => dependencies.length > 0)) throw new Error(`No import read below ${root}`);
  const violations = new Map<string, Violation>();
  for (const { rule, from, to, cycle } of summary.violations) {
    // A cycle is found once from each of its files, and reported once, from the first in order.
    const members = cycle?.map(({ name }) => name).toSorted();
    const [file, target] = members
      ? [members[0] ?? from, `in a circle with ${members.slice(1).join(', ')}`]
      : [from, to];
    const reason = `imports ${target}: ${COMMENTS.get(rule.name)}`;
    violations.set(`${rule.name} ${file} ${target}`, { rule: ruleOf(rule.name), file, reason });
  }
  return [...violations.values()];
}

function ruleOf(name: string): string {
  return name.split('/')[0] ?? name;
}
