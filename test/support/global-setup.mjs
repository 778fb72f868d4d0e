// One throw-away server for the whole run, with a migrated database that each test clones.
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';

const dist = path.resolve(process.env.TEST_DIST ?? 'dist-test');
const compiled = (name) => import(path.join(dist, 'src/platform', name));
const runPrefix = 'wellpaid-test-run-';
const memoryFolder = '/dev/shm';
const tmpfsMagic = 0x01021994;
const roomNeeded = 6 * 1024 ** 3;

// What a crash would lose does not matter here; the time that keeping it takes does.
const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' };

export default async function startTestServer() {
  removeAbandonedRuns();
  const dataDir = makeFolder(`${runPrefix}${process.pid}-`, scratchFolder());
  const lines = [];
  try {
    await copyFreshCluster(dataDir, (line) => lines.push(line));
    const { startEmbeddedPostgres } = await compiled('embedded-postgres.js');
    const server = await startEmbeddedPostgres({ dataDir, settings, log: (line) => lines.push(line) });
    globalThis.wellpaidTestServer = { server, dataDir };
    await createTemplate(server);
  } catch (error) {
    throw new Error(`The test database did not start.\n${lines.slice(-30).join('\n')}`, { cause: error });
  }
}

/** Tests clone `wellpaid_template`; the application logs in as wp_app, whose password is new in each run. */
async function createTemplate(server) {
  const appPassword = randomBytes(18).toString('base64url');
  await query(server.url(), 'create database wellpaid_template');
  if (existsSync(path.join(dist, 'src/platform/migrate.js'))) {
    const { migrate } = await compiled('migrate.js');
    await migrate({
      adminUrl: server.url('wellpaid_template'),
      appLogin: { user: 'wp_app', password: appPassword },
    });
  } else {
    await query(server.url(), `create role wp_app login noinherit password '${appPassword}'`);
  }
  // A template that nobody is connected to, not even autovacuum, can be cloned at any time.
  await query(server.url(), 'alter database wellpaid_template is_template true allow_connections false');
  process.env.WELLPAID_TEST_ADMIN_URL = server.url();
  process.env.WELLPAID_TEST_APP_PASSWORD = appPassword;
}

async function query(connectionString, sql) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Creating a cluster takes a second or two, copying one a fraction: the first run of a version leaves one to copy. */
async function copyFreshCluster(dataDir, log) {
  const { openDataFolder, prepareCluster } = await compiled('embedded-postgres-cluster.js');
  const { refuseForeignFolder } = await compiled('embedded-postgres-binaries.js');
  const made = createHash('sha256')
    .update(JSON.parse(readFileSync('package.json', 'utf8')).dependencies['embedded-postgres'])
    .update(readFileSync(path.join(dist, 'src/platform/embedded-postgres-cluster.js')))
    .digest('hex')
    .slice(0, 12);
  const cache = path.join(os.tmpdir(), `wellpaid-test-cluster-${made}-${process.getuid?.() ?? 'user'}`);
  if (!existsSync(cache)) {
    const draft = makeFolder(`${path.basename(cache)}-`);
    await prepareCluster(openDataFolder(draft), { durable: false, log });
    try {
      renameSync(draft, cache);
    } catch {
      // Another run was faster.
      rmSync(draft, { recursive: true, force: true });
    }
  }
  refuseForeignFolder(cache);
  cpSync(cache, dataDir, { recursive: true });
}

/**
 * In memory where there is plenty: each test has a database of its own, of more than 800 files, and to make and remove them
 * on a disk took a fifth of the time of all tests.
 */
function scratchFolder() {
  try {
    const { bavail, bsize, type } = statfsSync(memoryFolder);
    const room = Math.min(bavail * bsize, os.freemem());
    return type === tmpfsMagic && room >= roomNeeded ? memoryFolder : os.tmpdir();
  } catch {
    return os.tmpdir();
  }
}

function makeFolder(prefix, parent = os.tmpdir()) {
  const folder = mkdtempSync(path.join(parent, prefix));
  // Root runs the server under another account, which has to get in.
  if (process.getuid?.() === 0) chmodSync(folder, 0o755);
  return folder;
}

function removeAbandonedRuns() {
  for (const parent of [os.tmpdir(), memoryFolder].filter(existsSync)) {
    for (const name of readdirSync(parent)) {
      if (!name.startsWith(runPrefix)) continue;
      if (isAlive(Number.parseInt(name.slice(runPrefix.length), 10))) continue;
      try {
        rmSync(path.join(parent, name), { recursive: true, force: true });
      } catch {
        // Another user's.
      }
    }
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
