import { randomUUID } from 'node:crypto';
import { SessionsService } from '../../src/sign-in/index.js';
import type { TestApp } from './app.js';
import type { Person } from './world.js';

const AUTH = { side: 'auth', orgId: null } as const;

/** Somebody in a browser without one: keeps cookies, follows nothing by itself, and sends forms with their tokens. */
export interface Visitor {
  /** The value of the session's cookie; undefined for a stranger. */
  token: string | undefined;
  /** Looks at a page. */
  get(path: string, headers?: Record<string, string>): Promise<VisitAnswer>;
  /** Sends the form that `page` holds, as the browser would: with its token and where it comes from. */
  send(page: string, action: string, fields?: Record<string, string | string[]>): Promise<VisitAnswer>;
  /** Sends exactly this. */
  post(path: string, fields: Record<string, string | string[]>, headers?: Record<string, string>): Promise<VisitAnswer>;
}

export interface VisitAnswer {
  status: number;
  headers: Headers;
  text: string;
  location: string | null;
}

/** Opens a session for a member, as one click of the sandbox does. `fresh` is a proof of this minute. */
export async function openSession(app: TestApp, memberId: string, { fresh = true } = {}): Promise<string> {
  return app.database.transaction(AUTH, async (tx) => {
    const [known] = await tx.query<{ loginId: string | null; name: string; email: string }>(
      'select login_id as "loginId", display_name as name, email from member where id = $1',
      [memberId],
    );
    if (!known) throw new Error(`There is no member ${memberId}`);
    const loginId = known.loginId ?? randomUUID();
    if (known.loginId === null) {
      await tx.execute('insert into login (id, email, display_name, created_at) values ($1, $2, $3, now())', [
        loginId,
        known.email.toLowerCase(),
        known.name,
      ]);
      await tx.execute('update member set login_id = $2 where id = $1', [memberId, loginId]);
    }
    const opened = await app.nest.get(SessionsService).open(tx, { loginId, method: 'sandbox', fresh });
    return opened.token;
  });
}

/** A visitor who has signed in as a person; a stranger when there is none. */
export async function visitor(app: TestApp, person?: Pick<Person, 'memberId'>, options = {}): Promise<Visitor> {
  const token = person && (await openSession(app, person.memberId, options));
  return visitorWith(app, token);
}

/** A visitor with a session's token. */
export function visitorWith(app: TestApp, token: string | undefined): Visitor {
  const cookies = new Map<string, string>();
  if (token !== undefined) cookies.set('wellpaid-session', token);
  const request = async (path: string, init: RequestInit): Promise<VisitAnswer> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { accept: 'text/html', ...(cookie !== '' && { cookie }), ...(init.headers as object) };
    const response = await fetch(app.url + path, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) keep(cookies, line);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, location: response.headers.get('location') };
  };
  const self: Visitor = {
    get token() {
      return cookies.get('wellpaid-session');
    },
    get: (path, headers = {}) => request(path, { headers }),
    post: (path, fields, headers = {}) => {
      const body = new URLSearchParams();
      for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) body.append(name, one);
      return request(path, { method: 'POST', body, headers });
    },
    send: async (page, action, fields = {}) => {
      const shown = await self.get(page);
      const tokens = { _csrf: fieldIn(shown.text, '_csrf'), _once: fieldIn(shown.text, '_once') };
      const headers = { referer: app.url + page, origin: app.url, 'sec-fetch-site': 'same-origin' };
      return self.post(action, { ...tokens, ...fields }, headers);
    },
  };
  return self;
}

/** The value of a hidden field of a page; empty when there is none. */
export function fieldIn(html: string, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '';
}

function keep(cookies: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
  const at = pair.indexOf('=');
  const gone = attributes.some((one) => /^max-age=0$/i.test(one)) || pair.slice(at + 1) === '';
  if (gone) cookies.delete(pair.slice(0, at));
  else cookies.set(pair.slice(0, at), pair.slice(at + 1));
}
