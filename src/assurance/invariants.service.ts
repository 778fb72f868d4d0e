import { Injectable } from '@nestjs/common';
import { checkInvariants } from '../ledger/index.js';
import type { Scope } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database.js';

export interface CheckedSentence {
  readonly sentence: string;
  readonly violations: number;
  readonly examples: readonly Record<string, unknown>[];
}

export interface Check {
  readonly checkedAt: Date;
  readonly holds: boolean;
  readonly sentences: readonly CheckedSentence[];
}

const EXAMPLES_MAX = 5;

/** Asks every sentence that must be true, of the ledger and of the modules above it. */
@Injectable()
export class InvariantsService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** On one snapshot, of the books that the scope sees. It reads all of them: for a person who waits, or at night. */
  check(scope: Scope): Promise<Check> {
    return this.database.read(scope, async (reader) => {
      const findings = await checkInvariants((sql) => reader.query(sql));
      const sentences = findings.map(({ sentence, violations }) => ({
        sentence,
        violations: violations.length,
        examples: violations.slice(0, EXAMPLES_MAX),
      }));
      return { checkedAt: this.clock.now(), holds: sentences.every(({ violations }) => violations === 0), sentences };
    });
  }
}
