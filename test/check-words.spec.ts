import { projectRoot } from '../src/platform/paths.js';
import { wordCheckIn } from '../src/portal/wording/check-words.rules.js';
import type { Translate } from '../src/words/index.js';
import { readCatalogue } from '../src/words/words.service.js';
import { sentencesOfTheBooks } from './support/codes-in-source.js';
import { saying } from './support/words.js';

const sentences = sentencesOfTheBooks(projectRoot(import.meta.url));
let en: Translate;
let cy: Translate;

beforeAll(async () => {
  en = await saying('en');
  cy = await saying('cy');
});

describe('what must be true of the books', () => {
  it.each(sentences)('%s', (sentence) => {
    expect(wordCheckIn(en, { sentence })).toEqual({ text: sentence, lang: null });
    const welsh = wordCheckIn(cy, { sentence });
    expect(welsh.lang).toBeNull();
    expect(welsh.text).not.toBe(sentence);
  });

  it('is all that is worded, each with words of its own', () => {
    expect(sentences.length).toBeGreaterThan(30);
    for (const catalogue of [readCatalogue('en'), readCatalogue('cy')]) {
      const worded = [...catalogue].filter(([key]) => key.startsWith('checks.')).map(([, message]) => message);
      expect(new Set(worded).size).toBe(sentences.length);
    }
  });

  it('is said in English where nobody has worded it', () => {
    const sentence = 'Nothing is what it seems.';
    expect(wordCheckIn(cy, { sentence })).toEqual({ text: sentence, lang: 'en' });
  });
});
