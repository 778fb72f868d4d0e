import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHash, randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;

/** How an ID token, or what surrounds it, is spoiled. */
export interface Spoiling {
  claims?: Record<string, unknown>;
  /** Claims that are left out. */
  without?: string[];
  alg?:
    | 'none'
    | 'HS256 with the secret'
    | 'HS256 with the public key'
    | 'another key'
    | 'unknown kid'
    | 'kid of a path';
  /** Changes the payload after it was signed. */
  tampered?: boolean;
  /** Answers the exchange of the code with a redirect. */
  redirect?: boolean;
  /** The issuer that the answer to the browser names; null for none. */
  iss?: string | null;
}

/** Who signs in at the provider. */
export interface Account {
  sub: string;
  email?: string;
  acr?: string;
  amr?: string[];
  auth_time?: number;
  tid?: string;
}

interface Grant {
  account: Account;
  nonce: string;
  challenge: string;
  redirectUri: string;
  spoiling: Spoiling;
}

/** A small identity provider over HTTP: discovery, keys, and the exchange of a code for an ID token signed with RS256. */
export interface IdentityProvider {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** What was asked for the authorisation, the last time. */
  asked: URLSearchParams;
  /** Signs somebody in where the browser was sent, and gives the query that it comes back with. */
  authorise(url: string, account: Account, spoiling?: Spoiling): string;
  close(): Promise<void>;
}

/** @param now the time that the provider lives in */
export async function startIdentityProvider(now: () => Date): Promise<IdentityProvider> {
  const keys = await generateKeyPair('RS256', { extractable: true });
  const others = await generateKeyPair('RS256');
  const grants = new Map<string, Grant>();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider: IdentityProvider = {
    issuer,
    clientId: 'wellpaid',
    clientSecret: randomBytes(32).toString('base64url'),
    asked: new URLSearchParams(),
    authorise: (url, account, spoiling = {}) => {
      const asked = new URL(url).searchParams;
      provider.asked = asked;
      const given = (name: string) => asked.get(name) ?? '';
      const code = randomBytes(16).toString('hex');
      const challenge = given('code_challenge');
      grants.set(code, { account, nonce: given('nonce'), challenge, redirectUri: given('redirect_uri'), spoiling });
      const query = new URLSearchParams({ code, state: given('state') });
      if (spoiling.iss !== null) query.set('iss', spoiling.iss ?? issuer);
      return `?${query.toString()}`;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (body: unknown, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(body));
    if (request.url === '/.well-known/openid-configuration') return void send(metadata(issuer));
    if (request.url === '/keys') {
      return void send({ keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }] });
    }
    if (request.url !== '/token') return void send({ error: 'not_found' }, 404);
    const form = new URLSearchParams(await readAll(request));
    const grant = grants.get(form.get('code') ?? '');
    grants.delete(form.get('code') ?? '');
    const verifier = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isOurs =
      form.get('client_secret') === provider.clientSecret && form.get('redirect_uri') === grant?.redirectUri;
    if (!grant || !isOurs || verifier !== grant.challenge) return void send({ error: 'invalid_grant' }, 400);
    if (grant.spoiling.redirect) return void response.writeHead(307, { location: `${issuer}/token` }).end();
    const idToken = await makeToken(provider, { keys, others }, grant, now());
    send({ access_token: 'unused', token_type: 'Bearer', id_token: idToken });
  }
  return provider;
}

const KIDS: Record<string, string> = { 'unknown kid': 'two', 'kid of a path': '../../etc/passwd' };

function metadata(issuer: string): object {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorise`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/keys`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
    token_endpoint_auth_methods_supported: ['client_secret_post'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
  };
}

async function makeToken(
  { issuer, clientId, clientSecret }: IdentityProvider,
  { keys, others }: { keys: Keys; others: Keys },
  { account, nonce, spoiling }: Grant,
  now: Date,
): Promise<string> {
  const seconds = Math.floor(now.getTime() / 1000);
  const claims: JWTPayload = {
    iss: issuer,
    aud: clientId,
    iat: seconds,
    exp: seconds + 300,
    nonce,
    ...account,
    ...spoiling.claims,
  };
  for (const name of spoiling.without ?? []) delete claims[name];
  const kid = KIDS[spoiling.alg ?? ''] ?? 'one';
  if (spoiling.alg === 'none') return new UnsecuredJWT(claims).encode();
  if (spoiling.alg === 'HS256 with the secret') return sharedSecret(claims, clientSecret);
  if (spoiling.alg === 'HS256 with the public key') {
    return sharedSecret(claims, JSON.stringify(await exportJWK(keys.publicKey)));
  }
  const { privateKey } = spoiling.alg === 'another key' ? others : keys;
  const token = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey);
  if (!spoiling.tampered) return token;
  const [header = '', , signature = ''] = token.split('.');
  const changed = Buffer.from(JSON.stringify({ ...claims, sub: 'somebody else' })).toString('base64url');
  return `${header}.${changed}.${signature}`;
}

function sharedSecret(claims: JWTPayload, secret: string): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'one' }).sign(new TextEncoder().encode(secret));
}

async function readAll(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
