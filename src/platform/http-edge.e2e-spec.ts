import { startTestApp, type TestApp } from '../../test/support/app.js';
import { eventually } from '../../test/support/job-stage.js';
import { onServer } from '../../test/support/probe-table.js';
import { commissioner, type Party } from '../../test/support/world.js';
import { SECURITY_HEADERS } from './security-headers.js';

const CANARY = 'Jane-Canary-9434765919';

interface Refusal {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
  text: string;
}

describe('at the edge', () => {
  let app: TestApp;
  let party: Party;
  let key: string;
  beforeAll(async () => {
    app = await startTestApp();
    party = await commissioner(app);
    ({ key } = await party.as('admin'));
  });
  afterAll(() => app.close());

  async function send(
    method: string,
    path: string,
    init: RequestInit = {},
    bearer: string | null = key,
  ): Promise<Refusal> {
    const response = await fetch(`${app.url}${path}`, {
      ...init,
      method,
      headers: {
        ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
        ...(init.headers as Record<string, string>),
      },
    });
    const text = await response.text();
    const body = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
    return { status: response.status, headers: response.headers, body, text };
  }
  const json = (body: unknown): RequestInit => ({
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const organisation = {
    kind: 'provider',
    code: 'EDGE',
    name: 'Provider',
    legalForm: 'charity',
    address: ['1 High Street', 'London'],
    postcode: 'E1 6AN',
  };

  const nests: [string, (depth: number) => string][] = [
    ['lists', (depth) => '['.repeat(depth) + ']'.repeat(depth)],
    ['objects', (depth) => '{"name":'.repeat(depth) + '1' + '}'.repeat(depth)],
    ['lists in a field', (depth) => `{"name":${'['.repeat(depth)}${']'.repeat(depth)}}`],
    ['lists in a list', (depth) => `{"address":${'['.repeat(depth)}${']'.repeat(depth)}}`],
  ];
  it.each(nests)('refuses %s in each other, however deep', async (_, bodyOf) => {
    const statuses = new Set<number>();
    for (const depth of [10, 1_000, 10_000, 100_000]) {
      const { status } = await send('POST', '/v1/organisations', json(bodyOf(depth)));
      statuses.add(status);
    }
    expect([...statuses]).toEqual([400]);
  });

  describe('every refusal is a problem document, without a stack, SQL, or what was sent', () => {
    const cases: [string, () => Promise<Refusal>, number, string][] = [
      ['no key', () => send('GET', '/v1/me', {}, null), 401, 'request.not_signed_in'],
      ['a key that nobody holds', () => send('GET', '/v1/me', {}, `wp_${CANARY}_x`), 401, 'request.not_signed_in'],
      ['a key that is none', () => send('GET', '/v1/me', {}, `${CANARY} ${CANARY}`), 401, 'request.not_signed_in'],
      [
        'a role that does not permit it',
        async () => send('GET', '/v1/members', {}, (await party.as('auditor')).key),
        403,
        'request.not_permitted',
      ],
      ['an unknown path', () => send('GET', `/v1/${CANARY}`), 404, 'not_found'],
      [
        'a method that the path does not have',
        () => send('PUT', '/v1/members', json({ name: CANARY })),
        404,
        'not_found',
      ],
      [
        'something that is not there',
        () => send('GET', '/v1/organisations/01890a5d-ac96-774b-bcce-b302099a8057'),
        404,
        'organisation.not_found',
      ],
      ['an id that is none', () => send('GET', `/v1/organisations/${CANARY}`), 400, 'request.invalid'],
      ['an unknown parameter', () => send('GET', `/v1/organisations?kind=${CANARY}`), 400, 'request.invalid'],
      ['a list for a text', () => send('GET', `/v1/organisations?code=A&code=${CANARY}`), 400, 'request.invalid'],
      [
        'a wrong type',
        () => send('POST', '/v1/organisations', json({ ...organisation, name: [CANARY] })),
        400,
        'request.invalid',
      ],
      [
        'a wrong code',
        () => send('POST', '/v1/organisations', json({ ...organisation, code: CANARY })),
        400,
        'request.invalid',
      ],
      [
        'JSON that is none',
        () => send('POST', '/v1/organisations', json(`{"name": ${CANARY}`)),
        400,
        'request.invalid',
      ],
      ['an empty body', () => send('POST', '/v1/organisations', json('')), 400, 'request.invalid'],
      [
        'a prototype to pollute',
        () => send('POST', '/v1/organisations', json(`{"__proto__": {"polluted": "${CANARY}"}}`)),
        400,
        'request.invalid',
      ],
      [
        'a media type that is not taken',
        () =>
          send('POST', '/v1/organisations', {
            headers: { 'content-type': 'application/xml' },
            body: `<a>${CANARY}</a>`,
          }),
        415,
        'request.status_415',
      ],
      [
        'CSV where none belongs',
        () => send('POST', '/v1/organisations', { headers: { 'content-type': 'text/csv' }, body: CANARY }),
        400,
        'request.invalid',
      ],
      [
        'a form',
        () =>
          send('POST', '/v1/organisations', {
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            body: `name=${CANARY}`,
          }),
        400,
        'request.invalid',
      ],
      [
        'more than a mebibyte',
        () => send('POST', '/v1/organisations', json({ ...organisation, name: CANARY.padEnd(1_048_577) })),
        413,
        'request.status_413',
      ],
      [
        'a wrong Idempotency-Key',
        () =>
          send('POST', '/v1/organisations', {
            headers: { 'content-type': 'application/json', 'idempotency-key': 'x' },
            body: JSON.stringify(organisation),
          }),
        400,
        'request.invalid',
      ],
    ];

    it.each(cases)('%s', async (_, ask, status, code) => {
      const refusal = await ask();
      expect(refusal).toMatchObject({ status, body: { status, code } });
      expect(refusal.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(refusal.body).toMatchObject({
        type: expect.any(String),
        title: expect.any(String),
        detail: expect.any(String),
      });
      expect(refusal.body.correlationId).toBe(refusal.headers.get('x-correlation-id'));
      expect(refusal.text).not.toMatch(/Canary|9434765919| at .*\.[jt]s|select |insert |QueryFailed|node_modules/i);
      expect(refusal.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null);
    });

    it('a conflict with what is there, and a broken rule', async () => {
      expect(await send('POST', '/v1/organisations', json(organisation))).toMatchObject({ status: 201 });
      const again = await send('POST', '/v1/organisations', json(organisation));
      expect(again).toMatchObject({ status: 409, body: { code: 'organisation.code_taken', status: 409 } });
    });

    it('a bug: a number to quote, and nothing of what went wrong', async () => {
      await app.admin.query('alter table member rename to elsewhere');
      const bug = await send('GET', '/v1/members');
      await app.admin.query('alter table elsewhere rename to member');
      expect(bug).toMatchObject({ status: 500, body: { code: 'internal', type: '/problems/internal' } });
      expect(bug.body.detail).toContain(bug.headers.get('x-correlation-id'));
      expect(bug.text).not.toMatch(/elsewhere|member|\brelation|select|42P01|\.js/i);
    });

    it('names each wrong field by its place', async () => {
      const { body } = await send(
        'POST',
        '/v1/organisations',
        json({ ...organisation, address: ['', 7], postcode: 'x', more: 1 }),
      );
      const paths = (body.errors as { path: string }[]).map(({ path }) => path);
      expect(paths).toEqual(expect.arrayContaining(['address.1', 'postcode', '']));
    });
  });

  it('takes the correlation id that it is given, when it is one, and makes one otherwise', async () => {
    const given = await send('GET', '/health', { headers: { 'x-correlation-id': 'trace-01_ABC' } });
    expect(given.headers.get('x-correlation-id')).toBe('trace-01_ABC');
    for (const bad of ['short', 'x'.repeat(65), 'a"b{c}d e', '<script>alert(1)</script>']) {
      const made = await send('GET', '/health', { headers: { 'x-correlation-id': bad } });
      expect(made.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it.each(['/health', '/v1/me', '/v1/nothing'])('protects %s by headers, and lets no one keep it', async (path) => {
    const { headers } = await send('GET', path);
    expect(Object.fromEntries(headers)).toMatchObject({
      ...SECURITY_HEADERS,
      'cache-control': 'private, no-store',
      'content-security-policy': expect.stringContaining(`default-src 'self'`),
      'strict-transport-security': expect.stringContaining('max-age='),
      'x-content-type-options': 'nosniff',
      'x-frame-options': expect.stringMatching(/DENY|SAMEORIGIN/),
      'referrer-policy': 'no-referrer',
    });
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('server')).toBeNull();
  });

  it('protects a refusal of what could not be read as it protects an answer', async () => {
    const { status, headers } = await send('POST', '/v1/organisations', json('{'));
    expect(status).toBe(400);
    expect(Object.fromEntries(headers)).toMatchObject({ ...SECURITY_HEADERS, 'cache-control': 'private, no-store' });
  });

  it('speaks of pence as strings of digits', async () => {
    await app.admin.query(`update member set approval_limit_minor = 9007199254740993 where roles @> '{admin}'`);
    const { text } = await send('GET', '/v1/members');
    expect(text).toContain('"approvalLimitMinor":"9007199254740993"');
  });

  it('sees the very bytes of a body: white space is another request under the same key', async () => {
    const post = (body: string) =>
      send('POST', '/v1/organisations', {
        headers: { 'content-type': 'application/json', 'idempotency-key': 'very-bytes' },
        body,
      });
    const body = JSON.stringify({ ...organisation, code: 'BYTES' });
    expect((await post(body)).status).toBe(201);
    expect((await post(body)).status).toBe(201);
    expect((await post(` ${body}`)).status).toBe(409);
  });

  it('explains every error code where its type leads', async () => {
    const refused = await send('GET', '/v1/me', {}, null);
    const { type } = refused.body as { type: string };
    expect(await send('GET', type, {}, null)).toMatchObject({
      status: 200,
      body: { code: 'request.not_signed_in', status: 401, fix: expect.stringContaining('Bearer') },
    });
    expect((await send('GET', '/problems/no.such.code', {}, null)).status).toBe(404);
  });

  it('is alive without its database, and ready only with it', async () => {
    expect(await send('GET', '/ready')).toMatchObject({ status: 200, body: { status: 'ok' } });
    const { name } = app.testDatabase;
    await onServer(`alter database ${name} allow_connections false`);
    await onServer(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}' and usename = 'wp_app'`,
    );
    await eventually(async () => (await send('GET', '/ready', {}, null)).status === 503);
    expect(await send('GET', '/ready', {}, null)).toMatchObject({ status: 503, body: { status: 'unavailable' } });
    expect(await send('GET', '/health', {}, null)).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await send('GET', '/v1/me')).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    await onServer(`alter database ${name} allow_connections true`);
    await eventually(async () => (await send('GET', '/ready', {}, null)).status === 200);
    expect((await send('GET', '/v1/me')).status).toBe(200);
  });
});
