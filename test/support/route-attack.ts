import type { Permit } from '../../src/platform/operation.js';
import type { Route } from './route-catalogue.js';
import type { RouteRequest } from './route-request.js';
import { REFERENCE_KINDS, type Foreign } from './route-tenants.js';
import type { Caller } from './route-world.js';

export interface RouteAnswer {
  status: number;
  contentType: string;
  text: string;
  json: Record<string, unknown> | undefined;
}

/** Sends a request as somebody, or as nobody. */
export async function send(url: string, request: RouteRequest, key?: string): Promise<RouteAnswer> {
  const response = await fetch(`${url}${request.path}`, {
    method: request.method,
    redirect: 'manual',
    headers: {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(request.contentType !== undefined && { 'content-type': request.contentType }),
    },
    ...(request.body !== undefined && { body: request.body }),
  });
  const text = Buffer.from(await response.arrayBuffer()).toString('latin1');
  const contentType = response.headers.get('content-type') ?? '';
  return { status: response.status, contentType, text, json: parsed(contentType, text) };
}

function parsed(contentType: string, text: string): Record<string, unknown> | undefined {
  if (!contentType.includes('json') || text === '') return undefined;
  return JSON.parse(Buffer.from(text, 'latin1').toString('utf8')) as Record<string, unknown>;
}

/** What a declared permit says about a caller: written again here, so that the guard is checked against it. */
export function permits(permit: Permit | 'public', caller: Caller): boolean {
  if (permit === 'public') return true;
  const roles = permit[caller.side];
  if (roles === undefined) return false;
  if (caller.kind === 'service') return permit.scope !== undefined && caller.scopes.includes(permit.scope);
  return roles === 'any' || caller.roles.some((role) => roles.includes(role));
}

/** What is wrong with the answer of a guard to a caller; undefined when nothing is. */
export function wrongAtGuard(route: Route, caller: Caller | undefined, answer: RouteAnswer): string | undefined {
  if (route.permit === undefined) return 'declares no permit';
  const code = answer.json?.code;
  if (!caller) {
    if (route.permit === 'public') return undefined;
    return answer.status === 401 && code === 'request.not_signed_in' ? undefined : 'let in without a key';
  }
  const refused = answer.status === 403 && code === 'request.not_permitted';
  if (permits(route.permit, caller)) return refused || answer.status === 401 ? 'keeps out whom it permits' : undefined;
  return refused ? undefined : 'lets in whom it does not permit';
}

/** What is wrong with the answer to a request of a permitted caller that names what is not the caller's. */
export function wrongOfAnswer(
  request: RouteRequest,
  foreignlyNamed: RouteRequest['named'],
  foreign: Foreign,
  answer: RouteAnswer,
  told: ReadonlySet<string>,
): string | undefined {
  if (answer.status >= 500) return 'breaks';
  const shown = leakIn(request, foreign, answer, told);
  if (shown !== undefined) return `shows ${shown}, which is somebody else's`;
  const tenants = foreignlyNamed.filter(
    ({ reference: { kind } }) => !REFERENCE_KINDS.has(kind) && !(kind === 'organisation' && request.method === 'GET'),
  );
  if (tenants.length === 0 || answer.status >= 400) {
    const inPath = tenants.some(({ reference }) => reference.place === 'path');
    return inPath && answer.status !== 404 ? 'tells that something exists which is not the caller’s' : undefined;
  }
  if (request.method === 'GET' ? isEmptyList(answer) : tookNoRow(answer)) return undefined;
  return `accepts a foreign ${tenants.map(({ reference }) => reference.field).join(', ')}`;
}

/** A foreign marker or id in an answer, apart from what this request named or the caller `told` in others. */
export function leakIn(
  { named }: RouteRequest,
  { ids, markers }: Foreign,
  answer: RouteAnswer,
  told: ReadonlySet<string>,
): string | undefined {
  const own = [...named.map(({ value }) => value), ...told];
  const rest = own.reduce((text, value) => text.replaceAll(value, ''), answer.text);
  const shown = rest.toUpperCase();
  return (
    markers.find((marker) => shown.includes(marker)) ??
    rest.match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g)?.find((id) => ids.has(id))
  );
}

function isEmptyList({ json }: RouteAnswer): boolean {
  const items = json?.items;
  return Array.isArray(items) && items.length === 0;
}

/** A file is answered with what became of its rows: here, that each was refused. */
function tookNoRow({ json }: RouteAnswer): boolean {
  return json?.accepted === 0 && typeof json.failed === 'number';
}

/** Works through items, some at a time, in order. */
export async function inTurns<Item>(items: readonly Item[], width: number, work: (item: Item) => Promise<void>) {
  let at = 0;
  const worker = async () => {
    while (at < items.length) {
      const item = items[at++];
      if (item !== undefined) await work(item);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
}
