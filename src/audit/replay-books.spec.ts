import { madeBundle } from '../../test/support/bundle-maker.js';
import { verdictOf } from '../../test/support/bundle-tamper.js';
import { dayNumber } from './replay-said.rules.js';
import { verdictInWords } from './verdict-words.js';

const EVENTS = 300;

describe('balances of a bundle', () => {
  let bundle: Buffer;
  beforeAll(async () => {
    bundle = await madeBundle({ events: EVENTS });
  });

  /** What was paid in is all that the first events, and the days before any claim was approved, have moved. */
  it('are given as of a size of the log and a day, in the order of the chart', async () => {
    const verdict = await verdictOf(bundle, { balancesAt: { size: EVENTS, on: dayNumber('2026-03-31') } });
    if (!('balances' in verdict) || !verdict.balances) throw new Error('there are none');
    const { size, on, accounts } = verdict.balances;
    expect({ size, on, first: accounts[0], second: accounts[1] }).toEqual({
      size: EVENTS,
      on: '2026-03-31',
      first: { account: 'funds', balanceMinor: '10000000000000' },
      second: { account: 'funds_reserved', balanceMinor: '0' },
    });
    expect(accounts.find(({ account }) => account === 'bank')?.balanceMinor).toBe('-10000000000000');
  });

  it('come to nothing before anything was posted', async () => {
    const verdict = await verdictOf(bundle, { balancesAt: { size: 1 } });
    if (!('balances' in verdict) || !verdict.balances) throw new Error('there are none');
    expect(new Set(verdict.balances.accounts.map(({ balanceMinor }) => balanceMinor))).toEqual(new Set(['0']));
  });

  it('are printed below the verdict', async () => {
    const words = verdictInWords(
      await verdictOf(bundle, { balancesAt: { size: EVENTS, on: dayNumber('2026-03-31') } }),
    );
    const heading = words.findIndex((line) => line.startsWith('Balances as booked'));
    expect(words.slice(heading, heading + 2)).toEqual([
      'Balances as booked in the first 300 events, at the end of 2026-03-31:',
      ' £100,000,000,000.00  funds',
    ]);
  });

  it('are not there beyond the end of the log', async () => {
    const verdict = await verdictOf(bundle, { balancesAt: { size: EVENTS + 1 } });
    expect(verdict).toMatchObject({
      outcome: 'unreadable',
      message: 'The bundle has 300 events, and balances are wanted as of 301.',
    });
  });
});
