import pg from 'pg';
import { QueryFailedError } from 'typeorm';
import { createLog, describeError, NestLog } from './log.js';

const CANARY = 'Jane Canary';

function capture(level = 'debug') {
  const lines: string[] = [];
  return { lines, log: createLog(level, { write: (line) => lines.push(line) }) };
}

describe('the log', () => {
  it('is one JSON line an entry, with the instant, the level and the message', () => {
    const { lines, log } = capture();
    log.info({ orgId: 'o' }, 'request');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      orgId: 'o',
      msg: 'request',
    });
  });

  it('lets nobody forge a line or a colour', () => {
    const { lines, log } = capture();
    log.warn({ code: 'a\n{"level":"info"}\r\u2028', name: '\u001b[31mred\u0000' }, 'one\ntwo\u001b[2J');
    expect(lines).toHaveLength(1);
    expect(Array.from((lines[0] ?? '').trimEnd()).filter((character) => character < ' ')).toEqual([]);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: 'one\ntwo\u001b[2J' });
  });

  it('has nothing below its level', () => {
    const { lines, log } = capture('error');
    log.warn('not this');
    log.error('but this');
    expect(lines).toHaveLength(1);
  });

  it('takes the messages of Nest', () => {
    const { lines, log } = capture();
    const nest = new NestLog(log);
    nest.log('mapped', 'Router');
    nest.warn('slow', 'Router');
    nest.error('broken', undefined, 'Router');
    nest.error(new Error('broken'), 'Router');
    expect(lines.map((line) => JSON.parse(line) as Record<string, unknown>)).toMatchObject([
      { level: 'debug', msg: 'mapped', context: 'Router' },
      { level: 'warn', msg: 'slow' },
      { level: 'error', msg: 'broken' },
      { level: 'error', msg: 'Error: broken', error: { name: 'Error', message: 'broken' } },
    ]);
  });
});

describe('an error in the log', () => {
  it('is its name, code, message and where it was thrown', () => {
    const error = Object.assign(new TypeError('x is not a function'), { code: 'E_X' });
    expect(describeError(error)).toMatchObject({ name: 'TypeError', code: 'E_X', message: 'x is not a function' });
    expect(describeError(error).stack).toEqual(expect.arrayContaining([expect.stringContaining('log.spec')]));
  });

  it.each([
    ['TypeORM', (failure: pg.DatabaseError) => new QueryFailedError(`select '${CANARY}'`, [CANARY], failure)],
    ['pg', (failure: pg.DatabaseError) => failure],
  ])('of the database by %s is its code and names, not its words: they can quote a row', (_, wrap) => {
    const failure = Object.assign(new pg.DatabaseError(`invalid input: "${CANARY}"`, 1, 'error'), {
      code: '23505',
      constraint: 'member_email',
      table: 'member',
      detail: `Key (email)=(${CANARY}) already exists.`,
    });
    const { lines, log } = capture();
    log.error({ error: wrap(failure) }, 'bug');
    expect(lines[0]).not.toContain(CANARY);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      error: { code: '23505', constraint: 'member_email', table: 'member' },
    });
  });

  it('that is none is its kind', () => {
    expect(describeError(CANARY)).toEqual({ kind: 'string' });
  });
});
