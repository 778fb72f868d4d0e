import { formatPounds } from '../money/index.js';
import type { Finding } from './finding.js';
import type { BundleVerdict, HeldResult, Verdict } from './verdict.js';

const number = new Intl.NumberFormat('en-GB');

/**
 * What was found, for people: a few sentences, each on a line of its own. What a bundle says may be quoted in them, so that
 * no line can break, or move what a terminal shows.
 */
export function verdictInWords(verdict: Verdict): string[] {
  return sentencesOf(verdict).map((line) => line.slice(0, LINE_MAX).replaceAll(/\p{C}/gu, '\ufffd'));
}

const LINE_MAX = 2_000;

function sentencesOf(verdict: Verdict): string[] {
  if (verdict.outcome === 'unreadable') {
    const mend = verdict.mend.split('\n');
    return ['Cannot be verified: nothing is proved, and nothing is refuted.', verdict.message, ...mend];
  }
  if (!('log' in verdict)) {
    return [
      'NOT PROVED. The file is whole, but it is not made up as a bundle is, so that nothing else was looked at:',
      ...verdict.findings.map(findingInWords),
    ];
  }
  return verdict.outcome === 'proved' ? proved(verdict) : refuted(verdict);
}

function proved(verdict: BundleVerdict): string[] {
  const { log, counts } = verdict;
  return [
    `Proved. These are the first ${count(counts.events, 'event')} of the log ${log.origin}, under its signed checkpoint: ` +
      'none was changed, dropped, added or moved since it was sealed.',
    `The money follows: ${count(counts.transfers, 'transfer')} are those that the events bind, nothing was paid, owed or ` +
      'committed without what must come before, and no balance that limits a decision was overdrawn by one at any of ' +
      `${count(counts.checkpoints, 'checkpoint')}.`,
    ...aboutKeys(verdict),
    ...aboutHeld(verdict),
    ...aboutAnchor(verdict),
    ...aboutUnknown(verdict),
    ...aboutStatements(verdict),
    'Not proved: that what people entered was true, and that nobody was shown another log (docs/audit.md).',
    `Keep this to compare with later bundles: ${number.format(log.size)} events have the root ${log.root}.`,
    ...aboutBalances(verdict),
  ];
}

function refuted(verdict: BundleVerdict): string[] {
  const { findings, findingCount, log } = verdict;
  const more = findingCount - findings.length;
  return [
    `NOT PROVED. ${count(findingCount, 'thing')} in this bundle of ${log.origin} ${findingCount === 1 ? 'is' : 'are'} not as ` +
      'they were sealed, or do not follow from what came before:',
    ...findings.map(findingInWords),
    ...(more > 0 ? [`… and ${number.format(more)} more.`] : []),
    ...aboutKeys(verdict),
    ...aboutHeld(verdict),
    ...aboutBalances(verdict),
  ];
}

function findingInWords({ code, at, what }: Finding): string {
  const places = [
    ...(at.index === undefined ? [] : [`event ${at.index}`]),
    ...(at.eventId === undefined ? [] : [at.eventId]),
    ...(at.member === undefined ? [] : [at.member]),
  ];
  return `- ${code}${places.length > 0 ? ` at ${places.join(', ')}` : ''}: ${what}`;
}

function aboutKeys({ keys }: BundleVerdict): string[] {
  if (keys.isPinned) return ['The keys are those that you gave.'];
  return [
    'The keys came from the bundle itself. Compare them with those that you were given before, or give --key.',
    ...keys.ofLog,
  ];
}

function aboutHeld({ held }: BundleVerdict): string[] {
  if (held.length === 0)
    return ['You gave no earlier checkpoint, so that what was rewritten before this one was signed does not show.'];
  return held.map(
    (one) =>
      `${one.name} (${count(one.size, 'event')}) ${COMPARISONS[one.comparison]}${one.isSigned ? '.' : '; no known key has signed it.'}`,
  );
}

const COMPARISONS: Readonly<Record<HeldResult['comparison'], string>> = {
  same: 'is the beginning of this log',
  differs: 'is not the beginning of this log',
  ahead: 'is longer than this log',
  not_compared: "is of the platform's log at a size that this bundle does not have, and was not compared",
};

function aboutAnchor({ anchor, witnesses }: BundleVerdict): string[] {
  if (!anchor) return ["The bundle does not say where the platform's log has this one."];
  const { platform, index, size } = anchor;
  return [
    `The platform's log ${platform.origin} has the first ${count(size, 'event')} as its entry ${index} of ${platform.size}.`,
    ...witnesses.map(({ name, cosignedAt }) => `The witness ${name} saw that log, as the only one, by ${cosignedAt}.`),
  ];
}

function aboutUnknown({ notUnderstood }: BundleVerdict): string[] {
  return notUnderstood.map(
    ({ type, events, moving }) =>
      `${count(events, 'event')} of the type ${type}, of which ${moving} moved money, are of a later version than this program: ` +
      'they are in the log and their transfers were counted, but what they mean was not checked.',
  );
}

function aboutStatements({ counts }: BundleVerdict): string[] {
  if (counts.statements === 0) return [];
  return [`The balances of ${count(counts.statements, 'statement')} were made again, to the penny.`];
}

function aboutBalances({ balances }: BundleVerdict): string[] {
  if (!balances) return [];
  const { size, on, accounts } = balances;
  const amounts = accounts.map(({ balanceMinor }) => formatPounds(BigInt(balanceMinor)));
  const width = Math.max(0, ...amounts.map(({ length }) => length));
  return [
    `Balances as booked in the first ${count(size, 'event')}${on === null ? '' : `, at the end of ${on}`}:`,
    ...accounts.map(({ account }, place) => `${(amounts[place] ?? '').padStart(width)}  ${account}`),
  ];
}

function count(amount: number, what: string): string {
  return `${number.format(amount)} ${what}${amount === 1 ? '' : 's'}`;
}
