import { readFileSync } from 'node:fs';
import { z } from 'zod';

export const stripeKey = z.string().regex(/^(sk|rk)_(live|test)_/, 'must be a Stripe secret or restricted key');
export const webhookSecret = z
  .string()
  .startsWith('whsec_', 'must be the signing secret of a webhook endpoint: whsec_…');

/** By the commissioner's code. */
const StripeAccounts = z.record(z.string(), z.strictObject({ apiKey: stripeKey, webhookSecret }));

const OidcProvider = z.strictObject({
  issuer: z.url({ protocol: /^https?$/, error: 'must be the issuer, such as https://login.example.org' }),
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  acrValues: z.array(z.string().min(1)).min(1).optional(),
  tenant: z.string().min(1).optional(),
});
/** By the organisation's code, after `provider:` or `referrer:` where it is no commissioner. */
const OidcProviders = z.record(
  z.string().regex(/^((commissioner|provider|referrer):)?[A-Z0-9]{2,12}$/, 'is not named by a code of an organisation'),
  OidcProvider,
);
/** How the people of one organisation sign in with that organisation's accounts (OpenID Connect). */
export type OidcProviderConfig = Readonly<z.infer<typeof OidcProvider>>;

export interface KeyedFile<T> {
  readonly schema: z.ZodType<Record<string, T>>;
  /** What each entry is, and by what it is found. */
  readonly entry: string;
  readonly by: string;
  readonly none: string;
  /** All that an entry may have. */
  readonly fields: string;
}

export const STRIPE_ACCOUNTS: KeyedFile<z.infer<typeof StripeAccounts>[string]> = {
  schema: StripeAccounts,
  entry: 'account',
  by: 'commissioner code',
  none: 'names no commissioner',
  fields: 'apiKey and webhookSecret',
};

export const OIDC_PROVIDERS: KeyedFile<OidcProviderConfig> = {
  schema: OidcProviders,
  entry: 'provider',
  by: 'organisation code',
  none: 'names no organisation',
  fields: 'issuer, clientId, clientSecret, acrValues and tenant',
};

/** Says what is wrong by the place of the entry in the file: what the file holds may be a secret anywhere in it. */
export function readKeyedFile<T>(
  variable: string,
  file: string | undefined,
  { schema, entry, by, none, fields }: KeyedFile<T>,
  problems: string[],
): Record<string, T> {
  if (file === undefined) return {};
  const refuse = (problem: string) => void problems.push(`${variable}: ${problem}`);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    refuse(code === undefined ? 'is not well-formed JSON' : `cannot be read: ${code}`);
    return {};
  }
  const parsed = schema.safeParse(content);
  if (parsed.success && Object.keys(parsed.data).length === 0) refuse(none);
  if (parsed.success) return parsed.data;
  const names = Object.keys(content ?? {});
  for (const issue of parsed.error.issues) {
    const [name, field] = issue.path;
    if (name === undefined) refuse(`must be an object by ${by}`);
    else {
      const place = `${entry} ${names.indexOf(String(name)) + 1}:`;
      if (issue.code === 'unrecognized_keys') refuse(`${place} has more than ${fields}`);
      else if (issue.code === 'invalid_key') refuse(`${place} ${issue.issues[0]?.message ?? issue.message}`);
      else refuse(`${place} ${field === undefined ? '' : `${String(field)} `}${issue.message}`);
    }
  }
  return {};
}
