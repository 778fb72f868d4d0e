import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { projectRoot } from '../../platform/paths.js';
import { invalid, type StripeFailure } from './failures.js';
import type { Params } from './forms.js';

interface Schema {
  [keyword: string]: unknown;
}

interface OperationDocument {
  operationId: string;
  parameters?: { name: string; in: string; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}

interface ContractDocument {
  info: { version: string };
  paths: Record<string, Record<string, OperationDocument>>;
}

/** One method of one path of the API. */
export interface Operation {
  readonly id: string;
  readonly version: 'v1' | 'v2';
  readonly method: string;
  /** As in the contract: `/v1/transfers/{transfer}`. */
  readonly template: string;
  readonly path: Readonly<Record<string, string>>;
  readonly document: OperationDocument;
}

/** The contract is big: each schema is compiled at its first use. */
const OPTIONS = {
  strict: false,
  allErrors: false,
  formats: { decimal: /^-?\d+(\.\d+)?$/, 'int64-string': /^-?\d+$/ },
} as const;

/**
 * What Stripe's API 2026-10-28.endive accepts and answers, for the operations of Connect that the product uses. Derived
 * from the type declarations of npm stripe 23.1.0 (MIT), with the notes in `info.description` of the file.
 */
export class Contract {
  private static shared: Contract | undefined;

  /** The one of this process: it holds nothing of any double, and what it has compiled took seconds. */
  static get(): Contract {
    return (Contract.shared ??= new Contract());
  }

  private readonly document: ContractDocument;
  /** Version 1 sends everything as text, so numbers and booleans are read from strings; version 2 is typed JSON. */
  private readonly coercing = new Ajv2020({ ...OPTIONS, coerceTypes: true });
  private readonly exact = new Ajv2020(OPTIONS);
  private readonly compiled = new Map<string, ValidateFunction>();

  private constructor() {
    const file = join(projectRoot(), 'src/sandbox/stripe/contract.json');
    this.document = JSON.parse(readFileSync(file, 'utf8')) as ContractDocument;
    for (const ajv of [this.coercing, this.exact]) ajv.addSchema({ $id: 'contract', ...this.document });
  }

  get apiVersion(): string {
    return this.document.info.version;
  }

  /** The operation behind a method and a path; `undefined` when the contract has none. */
  findOperation(method: string, path: string): Operation | undefined {
    for (const [template, methods] of Object.entries(this.document.paths)) {
      const document = methods[method.toLowerCase()];
      const values = document && matchPath(template, path);
      if (document && values) {
        const version = template.startsWith('/v2/') ? 'v2' : 'v1';
        return { id: document.operationId, version, method, template, path: values, document };
      }
    }
    return undefined;
  }

  /** Coerces `params` in place and gives the refusal, if any, in Stripe's words. */
  refusalOf(operation: Operation, params: Params): StripeFailure | undefined {
    const body = operation.method === 'POST';
    const exact = body && operation.version === 'v2';
    const key = `request ${operation.id}`;
    const validate = this.validator(key, exact ? this.exact : this.coercing, () =>
      body ? bodySchema(operation.document) : querySchema(operation.document),
    );
    if (validate(params)) return undefined;
    return refusalFor(validate.errors?.[0]);
  }

  /** What is wrong with an answer of the double; `undefined` when Stripe could have given it. */
  flawOfReply(operation: Operation, status: number, body: unknown): string | undefined {
    const pointer = ['paths', operation.template, operation.method.toLowerCase(), 'responses'];
    const leaf = [status === 200 ? '200' : 'default', 'content', 'application/json', 'schema'];
    const $ref = `contract#/${[...pointer, ...leaf].map(pointerPart).join('/')}`;
    return this.flaw(`reply ${operation.id} ${leaf[0]}`, $ref, body);
  }

  /** What is wrong with an event that the double is about to announce. */
  flawOfEvent(kind: 'snapshot' | 'thin', body: unknown): string | undefined {
    const name = kind === 'snapshot' ? 'event' : 'v2.core.event';
    return this.flaw(`event ${name}`, `contract#/components/schemas/${name}`, body);
  }

  private flaw(key: string, $ref: string, body: unknown): string | undefined {
    const validate = this.validator(key, this.exact, () => ({ $ref }));
    if (validate(body)) return undefined;
    const error = validate.errors?.[0];
    return `${key}: ${error?.instancePath} ${error?.message} ${JSON.stringify(error?.params)}`;
  }

  private validator(key: string, ajv: Ajv2020, schema: () => Schema): ValidateFunction {
    let validate = this.compiled.get(key);
    if (!validate) this.compiled.set(key, (validate = ajv.compile(absolute(schema()) as Schema)));
    return validate;
  }
}

function matchPath(template: string, path: string): Record<string, string> | undefined {
  const wanted = template.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const values: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith('{')) values[part.slice(1, -1)] = decodeURIComponent(value);
    else if (part !== value) return undefined;
  }
  return values;
}

function bodySchema(document: OperationDocument): Schema {
  const content = Object.values(document.requestBody?.content ?? {})[0];
  return content?.schema ?? { type: 'object', additionalProperties: false };
}

function querySchema(document: OperationDocument): Schema {
  const query = (document.parameters ?? []).filter((parameter) => parameter.in === 'query');
  const properties = Object.fromEntries(query.map((parameter) => [parameter.name, parameter.schema]));
  return { type: 'object', properties, additionalProperties: false };
}

/** References inside the contract are relative to its root; a compiled part stands outside of it. */
function absolute(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(absolute);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) =>
      name === '$ref' && typeof inner === 'string' && inner.startsWith('#')
        ? [name, `contract${inner}`]
        : [name, absolute(inner)],
    ),
  );
}

function pointerPart(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}

function refusalFor(error?: ErrorObject): StripeFailure {
  const parent = (error?.instancePath ?? '').split('/').slice(1);
  const named = (name: unknown): string => bracketed([...parent, String(name)]);
  if (error?.keyword === 'additionalProperties') {
    const param = named(error.params.additionalProperty);
    return invalid('parameter_unknown', `Received unknown parameter: ${param}`, param);
  }
  if (error?.keyword === 'required') {
    const param = named(error.params.missingProperty);
    return invalid('parameter_missing', `Missing required param: ${param}.`, param);
  }
  const param = bracketed(parent);
  if (error?.keyword === 'type' && error.params.type === 'integer') {
    return invalid('parameter_invalid_integer', `Invalid integer: ${param}`, param);
  }
  return invalid('parameter_invalid', `Invalid ${param}: ${error?.message ?? ''}`, param);
}

function bracketed([first = '', ...rest]: string[]): string {
  return first + rest.map((part) => `[${part}]`).join('');
}
