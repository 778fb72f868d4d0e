import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../platform/config.js';
import { LOCALES, type Locale } from '../../words/index.js';
import type { Flash } from './answer.rules.js';

const NAMES = ['session', 'browser', 'language', 'flash'] as const;
type CookieName = (typeof NAMES)[number];

const YEAR_SECONDS = 365 * 24 * 3600;
const FLASH_SECONDS = 60;
const FLASH_MAX = 2000;

/** The cookies of the portal: none can be read by a script, and on https none can be set by a neighbour (`__Host-`). */
export class Cookies {
  readonly secure: boolean;

  constructor(config: Pick<Config, 'publicUrl'>) {
    this.secure = config.publicUrl?.startsWith('https:') ?? false;
  }

  session(request: FastifyRequest): string | undefined {
    return this.read(request, 'session');
  }

  keepSession(reply: FastifyReply, token: string): void {
    this.write(reply, 'session', token);
  }

  forgetSession(reply: FastifyReply): void {
    this.write(reply, 'session', '', 0);
  }

  /** The secret of a browser in which nobody has signed in, made at its first page. */
  browser(request: FastifyRequest, reply: FastifyReply): string {
    const known = this.read(request, 'browser');
    if (known !== undefined && /^[\w-]{43}$/.test(known)) return known;
    const fresh = randomBytes(32).toString('base64url');
    this.write(reply, 'browser', fresh);
    return fresh;
  }

  language(request: FastifyRequest): Locale | undefined {
    const chosen = this.read(request, 'language');
    return LOCALES.find((locale) => locale === chosen);
  }

  keepLanguage(reply: FastifyReply, locale: Locale): void {
    this.write(reply, 'language', locale, YEAR_SECONDS);
  }

  keepFlash(reply: FastifyReply, flash: Flash): void {
    this.write(reply, 'flash', Buffer.from(JSON.stringify(flash)).toString('base64url'), FLASH_SECONDS);
  }

  /** What the page before wanted said; it is said once. */
  takeFlash(request: FastifyRequest, reply: FastifyReply): Flash | undefined {
    const text = this.read(request, 'flash');
    if (text === undefined || text === '') return undefined;
    this.write(reply, 'flash', '', 0);
    return text.length > FLASH_MAX ? undefined : flashOf(text);
  }

  private read(request: FastifyRequest, name: CookieName): string | undefined {
    return request.cookies[this.nameOf(name)];
  }

  private write(reply: FastifyReply, name: CookieName, value: string, maxAge?: number): void {
    void reply.setCookie(this.nameOf(name), value, {
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
      secure: this.secure,
      ...(maxAge !== undefined && { maxAge }),
    });
  }

  private nameOf(name: CookieName): string {
    return `${this.secure ? '__Host-' : ''}wellpaid-${name}`;
  }
}

function flashOf(text: string): Flash | undefined {
  try {
    const { key, params, kind } = JSON.parse(Buffer.from(text, 'base64url').toString()) as Flash;
    const fits = typeof key === 'string' && (kind === 'success' || kind === 'notice');
    return fits ? { key, params: typeof params === 'object' ? params : {}, kind } : undefined;
  } catch {
    return undefined;
  }
}
