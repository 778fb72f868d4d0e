import type { Finding } from '../audit/index.js';

/** What a log was found to be. */
export interface LiveLogVerdict {
  readonly logId: string;
  readonly origin: string;
  /** Events, or entries, that its tiles hold. */
  readonly size: number;
  /** Base64. */
  readonly root: string;
  /** Of the newest signed checkpoint; 0 where there is none. */
  readonly signedSize: number;
  /** Null where nothing is published outside of the database. */
  readonly publishedSize: number | null;
  /** The first hundred. */
  readonly findings: readonly Finding[];
  readonly findingCount: number;
}

/** A sentence that must be true of the books, and is not. */
export interface BrokenSentence {
  readonly sentence: string;
  readonly violations: number;
  readonly examples: readonly Record<string, unknown>[];
}

/** What a running database was found to be. Its JSON is an interface: names stay, and more may come. */
export interface LiveVerdict {
  readonly outcome: 'proved' | 'tampered';
  readonly checkedAt: string;
  /** Of each commissioner, and of the platform last. */
  readonly logs: readonly LiveLogVerdict[];
  readonly broken: readonly BrokenSentence[];
  /** Texts that people wrote whose hash in the journal has no salt: of before there were salts. */
  readonly unsaltedTexts: number;
}

const number = new Intl.NumberFormat('en-GB');

/** What was found, for people: a few sentences, each on a line of its own. */
export function liveVerdictInWords({ outcome, logs, broken, unsaltedTexts }: LiveVerdict): string[] {
  const commissioners = logs.slice(0, -1);
  const events = commissioners.reduce((sum, { size }) => sum + size, 0);
  const unsigned = logs.filter(({ size, signedSize }) => signedSize < size);
  const heads = [
    ...commissioners.map(({ origin, size, root }) => `${origin}: ${number.format(size)} events have the root ${root}.`),
    ...unsigned.map(({ origin, signedSize }) => `${origin} is signed up to ${number.format(signedSize)}.`),
    ...(unsaltedTexts === 0
      ? []
      : [`${countOf(unsaltedTexts, 'text')} of before are checked by a hash without a salt (docs/privacy.md).`]),
  ];
  if (outcome === 'proved') {
    return [
      `Proved. All ${number.format(events)} sealed events in ${countOf(commissioners.length, 'log')} are what was sealed, and ` +
        'tiles, heads, checkpoints and signatures are of them.',
      'Every table is what the journal says, and everything that must be true of the books is true.',
      ...heads,
      'Not proved: that what people entered was true, and what was rewritten before anybody outside held a checkpoint ' +
        '(docs/audit.md).',
    ];
  }
  return [
    'NOT PROVED. Something in this database is not what was sealed, or not what the journal says:',
    ...logs.flatMap(({ origin, findings, findingCount }) => [
      ...findings.map((finding) => findingInWords(origin, finding)),
      ...moreOf(findingCount - findings.length),
    ]),
    ...broken.flatMap(({ sentence, violations, examples }) => [
      `- Not true: ${sentence} Found ${countOf(violations, 'time')}, such as`,
      ...examples.map((example) => `    ${JSON.stringify(example, asText)}`),
    ]),
    ...heads,
  ];
}

function findingInWords(origin: string, { code, at, what }: Finding): string {
  const places = [
    ...(at.index === undefined ? [] : [`event ${at.index}`]),
    ...(at.eventId === undefined ? [] : [at.eventId]),
    ...(at.member === undefined ? [] : [at.member]),
  ];
  return `- ${code} in ${origin}${places.length > 0 ? ` at ${places.join(', ')}` : ''}: ${what}`;
}

function countOf(of: number, noun: string): string {
  return `${number.format(of)} ${noun}${of === 1 ? '' : 's'}`;
}

function moreOf(count: number): string[] {
  return count > 0 ? [`… and ${number.format(count)} more.`] : [];
}

/** As JSON writes it, but for what JSON has no spelling of. */
function asText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
