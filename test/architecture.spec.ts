import { projectRoot } from '../src/platform/paths.js';
import { IMPORT_RULES, importViolations } from './support/architecture.imports.js';
import { inWords, type Violation } from './support/architecture.layers.js';
import { nameViolations } from './support/architecture.names.js';
import {
  BAD_IMPORTS,
  BAD_NAMES,
  BAD_SOURCES,
  GOOD_NAMES,
  GOOD_SOURCES,
  PLANTED,
} from './support/architecture.planted.js';
import { SOURCE_RULES, sourceViolations } from './support/architecture.source.js';
import { FOLDERS, inPlantedTree, readTree } from './support/architecture.tree.js';

const RULES = [...new Set([...IMPORT_RULES, 'file-name', ...SOURCE_RULES])];

/** As much of a text as a test's name can hold. */
function gist(text: string): string {
  return text.slice(0, 70).replaceAll('\n', ' ');
}

/** The architecture of docs/decisions/0001, held by a machine. */
describe('the project keeps the rule of', () => {
  let found: Violation[];

  beforeAll(async () => {
    const root = projectRoot(import.meta.url);
    const files = readTree(root);
    found = [
      ...(await importViolations(root, FOLDERS)),
      ...nameViolations(files.map(({ path }) => path)),
      ...files.flatMap(sourceViolations),
    ];
  });

  it.each(RULES)('%s', (rule) => {
    expect(found.filter((violation) => violation.rule === rule).map(inWords)).toEqual([]);
  });
});

describe('each rule can fail', () => {
  let planted: Violation[];

  beforeAll(async () => {
    planted = await inPlantedTree(PLANTED, (root) => importViolations(root, FOLDERS));
  });

  it('on a planted import, and on no lawful one', () => {
    const pairs = new Set(planted.map(({ rule, file }) => `${rule} ${file}`));
    expect([...pairs].toSorted()).toEqual(BAD_IMPORTS.map(([rule, path]) => `${rule} ${path}`).toSorted());
  });

  it('with what is imported and the reason', () => {
    expect(planted.filter(({ rule }) => rule === 'cycle' || rule === 'migrations-alone').map(inWords)).toEqual(
      expect.arrayContaining([
        'src/ledger/self.queries.ts [cycle] imports in a circle with src/ledger/self.service.ts: ' +
          'with ESM and decorators an import cycle can crash at load',
        'migrations/0001-log.ts [migrations-alone] imports src/platform/clock.ts: ' +
          'a released migration must not change with the code: it imports nothing of src',
      ]),
    );
  });

  it('and no rule is left out of the plants', () => {
    const proved = new Set([...BAD_IMPORTS, ...BAD_NAMES, ...BAD_SOURCES].map(([rule]) => rule));
    expect(RULES.filter((rule) => !proved.has(rule))).toEqual([]);
  });

  it.each(BAD_NAMES)('%s: %s', (rule, path, reason) => {
    expect(nameViolations([path])).toContainEqual({ rule, file: path, reason: expect.stringContaining(reason) });
  });

  it.each(BAD_SOURCES.map(([rule, path, text]) => [rule, path, gist(text), text]))(
    '%s in %s: %s',
    (rule, path, _, text) => {
      expect([...new Set(sourceViolations({ path, text }).map((violation) => violation.rule))]).toEqual([rule]);
    },
  );

  it('and says on which line', () => {
    const text = 'export const a = 1;\n\nexport const b: any = 2;\n';
    expect(sourceViolations({ path: 'src/ledger/a.service.ts', text }).map(inWords)).toEqual([
      'src/ledger/a.service.ts:3 [any] `any` switches the compiler off',
    ]);
  });
});

describe('no rule fails on', () => {
  it('a name of the closed set', () => {
    expect(nameViolations(GOOD_NAMES).map(inWords)).toEqual([]);
  });

  it.each(GOOD_SOURCES.map(({ path, text }) => [path, gist(text), text]))('%s: %s', (path, _, text) => {
    expect(sourceViolations({ path, text }).map(inWords)).toEqual([]);
  });
});
