import { Injectable } from '@nestjs/common';
import * as oidc from 'openid-client';
import { Clock, unixMilliseconds } from '../platform/clock.js';
import type { OidcProviderConfig } from '../platform/config.js';
import { assertOutsideTransaction } from '../platform/database.js';
import { FRESH_MS } from './session.rules.js';
import { identityRefused, providerUnavailable } from './sign-in.errors.js';
import { SecurityLog } from './security-log.service.js';
import type { Assurance } from './web-session.entity.js';

const TIMEOUT_SECONDS = 10;

/** What binds one sign-in at the provider to the browser that began it. */
export interface AuthorisationSecrets {
  readonly state: string;
  readonly nonce: string;
  /** PKCE (RFC 7636). */
  readonly verifier: string;
}

/** Who somebody is to an identity provider: issuer and subject, and nothing that can change or be reused. */
export interface ProvedIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly assurance: Assurance;
}

/**
 * Talks to the identity providers of organisations: OpenID Connect with the authorisation code, PKCE, state and nonce. The
 * addresses come from the configuration and from what the configured issuer publishes; redirects are not followed.
 */
@Injectable()
export class IdentityProviderGateway {
  constructor(
    private readonly clock: Clock,
    private readonly log: SecurityLog,
  ) {}

  newSecrets(): AuthorisationSecrets {
    return {
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      verifier: oidc.randomPKCECodeVerifier(),
    };
  }

  /** Where the browser goes. `again` asks for a new proof, not for a session that the provider remembers. */
  async authorisationUrl(
    provider: OidcProviderConfig,
    redirectUri: string,
    { state, nonce, verifier }: AuthorisationSecrets,
    again: boolean,
  ): Promise<string> {
    const configuration = await this.discover(provider);
    const url = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: 'openid',
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(provider.acrValues && { acr_values: provider.acrValues.join(' ') }),
      ...(again && { prompt: 'login', max_age: String(FRESH_MS / 1000) }),
    });
    return url.href;
  }

  /**
   * Exchanges the code that the browser came back with, and checks the ID token: signature by a published key (none and
   * shared-secret algorithms are refused), issuer, audience, times, nonce, and what the configuration asks for.
   *
   * @throws sign_in.identity_refused, sign_in.provider_unavailable
   */
  async exchange(
    provider: OidcProviderConfig,
    returned: URL,
    { state, nonce, verifier }: AuthorisationSecrets,
    again: boolean,
  ): Promise<ProvedIdentity> {
    const configuration = await this.discover(provider);
    let claims: oidc.IDToken | undefined;
    try {
      const tokens = await oidc.authorizationCodeGrant(configuration, returned, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
        ...(again && { maxAge: FRESH_MS / 1000 }),
      });
      claims = tokens.claims();
    } catch (error) {
      throw this.refuse(codeOf(error));
    }
    if (!claims) throw this.refuse('no_id_token');
    const { iss, sub, acr, amr, auth_time: authTime } = claims;
    if (provider.tenant !== undefined && claims.tid !== provider.tenant) throw this.refuse('tenant');
    if (provider.acrValues && !(typeof acr === 'string' && provider.acrValues.includes(acr))) throw this.refuse('acr');
    const methods: unknown[] = Array.isArray(amr) ? amr : [];
    return {
      issuer: iss,
      subject: sub,
      assurance: {
        acr: typeof acr === 'string' ? acr : null,
        amr: methods.filter((method) => typeof method === 'string'),
        authTime: typeof authTime === 'number' ? authTime : null,
      },
    };
  }

  /** What the issuer publishes now; it must call itself as the configuration does. */
  private async discover({ issuer, clientId, clientSecret }: OidcProviderConfig): Promise<oidc.Configuration> {
    assertOutsideTransaction();
    const execute = [oidc.enableNonRepudiationChecks];
    // The configuration lets an issuer without TLS in only in the sandbox.
    if (issuer.startsWith('http:')) execute.push(oidc.allowInsecureRequests);
    const skewSeconds = Math.round((this.clock.now().getTime() - unixMilliseconds()) / 1000);
    try {
      return await oidc.discovery(
        new URL(issuer),
        clientId,
        { [oidc.clockSkew]: skewSeconds },
        authenticateWith(clientSecret),
        {
          execute,
          timeout: TIMEOUT_SECONDS,
          [oidc.customFetch]: (url, options) => fetch(url, { ...options, redirect: 'error' }),
        },
      );
    } catch (error) {
      this.log.note('provider_unavailable', { method: 'oidc', reason: codeOf(error) });
      throw providerUnavailable();
    }
  }

  private refuse(reason: string) {
    this.log.note('refused', { method: 'oidc', reason });
    return identityRefused();
  }
}

/** As the issuer says it wants the secret: in the form, or in the heading (RFC 6749 section 2.3.1). */
function authenticateWith(secret: string): oidc.ClientAuth {
  const inForm = oidc.ClientSecretPost(secret);
  const inHeading = oidc.ClientSecretBasic(secret);
  return (server, ...rest) =>
    (server.token_endpoint_auth_methods_supported?.includes('client_secret_post') ? inForm : inHeading)(
      server,
      ...rest,
    );
}

/** The library's code for what was wrong: its messages can quote a token. */
function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'answer';
}
