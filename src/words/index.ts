import { Wording } from './wording.entity.js';

export { WordsModule } from './words.module.js';
export { type WordingEntry } from './wording-search.rules.js';
export { WordingsService, type TermForms } from './wordings.service.js';
export { WordsService, type Catalogue, type Translate } from './words.service.js';
export { LOCALES, monthNumber, type Locale } from './calendar.rules.js';
export { type Message, type Params } from './message.rules.js';
export { type PluralForm } from './wording.rules.js';
export { wordingInvalid } from './words.errors.js';
export { Wording };

export const WORDS_ENTITIES = [Wording];
