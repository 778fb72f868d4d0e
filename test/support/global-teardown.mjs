import { rmSync } from 'node:fs';

export default async function stopTestServer() {
  const { server, dataDir } = globalThis.wellpaidTestServer;
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
