/** As long as the longest reference that is kept. */
export const REFERENCE_MAX = 64;

/** How a reference may be stored that somebody typed: as it is, in capitals, and without the spaces that e-mails add. */
export function spellingsOf(typed: string): string[] {
  const text = typed.normalize('NFC').replace(/\s+/g, ' ').trim();
  const joined = text.replaceAll(' ', '');
  return [...new Set([text, text.toUpperCase(), joined, joined.toUpperCase()])].filter(
    (spelling) => spelling !== '' && spelling.length <= REFERENCE_MAX,
  );
}
