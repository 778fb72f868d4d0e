import { placesOf, type Message } from './message.rules.js';

/** Why a text cannot stand for a message; undefined when it can. An empty text can: it goes back to the catalogue. */
export function whyNotWord(
  catalogue: ReadonlyMap<string, Message>,
  key: string,
  text: string,
): { reason: 'unknown_message' | 'too_long' | 'places'; places?: string[] } | undefined {
  const term = /^(terms\.\w+)\.(?:zero|one|two|few|many|other)$/.exec(key)?.[1];
  const message = catalogue.get(term ?? key);
  if (message === undefined || (term === undefined && typeof message !== 'string'))
    return { reason: 'unknown_message' };
  if (text.length > 1000) return { reason: 'too_long' };
  const allowed = term === undefined ? placesOf(message) : [];
  const parameters = allowed.filter((place) => !place.startsWith('{@'));
  const used = placesOf(text);
  const unknown = used.filter((place) => !place.startsWith('{@') && !parameters.includes(place));
  return unknown.length > 0 || (term !== undefined && used.length > 0)
    ? { reason: 'places', places: allowed }
    : undefined;
}
