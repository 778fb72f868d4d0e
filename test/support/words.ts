import { SystemClock } from '../../src/platform/clock.js';
import type { Database } from '../../src/platform/database.js';
import type { Locale, Translate } from '../../src/words/index.js';
import { WordsService } from '../../src/words/words.service.js';

/** How the catalogue says things, in nobody's own words: nothing is read from a database. */
export function saying(locale: Locale): Promise<Translate> {
  const nowhere = {} as unknown as Database;
  return new WordsService(nowhere, new SystemClock()).in(locale);
}
