import { missing } from './failures.js';
import { page } from './pages.js';
import { newId, type EventRecord, type Platform } from './state.js';
import { nowSeconds, type Call, type Origin, type World } from './world.js';

interface Snapshot {
  readonly type: string;
  /** The object as the API shows it now. */
  readonly object: object;
  readonly previous?: object;
  /** The recipient it happened to; left out, it happened to the platform. */
  readonly accountId?: string;
}

/** Announces a change of an object of version 1, with the object as it stands. */
export function announce(world: World, platform: Platform, origin: Origin, snapshot: Snapshot): void {
  const { type, object, previous, accountId } = snapshot;
  const id = newId('evt');
  const createdAt = nowSeconds(world);
  record(world, platform, {
    id,
    kind: 'snapshot',
    type,
    createdAt,
    ...(accountId ? { accountId } : {}),
    body: {
      id,
      object: 'event',
      ...(accountId ? { account: accountId } : {}),
      api_version: world.apiVersion,
      created: createdAt,
      data: { object, ...(previous ? { previous_attributes: previous } : {}) },
      livemode: false,
      pending_webhooks: platform.webhook ? 1 : 0,
      request: { id: origin.requestId, idempotency_key: origin.idempotencyKey },
      type,
    },
  });
}

/** Announces a change of a recipient account in the thin form of version 2: what changed, not how it stands. */
export function announceThin(world: World, platform: Platform, type: string, accountId: string): void {
  const id = newId('evt');
  record(world, platform, {
    id,
    kind: 'thin',
    type,
    createdAt: nowSeconds(world),
    accountId,
    body: {
      id,
      object: 'v2.core.event',
      type,
      livemode: false,
      created: world.now().toISOString(),
      related_object: { id: accountId, type: 'v2.core.account', url: `/v2/core/accounts/${accountId}` },
    },
  });
}

function record(world: World, platform: Platform, event: Omit<EventRecord, 'delivery' | 'tries'>): void {
  world.assertEvent(event.kind, event.body);
  platform.events.push({ ...event, delivery: platform.webhook ? 'pending' : 'none', tries: 0 });
}

/** The acting account's events of version 1; `delivery_success=false` gives those still waiting or given up. */
export function listEvents({ platform, accountId, params }: Call) {
  const types = params.types as string[] | undefined;
  const success = params.delivery_success as boolean | undefined;
  const events = visible(platform, accountId).filter(
    (event) =>
      (params.type === undefined || event.type === params.type) &&
      (types === undefined || types.includes(event.type)) &&
      (success === undefined || success === (event.delivery === 'none' || event.delivery === 'delivered')),
  );
  return page(events, params, '/v1/events', (event) => event.body);
}

export function retrieveEvent({ platform, accountId, path }: Call) {
  const event = visible(platform, accountId).find((one) => one.id === path.id);
  if (!event) throw missing('event', path.id ?? '');
  return event.body;
}

export function listThinEvents({ platform, params }: Call) {
  const types = params.types as string[] | undefined;
  const limit = (params.limit as number | undefined) ?? 20;
  const events = platform.events.filter(
    (event) =>
      event.kind === 'thin' &&
      (params.object_id === undefined || event.accountId === params.object_id) &&
      (types === undefined || types.includes(event.type)),
  );
  const shown = events.reverse().slice(0, limit);
  return { data: shown.map((event) => event.body), next_page_url: null, previous_page_url: null };
}

export function retrieveThinEvent({ platform, path }: Call) {
  const event = platform.events.find((one) => one.kind === 'thin' && one.id === path.id);
  if (!event) throw missing('event', path.id ?? '');
  return event.body;
}

function visible(platform: Platform, accountId: string): EventRecord[] {
  return platform.events.filter(
    (event) => event.kind === 'snapshot' && (event.accountId ?? platform.accountId) === accountId,
  );
}
