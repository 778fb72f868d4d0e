import Sequencer from '@jest/test-sequencer';

/** What takes minutes begins first, so that nothing waits for it at the end: without a record of earlier runs jest goes by size. */
const LONG = [/faults\.e2e-spec/, /every-page-of-\w+\.e2e-spec/];

export default class LongFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const place = LONG.findIndex((pattern) => pattern.test(path));
      return place < 0 ? LONG.length : place;
    };
    return super.sort(tests).toSorted((one, other) => rank(one) - rank(other));
  }
}
