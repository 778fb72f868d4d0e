import { createServer, type Server } from 'node:http';
import type { Metrics } from './metrics.js';

/** A server of its own for Prometheus, in processes that serve and in those that work; never on the port of the public. */
export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** @throws Error when the port is taken */
export async function serveMetrics(metrics: Metrics, port: number, host: string): Promise<MetricsServer> {
  metrics.addOwnProcess();
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('Figures are at /metrics.\n');
      return;
    }
    metrics.text().then(
      ({ contentType, body }) => response.writeHead(200, { 'content-type': contentType }).end(body),
      () => response.writeHead(500).end(),
    );
  });
  await listening(server, port, host);
  server.unref();
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
}
