import fc from 'fast-check';

/** The parts of JSON Schema that Zod writes. */
export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  pattern?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
}

/** Gives the value of a field of an object, or undefined to have one made from its schema where it is required. */
export type FieldValue = (name: string, schema: JsonSchema, parent: JsonSchema) => unknown;

export interface ExampleOptions {
  valueOf: FieldValue;
  /** Which of several alternatives to make. */
  branch: number;
}

export type Schemas = Record<string, JsonSchema>;

/** Follows references and merges what `allOf` splits. */
export function resolve(schema: JsonSchema, schemas: Schemas): JsonSchema {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    const named = schemas[name];
    if (!named) throw new Error(`The document refers to ${schema.$ref}, which it does not have`);
    return resolve(named, schemas);
  }
  if (schema.allOf) {
    const { allOf, ...rest } = schema;
    return Object.assign({}, ...allOf.map((part) => resolve(part, schemas)), rest) as JsonSchema;
  }
  return schema;
}

/** The alternative that a branch number chooses; the schema itself where it has none. */
export function alternativeOf(schema: JsonSchema, schemas: Schemas, branch: number): JsonSchema {
  const it = resolve(schema, schemas);
  const choices = (it.oneOf ?? it.anyOf ?? []).filter((one) => resolve(one, schemas).type !== 'null');
  const chosen = choices[branch % Math.max(choices.length, 1)];
  return chosen ? alternativeOf(chosen, schemas, branch) : it;
}

/** A value that the schema accepts: what is required, whatever `valueOf` gives, and one item for a list of objects. */
export function exampleOf(schema: JsonSchema, schemas: Schemas, options: ExampleOptions): unknown {
  const it = alternativeOf(schema, schemas, options.branch);
  if (it.const !== undefined) return it.const;
  if (it.enum) return it.enum[0];
  const type = Array.isArray(it.type) ? it.type.find((one) => one !== 'null') : it.type;
  if (type === 'object' || it.properties) return objectOf(it, schemas, options);
  if (type === 'array') {
    const length = Math.max(it.minItems ?? 0, isListOfObjects(it, schemas) ? 1 : 0);
    return Array.from({ length }, () => exampleOf(it.items ?? {}, schemas, options));
  }
  if (type === 'integer' || type === 'number') return Math.max(it.minimum ?? 1, (it.exclusiveMinimum ?? 0) + 1);
  if (type === 'boolean') return it.default ?? false;
  return type === 'null' ? null : textOf(it);
}

function objectOf(schema: JsonSchema, schemas: Schemas, options: ExampleOptions): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const needed = (schema.required?.includes(name) ?? false) || isListOfObjects(property, schemas);
    const value = options.valueOf(name, resolve(property, schemas), schema);
    if (value !== undefined) made[name] = value;
    else if (needed) made[name] = exampleOf(property, schemas, options);
  }
  return made;
}

function isListOfObjects(schema: JsonSchema, schemas: Schemas): boolean {
  const { type, items } = resolve(schema, schemas);
  return type === 'array' && items !== undefined && resolve(items, schemas).type === 'object';
}

const TEXT_OF_FORMAT: Record<string, string> = {
  date: '2026-10-01',
  'date-time': '2026-10-01T10:00:00Z',
  email: 'someone@example.org',
  uuid: '0197c0de-0000-7000-8000-000000000001',
  uri: 'https://example.org/return',
};

function textOf({ format, pattern, minLength = 1, default: preset }: JsonSchema): string {
  const known = TEXT_OF_FORMAT[format ?? ''];
  if (known !== undefined) return known;
  if (typeof preset === 'string') return preset;
  if (pattern === undefined) return 'x'.repeat(Math.max(minLength, 3));
  return fc.sample(fc.stringMatching(new RegExp(pattern)), { seed: 7, numRuns: 1 })[0] ?? '';
}
