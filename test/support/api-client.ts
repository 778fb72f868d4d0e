export interface Answer<Body = Record<string, unknown>> {
  status: number;
  headers: Headers;
  body: Body;
  text: string;
}

export interface CallOptions {
  headers?: Record<string, string>;
  /** Answers other than these throw; any success unless given. */
  expect?: number;
}

export interface ApiClient {
  get<Body = Record<string, unknown>>(path: string, options?: CallOptions): Promise<Answer<Body>>;
  post<Body = Record<string, unknown>>(path: string, body?: unknown, options?: CallOptions): Promise<Answer<Body>>;
  put<Body = Record<string, unknown>>(path: string, body: unknown, options?: CallOptions): Promise<Answer<Body>>;
  delete<Body = Record<string, unknown>>(path: string, options?: CallOptions): Promise<Answer<Body>>;
  bytes(path: string): Promise<Buffer>;
}

/** Calls the API as a user would: over HTTP, with a bearer key. Strings and buffers are sent as they are, with text/csv. */
export function client(url: string, key?: string): ApiClient {
  const call = async (
    method: string,
    path: string,
    body: unknown,
    options: CallOptions = {},
  ): Promise<Answer<never>> => {
    const raw = typeof body === 'string' || Buffer.isBuffer(body);
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'content-type': raw ? 'text/csv' : 'application/json' }),
        ...options.headers,
      },
      ...(body !== undefined && { body: raw ? (body as string) : JSON.stringify(body) }),
    });
    const text = await response.text();
    const expected = options.expect === undefined ? response.ok : response.status === options.expect;
    if (!expected) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 2_000)}`);
    const json = /json/.test(response.headers.get('content-type') ?? '') && text !== '';
    return { status: response.status, headers: response.headers, body: (json ? JSON.parse(text) : {}) as never, text };
  };
  return {
    get: (path, options) => call('GET', path, undefined, options),
    post: (path, body, options) => call('POST', path, body, options),
    put: (path, body, options) => call('PUT', path, body, options),
    delete: (path, options) => call('DELETE', path, undefined, options),
    bytes: async (path) => {
      const response = await fetch(`${url}${path}`, {
        headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      });
      if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
      return Buffer.from(await response.arrayBuffer());
    },
  };
}
