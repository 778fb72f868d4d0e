/** About how wide a character of the chart's text is, in units, for the size below. */
const CHARACTER_WIDTH = 8;
export const FONT_SIZE = 14;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that is text, in an element and in an attribute, whatever it says. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** About how wide a text is drawn, in units. */
export function widthOf(text: string): number {
  return Array.from(text).length * CHARACTER_WIDTH;
}

/** As much of a text as fits into a width, with an ellipsis for the rest: the table beside the chart says it whole. */
export function fitted(text: string, width: number): string {
  const characters = Array.from(text);
  const fits = Math.max(Math.floor(width / CHARACTER_WIDTH), 1);
  return characters.length <= fits ? text : `${characters.slice(0, fits - 1).join('')}…`;
}

/** Tenths of a unit as SVG writes them. */
export function units(tenths: bigint): string {
  const sign = tenths < 0n ? '-' : '';
  const size = tenths < 0n ? -tenths : tenths;
  return size % 10n === 0n ? `${sign}${size / 10n}` : `${sign}${size / 10n}.${size % 10n}`;
}

/** An element with its attributes escaped. `content` is SVG, or left out of an empty element. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | bigint>>,
  content = '',
): string {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  return content === '' ? `<${name}${given.join('')}/>` : `<${name}${given.join('')}>${content}</${name}>`;
}

export type Anchor = 'start' | 'middle' | 'end';

/** A text at a point, in tenths of a unit. */
export function textAt(className: string, x: bigint, y: bigint, text: string, anchor: Anchor = 'start'): string {
  return element('text', { class: className, x: units(x), y: units(y), 'text-anchor': anchor }, escaped(text));
}
