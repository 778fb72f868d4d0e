import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../src/app.js';
import { ENTITIES } from '../../src/entities.js';
import { connect } from '../../src/platform/data-source.js';
import { Database } from '../../src/platform/database.js';
import { createLog } from '../../src/platform/log.js';
import type { TestApp } from './app.js';

export interface SecondProcess {
  url: string;
  nest: NestFastifyApplication;
  /** The lines of its log, as they were written. */
  lines: string[];
  close(): Promise<void>;
}

/** One more process of a test's application, as a replica is: the same database, a log that can be read. */
export async function secondProcess(app: TestApp): Promise<SecondProcess> {
  const lines: string[] = [];
  const nest = await createApp({
    ...app.runtime,
    database: new Database(await connect(app.testDatabase.appUrl, ENTITIES, 4)),
    log: createLog('debug', { write: (line) => lines.push(line) }),
  });
  await nest.listen(0, '127.0.0.1');
  return { url: await nest.getUrl(), nest, lines, close: () => nest.close() };
}
