import { takenRows } from './taken-rows.rules.js';
import type { NewSession, TakenRow } from './delivery-plan.rules.js';

const hash = (digit: string) => digit.repeat(64);
const taken = (row: number, sessionId: string): TakenRow => ({ row, rowHash: hash(row.toString(16)), sessionId });

describe('rows that were taken', () => {
  const sessions = [{ id: 'new' }, { id: 'silent' }] as NewSession[];

  it('are kept with the session that they told of first, in their order', () => {
    const { withSessions, apart } = takenRows({ sessions, hashes: [taken(2, 'new'), taken(10, 'new')] });
    expect([...withSessions]).toEqual([
      ['new', `00000002${hash('2')}0000000a${hash('a')}`],
      ['silent', ''],
    ]);
    expect(apart).toEqual([]);
  });

  it('are kept apart where the session was recorded before', () => {
    const { withSessions, apart } = takenRows({ sessions, hashes: [taken(3, 'old'), taken(4, 'new')] });
    expect(withSessions.get('new')).toBe(`00000004${hash('4')}`);
    expect(apart).toEqual([taken(3, 'old')]);
  });
});
