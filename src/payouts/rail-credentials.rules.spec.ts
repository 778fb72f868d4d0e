import { credentialsOf, type RailSetting } from './rail-credentials.rules.js';

const stripe = { apiKey: undefined, webhookSecret: undefined, accounts: {} };
const setting = (differs: Partial<RailSetting>): RailSetting => ({
  sandbox: false,
  stripe,
  sandboxUrl: undefined,
  ...differs,
});
const oneKey = setting({ stripe: { ...stripe, apiKey: 'sk_test_1', webhookSecret: 'whsec_1' } });
const named = setting({
  stripe: { ...stripe, accounts: { NELICB: { apiKey: 'sk_test_nel', webhookSecret: 'whsec_nel' } } },
});
const sandbox = setting({ sandbox: true, sandboxUrl: 'http://127.0.0.1:12111' });

describe('whose money moves', () => {
  it('is the only commissioner’s where the key has no name', () => {
    expect(credentialsOf(oneKey, 'NELICB', 1)).toEqual({ apiKey: 'sk_test_1', webhookSecrets: ['whsec_1'] });
    expect(credentialsOf(oneKey, 'NELICB', 2)).toBeUndefined();
  });

  it('is that of the commissioner whom the key names, and of no other', () => {
    expect(credentialsOf(named, 'NELICB', 2)).toEqual({ apiKey: 'sk_test_nel', webhookSecrets: ['whsec_nel'] });
    expect(credentialsOf(named, 'SELICB', 2)).toBeUndefined();
  });

  it('is nobody’s in the sandbox: each has an account of its own in the double', () => {
    expect(credentialsOf(sandbox, 'NELICB', 3)).toEqual({
      apiKey: 'sk_test_double_nelicb',
      webhookSecrets: ['whsec_double_nelicb'],
      protocol: 'http',
      host: '127.0.0.1',
      port: 12111,
    });
    expect(credentialsOf({ ...sandbox, sandboxUrl: 'https://double.example/' }, 'NELICB', 1)).toMatchObject({
      protocol: 'https',
      host: 'double.example',
    });
    expect(credentialsOf({ ...sandbox, sandboxUrl: undefined }, 'NELICB', 1)).toBeUndefined();
    expect(() => credentialsOf({ ...sandbox, sandboxUrl: 'double' }, 'NELICB', 1)).toThrow(RangeError);
  });
});
