/** Every UUID in a text. */
export const UUIDS = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** What a text says besides ids: any four digits stand in one of some thousand of those by chance. */
export function withoutIds(text: string): string {
  return text.replaceAll(UUIDS, '[id]');
}
