import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call that changes something at the rail: before it gets there, or done there and not yet answered here. */
export interface RailMoment {
  readonly when: 'before' | 'after';
  /** `POST /v1/transfers`. */
  readonly call: string;
}

/** An HTTP proxy between one process and the Stripe double. */
export class RailWire {
  onMoment: (moment: RailMoment) => 'pass' | 'cut' = () => 'pass';
  private constructor(
    private readonly server: Server,
    private readonly targetPort: () => number,
  ) {}

  static async open(targetPort: () => number): Promise<RailWire> {
    const server = createServer();
    const wire = new RailWire(server, targetPort);
    server.on('request', (from, to) => void wire.carry(from, to).catch(() => to.destroy()));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return wire;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async carry(from: IncomingMessage, to: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of from) chunks.push(chunk as Buffer);
    const { method = 'GET', url = '/' } = from;
    const path = url.split('?')[0] ?? url;
    const call = `${method} ${path.replace(/\/(acct|po|tr)_\w+/g, '/{id}')}`;
    const isChange = method === 'POST' && path.startsWith('/v');
    if (isChange && this.onMoment({ when: 'before', call }) === 'cut') return void from.socket.destroy();
    const headers = { ...from.headers };
    const target = request({ host: '127.0.0.1', port: this.targetPort(), method, path: url, headers, agent: false });
    target.end(Buffer.concat(chunks));
    const [answer] = (await once(target, 'response')) as [IncomingMessage];
    const body: Buffer[] = [];
    for await (const chunk of answer) body.push(chunk as Buffer);
    if (isChange && this.onMoment({ when: 'after', call }) === 'cut') return void from.socket.destroy();
    to.writeHead(answer.statusCode ?? 502, answer.headers).end(Buffer.concat(body));
  }
}
