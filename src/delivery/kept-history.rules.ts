import type { HistoryRow, WhatCounts } from './claim-history.rules.js';

/** However many people a file tells of, no more is kept. */
const ROWS_MOST = 200_000;

/** Whose claims are counted together: a person's where a cap goes by persons, else those of a referral. */
function groupOf(counts: WhatCounts, { referralId, personId }: HistoryRow): string | null {
  return counts.persons ? personId : referralId;
}

/**
 * What was counted for the chunks of one file before, so that it is read once. It holds as long as nobody else changes the
 * claims of the contract: their tallies, which every such change writes to, have the stamp under which this file left them.
 */
export class KeptHistory {
  private readonly groups = new Map<string, HistoryRow[]>();
  /** Of cards and months: there are few. */
  private readonly texts = new Map<string, string>();
  private size = 0;
  private stamp: string | null = null;
  private opened = false;

  constructor(private readonly rowsMost = ROWS_MOST) {}

  /** Whether it may be used: it was opened since the transaction began. */
  get isOpen(): boolean {
    return this.opened;
  }

  /** A transaction begins, and nothing is known of whoever has had the contract's lock meanwhile. */
  begin(): void {
    this.opened = false;
  }

  /** Under the contract's lock, with the stamp of its tallies now: forgets all of it unless they are as this file left them. */
  open(stamp: string): void {
    this.opened = true;
    if (stamp === this.stamp && this.size <= this.rowsMost) return;
    this.groups.clear();
    this.texts.clear();
    this.size = 0;
    this.stamp = stamp;
  }

  has(group: string): boolean {
    return this.groups.has(group);
  }

  of(group: string): readonly HistoryRow[] {
    return this.groups.get(group) ?? [];
  }

  /** All that is stored of some groups, of which nothing was known. */
  learn(counts: WhatCounts, groups: readonly string[], rows: readonly HistoryRow[]): void {
    for (const group of groups) this.groups.set(group, []);
    for (const row of rows) this.put(counts, row);
  }

  /** Claims of known groups that are to be stored: nothing that is kept holds until `close` says that they are. */
  add(counts: WhatCounts, rows: readonly HistoryRow[]): void {
    this.stamp = null;
    for (const row of rows) this.put(counts, row);
  }

  /** Once they are stored, with the stamp that the tallies have by that: if it is undone, nobody sees this stamp again. */
  close(stamp: string): void {
    this.stamp = stamp;
  }

  private put(counts: WhatCounts, row: HistoryRow): void {
    const group = groupOf(counts, row);
    const rows = group === null ? undefined : this.groups.get(group);
    if (!rows) return;
    const place = rows.findIndex((one) => isOfOneKind(one, row));
    const alike = rows[place];
    if (alike) {
      rows[place] = { ...alike, lines: alike.lines + row.lines, units: alike.units + row.units };
      return;
    }
    rows.push(this.lean(row, group ?? '', rows[0]));
    this.size += 1;
  }

  /** The same row by texts that are kept anyway: what is read for a chunk comes in copies of its own, and a file has a million. */
  private lean(row: HistoryRow, group: string, first: HistoryRow | undefined): HistoryRow {
    return {
      ...row,
      rateCardId: this.shared(row.rateCardId),
      month: this.shared(row.month),
      referralId: sameOf(row.referralId, [group, first?.referralId]),
      personId: sameOf(row.personId, [group, first?.personId]),
    };
  }

  private shared(text: string): string {
    const kept = this.texts.get(text) ?? text;
    this.texts.set(text, kept);
    return kept;
  }
}

function sameOf(text: string | null, kept: readonly (string | null | undefined)[]): string | null {
  return kept.find((one) => one === text) ?? text;
}

function isOfOneKind(one: HistoryRow, other: HistoryRow): boolean {
  return (
    one.month === other.month &&
    one.referralId === other.referralId &&
    one.kind === other.kind &&
    one.rateCardId === other.rateCardId &&
    one.personId === other.personId
  );
}
