import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import nunjucks from 'nunjucks';
import type { Config } from '../../platform/config.js';
import { CONFIG } from '../../platform/platform.module.js';
import { stateIn } from '../wording/state-words.rules.js';
import { navigationOf } from '../navigation.rules.js';
import type { Download, Flash, View } from './answer.rules.js';
import { formToken } from './form-token.js';
import { newOnce } from './once.js';
import type { Visit } from './visit.rules.js';

const PORTAL = join(import.meta.dirname, '..');
const COMPRESS_FROM_BYTES = 1024;

/** No source but ourselves, and nothing written into a page: no script and no style of a stranger can run. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cache-control': 'private, no-store',
  'referrer-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  vary: 'cookie, accept-encoding',
};

/** Makes pages of templates. */
@Injectable()
export class Renderer {
  /** Of the process, so that each template is compiled once however many there are of these. */
  private static readonly environment = newEnvironment();
  private readonly assets = readManifest();

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** Sends a page, in the visitor's language. */
  send(reply: FastifyReply, visit: Visit, page: View, flash?: Flash): void {
    const html = this.render(visit, page, flash);
    void reply.status(page.status).headers(HEADERS).header('content-language', visit.t.locale);
    void reply.type('text/html; charset=utf-8');
    if (html.length < COMPRESS_FROM_BYTES) void reply.send(html);
    else reply.compress(html);
  }

  /** The HTML of a page. */
  render(visit: Visit, page: View, flash?: Flash): string {
    const { t, session, membership } = visit;
    return Renderer.environment.render(page.template, {
      t,
      locale: t.locale,
      path: visit.path,
      sandbox: this.config.sandbox,
      visit: {
        signedIn: session !== null,
        name: session?.displayName,
        operator: session?.operator ?? false,
        organisation: membership && { name: membership.name, kind: membership.kind, code: membership.code },
        roles: membership?.roles ?? [],
        choices: session?.memberships.length ?? 0,
      },
      session: { idleSeconds: IDLE_SECONDS, warnSeconds: WARN_SECONDS },
      navigation: navigationOf(visit),
      csrf: formToken(visit.browserToken),
      once: newOnce(),
      flash,
      stateOf: (thing: string, value: string) => stateIn(t, thing, value),
      assets: (name: string) => this.assetPath(name),
      values: { ...visit.kept, ...page.values },
      errors: page.errors.map((error) => ({ ...error, href: `#${error.field}` })),
      errorOf: (field: string) => page.errors.find((error) => error.field === field)?.text,
      ...page.data,
    });
  }

  /** Sends a file; a stream is sent as it comes. */
  download(reply: FastifyReply, { name, type, bytes, inline = false }: Download): void {
    // RFC 6266: the name in ASCII for old programs, and in full.
    const plain = name.replace(/[^\w.-]+/g, '_');
    const disposition = `${inline ? 'inline' : 'attachment'}; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name)}`;
    void reply.headers(HEADERS).header('content-disposition', disposition).type(type);
    void reply.send(typeof bytes === 'string' || Buffer.isBuffer(bytes) ? bytes : Readable.from(bytes));
  }

  /** Compiles every template, so that the first visitor does not wait for it; requests come in between. */
  async warm(): Promise<void> {
    for (const file of readdirSync(join(PORTAL, 'views'), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.njk')) continue;
      await setImmediate();
      Renderer.environment.getTemplate(file, true);
    }
  }

  private assetPath(name: string): string {
    const hashed = this.assets[name];
    if (hashed === undefined) throw new Error(`There is no asset ${name}`);
    return `/assets/${hashed}`;
  }
}

/** How long a session lasts without a page, and when its owner is warned. */
const IDLE_SECONDS = 30 * 60;
const WARN_SECONDS = 25 * 60;

function newEnvironment(): nunjucks.Environment {
  return new nunjucks.Environment(new nunjucks.FileSystemLoader(join(PORTAL, 'views')), {
    autoescape: true,
    throwOnUndefined: false,
    trimBlocks: true,
    lstripBlocks: true,
  });
}

function readManifest(): Readonly<Record<string, string>> {
  const file = join(PORTAL, 'public', 'manifest.json');
  if (!existsSync(file)) throw new Error(`${file} is missing: run "npm run build"`);
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
}
