import { Injectable } from '@nestjs/common';
import type { Actor } from './actor.js';
import { Clock } from './clock.js';
import { Database } from './database.js';

/**
 * What an answer reveals of people who were referred: their referrals, sessions, claims or what any of them led to, the
 * events about them, who they are, or a file with any of it.
 */
export const ACCESS_KINDS = ['referrals', 'sessions', 'claims', 'trace', 'journal', 'person', 'export'] as const;
export type AccessKind = (typeof ACCESS_KINDS)[number];

/** Somebody has asked for something sensitive, and is about to be answered. */
export interface SensitiveRead {
  readonly kind: AccessKind;
  /** Method and pattern of the route: what it was read for. Never a path with what was asked for. */
  readonly route: string;
  /** Null for a file or a stream, whose ids are not at hand: the row then stands for all that the reader may see. */
  readonly answer: unknown;
}

const WRITE = 'select access_log_write($1, $2, $3, $4, $5, $6, $7, $8, $9) as rows';

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
/** Answers are lists of things with parts; nothing that names a person lies deeper. */
const DEPTH_MAX = 8;

/**
 * Who read of which person, when and through which route; never what. Rows are added in a transaction of their own, which
 * commits before the answer leaves: a read is one that cannot write, and an answer whose row could not be written is not
 * given. What was read and then not received is in the log all the same.
 */
@Injectable()
export class AccessLog {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** Writes the row. The database finds which of the answer's ids are of persons, as far as the reader may see them. */
  async write(actor: Actor, { kind, route, answer }: SensitiveRead): Promise<void> {
    const ids = new Set<string>();
    collect(answer, ids, 0);
    const whole = answer === null;
    if (ids.size === 0 && !whole) return;
    const { memberId, keyId, correlationId } = actor;
    const row = [kind, route, actor.kind, memberId, keyId, this.clock.now(), correlationId, [...ids], whole];
    await this.database.transaction(actor, (tx) => tx.query(WRITE, row));
  }
}

/** Every id that an answer names. */
function collect(value: unknown, ids: Set<string>, depth: number): void {
  if (typeof value === 'string') {
    if (value.length === 36 && UUID.test(value)) ids.add(value);
    return;
  }
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || depth > DEPTH_MAX) return;
  for (const part of Object.values(value) as unknown[]) collect(part, ids, depth + 1);
}
