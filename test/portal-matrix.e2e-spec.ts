import { ROLES, type Role } from '../src/platform/actor.js';
import type { PageSpec } from '../src/portal/page/page-spec.rules.js';
import { startTestApp, type TestApp } from './support/app.js';
import { pagesOf, permitsRole, type PageRoute } from './support/page-routes.js';
import { signLogs } from './support/signed-logs.js';
import { visitor, type VisitAnswer, type Visitor } from './support/visitors.js';
import { commissioner, registered, type Party } from './support/world.js';

interface Target extends PageRoute {
  path: string;
}

const NOWHERE = '01890000-0000-7000-8000-00000000dead';
const ROLES_OF = {
  commissioner: ['contract_manager', 'approver', 'finance', 'auditor', 'admin'],
  provider: ['coordinator', 'treasurer', 'auditor', 'admin'],
  referrer: ['referrer', 'admin'],
} as const satisfies Record<string, readonly Role[]>;
/** Paths that name something which is not there, or a link that is none. */
const NAMES_NOTHING = new RegExp(`${NOWHERE}|/join/|/sign-in/with/`);
const LONG_MS = 300_000;

/** Who may see which page: read from what each page declares, and tried with each role of each kind of organisation. */
describe('roles and pages', () => {
  let app: TestApp;
  let routes: Target[];
  const visitors = new Map<string, Visitor>();

  beforeAll(async () => {
    app = await startTestApp();
    routes = pagesOf(app).map((route) => ({ ...route, path: pathOf(route.pattern) }));
    const north = await commissioner(app, 'NORTH');
    const parties: Record<keyof typeof ROLES_OF, Party> = {
      commissioner: north,
      provider: await registered(app, north, 'provider', 'SHEDS'),
      referrer: await registered(app, north, 'referrer', 'LINKS'),
    };
    for (const kind of ['commissioner', 'provider', 'referrer'] as const) {
      for (const role of ROLES_OF[kind]) {
        visitors.set(`${kind} ${role}`, await visitor(app, await parties[kind].as(role)));
      }
    }
    await signLogs(app);
  }, LONG_MS);
  afterAll(() => app.close());

  it('covers every role', () => {
    const covered = new Set(Object.values(ROLES_OF).flat() as Role[]);
    expect(ROLES.filter((role) => role !== 'operator' && !covered.has(role))).toEqual([]);
    expect(routes.length).toBeGreaterThan(40);
  });

  it(
    'shows each page to those whom it permits, and to nobody else',
    async () => {
      const wrong: string[] = [];
      for (const route of routes.filter(({ method }) => method === 'GET')) {
        for (const [who, visit] of visitors) {
          const answer = await visit.get(route.path);
          const fault = faultOf(answer, permits(route.spec, who), route);
          if (fault) wrong.push(`${who}: ${route.name} ${fault}`);
        }
      }
      expect(wrong).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'sends a stranger to sign in, and shows them nothing',
    async () => {
      const wrong: string[] = [];
      for (const route of routes.filter(({ method, spec }) => method === 'GET' && spec.permit !== 'public')) {
        const stranger = await visitor(app);
        const { status, location } = await stranger.get(route.path);
        if (status !== 303 || !location?.startsWith('/sign-in?to=')) wrong.push(`${route.name} ${status} ${location}`);
      }
      expect(wrong).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'takes no form without the token of the session, from nobody',
    async () => {
      const wrong: string[] = [];
      for (const route of routes.filter(({ method }) => method === 'POST')) {
        for (const [who, visit] of visitors) {
          const bare = await visit.post(route.path, { reason: 'x' });
          const foreign = await visit.post(route.path, { _csrf: 'A'.repeat(86) }, { 'sec-fetch-site': 'cross-site' });
          if (bare.status !== 403 || foreign.status !== 403) {
            wrong.push(`${who}: ${route.name} ${bare.status} ${foreign.status}`);
          }
        }
      }
      expect(wrong).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'takes forms only from the roles that it permits',
    async () => {
      const wrong: string[] = [];
      for (const route of routes.filter(({ method, spec }) => method === 'POST' && typeof spec.permit === 'object')) {
        for (const [who, visit] of visitors) {
          if (permits(route.spec, who)) continue;
          const { status } = await visit.send('/help', route.path);
          if (status !== 403) wrong.push(`${who}: ${route.name} ${status}`);
        }
      }
      expect(wrong).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'asks for a fresh proof where money or rights move',
    async () => {
      const guarded = routes.filter(({ spec }) => spec.stepUp);
      expect(guarded.length).toBeGreaterThan(8);
      const wrong: string[] = [];
      app.clock.moveTo(new Date(app.clock.now().getTime() + 6 * 60_000));
      for (const route of guarded) {
        for (const [who, visit] of visitors) {
          if (!permits(route.spec, who)) continue;
          const { status, location } =
            route.method === 'GET' ? await visit.get(route.path) : await visit.send('/help', route.path);
          if (status !== 303 || !location?.startsWith('/confirm-identity?to=')) {
            wrong.push(`${who}: ${route.name} ${status} ${location}`);
          }
        }
      }
      expect(wrong).toEqual([]);
    },
    LONG_MS,
  );
});

function permits(spec: PageSpec, who: string): boolean {
  const [kind = '', role = ''] = who.split(' ');
  return permitsRole(spec, kind as keyof typeof ROLES_OF, [role as Role]);
}

/** What is wrong with an answer; a page of something that does not exist is missing, also for those who may. */
function faultOf(
  { status, headers, text }: VisitAnswer,
  permitted: boolean,
  { spec, path }: Target,
): string | undefined {
  if (status >= 500) return `${status}`;
  const refused = spec.permit === 'operator' ? 404 : 403;
  if (!permitted) return status === refused ? undefined : `answers ${status} to somebody whom it does not permit`;
  const expected = NAMES_NOTHING.test(path) ? [200, 303, 403, 404] : [200, 303];
  if (!expected.includes(status)) return `answers ${status} to somebody whom it permits`;
  if (status === 200 && headers.get('content-type')?.startsWith('text/html')) {
    if (!headers.get('content-security-policy')?.includes("default-src 'none'")) return 'has no strict policy';
    if (!headers.get('cache-control')?.includes('no-store') && spec.permit !== 'public') return 'may be stored';
    if (/<script(?![^>]*\ssrc=)|\sstyle=|<style|\son\w+=/i.test(text)) return 'has something inline';
  }
  return undefined;
}

/** The path with something that does not exist in the place of each parameter; one of a closed set where it is one. */
function pathOf(pattern: string): string {
  const fixed: Record<string, string> = { locale: 'cy', kind: 'commissioner', code: 'NORTH', link: 'A'.repeat(43) };
  return pattern.replace(/:(\w+)/g, (_, name: string) => fixed[name] ?? NOWHERE);
}
