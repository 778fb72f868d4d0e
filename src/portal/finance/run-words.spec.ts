import { progressIn } from './run-words.rules.js';

const t = Object.assign((key: string, params: object) => `${key} ${JSON.stringify(params)}`, {
  money: (minor: bigint) => `${minor}p`,
}) as never;
const of = (differs: object) =>
  progressIn(t, {
    state: 'running',
    value: 1,
    max: 3,
    amountMinor: 500n,
    payments: 1,
    waiting: 0,
    done: false,
    ...differs,
  });

describe('the progress of a run', () => {
  it('says how many of how many', () => {
    expect(of({})).toEqual({ value: 1, max: 3, text: 'finance.run.soFar {"count":3,"value":1}', done: false });
  });

  it('says what was paid when it is done', () => {
    const done = of({ value: 3, done: true });
    expect(done).toMatchObject({ text: 'finance.run.done {"count":1,"amount":"500p"}', done: true });
  });

  it('has a bar of some length where nothing was to pay', () => {
    expect(of({ value: 0, max: 0, done: true })).toMatchObject({ value: 1, max: 1 });
    expect(of({ value: 0, max: 0 })).toMatchObject({ value: 0, max: 1 });
  });
});
