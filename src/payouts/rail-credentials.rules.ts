/** What the operator configured, as far as it says whose money moves. */
export interface RailSetting {
  /** No key is configured: payments go to the double, and no money moves. */
  readonly sandbox: boolean;
  readonly stripe: {
    readonly apiKey: string | undefined;
    readonly webhookSecret: string | undefined;
    readonly accounts: Readonly<Record<string, { readonly apiKey: string; readonly webhookSecret: string }>>;
  };
  /** Where the double listens. */
  readonly sandboxUrl: string | undefined;
}

export interface CredentialsOfCommissioner {
  readonly apiKey: string;
  readonly webhookSecrets: readonly string[];
  readonly host?: string;
  readonly port?: number;
  readonly protocol?: 'http' | 'https';
}

/**
 * The credentials of one commissioner: each pays from its own account. A key without a name serves an instance of one
 * commissioner only, for nobody could say whose money it would move beside a second. Undefined when there are none.
 */
export function credentialsOf(
  setting: RailSetting,
  commissionerCode: string,
  commissionerCount: number,
): CredentialsOfCommissioner | undefined {
  const { stripe, sandbox, sandboxUrl } = setting;
  if (sandbox) return sandboxUrl === undefined ? undefined : doubleOf(sandboxUrl, commissionerCode);
  const named = stripe.accounts[commissionerCode];
  if (named) return { apiKey: named.apiKey, webhookSecrets: [named.webhookSecret] };
  if (stripe.apiKey === undefined || stripe.webhookSecret === undefined || commissionerCount !== 1) return undefined;
  return { apiKey: stripe.apiKey, webhookSecrets: [stripe.webhookSecret] };
}

/** What the double calls a commissioner: its keys are in lower case. */
export function labelOf(commissionerCode: string): string {
  return commissionerCode.toLowerCase();
}

/** In the double each commissioner has a platform account of its own, named by its code. */
function doubleOf(url: string, commissionerCode: string): CredentialsOfCommissioner {
  const place = /^(https?):\/\/([^/:]+)(?::(\d+))?/.exec(url);
  if (!place) throw new RangeError('The address of the Stripe double is not a URL');
  const [, protocol, host = '', port] = place;
  const label = labelOf(commissionerCode);
  return {
    apiKey: `sk_test_double_${label}`,
    webhookSecrets: [`whsec_double_${label}`],
    protocol: protocol === 'https' ? 'https' : 'http',
    host,
    ...(port !== undefined && { port: Number(port) }),
  };
}
