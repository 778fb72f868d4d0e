import type { LoggerService } from '@nestjs/common';
import pg from 'pg';
import pino, { type DestinationStream, type Logger } from 'pino';

/**
 * One JSON line an entry, to stdout unless told otherwise. Callers log codes and opaque ids, never a request's body,
 * query or headers.
 */
export function createLog(level: string, destination: DestinationStream = pino.destination(1)): Logger {
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError },
    },
    destination,
  );
}

interface DatabaseFailure {
  code?: string | undefined;
  constraint?: string | undefined;
  table?: string | undefined;
}

/** Name, code and stack: a message of the database can quote a row's values, so it is left out. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { kind: typeof error };
  const failure = error as Error & { code?: string; driverError?: DatabaseFailure };
  const database = failure.driverError ?? (error instanceof pg.DatabaseError ? error : undefined);
  return {
    name: error.name,
    code: database?.code ?? failure.code,
    constraint: database?.constraint,
    table: database?.table,
    message: database === undefined ? error.message : undefined,
    stack: error.stack
      ?.split('\n')
      .filter((line) => line.startsWith('    at '))
      .slice(0, 12),
  };
}

/** Nest's own messages through the same log. */
export class NestLog implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: unknown): void {
    this.logger.debug({ context }, String(message));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.logger.error({ context: rest.at(-1), error: message instanceof Error ? message : undefined }, String(message));
  }

  warn(message: unknown, context?: unknown): void {
    this.logger.warn({ context }, String(message));
  }
}
