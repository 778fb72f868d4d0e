import { randomUUID } from 'node:crypto';
import pg from 'pg';

export interface TestDatabase {
  /** Logs in as the superuser. */
  adminUrl: string;
  /** Logs in as the application does, with no more rights than it has. */
  appUrl: string;
  name: string;
  /** One more database with all that is in this one, as a backup that was restored; nobody may be signed in meanwhile. */
  copy(): Promise<TestDatabase>;
  drop(): Promise<void>;
}

/** A database of the caller's own, migrated and empty: a clone of the template that the test run made. */
export function testDatabase(): Promise<TestDatabase> {
  return cloneOf('wellpaid_template');
}

async function cloneOf(template: string): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await administer(`create database ${name} template ${template}`);
  return {
    adminUrl: address(name).href,
    appUrl: address(name, { user: 'wp_app', password: fromSetup('WELLPAID_TEST_APP_PASSWORD') }).href,
    name,
    copy: () => cloneOf(name),
    drop: () => administer(`drop database if exists ${name} with (force)`),
  };
}

async function administer(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: fromSetup('WELLPAID_TEST_ADMIN_URL') });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function address(database: string, login?: { user: string; password: string }): URL {
  const url = new URL(fromSetup('WELLPAID_TEST_ADMIN_URL'));
  url.pathname = `/${database}`;
  if (login) {
    url.username = login.user;
    url.password = login.password;
  }
  return url;
}

function fromSetup(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: tests that use a database run in the e2e project`);
  return value;
}
