import { Injectable } from '@nestjs/common';
import type { Actor } from '../platform/actor.js';
import type { Canonical, CanonicalObject } from '../platform/canonical-json.js';
import { domainErrorOf, sqlState } from '../platform/constraints.js';
import { Database, type Tx } from '../platform/database.js';
import { DomainError, type ErrorKind } from '../platform/errors.js';
import { claimKey, claimKeys, storeAnswers } from '../platform/idempotency.js';
import {
  collectEvents,
  collectRecorded,
  promiseRecorded,
  recordsOf,
  type CommandRecord,
  type Recorded,
} from '../platform/receipts.js';
import { traced } from '../platform/tracing.js';
import { freeze, thaw } from './answer.rules.js';
import { LedgerService } from './ledger.service.js';

export interface CommandSpec {
  /** Domain verb and noun, such as `batch.approve`. */
  readonly name: string;
  readonly commissionerId: string;
  /** What the command is about; the actor's organisation when nothing exists yet. */
  readonly subjectId?: string;
  /** A provider that may read the refusal. A provider who acts always may. */
  readonly providerId?: string;
}

/** What the work of several commands came to. */
export interface DoneTogether<T> {
  readonly answers: readonly T[];
  /** The place of the command that recorded events of this subject. */
  readonly ownerOf: (subjectId: string) => number | undefined;
}

export interface PromisedAnswer<T> {
  readonly answer: T;
  readonly records: readonly CommandRecord[];
}

/** Thrown to undo what was done together. */
export class Apart extends Error {}

/** Refusals that are facts worth remembering. Malformed and foreign requests are not: anyone could fill a log with them. */
const JOURNALLED: ReadonlySet<ErrorKind> = new Set(['rule_broken', 'forbidden', 'conflict']);

interface Refusal {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly message: string;
  readonly details: Record<string, unknown>;
}

type Outcome<T> = ({ readonly answer: T } | { readonly refused: DomainError }) & {
  readonly records: readonly CommandRecord[];
};

/** Runs each command once: one key, one effect, one answer, whether it is done or refused. */
@Injectable()
export class Commands {
  constructor(
    private readonly database: Database,
    private readonly ledger: LedgerService,
  ) {}

  /**
   * Runs `work` in one transaction under the actor's role. With an idempotency key a repeated command gets the first
   * answer, done or refused, and does nothing; a twin in flight waits for it. When a rule or a constraint refuses, what
   * the work wrote is undone, and the refusal is journalled as `command.refused`, kept as the answer, committed, and only
   * then thrown. What is not found or invalid leaves no trace and may be sent again. Whatever was recorded is promised to
   * whoever asked for a receipt, the first time and each time the command is repeated.
   *
   * The answer is plain data: strings, numbers, bigint, Date, arrays and objects.
   *
   * @throws DomainError of the work
   * @throws idempotency.other_request when the key was used for another request
   */
  run<T>(actor: Actor, spec: CommandSpec, work: (tx: Tx) => Promise<T>): Promise<T> {
    const about = { 'wellpaid.commissioner': spec.commissionerId, 'wellpaid.subject': spec.subjectId };
    return traced(`command ${spec.name}`, about, () => this.runOnce(actor, spec, work));
  }

  private async runOnce<T>(actor: Actor, spec: CommandSpec, work: (tx: Tx) => Promise<T>): Promise<T> {
    const outcome = await this.database.transaction(actor, async (tx): Promise<Outcome<T>> => {
      const claim = await claimKey(tx, actor);
      if (!claim.fresh) return { ...replay(claim.status, claim.answer), records: claim.records } as Outcome<T>;
      tx.send('savepoint command');
      try {
        const { answer, records } = await collectRecorded(() => work(tx));
        // A deferred refusal belongs to this command, not to its commit; so does that of a statement that was only sent.
        await tx.execute('set constraints all immediate');
        await storeAnswers(tx, [{ actor, status: 200, answer: () => freeze(answer), records }]);
        return { answer, records };
      } catch (error) {
        const refused = error instanceof DomainError ? error : domainErrorOf(error);
        if (!refused || !JOURNALLED.has(refused.kind)) throw error;
        tx.send('rollback to savepoint command');
        const { records } = await collectRecorded(() => this.journalRefusal(tx, actor, spec, refused));
        const { kind, code, message, details } = refused;
        const answer = () => freeze({ kind, code, message, details } satisfies Refusal);
        await storeAnswers(tx, [{ actor, status: refused.status, answer, records }]);
        return { refused, records };
      }
    });
    promiseRecorded(outcome.records);
    if ('refused' in outcome) throw outcome.refused;
    return outcome.answer;
  }

  /**
   * Runs the same command of one sender several times in one transaction: all of them are done, or none is and undefined is
   * given, when a rule refuses one or a key was used before. Whoever called then runs each alone, and each has the outcome
   * that it would have had. Receipts are the caller's to promise, each where its request is answered.
   *
   * @param actors the same sender, each with the key of its own request
   * @param work gives the answers in this order, and whose each subject is that it recorded events of
   */
  async runTogether<T>(
    actors: readonly Actor[],
    spec: Pick<CommandSpec, 'name'> & Partial<CommandSpec>,
    work: (tx: Tx) => Promise<DoneTogether<T>>,
  ): Promise<readonly PromisedAnswer<T>[] | undefined> {
    const [first] = actors;
    if (!first) return [];
    const about = { 'wellpaid.commissioner': spec.commissionerId, 'wellpaid.commands': actors.length };
    let isWorked = false;
    try {
      return await traced(`commands ${spec.name}`, about, () =>
        this.database.transaction(first, async (tx) => {
          isWorked = false;
          if (!(await claimKeys(tx, actors))) throw new Apart();
          const { answer: done, events } = await collectEvents(() => work(tx));
          const checked = tx.execute('set constraints all immediate');
          const recorded = actors.map((): Recorded[] => []);
          for (const event of events) recorded[done.ownerOf(event.subjectId) ?? -1]?.push(event);
          const promised = recorded.map((own, index) => ({
            answer: done.answers[index] as T,
            records: recordsOf(own),
          }));
          const kept = promised.map(({ answer, records }, index) => ({
            actor: actors[index] ?? first,
            status: 200,
            answer: () => freeze(answer),
            records,
          }));
          await Promise.all([checked, storeAnswers(tx, kept)]);
          isWorked = true;
          return promised;
        }),
      );
    } catch (error) {
      const isRefused = error instanceof Apart || error instanceof DomainError;
      // Data or a constraint that no error is declared for: alone, only the request that it is about fails.
      if (isRefused || (!isWorked && /^2[23]/.test(sqlState(error) ?? ''))) return undefined;
      throw error;
    }
  }

  private async journalRefusal(tx: Tx, actor: Actor, spec: CommandSpec, refused: DomainError): Promise<void> {
    await this.ledger.record(tx, {
      type: 'command.refused',
      commissionerId: spec.commissionerId,
      subjectId: spec.subjectId ?? actor.orgId,
      actor,
      providerId: spec.providerId ?? (actor.side === 'provider' ? actor.orgId : null),
      referrerId: actor.side === 'referrer' ? actor.orgId : null,
      data: { command: spec.name, kind: refused.kind, code: refused.code, figures: figuresOf(refused.details) },
    });
  }
}

function replay(status: number, frozen: unknown): { answer: unknown } | { refused: DomainError } {
  const answer = thaw(frozen);
  if (status < 400) return { answer };
  const { kind, code, message, details } = answer as Refusal;
  return { refused: new DomainError(kind, code, message, details) };
}

const WORD = /^[\w.:-]{0,64}$/;

/** Amounts, counts, days, codes and ids of a refusal. A free text stays out: the journal is never erased. */
function figuresOf(details: Record<string, unknown>): CanonicalObject {
  const figures: Record<string, Canonical> = {};
  for (const [name, detail] of Object.entries(details)) {
    if (typeof detail === 'bigint' || typeof detail === 'boolean') figures[name] = detail;
    else if (typeof detail === 'number' && Number.isSafeInteger(detail)) figures[name] = detail;
    else if (typeof detail === 'string' && WORD.test(detail)) figures[name] = detail;
  }
  return figures;
}
