import type { IncomingMessage, ServerResponse } from 'node:http';
import { controlReply, followOnboarding } from './control.js';
import type { Operation } from './contract.js';
import type { StripeDouble } from './double.js';
import { invalid, StripeFailure, type Reply } from './failures.js';
import type { FaultOrder } from './faults.js';
import { decodeForm, type Params } from './forms.js';
import { newId, openPlatform, type Platform } from './state.js';
import { nowSeconds, type Call } from './world.js';

const BODY_BYTES_MAX = 1_000_000;
const KEY = /^Bearer sk_test_double_([a-z0-9][a-z0-9-]{0,39})$/;

/** Answers every request: control calls under `/_double/`, all else as Stripe would. */
export async function answer(double: StripeDouble, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://double.invalid');
  const method = request.method ?? 'GET';
  try {
    const text = await bodyOf(request);
    double.tick();
    const onboarding = /^\/_double\/onboarding\/([\w]+)$/.exec(url.pathname)?.[1];
    if (onboarding && method === 'GET') {
      followOnboarding(double, onboarding, response);
    } else if (url.pathname.startsWith('/_double/')) {
      const control = { method, path: url.pathname.slice('/_double/'.length), query: url.searchParams };
      const contentType = request.headers['content-type'] ?? '';
      send(response, await controlReply(double, { ...control, contentType, text }));
    } else {
      await answerAsStripe(double, request, response, { method, url, text });
    }
  } catch (error) {
    const version = url.pathname.startsWith('/v2/') ? 'v2' : 'v1';
    const failure = error instanceof StripeFailure ? error : invalid('request_invalid', String(error));
    send(response, failure.reply(version));
  }
}

interface Received {
  readonly method: string;
  readonly url: URL;
  readonly text: string;
}

async function answerAsStripe(
  double: StripeDouble,
  request: IncomingMessage,
  response: ServerResponse,
  { method, url, text }: Received,
): Promise<void> {
  const platform = authenticate(double, request.headers.authorization);
  const operation = double.contract.findOperation(method, url.pathname);
  if (!operation) {
    throw new StripeFailure(404, 'invalid_request_error', 'url_unknown', `Unrecognized request URL (${method})`);
  }
  demandVersion(double, request);
  const accountId = actingAccount(platform, request);
  const idempotencyKey = headerOf(request, 'idempotency-key') ?? null;
  const params = decode(operation, url, text);
  const record = { at: double.world.now().toISOString(), platform: platform.label, accountId, method };
  const logged = { ...record, path: url.pathname, params: structuredClone(params), idempotencyKey, status: 0 };
  double.log(logged);

  const requestId = newId('req');
  const origin = { requestId, idempotencyKey };
  const call: Call = { world: double.world, platform, accountId, path: operation.path, params, origin };
  const outcome = await perform(double, operation, call);
  logged.status = outcome.reply.status;
  const headers = {
    'request-id': requestId,
    'stripe-version': double.contract.apiVersion,
    ...(idempotencyKey ? { 'idempotency-key': idempotencyKey } : {}),
    ...(outcome.replayed ? { 'idempotent-replayed': 'true' } : {}),
  };
  deliver(response, outcome.reply, headers, outcome.fault);
}

interface Performed {
  readonly reply: Reply;
  readonly replayed?: boolean;
  readonly fault?: FaultOrder | undefined;
}

/** Executes a call, or refuses it in Stripe's words. */
async function perform(double: StripeDouble, operation: Operation, call: Call): Promise<Performed> {
  try {
    const refusal = double.contract.refusalOf(operation, call.params) ?? refusalOfExpand(call.params);
    if (refusal) throw refusal;
    return await performValid(double, operation, call);
  } catch (error) {
    if (!(error instanceof StripeFailure)) throw error;
    return { reply: double.audited(operation, call.platform, error.reply(operation.version)) };
  }
}

/** Strikes the fault, begins the key, executes, audits, stores and commits, in this order. */
async function performValid(double: StripeDouble, operation: Operation, call: Call): Promise<Performed> {
  const { platform, accountId, origin } = call;
  const fault = double.faults.strike(`${operation.method} ${operation.template}`, platform.label);
  const before = beforeExecution(fault);
  if (before) return { reply: before.reply(operation.version), fault };
  if (operation.method === 'GET') {
    const { status, body } = double.execute(operation, call);
    return { reply: double.audited(operation, platform, { status, body }), fault };
  }
  const key = origin.idempotencyKey ?? newId('unkeyed');
  if (key.length > 255) throw invalid('idempotency_key_invalid', 'An idempotency key has at most 255 characters.');
  const fingerprint = JSON.stringify([operation.method, operation.template, operation.path, call.params]);
  const began = double.idempotency.begin(platform, accountId, key, fingerprint, nowSeconds(double.world));
  if (began.kind === 'replay') {
    return { reply: double.audited(operation, platform, began.reply), replayed: true, fault };
  }
  if (fault?.kind === 'hold') await double.faults.hold();
  const { status, body, stored } = instead(operation, fault) ?? double.execute(operation, call);
  const reply = double.audited(operation, platform, { status, body });
  began.end(reply, operation.version === 'v2' ? status === 200 : stored);
  double.commit();
  return { reply, fault };
}

/** The faults that strike before anything happens, as the failure they answer; `drop` and `hang` answer nothing. */
function beforeExecution(fault?: FaultOrder): StripeFailure | undefined {
  switch (fault?.kind) {
    case 'throttle':
      return new StripeFailure(429, 'invalid_request_error', 'rate_limit', 'Too many requests.');
    case 'conflict':
      return new StripeFailure(409, 'idempotency_error', 'idempotency_key_in_use', 'Another request uses this key.');
    case 'fail':
    case 'drop':
    case 'hang':
      return new StripeFailure(500, 'api_error', 'api_error', 'Something went wrong before execution.');
    default:
      return undefined;
  }
}

/** The faults that are the execution, so that their answer is stored under the key. */
function instead(operation: Operation, fault?: FaultOrder) {
  if (fault?.kind === 'fail_stored') {
    const failure = new StripeFailure(500, 'api_error', 'api_error', 'Something went wrong on our end.');
    return { ...failure.reply(operation.version), stored: true };
  }
  if (fault?.kind === 'refuse') {
    const failure = new StripeFailure(400, 'invalid_request_error', fault.code ?? 'refused', 'Refused as ordered.');
    return { ...failure.reply(operation.version), stored: true };
  }
  return undefined;
}

function deliver(response: ServerResponse, reply: Reply, headers: Record<string, string>, fault?: FaultOrder): void {
  const kind = fault?.kind;
  if (kind === 'drop' || kind === 'drop_after') response.destroy();
  else if (kind === 'truncate') {
    const text = JSON.stringify(reply.body);
    response.writeHead(reply.status, { ...headers, 'content-type': 'application/json', 'content-length': text.length });
    response.write(text.slice(0, text.length / 2), () => response.destroy());
  } else if (kind === 'wrong_amount') {
    const body = reply.body as { amount: number };
    send(response, { ...reply, body: { ...body, amount: body.amount + 1 } }, headers);
  } else if (kind !== 'hang' && kind !== 'hang_after') send(response, reply, headers);
}

function send(response: ServerResponse, { status, body }: Reply, headers: Record<string, string> = {}): void {
  response.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function authenticate(double: StripeDouble, authorization = ''): Platform {
  const label = KEY.exec(authorization)?.[1];
  if (!label) {
    const message = 'Invalid API Key provided. This double knows keys sk_test_double_<label> only.';
    throw new StripeFailure(401, 'invalid_request_error', 'api_key_invalid', message);
  }
  return openPlatform(double.world.state, label);
}

function demandVersion(double: StripeDouble, request: IncomingMessage): void {
  const version = headerOf(request, 'stripe-version');
  if (version === double.contract.apiVersion) return;
  throw invalid('api_version_unknown', `This double speaks ${double.contract.apiVersion}, not ${version ?? 'none'}`);
}

function actingAccount(platform: Platform, request: IncomingMessage): string {
  const acting = headerOf(request, 'stripe-context') ?? headerOf(request, 'stripe-account');
  if (!acting || acting === platform.accountId) return platform.accountId;
  if (platform.recipients.some((recipient) => recipient.id === acting)) return acting;
  const message = `The provided key does not have access to account '${acting}' (or that account does not exist).`;
  throw new StripeFailure(403, 'invalid_request_error', 'account_invalid', message);
}

function decode(operation: Operation, url: URL, text: string): Params {
  try {
    if (operation.method === 'GET') return decodeForm(url.search.slice(1));
    if (operation.version === 'v1') return decodeForm(text);
    return (text === '' ? {} : JSON.parse(text)) as Params;
  } catch {
    throw invalid('request_malformed', 'The request could not be decoded.');
  }
}

function refusalOfExpand(params: Params): StripeFailure | undefined {
  if (params.expand === undefined) return undefined;
  return invalid('parameter_invalid', 'This double expands nothing.', 'expand');
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) throw new StripeFailure(413, 'invalid_request_error', 'body_too_large', 'Too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
