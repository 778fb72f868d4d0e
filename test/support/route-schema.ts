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

/** Gives the value of a field by its name, or undefined to have one made from its schema. */
export type FieldValue = (name: string, schema: JsonSchema, required: boolean, siblings: string[]) => unknown;

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

/** A value that the schema accepts: the least that is required, and whatever `valueOf` gives. */
export function exampleOf(schema: JsonSchema, schemas: Schemas, valueOf: FieldValue): unknown {
  const it = resolve(schema, schemas);
  if (it.const !== undefined) return it.const;
  if (it.enum) return it.enum[0];
  const branch = (it.oneOf ?? it.anyOf)?.find((one) => resolve(one, schemas).type !== 'null');
  if (branch) return exampleOf(branch, schemas, valueOf);
  const type = Array.isArray(it.type) ? it.type.find((one) => one !== 'null') : it.type;
  if (type === 'object' || it.properties) return objectOf(it, schemas, valueOf);
  if (type === 'array') {
    return Array.from({ length: it.minItems ?? 0 }, () => exampleOf(it.items ?? {}, schemas, valueOf));
  }
  if (type === 'integer' || type === 'number') return Math.max(it.minimum ?? 1, (it.exclusiveMinimum ?? 0) + 1);
  if (type === 'boolean') return it.default ?? false;
  return type === 'null' ? null : textOf(it);
}

function objectOf(schema: JsonSchema, schemas: Schemas, valueOf: FieldValue): Record<string, unknown> {
  const properties = Object.entries(schema.properties ?? {});
  const names = properties.map(([name]) => name);
  const made: Record<string, unknown> = {};
  for (const [name, property] of properties) {
    const required = schema.required?.includes(name) ?? false;
    const value = valueOf(name, resolve(property, schemas), required, names);
    if (value !== undefined) made[name] = value;
    else if (required) made[name] = exampleOf(property, schemas, valueOf);
  }
  return made;
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
