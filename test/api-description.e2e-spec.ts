import { startTestApp, type TestApp } from './support/app.js';

describe('the description of the API', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  const ask = async (path: string) => {
    const answer = await fetch(`${app.url}${path}`);
    return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
  };

  it('is OpenAPI 3.1, the same each time it is asked for', async () => {
    const first = await ask('/docs/openapi.json');
    expect(first.type).toBe('application/json; charset=utf-8');
    const document = JSON.parse(first.text) as { openapi: string; paths: Record<string, Record<string, object>> };
    expect(document.openapi).toBe('3.1.0');
    expect(document.paths['/v1/claims']?.post).toMatchObject({
      tags: ['Claims'],
      security: [{ bearer: [] }],
      parameters: expect.arrayContaining([expect.objectContaining({ name: 'Idempotency-Key', in: 'header' })]),
    });
    expect(Object.keys(document.paths).filter((path) => !path.startsWith('/v1/'))).not.toContain('/sign-in');
    expect(await ask('/docs/openapi.json')).toEqual(first);
  });

  it.each([
    ['/docs', 'text/html; charset=utf-8'],
    ['/docs/', 'text/html; charset=utf-8'],
    ['/docs/start.js', 'text/javascript; charset=utf-8'],
    ['/docs/ui/swagger-ui-bundle.js', expect.stringContaining('javascript')],
    ['/docs/ui/swagger-ui.css', 'text/css; charset=utf-8'],
  ])('has a page, and %s is part of it', async (path, type) => {
    expect(await ask(path)).toMatchObject({ status: 200, type });
  });

  it('names on its page only what there is', async () => {
    const { text } = await ask('/docs');
    const named = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
    expect(named).toHaveLength(3);
    expect(await Promise.all(named.map(async (path) => (await ask(path)).status))).toEqual([200, 200, 200]);
  });

  it.each(['package.json', 'index.html', 'swagger-ui-bundle.js.map', 'absolute-path.js', '..%2Fpackage.json'])(
    'serves nothing else of the package that shows it: %s',
    async (file) => {
      expect((await ask(`/docs/ui/${file}`)).status).toBe(404);
    },
  );
});
