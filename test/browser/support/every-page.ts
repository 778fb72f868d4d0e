import type { Page } from 'playwright-core';
import { rolesOf } from '../../../src/organisations/member.rules.js';
import type { TestApp } from '../../support/app.js';
import type { Objects } from '../../support/route-request.js';
import { objectsOf } from '../../support/route-tenants.js';
import type { RouteStage } from '../../support/route-stage.js';
import { pagesOf, permitsRole, type PageRoute } from '../../support/page-routes.js';
import { visitorWith } from '../../support/visitors.js';
import type { Party } from '../../support/world.js';
import { axe, complaintsOf, overflow, type Chromium } from './chromium.js';
import { siteOf } from './people.js';

/** What no page may run, in text that people enter. Each carries a mark by which the page that shows it is known. */
export const HOSTILE = `"><img src=x onerror="window.hostile=1"><script>window.hostile=1</script>{{7*7}}'&\u202e`;

/** Columns that are no free text: what they hold is read by the program. */
const READ =
  /(^|_)(id|ids|code|codes|state|kind|key|hash|prefix|rail|number|reference|email|roles|scopes|locale|basis|postcode|status|token|type|regime|mode|rule|category|source|url|method|transports|device|book|side|legal_form|vat_reason|reason_code|requirements|external)(_|$)/;

/** As much of it as a column takes; forty characters are a whole tag. */
const LENGTHS = [100, 40, 20];

/** Columns that sound as if they were read, and are written by people. */
const WRITTEN = new Set([
  'cost_code',
  'buyer_reference',
  'your_reference',
  'purchase_order_number',
  'outside_reference',
]);
const LISTS = new Set(['address', 'payables_address', 'areas']);

export interface Visited {
  readonly path: string;
  readonly faults: readonly string[];
}

/** Some of the places that are poisoned in any world, so that the poison cannot fail unseen. */
export const POISONED = [
  'public.organisation.name',
  'public.organisation.address',
  'public.member.display_name',
  'public.contract.title',
  'public.contract_version.cost_code',
  'public.service.name',
  'public.service_listing.summary',
  'public.claim_query.question',
];

/** Puts hostile text into every column of free text, as a superuser, past triggers; checks of shape still hold. */
export async function poison(app: TestApp): Promise<string[]> {
  const { rows } = await app.admin.query<{ place: string; column: string; isList: boolean }>(
    `select quote_ident(c.table_schema) || '.' || quote_ident(c.table_name) as place, quote_ident(c.column_name) as column, c.data_type = 'ARRAY' as "isList"
     from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
     where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.data_type in ('text', 'ARRAY') and c.is_generated = 'NEVER'
       and c.table_name not in ('migrations', 'idempotency', 'outbox', 'dead_letter', 'bank_holiday', 'wording', 'login')`,
  );
  const poisoned: string[] = [];
  await app.admin.query('set session_replication_role = replica');
  for (const { place, column, isList } of rows) {
    if (READ.test(column) && !WRITTEN.has(column)) continue;
    if (isList !== LISTS.has(column)) continue;
    for (const length of LENGTHS) {
      const hostile = isList ? `array[left($1, ${length})]` : `left($1, ${length})`;
      const sql = `update ${place} set ${column} = ${hostile} where ${column} is not null`;
      const { rowCount } = await app.admin.query(sql, [HOSTILE]).catch(() => ({ rowCount: 0 }));
      if ((rowCount ?? 0) === 0) continue;
      poisoned.push(`${place}.${column}`);
      break;
    }
  }
  await app.admin.query('set session_replication_role = origin');
  return poisoned;
}

/** Kinds of the things that a path names, by the part before the parameter. */
const KIND_OF: Readonly<Record<string, string>> = {
  referrals: 'referral',
  persons: 'person',
  texts: 'text',
  sessions: 'session',
  claims: 'claim',
  files: 'claim_file',
  queries: 'claim_query',
  batches: 'batch',
  invoices: 'invoice',
  advances: 'advance',
  payouts: 'payout',
  'payout-accounts': 'payout_account',
  changes: 'payout_account_change',
  'payment-runs': 'payment_run',
  contracts: 'contract',
  organisations: 'organisation',
  people: 'member',
  invitations: 'invitation',
  keys: 'api_key',
  follow: 'referral',
  journal: 'event',
  listings: 'service',
  services: 'service',
  notices: 'notice',
  agreements: 'self_billing_agreement',
};

/** The path of a page of what `objects` has; undefined where a parameter has nothing to stand for it. */
export function pathOf({ pattern }: PageRoute, objects: Objects, commissionerCode: string): string | undefined {
  const parts = pattern.split('/');
  const filled = parts.map((part, index) => {
    if (!part.startsWith(':')) return part;
    if (part === ':locale') return 'cy';
    if (part === ':code') return commissionerCode;
    if (pattern === '/follow/:id/proof') return objects.id('event');
    const before = parts.slice(0, index).findLast((one) => !one.startsWith(':')) ?? '';
    return objects.id(part === ':serviceId' ? 'service' : (KIND_OF[before] ?? before));
  });
  return filled.includes(undefined) ? undefined : filled.join('/');
}

/**
 * Pages that answer with something else than a page, or lead to one, or need what this world has not: a payment outside and
 * one that went wrong, at which test/browser/finance looks.
 */
export const ELSEWHERE =
  /^GET \/(?:join\/|sign-in\/with\/|language\/|confirm-identity\/organisation|account\/identities\/|payments\/(?:outside|attention)\/:)/;

export interface Persona {
  readonly name: string;
  readonly token: string | undefined;
  readonly paths: string[];
  /** Pages that could not be asked for, because the world has no such thing. */
  readonly unfilled: string[];
}

/** Somebody with every role of an organisation's kind, and every page that is for them. */
export async function personaOf(
  stage: RouteStage,
  party: Party,
  open: (memberId: string) => Promise<string>,
): Promise<Persona> {
  const { app, world } = stage;
  const { kind } = party.organisation;
  const roles = rolesOf(kind);
  const { memberId } = await party.as(...roles);
  // The latest key is one that can be revoked.
  const { api } = await party.as('admin');
  await api.post('/v1/keys', { label: HOSTILE.slice(0, 60), scopes: ['referrals:read'] });
  const dealing = world.northChoir;
  const referrer = kind === 'referrer' ? party : null;
  const objects = await objectsOf(app, { dealing, organisation: party, referrer });
  const pages = pagesOf(app).filter(
    ({ name, method, spec }) => method === 'GET' && !ELSEWHERE.test(name) && permitsRole(spec, kind, roles),
  );
  const paths: string[] = [];
  const unfilled: string[] = [];
  for (const route of pages) {
    const path = pathOf(route, objects, world.north.code);
    if (path === undefined) unfilled.push(route.name);
    else paths.push(path);
  }
  return { name: kind, token: await open(memberId), paths, unfilled };
}

const WIDTHS = [1280, 390, 320] as const;

/** Looks at each page at each width, with scripts and without, and gives what is wrong with it. */
export async function lookAtEvery(browser: Chromium, app: TestApp, persona: Persona): Promise<Visited[]> {
  const html = await htmlPages(app, persona);
  const visited: Visited[] = [];
  for (const withoutScripts of [false, true]) {
    const page = await browser.page({ baseURL: siteOf(app), withoutScripts, withAxe: true, width: WIDTHS[0] });
    if (persona.token !== undefined) {
      await page.context().addCookies([{ name: 'wellpaid-session', value: persona.token, url: siteOf(app) }]);
    }
    for (const path of html) {
      const faults = await faultsOf(page, path, WIDTHS);
      visited.push({
        path,
        faults: faults.map((fault) => `${withoutScripts ? 'without scripts' : 'with scripts'}: ${fault}`),
      });
    }
    await page.context().close();
  }
  return visited;
}

async function faultsOf(page: Page, path: string, widths: readonly number[]): Promise<string[]> {
  const faults: string[] = [];
  const before = complaintsOf(page).length;
  const answer = await page.goto(path);
  if (answer?.status() !== 200) return [`answers ${answer?.status()}`];
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    faults.push(...(await axe(page)).map((violation) => `${width} px: ${violation}`));
    const wide = await overflow(page);
    if (wide > 0) faults.push(`${width} px: ${wide} px too wide`);
  }
  const ran = await page.evaluate<boolean>(`'hostile' in window || document.querySelector('img[src="x"]') !== null`);
  if (ran) faults.push('lets hostile text become markup');
  const text = await page.evaluate<string>('document.body.innerText');
  if (/\{[@\w]+\}|\bundefined\b|\bNaN\b|\[object/.test(text.replaceAll('{{7*7}}', ''))) {
    faults.push(`says ${/.{0,20}(?:\{[@\w]+\}|\bundefined\b|\bNaN\b|\[object).{0,20}/.exec(text)?.[0]}`);
  }
  if (text.includes("49'&")) faults.push('computes what people entered');
  faults.push(
    ...complaintsOf(page)
      .slice(before)
      .map((complaint) => `complains: ${complaint}`),
  );
  return faults;
}

/** Those that answer with a page rather than a file, by asking as the same visitor. */
async function htmlPages(app: TestApp, { token, paths }: Persona): Promise<string[]> {
  const visitor = visitorWith(app, token);
  const html: string[] = [];
  for (const path of paths) {
    if (path.endsWith('/progress')) continue; // a stream of events
    const { status, headers } = await visitor.get(path);
    const isPage = headers.get('content-type')?.startsWith('text/html') ?? false;
    if (status !== 303 && (isPage || status >= 400)) html.push(path);
  }
  return html;
}
