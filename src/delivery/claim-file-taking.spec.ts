import { Taking } from './claim-file-taking.rules.js';
import type { TakingStep } from './claim-file-taker.service.js';

describe('taking a file', () => {
  /** A file of which chunks arrive one by one; a step takes one. */
  function arriving() {
    const file = { arrived: 0, taken: 0, isWhole: false, atOnce: 0, fails: false };
    const step = async (): Promise<TakingStep> => {
      file.atOnce += 1;
      if (file.atOnce > 1) throw new Error('two steps at once');
      await new Promise((resolve) => setImmediate(resolve));
      file.atOnce -= 1;
      if (file.fails) throw new Error('no database');
      if (file.taken < file.arrived) {
        file.taken += 1;
        return 'taken';
      }
      return file.isWhole ? 'over' : 'waiting';
    };
    return { file, taking: new Taking(step) };
  }

  it('goes on whenever something has arrived, one step at a time, until all is taken', async () => {
    const { file, taking } = arriving();
    for (let chunk = 0; chunk < 20; chunk++) {
      file.arrived += 1;
      taking.goOn();
      if (chunk % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    file.isWhole = true;
    await taking.end();
    expect(file).toMatchObject({ taken: 20, arrived: 20 });
    await taking.ended;
  });

  it('ends with what a step threw, and takes no other', async () => {
    const { file, taking } = arriving();
    file.arrived = 2;
    file.fails = true;
    taking.goOn();
    await taking.ended;
    file.fails = false;
    taking.goOn();
    await expect(taking.end()).rejects.toThrow('no database');
    expect(file.taken).toBe(0);
  });

  it('stops after the step at work', async () => {
    const { file, taking } = arriving();
    file.arrived = 1_000;
    taking.goOn();
    await taking.stop();
    const { taken } = file;
    expect(taken).toBeLessThan(3);
    taking.goOn();
    await taking.end();
    expect(file.taken).toBe(taken);
  });
});
