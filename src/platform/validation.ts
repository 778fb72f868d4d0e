import { StandardSchemaValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import { invalidRequest } from './errors.js';

interface Issue {
  message: string;
  path?: readonly (PropertyKey | { key: PropertyKey })[];
}

/** What no text may hold: U+0000, which PostgreSQL cannot store, and half a surrogate pair, which is no character. */
const UNSTORABLE = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** A value of a request, and what it stands in: a link a value, because a request may hold half a million in each other. */
interface Place {
  value: unknown;
  key?: string;
  above?: Place;
}

/** Where a text stands that cannot be stored; undefined when there is none. Takes no deeper stack for a deeper value. */
function findUnstorable(root: unknown): string[] | undefined {
  const places: Place[] = [{ value: root }];
  for (let place = places.pop(); place; place = places.pop()) {
    const { value } = place;
    if (typeof value === 'string' && UNSTORABLE.test(value)) return pathTo(place);
    if (!isPlain(value)) continue;
    for (const [key, inner] of Object.entries(value).toReversed()) {
      if (UNSTORABLE.test(key)) return pathTo(place);
      places.push({ value: inner, key, above: place });
    }
  }
  return undefined;
}

function pathTo(last: Place): string[] {
  const path: string[] = [];
  for (let place: Place | undefined = last; place?.key !== undefined; place = place.above) path.push(place.key);
  return path.toReversed();
}

/**
 * What JSON and queries are made of; the parser of queries gives them an empty prototype of its own. Anything else, such as a
 * file that is still arriving, is for the schema to refuse.
 */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null;
}

class Validation extends StandardSchemaValidationPipe {
  override async transform<T = unknown>(value: T, metadata: ArgumentMetadata): Promise<T> {
    const isText = metadata.type === 'body' || metadata.type === 'query' || metadata.type === 'param';
    const unstorable = isText && metadata.schema ? findUnstorable(value) : undefined;
    if (unstorable) {
      const errors = [{ path: unstorable.join('.'), message: 'holds a character that cannot be stored' }];
      throw invalidRequest({ errors }, 'The request holds a character that cannot be stored, such as U+0000.');
    }
    return super.transform(value, metadata);
  }
}

/** Validates bodies, queries and parameters against their Zod schemas: each problem with its place, never its value. */
export function validation(): StandardSchemaValidationPipe {
  return new Validation({
    transform: true,
    exceptionFactory: (issues: readonly Issue[]) => {
      const errors = issues.map((issue) => ({ path: pathOf(issue), message: issue.message }));
      const first = errors[0];
      const where = first === undefined || first.path === '' ? '' : `${first.path}: `;
      return invalidRequest({ errors }, `The request does not have the right shape. ${where}${first?.message ?? ''}`);
    },
  });
}

function pathOf(issue: Issue): string {
  return (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
}
