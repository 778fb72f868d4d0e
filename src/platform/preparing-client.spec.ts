import fc from 'fast-check';
import { PlanAge, StatementNames } from './preparing-client.js';

const named = (names: StatementNames, role: string, text: string, uses: number): (string | undefined)[] =>
  Array.from({ length: uses }, () => names.nameOf(role, text));

describe('the names of statements', () => {
  it('are given to what comes a fourth time, and stay', () => {
    const [first, second, third, fourth, fifth] = named(new StatementNames(), 'provider', 'select 1', 5);
    expect([first, second, third]).toEqual([undefined, undefined, undefined]);
    expect(fourth).toMatch(/^wp_\d+$/);
    expect(fifth).toBe(fourth);
  });

  it('are others for another role', () => {
    const names = new StatementNames();
    const [provider, commissioner] = ['provider', 'commissioner'].map((role) => named(names, role, 'select 1', 4)[3]);
    expect(provider).toBeDefined();
    expect(commissioner).toBeDefined();
    expect(provider).not.toBe(commissioner);
  });

  it.each([
    ['several statements', 'select 1; select 2'],
    ['what is no query', 'savepoint command'],
    ['what changes the session', 'set local role wp_provider'],
    ['a text of several lines that ends in another statement', 'select 1\n;\ncommit'],
  ])('are not given to %s', (_, text) => {
    expect(named(new StatementNames(), 'provider', text, 10)).toEqual(Array.from({ length: 10 }, () => undefined));
  });

  it('are not used up by texts that come once: what comes again is named still', () => {
    const names = new StatementNames();
    for (let count = 0; count < 10_000; count++) names.nameOf('provider', `select ${count}`);
    expect(named(names, 'provider', 'select now()', 4)[3]).toBeDefined();
  });

  it('are never of two texts, nor of two roles, however many come and are forgotten', () => {
    const text = fc.integer({ min: 0, max: 3_000 }).map((count) => `select ${count}`);
    const use = fc.tuple(fc.constantFrom('provider', 'commissioner'), text, fc.integer({ min: 1, max: 5 }));
    fc.assert(
      fc.property(fc.array(use, { minLength: 100, maxLength: 2_000 }), (uses) => {
        const names = new StatementNames();
        const meanings = new Map<string, string>();
        // Twice the number of texts that are counted.
        for (let count = 0; count < 4_000; count += 1_000) {
          for (let filler = 0; filler < 1_000; filler++) names.nameOf('relay', `select ${count + filler}`);
          for (const [role, sql, times] of uses) {
            for (const name of named(names, role, sql, times)) {
              if (name === undefined) continue;
              const meaning = `${role} ${sql}`;
              expect(meanings.get(name) ?? meaning).toBe(meaning);
              meanings.set(name, meaning);
            }
          }
        }
      }),
      { numRuns: 10 },
    );
  });
});

describe('PlanAge', () => {
  it('is over soon after a connection was opened, and then ever more seldom', () => {
    const age = new PlanAge(1_000);
    const ends: number[] = [];
    for (let now = 1_000; now <= 70_000; now += 100) if (age.isOver(now)) ends.push(now - 1_000);
    expect(ends).toEqual([600, 1_700, 3_800, 7_900, 16_000, 31_100, 46_200, 61_300]);
  });

  it('counts from when plans were forgotten, however late that was', () => {
    const age = new PlanAge(0);
    expect([500, 90_000, 90_900, 91_001].map((now) => age.isOver(now))).toEqual([false, true, false, true]);
  });
});
