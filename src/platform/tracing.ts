import { SpanStatusCode, trace, type Attributes } from '@opentelemetry/api';

/**
 * Runs work as a span of OpenTelemetry. Without an SDK in the process it costs next to nothing and goes nowhere; with one
 * (`node --import ./otel.mjs dist/src/main.js`) it is exported as that says. Attributes are codes and opaque ids.
 */
export function traced<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  return trace.getTracer('wellpaid').startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work();
    } catch (error) {
      // The kind alone: a message of the database can quote a row.
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : typeof error });
      throw error;
    } finally {
      span.end();
    }
  });
}
