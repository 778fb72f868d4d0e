import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCatalogue } from '../../src/platform/errors.js';
import { projectRoot } from '../../src/platform/paths.js';
import type { RouteAnswer } from './route-attack.js';
import type { Route } from './route-catalogue.js';

/** Marks of what an answer must never hold: a stack, a statement, a name of the database, a path of the machine. */
const INSIDES =
  /\bat .{0,200}\.(ts|js):\d|QueryFailed|\b(select|insert into|update|delete from) [\w."]+ (from|set|where|\(|values)|\bsyntax error at\b|\bpg_\w+|node_modules|"stack"/i;

/** The codes that docs/api.md lists for every operation, beside those that each documents itself. */
export function codesOfEveryOperation(): Set<string> {
  const text = readFileSync(join(projectRoot(), 'docs', 'api.md'), 'utf8');
  const section = /^### Errors of every operation$([^]*?)^##/m.exec(text)?.[1] ?? '';
  return new Set([...section.matchAll(/^\| `([\w.]+)`/gm)].map((match) => match[1] ?? ''));
}

/** What is wrong with an answer as an answer, whatever it says: undefined when nothing is. */
export function wrongOfProblem(route: Route, answer: RouteAnswer, everywhere: ReadonlySet<string>): string | undefined {
  const { status, contentType, json, text } = answer;
  if (INSIDES.test(text)) return `shows its insides: ${INSIDES.exec(text)?.[0]}`;
  if (status >= 500) return `breaks: ${status} ${text.slice(0, 200)}`;
  if (status < 400) return undefined;
  if (!contentType.startsWith('application/problem+json')) return `answers ${status} as ${contentType}`;
  const code = String(json?.code);
  if (json?.status !== status) return `says status ${String(json?.status)} with ${status}`;
  if (typeof json.detail !== 'string' || typeof json.correlationId !== 'string') return `explains nothing with ${code}`;
  if (everywhere.has(code)) return undefined;
  if (!errorCatalogue().some((error) => error.code === code)) return `has an unknown code ${code}`;
  return route.errors.get(status)?.includes(code) ? undefined : `does not document ${status} ${code}`;
}
