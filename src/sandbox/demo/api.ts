/** What the API says when it does not do what it was asked. */
export interface Problem {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly errors?: readonly { readonly path?: string; readonly message?: string }[];
}

/** A request that was refused or failed. The message reads as one line at a terminal. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  /** Shown at a terminal without a stack. */
  readonly expected = true;

  constructor(
    readonly request: string,
    readonly status: number,
    readonly problem: Problem,
  ) {
    const detail = problem.detail ?? problem.title ?? '';
    const untold = (problem.errors ?? []).filter(({ message }) => !detail.includes(message ?? ''));
    const words = [detail, ...untold.map(({ path, message }) => `${path}: ${message}`)].filter(Boolean).join(' ');
    super(`${request} answered ${status} ${problem.code ?? ''}: ${words}`);
  }
}

const PAGE_ROWS = 500;

interface Call {
  readonly method: string;
  readonly body?: string | Buffer;
  readonly type?: string;
  /** The same key: the same command, done once. */
  readonly idempotencyKey?: string | undefined;
}

/** The HTTP API as one person uses it: all that the demo does goes through it. */
export class Api {
  constructor(
    private readonly url: string,
    private readonly key: string,
  ) {}

  get<Answer>(path: string): Promise<Answer> {
    return this.json<Answer>(path, { method: 'GET' });
  }

  /** All rows of a list, page after page. */
  async list<Row>(path: string): Promise<Row[]> {
    const rows: Row[] = [];
    const query = `${path}${path.includes('?') ? '&' : '?'}limit=${PAGE_ROWS}`;
    for (let after = ''; ;) {
      const page = await this.get<{ items: Row[]; next?: string | null }>(`${query}${after}`);
      rows.push(...page.items);
      if (!page.next) return rows;
      after = `&after=${page.next}`;
    }
  }

  post<Answer>(path: string, body: object = {}, idempotencyKey?: string): Promise<Answer> {
    return this.json<Answer>(path, {
      method: 'POST',
      body: JSON.stringify(body),
      type: 'application/json',
      idempotencyKey,
    });
  }

  put<Answer>(path: string, body: object): Promise<Answer> {
    return this.json<Answer>(path, { method: 'PUT', body: JSON.stringify(body), type: 'application/json' });
  }

  sendCsv<Answer>(path: string, bytes: Buffer): Promise<Answer> {
    return this.json<Answer>(path, { method: 'POST', body: bytes, type: 'text/csv' });
  }

  async bytes(path: string): Promise<Buffer> {
    return Buffer.from(await (await this.call(path, { method: 'GET' })).arrayBuffer());
  }

  private async json<Answer>(path: string, call: Call): Promise<Answer> {
    const text = await (await this.call(path, call)).text();
    return (text === '' ? {} : JSON.parse(text)) as Answer;
  }

  private async call(path: string, { method, body, type, idempotencyKey }: Call): Promise<Response> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        ...(type !== undefined && { 'content-type': type }),
        ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : new Uint8Array(body) }),
    });
    if (response.ok) return response;
    const text = await response.text();
    const problem = text.startsWith('{') ? (JSON.parse(text) as Problem) : { title: text.slice(0, 200) };
    throw new ApiProblem(`${method} ${path}`, response.status, problem);
  }
}

/**
 * What stood against a command that has to be refused.
 *
 * @throws Error when it was done, and when it was refused for another reason
 */
export async function refusalOf(code: string, command: () => Promise<unknown>): Promise<Problem> {
  try {
    await command();
  } catch (error) {
    if (error instanceof ApiProblem && error.problem.code === code) return error.problem;
    throw error;
  }
  throw new Error(`What should have been refused with ${code} was done`);
}

/** Does the same for each, a few at a time; gives the answers in the order of the list. */
export async function forEach<Item, Answer>(
  items: readonly Item[],
  work: (item: Item) => Promise<Answer>,
  { atOnce = 6, done }: { atOnce?: number; done?: (count: number) => void } = {},
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const queue = items.entries();
  let count = 0;
  const worker = async () => {
    for (const [index, item] of queue) {
      answers[index] = await work(item);
      done?.((count += 1));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return answers;
}
