import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { isSpec } from './architecture.layers.js';
import { readTree } from './architecture.tree.js';

/** A key of the catalogue somewhere in the code, `page.ts:12` or `page.njk:12`. */
export interface KeyUse {
  readonly key: string;
  readonly at: string;
  /** `key`: a whole key. `head`: the rest is added when it runs. */
  readonly kind: 'key' | 'head';
  /** Names of what fills it, where the call says so itself. */
  readonly fills?: readonly string[];
}

const KEY = /^[a-z][A-Za-z0-9-]*(?:\.[A-Za-z0-9_:-]+)+$/;
const HEAD = /^[a-z][A-Za-z0-9-]*\.(?:[A-Za-z0-9_:.-]*)$/;
const FILE = /\.(?:njk|js|mjs|json|csv|pdf|svg|css|scss|html|txt|webmanifest)$/;

/** Which argument of a call is a key; what fills it is the next. */
const KEY_ARGUMENT: Readonly<Record<string, number>> = { t: 0, has: 0, refuse: 1, seeOther: 1, seeOtherNoting: 1 };

/**
 * Every key that src/ uses. In the portal every string that looks like a key of one of the areas is one; elsewhere, where
 * events and commands have names of the same shape, only what `t` is given.
 *
 * @param areas the names of the catalogue's files
 */
export function keysInUse(root: string, areas: ReadonlySet<string>): KeyUse[] {
  const sources = readTree(root).filter(({ path }) => path.startsWith('src/') && !isSpec(path));
  return [
    ...sources.flatMap(({ path, text }) => keysInSource(path, text, areas)),
    ...templatesOf(root).flatMap(({ path, text }) => keysInTemplate(path, text, areas)),
  ];
}

/** The keys of a TypeScript file. */
export function keysInSource(path: string, text: string, areas: ReadonlySet<string>): KeyUse[] {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  const isPortal = path.startsWith('src/portal/');
  const uses: KeyUse[] = [];
  const visit = (node: ts.Node, called?: ts.CallExpression): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    const key = textOf(node);
    if (key !== undefined) {
      const isHead = ts.isTemplateHead(node) || key.endsWith('.');
      const at = `${path}:${tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1}`;
      const believed = called !== undefined || (isPortal && areas.has(key.split('.')[0] ?? ''));
      if (believed && isHead && HEAD.test(key)) uses.push({ key, at, kind: 'head' });
      if (believed && !isHead && KEY.test(key) && !FILE.test(key)) {
        const fills = called && fillsOf(called);
        uses.push({ key, at, kind: 'key', ...(fills && { fills }) });
      }
    }
    node.forEachChild((child) => visit(child, keyCallOf(node, child)));
  };
  visit(tree);
  return uses;
}

function textOf(node: ts.Node): string | undefined {
  return ts.isStringLiteralLike(node) || ts.isTemplateHead(node) ? node.text : undefined;
}

/** The call of which the child is the key, if it is one. */
function keyCallOf(node: ts.Node, child: ts.Node): ts.CallExpression | undefined {
  if (!ts.isCallExpression(node)) return undefined;
  const { expression } = node;
  const name = ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
  const place = KEY_ARGUMENT[name];
  if (name === 'has' && !/\bt$/.test(ts.isPropertyAccessExpression(expression) ? expression.expression.getText() : ''))
    return undefined;
  return place !== undefined && node.arguments[place] === child ? node : undefined;
}

/** Names in the object that follows the key; undefined where it is not written out, or the call only asks for the key. */
function fillsOf(call: ts.CallExpression): string[] | undefined {
  const name = ts.isPropertyAccessExpression(call.expression) ? call.expression.name.text : call.expression.getText();
  if (name === 'has') return undefined;
  const given = call.arguments[(KEY_ARGUMENT[name] ?? 0) + 1];
  if (given === undefined) return [];
  if (!ts.isObjectLiteralExpression(given)) return undefined;
  const names = given.properties.map((property) =>
    property.name !== undefined && ts.isIdentifier(property.name) ? property.name.text : undefined,
  );
  return names.every((each) => each !== undefined) ? names : undefined;
}

/** The keys of a template: what `t` is given, and any other string that looks like a key. */
export function keysInTemplate(path: string, text: string, areas: ReadonlySet<string>): KeyUse[] {
  const code = text.replace(/\{#[\s\S]*?#\}/g, (comment) => comment.replace(/[^\n]/g, ' '));
  const uses: KeyUse[] = [];
  for (const match of code.matchAll(/(\bt\(\s*)?(['"])([a-z][\w:.-]*\.[\w:.-]*)\2\s*([~+,)]?)/g)) {
    const [, called, , key = '', next] = match;
    if (!called && !areas.has(key.split('.')[0] ?? '')) continue;
    const at = `${path}:${code.slice(0, match.index).split('\n').length}`;
    if (key.endsWith('.')) uses.push({ key, at, kind: 'head' });
    else if (KEY.test(key) && !FILE.test(key)) {
      const fills = called ? fillsInTemplate(next ?? '', code.slice(match.index + match[0].length)) : undefined;
      uses.push({ key, at, kind: 'key', ...(fills && { fills }) });
    }
  }
  return uses;
}

/** Names in `{ … }` after a key and a comma; undefined where something else is given. */
function fillsInTemplate(next: string, rest: string): string[] | undefined {
  if (next === ')') return [];
  const given = next === ',' ? /^\s*\{([^{}]*)\}\s*\)/.exec(rest)?.[1] : undefined;
  return given === undefined
    ? undefined
    : [...given.matchAll(/(?:^|,)\s*['"]?(\w+)['"]?\s*:/g)].map(([, name = '']) => name);
}

function templatesOf(root: string): { path: string; text: string }[] {
  const views = join(root, 'src', 'portal', 'views');
  return readdirSync(views, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.njk'))
    .map((file) => join(views, file))
    .map((file) => ({ path: relative(root, file), text: readFileSync(file, 'utf8') }));
}
