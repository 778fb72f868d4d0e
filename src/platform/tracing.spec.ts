import { type Attributes, type Span, type SpanStatus, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import { traced } from './tracing.js';

interface Seen {
  readonly name: string;
  readonly attributes: Attributes | undefined;
  readonly status?: SpanStatus;
  readonly ended: boolean;
}

/** As an SDK does it, as far as this product asks of one. */
function collect(): Seen[] {
  const seen: Seen[] = [];
  const startActiveSpan = (name: string, options: { attributes?: Attributes }, work: (span: Span) => unknown) => {
    const place = seen.push({ name, attributes: options.attributes, ended: false }) - 1;
    const change = (differs: Partial<Seen>) => (seen[place] = { ...(seen[place] as Seen), ...differs });
    return work({
      setStatus: (status: SpanStatus) => change({ status }),
      end: () => change({ ended: true }),
    } as unknown as Span);
  };
  trace.setGlobalTracerProvider({ getTracer: () => ({ startActiveSpan }) as unknown as Tracer });
  return seen;
}

describe('a span', () => {
  afterEach(() => trace.disable());

  it('is there for work that went well, and the work is what it was', async () => {
    const seen = collect();
    await expect(traced('command batch.approve', { 'wellpaid.subject': 'b' }, async () => 7)).resolves.toBe(7);
    expect(seen).toEqual([{ name: 'command batch.approve', attributes: { 'wellpaid.subject': 'b' }, ended: true }]);
  });

  it('says the kind of a failure, and never its message', async () => {
    const seen = collect();
    const failure = new RangeError('Ada Lovelace, 9434765919');
    await expect(traced('job payout', {}, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(seen[0]).toMatchObject({ status: { code: SpanStatusCode.ERROR, message: 'RangeError' }, ended: true });
    expect(JSON.stringify(seen)).not.toContain('Lovelace');
  });

  it('costs nobody anything where no SDK is', async () => {
    await expect(traced('duty seal', {}, async () => 'sealed')).resolves.toBe('sealed');
  });
});
