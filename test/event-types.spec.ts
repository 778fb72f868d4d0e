import { readCatalogue } from '../src/words/words.service.js';
import { EVENT_TYPES } from '../src/portal/audit/event-types.rules.js';

/** What the source can record is what has words: test/words-of-codes.spec.ts. What has words can be chosen: here. */
describe('types of event to choose from', () => {
  const worded = [...readCatalogue('en').keys()]
    .filter((key) => key.startsWith('events.') && !key.startsWith('events.by.'))
    .map((key) => key.slice('events.'.length));

  it('are all that have words, once each', () => {
    expect(EVENT_TYPES.map((type) => type.replaceAll('.', '_')).toSorted()).toEqual(worded.toSorted());
  });
});
