import { isIP, type AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Config } from '../platform/config.js';
import { CONFIG } from '../platform/platform.module.js';

/** Where people reach this instance: what passkeys and identity providers are bound to. From the configuration alone. */
@Injectable()
export class Site {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly adapterHost: HttpAdapterHost,
  ) {}

  /** Scheme, name and port. Without a PUBLIC_URL people are on this machine. */
  get origin(): string {
    return this.config.publicUrl === undefined
      ? `http://localhost:${this.port()}`
      : new URL(this.config.publicUrl).origin;
  }

  /**
   * The name that passkeys are bound to; null where the site has none. WebAuthn section 5.1.2 takes a domain, and a literal
   * address such as 127.0.0.1 is none; `localhost` is.
   */
  get rpId(): string | null {
    const { hostname } = new URL(this.origin);
    return isIP(hostname.replace(/^\[|\]$/g, '')) === 0 ? hostname : null;
  }

  /** The whole address of a page. */
  url(path: string): string {
    return `${this.config.publicUrl ?? this.origin}${path}`;
  }

  /** With port 0 the machine chooses one when the program begins to listen. */
  private port(): number {
    if (this.config.port !== 0) return this.config.port;
    const server = this.adapterHost.httpAdapter?.getHttpServer() as Server | undefined;
    return (server?.address() as AddressInfo | null)?.port ?? 0;
  }
}
