import type { Translate } from '../../words/index.js';

/** What happened, as a line of a timeline: `Batch approved`. A type that nobody has worded stays as it is. */
export function wordEventIn(t: Translate, type: string): string {
  const key = `events.${type.replaceAll('.', '_')}`;
  return t.has(key) ? t(key) : type;
}

/** Who made it happen, after what happened: `by a person at the provider`. Never who it is. */
export function wordActorIn(t: Translate, { kind, side }: { readonly kind: string; readonly side: string }): string {
  return t(`events.by.${kind}.${side}`);
}
