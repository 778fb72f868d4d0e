import { HeldStatements } from './held-statements.rules.js';

describe('held statements', () => {
  it('are sent in their order once they are let go, and from then on at once', () => {
    const sent: unknown[] = [];
    const statements = new HeldStatements({ send: (sql, parameters) => void sent.push([sql, parameters]) });
    statements.send('one', [1]);
    statements.send('two');
    expect(statements.areHeld).toBe(true);
    expect(sent).toEqual([]);
    statements.letGo();
    expect(statements.areHeld).toBe(false);
    expect(sent).toEqual([
      ['one', [1]],
      ['two', undefined],
    ]);
    statements.send('three', []);
    statements.letGo();
    expect(sent).toEqual([
      ['one', [1]],
      ['two', undefined],
      ['three', []],
    ]);
  });
});
