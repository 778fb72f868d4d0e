import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import nunjucks from 'nunjucks';
import { projectRoot } from '../../../src/platform/paths.js';
import { WordsService, type Locale } from '../../../src/words/index.js';

/** Every piece of the portal's look on four pages of samples, served under the policy of the portal. */
export interface Kitchen {
  readonly url: string;
  /** The bodies of the posts so far, with their paths. */
  readonly posts: { path: string; body: string }[];
  close(): Promise<void>;
}

export const KITCHEN_PAGES = ['home', 'form', 'list', 'pieces'] as const;

const HOSTILE = `<img src=x onerror="document.title='hacked'">'"--></textarea><script>document.title='hacked'</script>`;
const FRIENDLY = 'Did not attend for the 2nd time on this referral; the card pays for 1.';
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const TYPES: Record<string, string> = {
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};
const portal = join(import.meta.dirname, '../../../src/portal');

export async function startKitchen(): Promise<Kitchen> {
  const files = JSON.parse(readFileSync(join(portal, 'public/manifest.json'), 'utf8')) as Record<string, string>;
  const samples = join(projectRoot(import.meta.url), 'test/browser/views');
  const views = new nunjucks.Environment(new nunjucks.FileSystemLoader([samples, join(portal, 'views')]), {
    autoescape: true,
    throwOnUndefined: false,
    trimBlocks: true,
    lstripBlocks: true,
  });
  // Without a commissioner the words come from the catalogues alone.
  const words = new WordsService(undefined as never, undefined as never);
  const posts: Kitchen['posts'] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://kitchen');
    response.setHeader('content-security-policy', POLICY);
    if (request.method === 'POST') return answerPost(request, response, pathname, posts);
    if (pathname.startsWith('/static/')) return sendFile(response, pathname.slice('/static/'.length));
    if (pathname === '/events') return sendEvents(response);
    const page = KITCHEN_PAGES.find((name) => pathname === `/${name}`);
    if (page === undefined) return void response.writeHead(404).end();
    const t = await words.in((searchParams.get('lang') ?? 'en') as Locale);
    const context = {
      t,
      assets: (name: string) => `/static/${files[name] ?? name}`,
      ...samplesOf(pathname, searchParams),
    };
    const html = views.render(`${page}.njk`, { ...context, path: pathname });
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    posts,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** What the portal gives to every view, and the samples of these pages; `hostile` puts markup into each text. */
function samplesOf(pathname: string, query: URLSearchParams): Record<string, unknown> {
  const sample = query.has('hostile') ? HOSTILE : FRIENDLY;
  const errors = query.has('errors')
    ? [
        'reference',
        'price',
        'servedOn',
        'service',
        'attended',
        'needs',
        'reason',
        'file',
        'password',
        'code',
        'hours',
      ].map((field) => ({ field, text: `${field}: ${sample}`, href: `#${field}` }))
    : [];
  return {
    sample,
    errors,
    errorOf: (field: string) => errors.find((error) => error.field === field)?.text,
    values: query.has('hostile')
      ? { reference: sample, reason: sample, 'servedOn-day': sample }
      : { servedOn: '2026-09-27' },
    visit: {
      signedIn: !query.has('stranger'),
      name: query.has('hostile') ? sample : 'Ruth Pell',
      organisation: { name: query.has('hostile') ? sample : 'Northmarsh Integrated Care Board', kind: 'commissioner' },
      roles: ['approver', 'finance'],
      choices: 2,
    },
    navigation: query.has('stranger')
      ? []
      : ['home', 'list', 'form', 'pieces'].map((name) => ({
          href: `/${name}`,
          key: `Page ${name}`,
          current: pathname === `/${name}`,
        })),
    sandbox: true,
    csrf: 'token-of-csrf',
    once: 'token-of-once',
    flash: query.has('flash') ? { key: 'layout.states.approved', params: {}, kind: 'success' } : null,
    session: { idleSeconds: Number(query.get('idle') ?? 1800), warnSeconds: Number(query.get('warn') ?? 1500) },
    sum: 423_300n,
    at: new Date('2026-10-08T08:00:00Z'),
    svg: SVG,
    rows: Array.from({ length: 10 }, (_, index) => ({
      id: String(index),
      reference: `SP1000${index}`,
      day: '2026-09-27',
      flag: index % 3 === 0 ? 'Second time this week' : '',
      state: ['submitted', 'queried', 'approved'][index % 3],
      minor: 850n * BigInt(index + 1),
    })),
  };
}

async function answerPost(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  posts: Kitchen['posts'],
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  posts.push({ path, body: Buffer.concat(chunks).toString('utf8') });
  if (path === '/session/extend') response.writeHead(204).end();
  else if (path === '/preview') response.writeHead(200).end('<p class="govuk-body">A session comes to £8.50</p>');
  else if (path === '/passkey-options') {
    const options = { challenge: 'AAAA', rpId: 'localhost', allowCredentials: [], userVerification: 'required' };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(options));
  } else response.writeHead(303, { location: '/home' }).end();
}

function sendFile(response: ServerResponse, name: string): void {
  const file = join(portal, 'public', `${name}.br`);
  if (!existsSync(file)) return void response.writeHead(404).end();
  const headers = { 'content-type': TYPES[extname(name)] ?? 'text/plain', 'content-encoding': 'br' };
  response.writeHead(200, headers).end(readFileSync(file));
}

function sendEvents(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const [value, done] of [
    [20, false],
    [40, true],
  ] as const) {
    response.write(
      `event: progress\ndata: ${JSON.stringify({ value, max: 40, text: `Paid ${value} of 40`, done })}\n\n`,
    );
  }
}

const SVG = `<svg class="chart" viewBox="0 0 640 200" role="img" aria-label="Claimed, approved, paid" xmlns="http://www.w3.org/2000/svg">
  <line class="chart-grid" x1="60" x2="630" y1="160" y2="160"/><line class="chart-grid" x1="60" x2="630" y1="90" y2="90"/>
  <text class="chart-tick" x="52" y="164" text-anchor="end">£0</text><text class="chart-tick" x="52" y="94" text-anchor="end">£1,000</text>
  <rect class="chart-bar chart-bar--1" x="100" y="40" width="90" height="120"/><text class="chart-value" x="145" y="34" text-anchor="middle">£1,180</text>
  <rect class="chart-bar chart-bar--2" x="260" y="110" width="90" height="50"/><text class="chart-value" x="305" y="104" text-anchor="middle">£432</text>
  <rect class="chart-bar chart-bar--3" x="420" y="125" width="90" height="35"/><text class="chart-value" x="465" y="119" text-anchor="middle">£310</text>
  <path class="chart-line chart-line--reference" d="M60 70H630"/><path class="chart-line" d="M60 150 L300 120 L630 60"/>
  <text class="chart-tick" x="145" y="184" text-anchor="middle">Claimed</text><text class="chart-tick" x="305" y="184" text-anchor="middle">Approved</text>
</svg>`;
