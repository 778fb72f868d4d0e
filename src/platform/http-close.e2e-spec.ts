import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { eventually, isPending } from '../../test/support/job-stage.js';
import { secondProcess } from '../../test/support/second-process.js';
import { commissioner } from '../../test/support/world.js';

describe('a process that is asked to end', () => {
  let app: TestApp;
  let key: string;
  beforeAll(async () => {
    app = await startTestApp();
    ({ key } = await (await commissioner(app)).as('admin'));
  });
  afterAll(() => app.close());

  /** Asks over a connection that the client keeps for later. */
  async function ask(agent: http.Agent, url: string, path: string): Promise<http.IncomingMessage> {
    const request = http.get(`${url}${path}`, { agent, headers: { authorization: `Bearer ${key}` } });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    response.resume();
    await once(response, 'end');
    return response;
  }

  it('answers what is in flight, and waits for no client that keeps its connection', async () => {
    const process = await secondProcess(app);
    const agent = new http.Agent({ keepAlive: true });
    await Promise.all([ask(agent, process.url, '/health'), ask(agent, process.url, '/health')]);
    // Of keys, which no background work reads: what waits for this lock is the request.
    await app.admin.query('begin; lock table api_key in access exclusive mode');
    const answer = ask(agent, process.url, '/v1/me');
    await eventually(async () => {
      const { rowCount } = await app.admin.query(
        `select from pg_locks where not granted and relation = 'api_key'::regclass`,
      );
      return rowCount === 1;
    });
    const closing = process.close();
    // Its duties end first. From when it lets go of the connection that nobody uses, it takes nothing more.
    await eventually(() => Object.keys(agent.freeSockets).length === 0);
    expect(await isPending(closing)).toBe(true);
    await app.admin.query('commit');
    const { statusCode, headers } = await answer;
    expect([statusCode, headers.connection]).toEqual([200, 'close']);
    await closing;
    await expect(fetch(`${process.url}/health`)).rejects.toThrow('fetch failed');
    agent.destroy();
  });

  it.each([
    ['has said nothing', ''],
    ['has sent half of its headers', 'GET /health HTTP/1.1\r\nHost: here\r\n'],
    ['has begun a second request', 'GET /health HTTP/1.1\r\nHost: here\r\n\r\nGET /health HTTP/1.1\r\n'],
  ])('waits for no client that %s', async (_, sent) => {
    const process = await secondProcess(app);
    const { port, hostname } = new URL(process.url);
    const socket = net.connect(Number(port), hostname);
    await once(socket, 'connect');
    const ended = once(socket, 'close');
    socket.on('error', () => undefined);
    if (sent !== '') socket.write(sent);
    if (sent.includes('\r\n\r\n')) await once(socket, 'data');
    socket.resume();
    const patience = new Promise((resolve) => setTimeout(() => resolve('still waits'), 5_000).unref());
    expect(await Promise.race([process.close(), patience])).toBeUndefined();
    await ended;
  });
});
