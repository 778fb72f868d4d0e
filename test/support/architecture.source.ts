import ts from 'typescript';
import { isPure, isSpec, type SourceText, type Violation } from './architecture.layers.js';
import { bannedWordIn, wordsOf } from './architecture.names.js';

export const FILE_LINES_MAX = 300;
export const FUNCTION_LINES_MAX = 70;

const DATA_SOURCE_FILES = new Set(['database', 'data-source', 'migrate'].map((name) => `src/platform/${name}.ts`));
const BANNED_VERBS = new Set(['update', 'process', 'handle', 'manage']);
const MARKERS = /\b(TODO|FIXME)\b/;
/** Where tools obey it: first on a line of a comment. */
const SUPPRESSIONS = /^[\s/*]*(@ts-ignore|@ts-nocheck|@ts-expect-error|eslint-disable|oxlint-disable)/m;
const AMBIENT_OBJECTS = new Set(['process', 'console', 'crypto', 'globalThis']);
const AMBIENT_MEMBERS = new Set(['Math.random', 'performance.now']);
const AMBIENT_CALLS = new Set(['fetch', 'setTimeout', 'setInterval']);

/** What one rule says about one node, or nothing. */
type NodeRule = { rule: string; judge: (node: ts.Node, path: string, tree: ts.SourceFile) => string | undefined };

/** Judges the text of one file of src/, migrations/ or test/ by the house rules that need its syntax. */
export function sourceViolations({ path, text }: SourceText): Violation[] {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  const violations: Violation[] = [];
  const report = (rule: string, position: number, reason: string): void => {
    const line = tree.getLineAndCharacterOfPosition(position).line + 1;
    violations.push({ rule, file: path, line, reason });
  };
  const lines = text.trimEnd().split('\n').length;
  if (lines > FILE_LINES_MAX && !isSpec(path)) {
    violations.push({ rule: 'file-length', file: path, reason: `${lines} lines; at most ${FILE_LINES_MAX}` });
  }
  const commentsSeen = new Set<number>();
  const visit = (node: ts.Node): void => {
    for (const { rule, judge } of NODE_RULES) {
      const reason = judge(node, path, tree);
      if (reason !== undefined) report(rule, node.getStart(tree), reason);
    }
    for (const { pos, end } of commentsAround(node, text)) {
      if (commentsSeen.has(pos)) continue;
      commentsSeen.add(pos);
      commentFaults(text.slice(pos, end), path).forEach(([rule, reason]) => report(rule, pos, reason));
    }
    node.getChildren(tree).forEach(visit);
  };
  visit(tree);
  return violations;
}

function commentsAround(node: ts.Node, text: string): ts.CommentRange[] {
  if (node.getChildCount() > 0 || ts.isTemplateMiddleOrTemplateTail(node)) return []; // trivia belongs to the tokens
  return [
    ...(ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []),
    ...(ts.getTrailingCommentRanges(text, node.getEnd()) ?? []),
  ];
}

function commentFaults(comment: string, path: string): [rule: string, reason: string][] {
  const marker = MARKERS.exec(comment)?.[0];
  const suppression = SUPPRESSIONS.exec(comment)?.[1];
  const faults: [string, string][] = [];
  if (marker) faults.push(['unfinished', `${marker}: finish it, or write an issue`]);
  // A spec may prove with @ts-expect-error that something does not compile.
  if (suppression && !(isSpec(path) && suppression === '@ts-expect-error')) {
    faults.push(['suppression', `${suppression} silences a tool: mend what it found`]);
  }
  return faults;
}

function isProduct(path: string): boolean {
  return path.startsWith('src/') || path.startsWith('migrations/');
}

function isFunction(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return (ts.isFunctionLike(node) && 'body' in node) || ts.isClassStaticBlockDeclaration(node);
}

/** `object.member` or `object['member']`, with both names. */
function memberOf(node: ts.Node): { object: string; member: string } | undefined {
  if (ts.isPropertyAccessExpression(node)) return { object: node.expression.getText(), member: node.name.text };
  if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression)) {
    return { object: node.expression.getText(), member: node.argumentExpression.text };
  }
  return undefined;
}

/** The name that a declaration gives, where the project chose it. */
function declaredName(node: ts.Node): string | undefined {
  const declares =
    ts.isVariableDeclaration(node) ||
    ts.isParameter(node) ||
    ts.isFunctionLike(node) ||
    ts.isClassLike(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isEnumDeclaration(node) ||
    ts.isPropertyDeclaration(node) ||
    ts.isPropertySignature(node);
  return declares && node.name && ts.isIdentifier(node.name) ? node.name.text : undefined;
}

/** The name of a function or method, also where an arrow function is put in a constant. */
function functionName(node: ts.Node): string | undefined {
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) return declaredName(node);
  if (ts.isVariableDeclaration(node) && node.initializer && ts.isFunctionLike(node.initializer))
    return declaredName(node);
  return undefined;
}

/** Whether a function says that it may answer undefined or null, at once or as a promise. */
function mayMiss(node: ts.Node): boolean {
  const declaration = ts.isVariableDeclaration(node) ? node.initializer : node;
  let type = declaration && ts.isFunctionLike(declaration) ? declaration.type : undefined;
  if (type && ts.isTypeReferenceNode(type) && type.typeName.getText() === 'Promise') type = type.typeArguments?.[0];
  const parts = type && ts.isUnionTypeNode(type) ? type.types : [];
  return parts.some((part) => part.getText() === 'undefined' || part.getText() === 'null');
}

const NODE_RULES: readonly NodeRule[] = [
  {
    rule: 'function-length',
    judge: (node, path, tree) => {
      if (!isFunction(node) || isSpec(path)) return undefined;
      const first = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line;
      const lines = tree.getLineAndCharacterOfPosition(node.getEnd()).line - first + 1;
      return lines > FUNCTION_LINES_MAX ? `${lines} lines; at most ${FUNCTION_LINES_MAX}` : undefined;
    },
  },
  {
    rule: 'environment',
    judge: (node, path) => {
      if (!isProduct(path) || path === 'src/platform/config.ts') return undefined;
      const member = memberOf(node);
      const reads = member?.member === 'env' && /(^|\.)process$/.test(member.object);
      return reads || importsName(node, /^(node:)?process$/, 'env')
        ? 'the environment is read in src/platform/config.ts only'
        : undefined;
    },
  },
  {
    rule: 'clock',
    judge: (node, path) => {
      if (!isProduct(path) || path === 'src/platform/clock.ts') return undefined;
      const member = memberOf(node);
      const construction =
        (ts.isNewExpression(node) || ts.isCallExpression(node)) &&
        node.expression.getText() === 'Date' &&
        !node.arguments?.length;
      return construction || (member?.object === 'Date' && member.member === 'now')
        ? 'what time it is comes from the injected Clock'
        : undefined;
    },
  },
  {
    rule: 'data-source',
    judge: (node, path) => {
      if (!isProduct(path) || isSpec(path) || DATA_SOURCE_FILES.has(path)) return undefined;
      return importsName(node, /^typeorm$/, 'DataSource')
        ? 'only Database holds a DataSource: a handle outside a transaction lets rows escape it'
        : undefined;
    },
  },
  {
    rule: 'any',
    judge: (node) => (node.kind === ts.SyntaxKind.AnyKeyword ? '`any` switches the compiler off' : undefined),
  },
  {
    rule: 'purity',
    judge: (node, path) => {
      if (!isPure(path)) return undefined;
      const { object, member } = memberOf(node) ?? { object: '', member: '' };
      const reaches = AMBIENT_OBJECTS.has(object) || AMBIENT_MEMBERS.has(`${object}.${member}`);
      const calls = ts.isCallExpression(node) && AMBIENT_CALLS.has(node.expression.getText());
      return reaches || calls ? 'a pure file depends on its arguments only' : undefined;
    },
  },
  {
    rule: 'banned-word',
    judge: (node) => {
      const name = declaredName(node);
      const word = name === undefined ? undefined : bannedWordIn(name);
      return word === undefined ? undefined : `"${name}": "${word}" names nothing`;
    },
  },
  {
    rule: 'domain-verb',
    judge: (node, path) => {
      const name = isProduct(path) ? functionName(node) : undefined;
      const verb = name === undefined ? undefined : wordsOf(name)[0];
      return verb !== undefined && BANNED_VERBS.has(verb)
        ? `"${name}" says nothing: use a verb of the domain`
        : undefined;
    },
  },
  {
    rule: 'get-or-find',
    judge: (node, path) => {
      const name = isProduct(path) ? functionName(node) : undefined;
      return name !== undefined && wordsOf(name)[0] === 'get' && mayMiss(node)
        ? `"${name}" may miss: get… throws, find… may miss`
        : undefined;
    },
  },
];

/** True for an import of `name` from a module that matches, under whatever local name. */
function importsName(node: ts.Node, module: RegExp, name: string): boolean {
  if (!ts.isImportDeclaration(node) || !ts.isStringLiteral(node.moduleSpecifier)) return false;
  if (!module.test(node.moduleSpecifier.text)) return false;
  const bindings = node.importClause?.namedBindings;
  if (bindings && ts.isNamespaceImport(bindings)) return true;
  return (bindings?.elements ?? []).some((element) => (element.propertyName ?? element.name).text === name);
}

export const SOURCE_RULES: readonly string[] = [
  ...new Set([...NODE_RULES.map(({ rule }) => rule), 'file-length', 'unfinished', 'suppression']),
];
