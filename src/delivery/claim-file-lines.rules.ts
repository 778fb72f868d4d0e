import { wordKey } from '../platform/csv-cells.rules.js';
import type { CsvItem } from '../platform/csv-reader.js';
import { entered } from '../platform/csv-template.rules.js';
import type { NdjsonItem } from '../platform/ndjson-reader.js';
import { claimColumns } from './claim-file.columns.js';

const titles = claimColumns.map(({ title }) => title);
const placeOf = new Map(
  claimColumns.flatMap(({ key, title, synonyms }, place) =>
    [title, key, ...synonyms].map((name): [string, number] => [wordKey(name), place]),
  ),
);
const DROPPED_MOST = 200;

/**
 * A claim file of JSON lines as rows under the template's headings: names are read as headings are. What else a line has is
 * left out, and its names are told at the end, masked.
 */
export class ClaimLines {
  private readonly places = new Map<string, number | undefined>();
  private readonly unknown = new Set<string>();

  /** Comes before the lines. */
  readonly heading: Extract<CsvItem, { kind: 'header' }> = { kind: 'header', row: 0, cells: titles, separator: null };

  /** Names of members that are none of the template's. */
  get dropped(): string[] {
    return [...this.unknown];
  }

  item(item: NdjsonItem): CsvItem {
    if (item.kind === 'end') return { ...item, encoding: 'utf-8' };
    const { row } = item;
    if ('problem' in item) return { kind: 'row', row, cells: titles.map(() => ''), problem: item.problem };
    const cells = titles.map(() => '');
    const named = new Set<number>();
    for (const [name, cell] of item.fields) {
      const place = this.placeOf(name);
      if (place === undefined) continue;
      if (named.has(place)) return { kind: 'row', row, cells, problem: saidTwice(titles[place] ?? '') };
      named.add(place);
      cells[place] = cell;
    }
    return { kind: 'row', row, cells, problem: null };
  }

  private placeOf(name: string): number | undefined {
    const known = this.places.get(name);
    if (known !== undefined || this.places.has(name)) return known;
    const place = placeOf.get(wordKey(name));
    if (this.places.size < DROPPED_MOST) this.places.set(name, place);
    if (place === undefined && this.unknown.size < DROPPED_MOST) this.unknown.add(entered(name));
    return place;
  }
}

const saidTwice = (title: string) => ({
  column: title,
  entered: '',
  code: 'member_twice',
  howToFix: `This line has more than one member for "${title}". Keep the one that is meant and remove the other.`,
});
