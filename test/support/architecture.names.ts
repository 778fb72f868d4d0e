import {
  isSpec,
  MODULES,
  OWN_ROLES,
  PLAIN_FILES,
  PLAIN_FOLDERS,
  ROLES,
  type Violation,
} from './architecture.layers.js';

const KEBAB = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const MIGRATION = /^migrations\/(index|\d{4}-[a-z0-9]+(-[a-z0-9]+)*)\.ts$/;
/** Each stands for "I did not find the word". */
const BANNED = new Set([
  'util',
  'utils',
  'helper',
  'helpers',
  'common',
  'commons',
  'manager',
  'managers',
  'impl',
  'dto',
  'dtos',
]);
/** A contract manager is a person of the domain; an EntityManager is TypeORM's. */
const ALLOWED = /contract[-_ ]?managers?|entity[-_ ]?manager/gi;
/** Nouns that end in s and are singular. */
const SINGULAR = /(ss|us|is)$/;

/** The banned word in a file's name or an identifier, if there is one. */
export function bannedWordIn(name: string): string | undefined {
  return wordsOf(name.replace(ALLOWED, ' ')).find((word) => BANNED.has(word));
}

/** The words of `camelCase`, `PascalCase`, `kebab-case`, `SNAKE_CASE` and paths, in lower case. */
export function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
}

/** Judges paths (from the project's root): `noun.role.ts` from the closed set, or listed with its reason. */
export function nameViolations(paths: readonly string[]): Violation[] {
  return paths.flatMap((file) => {
    const violations: Violation[] = [];
    const banned = bannedWordIn(file);
    if (banned !== undefined) violations.push({ rule: 'banned-word', file, reason: `"${banned}" names nothing` });
    const fault = fileNameFault(file);
    if (fault !== undefined) violations.push({ rule: 'file-name', file, reason: fault });
    return violations;
  });
}

function fileNameFault(path: string): string | undefined {
  if (PLAIN_FILES.has(path)) return undefined;
  if (path.startsWith('migrations/')) return MIGRATION.test(path) ? undefined : 'a migration is named NNNN-noun.ts';
  const folders = path.split('/').slice(1, -1);
  const crooked = folders.find((folder) => !KEBAB.test(folder));
  if (crooked !== undefined) return `the folder "${crooked}" is not in kebab-case`;
  const parts = (path.split('/').at(-1) ?? '').replace(/(\.(spec|e2e-spec))?\.ts$/, '').split('.');
  const bad = parts.find((part) => !KEBAB.test(part));
  if (bad !== undefined) return `"${bad}" is not in kebab-case`;
  return path.startsWith('src/') ? sourceNameFault(path, folders[0], parts) : undefined;
}

/** `parts` is the file's name between the dots, without `.ts` and without `.spec`. */
function sourceNameFault(path: string, module: string | undefined, parts: string[]): string | undefined {
  if (module !== undefined && module !== 'commands' && !MODULES.includes(module))
    return `the module "${module}" stands on no row of the layers`;
  const role = parts.at(-1) ?? '';
  const roles = [...ROLES, ...(OWN_ROLES.get(module ?? '') ?? [])];
  if (parts.length > 1 && roles.includes(role)) return entityFault(parts.slice(0, -1).join('.'), role);
  if (isSpec(path)) return undefined; // named after what it tests, which has a name of its own
  if (parts.length > 1) return `"${role}" is not one of the roles: ${roles.join(', ')}`;
  if (role === 'index' && module !== undefined) return undefined;
  if (module !== undefined && PLAIN_FOLDERS.has(module)) return undefined;
  return 'has no role: name it noun.role.ts, or list it in architecture.layers.ts with the reason';
}

function entityFault(noun: string, role: string): string | undefined {
  const plural = role === 'entity' && noun.endsWith('s') && !SINGULAR.test(noun);
  return plural ? `"${noun}" is a plural: entities are singular` : undefined;
}
