import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { WRITES_DOCS } from '../../test/support/documentation.js';
import { ConfigError, listSettings, readConfig } from './config.js';
import { signingKey, verifierKey } from '../transparency/index.js';
import { projectRoot } from './paths.js';

/** An Ed25519 cosigner, as C2SP tlog-cosignature writes its key. */
const WITNESS = verifierKey('witness.example.org/w1', signingKey(Buffer.alloc(32, 9)), 'cosignature/v1');
const STRIPE = { STRIPE_API_KEY: 'sk_live_canary', STRIPE_WEBHOOK_SECRET: 'whsec_canary' };

/** The variables that are refused, in order, and the whole message. */
function refusalOf(environment: Record<string, string>): { variables: string[]; message: string } {
  try {
    readConfig(environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { variables: error.problems.map((problem) => problem.split(':')[0] ?? ''), message: error.message };
  }
  return { variables: [], message: '' };
}

describe('the configuration', () => {
  it('is complete without any variable: a sandbox on an embedded database', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      port: 8080,
      publicUrl: undefined,
      proxyHops: 0,
      databaseUrl: undefined,
      databaseAdminUrl: undefined,
      databasePoolSize: 10,
      redisUrl: undefined,
      dataDir: undefined,
      pseudonymKey: undefined,
      sealing: { keys: [], logName: 'wellpaid.localhost', storeDir: undefined, witness: undefined },
      stripe: { apiKey: undefined, webhookSecret: undefined, accounts: {} },
      smtp: undefined,
      oidcProviders: {},
      sandbox: true,
      sandboxClock: undefined,
      sandboxStripeUrl: undefined,
      logLevel: 'info',
    });
  });

  it('takes every variable', () => {
    const config = readConfig({
      HOST: '0.0.0.0',
      PORT: '0',
      PUBLIC_URL: 'https://pay.example.org/',
      DATABASE_URL: 'postgres://wp_app:secret@db/wellpaid',
      DATABASE_ADMIN_URL: 'postgresql://postgres@db/wellpaid',
      DATABASE_POOL_SIZE: '20',
      REDIS_URL: 'rediss://queue:6379',
      WELLPAID_DATA_DIR: '/var/lib/wellpaid',
      PSEUDONYM_KEY: 'ab'.repeat(32),
      CHECKPOINT_KEY: `${'CD'.repeat(32)},${'ab'.repeat(32)}`,
      LOG_NAME: 'logs.example.org/wellpaid',
      CHECKPOINT_STORE_DIR: '/mnt/checkpoints',
      WITNESS_URL: 'https://witness.example.org/log/',
      WITNESS_KEY: WITNESS,
      SMTP_URL: 'smtps://notices:secret@mail.example.org',
      MAIL_FROM: 'Wellpaid <notices@example.org>',
      SANDBOX_STRIPE_URL: 'http://double:12111',
      SANDBOX_CLOCK: '2026-10-29T09:00:00+00:00',
      LOG_LEVEL: 'debug',
    });
    expect(config).toMatchObject({
      host: '0.0.0.0',
      port: 0,
      publicUrl: 'https://pay.example.org',
      databaseUrl: 'postgres://wp_app:secret@db/wellpaid',
      databaseAdminUrl: 'postgresql://postgres@db/wellpaid',
      databasePoolSize: 20,
      redisUrl: 'rediss://queue:6379',
      dataDir: '/var/lib/wellpaid',
      pseudonymKey: 'ab'.repeat(32),
      sealing: {
        keys: ['cd'.repeat(32), 'ab'.repeat(32)],
        logName: 'logs.example.org/wellpaid',
        storeDir: '/mnt/checkpoints',
        witness: { url: 'https://witness.example.org/log', key: WITNESS },
      },
      smtp: { url: 'smtps://notices:secret@mail.example.org', from: 'Wellpaid <notices@example.org>' },
      sandbox: true,
      sandboxStripeUrl: 'http://double:12111',
      sandboxClock: new Date('2026-10-29T09:00:00Z'),
      logLevel: 'debug',
    });
  });

  it('calls logs by the host that people reach, unless they have a name', () => {
    expect(readConfig({ PUBLIC_URL: 'https://pay.example.org:8443/' }).sealing.logName).toBe('pay.example.org:8443');
    expect(readConfig({ PUBLIC_URL: 'https://pay.example.org', LOG_NAME: 'a.b' }).sealing.logName).toBe('a.b');
  });

  it('is no sandbox beside a Stripe key', () => {
    expect(readConfig(STRIPE)).toMatchObject({
      sandbox: false,
      stripe: { apiKey: 'sk_live_canary', webhookSecret: 'whsec_canary' },
    });
  });

  it('takes a variable that is empty or blank as not set', () => {
    expect(readConfig({ PORT: '', STRIPE_API_KEY: ' ', DATABASE_URL: '' })).toEqual(readConfig({}));
  });

  it('is frozen to the bottom', () => {
    const config = readConfig(STRIPE);
    expect(() => Object.assign(config, { sandbox: true })).toThrow(TypeError);
    expect(() => Object.assign(config.stripe, { apiKey: 'sk_live_other' })).toThrow(TypeError);
    expect(() => Object.assign(config.stripe.accounts, { NELICB: {} })).toThrow(TypeError);
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '80.5'],
    ['PORT', 'canary'],
    ['PUBLIC_URL', 'ftp://canary.example.org'],
    ['DATABASE_URL', 'mysql://canary@db/wellpaid'],
    ['DATABASE_ADMIN_URL', 'canary'],
    ['DATABASE_POOL_SIZE', '1'],
    ['DATABASE_POOL_SIZE', '201'],
    ['REDIS_URL', 'http://canary'],
    ['PSEUDONYM_KEY', 'canary'],
    ['PSEUDONYM_KEY', 'ab'.repeat(31)],
    ['CHECKPOINT_KEY', 'canary'],
    ['CHECKPOINT_KEY', `${'ab'.repeat(32)},canary`],
    ['LOG_NAME', 'https://canary.example.org'],
    ['LOG_NAME', 'canary/../other'],
    ['LOG_NAME', 'canary+other'],
    ['SANDBOX_STRIPE_URL', 'canary'],
    ['SANDBOX_CLOCK', '2026-10-29'],
    ['SANDBOX_CLOCK', '2026-10-29T09:00:00'],
    ['LOG_LEVEL', 'canary'],
    ['MAIL_FROM', 'canary'],
    ['MAIL_FROM', 'canary@a.example, b@c.example'],
    ['MAIL_FROM', 'canary\r\nBcc: x <a@b.example>'],
  ])('refuses %s=%s, by its name and without its value', (name, value) => {
    const { variables, message } = refusalOf({ [name]: value });
    expect(variables).toEqual([name]);
    expect(message).not.toContain(value);
  });

  it('refuses a mail server without an address to send from, without links to lead to, and of no such kind', () => {
    expect(refusalOf({ SMTP_URL: 'smtp://mail.example.org' }).variables).toEqual(['MAIL_FROM', 'PUBLIC_URL']);
    const { variables, message } = refusalOf({ SMTP_URL: 'http://user:canary@mail', MAIL_FROM: 'a@b.example' });
    expect(variables).toEqual(['SMTP_URL', 'PUBLIC_URL']);
    expect(message).not.toContain('canary');
  });

  it.each(['canary', verifierKey('canary', signingKey(Buffer.alloc(32, 9)))])(
    'refuses %s as the key of a witness, and without its value',
    (key) => {
      const { variables, message } = refusalOf({ WITNESS_URL: 'https://witness.example.org', WITNESS_KEY: key });
      expect(variables).toEqual(['WITNESS_KEY']);
      expect(message).not.toContain('canary');
    },
  );

  it.each([
    ['STRIPE_API_KEY', { ...STRIPE, STRIPE_API_KEY: 'pk_live_canary' }],
    ['STRIPE_WEBHOOK_SECRET', { ...STRIPE, STRIPE_WEBHOOK_SECRET: 'canary' }],
  ])('refuses a wrong %s without quoting it', (name, environment) => {
    const { variables, message } = refusalOf(environment);
    expect(variables).toEqual([name]);
    expect(message).not.toContain('canary');
  });

  it.each<[string, Record<string, string>, string[]]>([
    ['a Stripe key without a webhook secret', { STRIPE_API_KEY: 'sk_live_x' }, ['STRIPE_WEBHOOK_SECRET']],
    ['a webhook secret without a Stripe key', { STRIPE_WEBHOOK_SECRET: 'whsec_x' }, ['STRIPE_API_KEY']],
    [
      'a clock of the sandbox beside a Stripe key',
      { ...STRIPE, SANDBOX_CLOCK: '2026-10-29T09:00:00Z' },
      ['SANDBOX_CLOCK'],
    ],
    ['a Stripe double beside a Stripe key', { ...STRIPE, SANDBOX_STRIPE_URL: 'http://double' }, ['SANDBOX_STRIPE_URL']],
    [
      'a database of many processes without a key',
      { ...STRIPE, DATABASE_URL: 'postgres://wp_app@db/w' },
      ['PSEUDONYM_KEY', 'CHECKPOINT_KEY'],
    ],
    ['a witness without its key', { WITNESS_URL: 'https://witness.example.org' }, ['WITNESS_KEY']],
    ['the key of no witness', { WITNESS_KEY: WITNESS }, ['WITNESS_URL']],
  ])('refuses %s', (_, environment, expected) => {
    expect(refusalOf(environment).variables).toEqual(expected);
  });

  it('names all problems at once, contradictions too', () => {
    const { variables } = refusalOf({
      PORT: 'x',
      LOG_LEVEL: 'x',
      STRIPE_API_KEY: 'sk_live_x',
      DATABASE_URL: 'postgres://wp_app@db/w',
      SANDBOX_CLOCK: 'x',
    });
    expect([...new Set(variables)].sort()).toEqual(
      ['CHECKPOINT_KEY', 'LOG_LEVEL', 'PORT', 'PSEUDONYM_KEY', 'SANDBOX_CLOCK', 'STRIPE_WEBHOOK_SECRET'].sort(),
    );
  });
});

describe('the file of Stripe accounts', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'wellpaid-spec-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  let files = 0;
  function fileOf(content: string): Record<string, string> {
    const file = path.join(folder, `accounts-${++files}.json`);
    writeFileSync(file, content);
    return { STRIPE_ACCOUNTS_FILE: file };
  }
  const account = { apiKey: 'rk_test_x', webhookSecret: 'whsec_x' };

  it('has an account for each commissioner', () => {
    expect(readConfig(fileOf(JSON.stringify({ NELICB: account })))).toMatchObject({
      sandbox: false,
      stripe: { accounts: { NELICB: account } },
    });
  });

  it.each([
    ['that is not JSON', '{"NELICB": sk_live_canary', 'is not well-formed JSON'],
    ['with a list', '["sk_live_canary"]', 'must be an object by commissioner code'],
    ['without a commissioner', '{}', 'names no commissioner'],
    [
      'with a wrong key',
      '{"sk_live_canary": {"apiKey": "canary", "webhookSecret": "whsec_canary"}}',
      'account 1: apiKey ',
    ],
    ['with a missing secret', '{"A": {"apiKey": "sk_live_canary"}}', 'account 1: webhookSecret '],
    [
      'with more than it should have',
      '{"A": {"apiKey": "sk_live_canary", "webhookSecret": "whsec_canary", "sk_live_canary2": 1}}',
      'account 1: has more than',
    ],
  ])('is refused %s, without quoting it', (_, content, problem) => {
    const { variables, message } = refusalOf(fileOf(content));
    expect(variables).toEqual(['STRIPE_ACCOUNTS_FILE']);
    expect(message).toContain(`STRIPE_ACCOUNTS_FILE: ${problem}`);
    expect(message).not.toContain('canary');
  });

  it('is refused when it is not there, and that is no sandbox', () => {
    const { message } = refusalOf({ STRIPE_ACCOUNTS_FILE: '/nowhere/canary', SANDBOX_CLOCK: '2026-10-29T09:00:00Z' });
    expect(message).toContain('STRIPE_ACCOUNTS_FILE: cannot be read: ENOENT');
    expect(message).toContain('SANDBOX_CLOCK: cannot stand beside');
    expect(message).not.toContain('canary');
  });

  it('is refused beside a key for one commissioner', () => {
    const { variables } = refusalOf({ ...STRIPE, ...fileOf(JSON.stringify({ A: account })) });
    expect(variables).toEqual(['STRIPE_ACCOUNTS_FILE']);
  });
});

describe('the file of identity providers', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'wellpaid-spec-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const fileOf = (content: unknown) => {
    const file = path.join(folder, 'providers.json');
    writeFileSync(file, JSON.stringify(content));
    return { OIDC_PROVIDERS_FILE: file };
  };
  const provider = { issuer: 'https://login.example.org', clientId: 'wellpaid', clientSecret: 'canary' };

  it('has a provider for each organisation, a commissioner unless it says otherwise', () => {
    const asked = { ...provider, acrValues: ['high'], tenant: 'a-tenant' };
    expect(readConfig(fileOf({ NELICB: provider, 'provider:CHOIR': asked })).oidcProviders).toEqual({
      'commissioner:NELICB': provider,
      'provider:CHOIR': asked,
    });
  });

  it.each([
    ['without a provider', {}, 'names no organisation'],
    ['with a list', ['canary'], 'must be an object by organisation code'],
    [
      'with a name that is no code',
      { 'canary icb': provider },
      'provider 1: is not named by a code of an organisation',
    ],
    ['with a wrong issuer', { A1: provider, B1: { ...provider, issuer: 'canary' } }, 'provider 2: issuer must be'],
    ['with more than it should have', { A1: { ...provider, canary: 1 } }, 'provider 1: has more than issuer, '],
  ])('is refused %s, without quoting it', (_, content, problem) => {
    const { variables, message } = refusalOf(fileOf(content));
    expect(variables).toEqual(['OIDC_PROVIDERS_FILE']);
    expect(message).toContain(`OIDC_PROVIDERS_FILE: ${problem}`);
    expect(message).not.toContain('canary');
  });

  it('may name an issuer without TLS in the sandbox only', () => {
    const plain = fileOf({ NELICB: { ...provider, issuer: 'http://localhost:9000' } });
    expect(readConfig(plain).sandbox).toBe(true);
    expect(refusalOf({ ...plain, ...STRIPE }).message).toContain('without https is for the sandbox');
  });
});

describe('docs/configuration.md', () => {
  const file = path.join(projectRoot(import.meta.url), 'docs/configuration.md');
  const table = [
    '| variable | default | what it is for |',
    '|---|---|---|',
    ...listSettings().map((one) => `| \`${one.name}\` | ${one.default && `\`${one.default}\``} | ${one.purpose} |`),
  ].join('\n');
  const withTable = (text: string) => text.replace(/^\| variable[\s\S]*?\n(?!\|)/m, `${table}\n`);

  it('has every setting, as the program describes it', () => {
    const text = readFileSync(file, 'utf8');
    if (WRITES_DOCS) writeFileSync(file, withTable(text));
    expect(readFileSync(file, 'utf8')).toContain(`${table}\n`);
  });

  it('leaves no setting without a purpose', () => {
    expect(listSettings().filter(({ purpose }) => purpose === '')).toEqual([]);
  });
});
