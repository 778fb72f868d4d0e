import { startTestApp, type TestApp } from '../../test/support/app.js';
import { client } from '../../test/support/api-client.js';
import { secondProcess, type SecondProcess } from '../../test/support/second-process.js';
import { commissioner } from '../../test/support/world.js';

const CANARIES = ['Canary', 'canary', '9434765919', '1 Secret Street'];

describe('the log of a story', () => {
  let app: TestApp;
  let served: SecondProcess;
  let key: string;
  beforeAll(async () => {
    app = await startTestApp();
    served = await secondProcess(app);
    const admin = await (await commissioner(app)).as('admin', 'contract_manager');
    ({ key } = admin);
    const api = client(served.url, key);
    const any = { headers: { 'x-correlation-id': 'story-of-logs', cookie: 'session=canary' } };
    const quiet = (call: Promise<unknown>) => call.catch(() => undefined);
    await api.post(
      '/v1/organisations',
      {
        kind: 'provider',
        code: 'LOGS',
        name: 'Canary Singers',
        legalForm: 'charity',
        address: ['1 Secret Street', 'London'],
        postcode: 'E1 6AN',
      },
      any,
    );
    const invited = { email: 'jane.canary@example.org', roles: ['auditor'] };
    await api.post('/v1/invitations', invited, any);
    await quiet(api.post('/v1/invitations', { ...invited, nhsNumber: '9434765919' }, any));
    await quiet(api.get('/v1/organisations?code=CANARY&name=Jane%20Canary', any));
    await quiet(api.get('/v1/people/9434765919', any));
    await quiet(client(served.url, 'wp_canary_canary_canary_canary').get('/v1/me', any));
    await quiet(
      api.post('/v1/organisations', '{"name": "Jane Canary', { headers: { 'content-type': 'application/json' } }),
    );
    await app.admin.query('alter table member rename to elsewhere');
    await quiet(api.get('/v1/me?email=jane.canary@example.org', any));
    await app.admin.query('alter table elsewhere rename to member');
  });
  afterAll(async () => {
    await served.close();
    await app.close();
  });

  const entries = () => served.lines.map((line) => JSON.parse(line) as Record<string, unknown>);

  it('is JSON, a line an entry', () => {
    expect(served.lines.every((line) => /^\{.*\}\n$/.test(line))).toBe(true);
    expect(entries().every(({ level, time }) => typeof level === 'string' && typeof time === 'string')).toBe(true);
  });

  it('says of each request who asked, for which route, and what came of it', () => {
    const requests = entries().filter(
      ({ msg, correlationId }) => msg === 'request' && correlationId === 'story-of-logs',
    );
    expect(requests.map(({ method, route, status }) => [method, route, status])).toEqual([
      ['POST', '/v1/organisations', 201],
      ['POST', '/v1/invitations', 201],
      ['POST', '/v1/invitations', 400],
      ['GET', '/v1/organisations', 400],
      ['GET', 'none', 404],
      ['GET', '/v1/me', 401],
      ['GET', '/v1/me', 500],
    ]);
    expect(requests[0]).toMatchObject({ orgId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  });

  it('says what was refused and what broke', () => {
    const said = entries().map(({ level, msg, code }) => [level, msg, code].filter(Boolean).join(' '));
    expect(said).toEqual(
      expect.arrayContaining(['warn security request.not_signed_in', 'warn security not_found', 'error bug']),
    );
    const bug = entries().find(({ msg }) => msg === 'bug');
    expect(bug).toMatchObject({ error: { code: '42P01' }, route: '/v1/me', correlationId: 'story-of-logs' });
  });

  it('has no personal data, no key, no body, no query and no headers', () => {
    const text = served.lines.join('');
    expect(
      [...CANARIES, key, 'Bearer', 'cookie', 'authorization', '?', 'elsewhere'].filter((one) => text.includes(one)),
    ).toEqual([]);
  });
});
