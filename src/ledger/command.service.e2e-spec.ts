import { randomBytes } from 'node:crypto';
import type { Actor } from '../platform/actor.js';
import type { Tx } from '../platform/database.js';
import { defineError, notFound } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import { actorOf, ledgerStage, tie, type LedgerStage } from '../../test/support/ledger-stage.js';
import { accounts } from './index.js';

let stage: LedgerStage;

beforeAll(async () => {
  stage = await ledgerStage();
});
afterAll(() => stage.close());

const overLimit = defineError({
  code: 'test.over_limit',
  kind: 'rule_broken',
  title: 'The amount is above the limit.',
  fix: 'Ask somebody with a higher one.',
});

function keyed(side: Actor['side'] = 'commissioner', orgId: string = newId()): Actor {
  return actorOf(side, orgId, { idempotencyKey: `key-${newId()}`, requestHash: randomBytes(32) });
}

const spec = (actor: Actor) => ({ name: 'funds.add', commissionerId: actor.orgId, subjectId: actor.orgId });

/** A command: funds arrive, and the answer says how much and when. */
const addFunds =
  (actor: Actor, amountMinor = 100n) =>
  async (tx: Tx) => {
    const event = { type: 'funds.received', commissionerId: actor.orgId, subjectId: newId(), actor, data: {} };
    const transfers = [{ debit: accounts.funds(), credit: accounts.bank(), amountMinor }];
    const posted = await stage.ledger.post(tx, { event, transfers });
    return { id: posted.id, amountMinor, receivedAt: posted.recordedAt };
  };

const journal = (commissionerId: string) =>
  stage.admin<{ type: string; data: unknown; provider_id: string | null }>(
    `select type, convert_from(body, 'UTF8')::jsonb->'data' as data, provider_id from ledger.event
     where commissioner_id = $1 order by seq`,
    [commissionerId],
  );
const funds = (actor: Actor) =>
  stage.database.read(actor, (reader) => stage.ledger.balance(reader, actor.orgId, accounts.funds()));

describe('a command with a key', () => {
  it('is done once, and answers again as it did first', async () => {
    const actor = keyed();
    const first = await stage.commands.run(actor, spec(actor), addFunds(actor));
    const again = await stage.commands.run(actor, spec(actor), addFunds(actor));
    expect(again).toEqual(first);
    expect(again.amountMinor).toBe(100n);
    await expect(funds(actor)).resolves.toBe(100n);
  });

  it('has one effect and one answer when 50 send it at once', async () => {
    const actor = keyed();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => stage.commands.run(actor, spec(actor), addFunds(actor))),
    );
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    await expect(funds(actor)).resolves.toBe(100n);
  });

  it('is a conflict for another request under the same key', async () => {
    const actor = keyed();
    await stage.commands.run(actor, spec(actor), addFunds(actor));
    await expect(
      stage.commands.run({ ...actor, requestHash: randomBytes(32) }, spec(actor), addFunds(actor)),
    ).rejects.toMatchObject({ kind: 'conflict', code: 'idempotency.other_request' });
    await expect(funds(actor)).resolves.toBe(100n);
  });

  it('is another command for another organisation with the same key', async () => {
    const actor = keyed();
    const other = { ...actor, orgId: newId() };
    await stage.commands.run(actor, spec(actor), addFunds(actor));
    await stage.commands.run(other, spec(other), addFunds(other));
    await expect(Promise.all([funds(actor), funds(other)])).resolves.toEqual([100n, 100n]);
  });

  it('is done each time without a key', async () => {
    const actor = actorOf('commissioner', newId());
    await stage.commands.run(actor, spec(actor), addFunds(actor));
    await stage.commands.run(actor, spec(actor), addFunds(actor));
    await expect(funds(actor)).resolves.toBe(200n);
  });
});

describe('a refusal', () => {
  it('undoes the work, is journalled, and is the answer from then on', async () => {
    const actor = keyed();
    let runs = 0;
    const work = async (tx: Tx) => {
      runs++;
      await addFunds(actor)(tx);
      throw overLimit({ limitMinor: 5n, on: '2026-11-25', note: 'two words', lines: [1] });
    };
    for (const attempt of [1, 2]) {
      await expect(stage.commands.run(actor, spec(actor), work)).rejects.toMatchObject({
        kind: 'rule_broken',
        code: 'test.over_limit',
        message: 'The amount is above the limit. Ask somebody with a higher one.',
        details: { limitMinor: 5n, on: '2026-11-25', note: 'two words', lines: [1] },
      });
      expect({ attempt, runs }).toEqual({ attempt, runs: 1 });
    }
    await expect(funds(actor)).resolves.toBe(0n);
    await expect(journal(actor.orgId)).resolves.toEqual([
      {
        type: 'command.refused',
        data: {
          command: 'funds.add',
          kind: 'rule_broken',
          code: 'test.over_limit',
          figures: { limitMinor: '5', on: '2026-11-25' },
        },
        provider_id: null,
      },
    ]);
  });

  it('by a constraint is one as well', async () => {
    const actor = keyed();
    const overdraw = async (tx: Tx) => {
      const event = { type: 'payout.requested', commissionerId: actor.orgId, subjectId: newId(), actor, data: {} };
      const transfers = [{ debit: accounts.fundsReserved(), credit: accounts.funds(), amountMinor: 1n }];
      await stage.ledger.post(tx, { event, transfers });
    };
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(stage.commands.run(actor, spec(actor), overdraw)).rejects.toMatchObject({
        code: 'ledger.balance_too_low',
      });
    }
    await expect(journal(actor.orgId)).resolves.toMatchObject([{ data: { code: 'ledger.balance_too_low' } }]);
  });

  it.each(['provider', 'referrer'] as const)(
    'of a %s is its own event in the books of the commissioner',
    async (side) => {
      const actor = keyed(side);
      const commissionerId = newId();
      await tie(
        stage,
        commissionerId,
        side === 'provider' ? actor.orgId : newId(),
        side === 'referrer' ? actor.orgId : newId(),
      );
      const refused = stage.commands.run(actor, { name: 'claim.submit', commissionerId }, () =>
        Promise.reject(overLimit()),
      );
      await expect(refused).rejects.toMatchObject({ code: 'test.over_limit' });
      const seen = await stage.database.read(actor, (reader) => reader.query('select type from ledger.event'));
      expect(seen).toEqual([{ type: 'command.refused' }]);
      await expect(journal(commissionerId)).resolves.toMatchObject([
        { provider_id: side === 'provider' ? actor.orgId : null },
      ]);
    },
  );

  it.each<[string, () => Error]>([
    ['what is not there', () => notFound()],
    ['a bug', () => new Error('bug')],
  ])('for %s leaves no trace, and the key free', async (_what, error) => {
    const actor = keyed();
    const fails = async (tx: Tx) => {
      await addFunds(actor)(tx);
      throw error();
    };
    await expect(stage.commands.run(actor, spec(actor), fails)).rejects.toThrow(error().message);
    await expect(journal(actor.orgId)).resolves.toEqual([]);
    await expect(stage.commands.run(actor, spec(actor), addFunds(actor))).resolves.toMatchObject({ amountMinor: 100n });
  });

  it('by a constraint that waits for the commit is journalled, too', async () => {
    const actor = keyed();
    await stage.admin(`
      create table if not exists deferred_rule (id int constraint deferred_twice unique deferrable initially deferred);
      grant insert, select on deferred_rule to wp_commissioner`);
    const { onConstraint } = await import('../platform/constraints.js');
    onConstraint('deferred_twice', overLimit);
    const twice = (tx: Tx) => tx.execute('insert into deferred_rule values (1), (1)');
    await expect(stage.commands.run(actor, spec(actor), twice)).rejects.toMatchObject({ code: 'test.over_limit' });
    await expect(journal(actor.orgId)).resolves.toHaveLength(1);
  });
});

describe('a deadlock', () => {
  it('is retried whole, and the command still has one effect', async () => {
    const actor = keyed();
    let runs = 0;
    const answer = await stage.commands.run(actor, spec(actor), async (tx) => {
      runs++;
      if (runs === 1) await tx.query(`do $$ begin raise exception 'deadlock' using errcode = '40P01'; end $$`);
      return addFunds(actor)(tx);
    });
    expect(answer.amountMinor).toBe(100n);
    expect(runs).toBe(2);
    await expect(funds(actor)).resolves.toBe(100n);
    await expect(journal(actor.orgId)).resolves.toHaveLength(1);
  });
});
