import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { errorCatalogue } from '../../src/platform/errors.js';
import { isSpec, type SourceText } from './architecture.layers.js';
import { readTree } from './architecture.tree.js';

/** The code of every error that the compiled product defines, wherever it does: each such file is loaded. */
export async function errorCodes(): Promise<string[]> {
  const compiled = join(import.meta.dirname, '..', '..', 'src');
  for (const file of readdirSync(compiled, { recursive: true, encoding: 'utf8' })) {
    const path = join(compiled, file);
    if (!file.endsWith('.js') || file.endsWith('spec.js')) continue;
    if (/\bdefineError\(/.test(readFileSync(path, 'utf8'))) await import(path);
  }
  return errorCatalogue().map(({ code }) => code);
}

/** A column that may hold only what is listed: `referral.state` and its values. */
export interface ListedColumn {
  readonly column: string;
  readonly values: readonly string[];
}

const TABLE = /create table (?:if not exists )?([\w.]+)/;
const LISTED = /^\s*(\w+)\s+(?:text|"char")[^,]*?check \(\1 in \(([^)]*)\)\)/;

/** Every column of the migrations with a list of values of its own. */
export function listedColumns(root: string): ListedColumn[] {
  return readTree(root)
    .filter(({ path }) => path.startsWith('migrations/'))
    .flatMap(({ text }) =>
      text.split(/^(?=create table )/m).flatMap((part) => {
        const table = TABLE.exec(part)?.[1] ?? '';
        const columns = part.split(/\n(?=\s*\w+\s+\w)/).map((line) => LISTED.exec(line));
        return columns.flatMap((match) => {
          const values = [...(match?.[2] ?? '').matchAll(/'([^']*)'/g)].map(([, value = '']) => value);
          return match ? [{ column: `${table}.${match[1]}`, values }] : [];
        });
      }),
    );
}

/** Events are named in the past, commands are not: `batch.approved`, `batch.approve`. */
const EVENT = /^[a-z_]+\.(?:[a-z]+_)*(?:[a-z]+ed|made|lost|paid|sent|set|given|taken|begun|withdrawn|upheld)$/;
const EVENT_HEAD = /^([a-z_]+\.)$/;

/**
 * Types of event that are put together when the program runs, by their beginning: `member.`, with what can follow or the
 * name of the property that holds it, in the same file.
 */
export type Joined = ReadonlyMap<string, string | readonly string[]>;

/** Every type of event that the source names, besides names of topics, commands, jobs and errors. */
export function eventTypes(root: string, joined: Joined): { types: string[]; unknownHeads: string[] } {
  const types = new Set<string>();
  const unknownHeads = new Set<string>();
  const sources = readTree(root).filter(
    ({ path }) => /^src\/(?!portal\/|sandbox\/)(?!.*\.errors\.ts$)/.test(path) && !isSpec(path),
  );
  for (const source of sources) collectEvents(source, joined, types, unknownHeads);
  return { types: [...types].toSorted(), unknownHeads: [...unknownHeads].toSorted() };
}

function collectEvents(
  { path, text }: SourceText,
  joined: Joined,
  types: Set<string>,
  unknownHeads: Set<string>,
): void {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  const literals = new Map<string, string[]>();
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || isNameOfOther(node)) return;
    if (ts.isStringLiteralLike(node) && EVENT.test(node.text)) types.add(node.text);
    if (ts.isPropertyAssignment(node) && ts.isStringLiteralLike(node.initializer)) {
      const name = node.name.getText(tree);
      literals.set(name, [...(literals.get(name) ?? []), node.initializer.text]);
    }
    node.forEachChild(visit);
  };
  visit(tree);
  for (const head of headsIn(tree)) {
    const rest = joined.get(head);
    if (rest === undefined) unknownHeads.add(`${head} (${path})`);
    for (const each of typeof rest === 'string' ? (literals.get(rest) ?? []) : (rest ?? [])) types.add(head + each);
  }
}

/** The beginnings of types that a file puts together. */
function headsIn(tree: ts.SourceFile): string[] {
  const heads: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && ts.isTemplateExpression(node.initializer)) {
      const head = EVENT_HEAD.exec(node.initializer.head.text)?.[1];
      if (head !== undefined && /^(type|eventType)$/.test(node.name.getText(tree))) heads.push(head);
    }
    node.forEachChild(visit);
  };
  visit(tree);
  return heads;
}

function isNameOfOther(node: ts.Node): boolean {
  if (ts.isCallExpression(node)) return node.expression.getText() === 'defineTopic';
  return ts.isPropertyAssignment(node) && /^(code|name|title|fix|message)$/.test(node.name.getText());
}

/** Every sentence that the source declares as true of the books, whichever module registers it. */
export function sentencesOfTheBooks(root: string): string[] {
  const sentences: string[] = [];
  for (const { path, text } of readTree(root)) {
    if (!path.startsWith('src/') || isSpec(path) || !/\b(?:sql|told):/.test(text)) continue;
    const visit = (node: ts.Node): void => {
      if (ts.isObjectLiteralExpression(node)) sentences.push(...sentenceOf(node));
      node.forEachChild(visit);
    };
    visit(ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true));
  }
  return sentences;
}

/** The sentence of an object that has a statement too: of an invariant, or of a table that is held to the journal. */
function sentenceOf(node: ts.ObjectLiteralExpression): string[] {
  const properties = node.properties.filter(ts.isPropertyAssignment);
  const named = (name: string) => properties.find((one) => ts.isIdentifier(one.name) && one.name.text === name);
  const sentence = named('sentence')?.initializer;
  return (named('sql') ?? named('told')) && sentence && ts.isStringLiteralLike(sentence) ? [sentence.text] : [];
}
