import { agrees, type Figure, inWords } from './england-account.js';
import { isProved, type Proof } from './england-proof.js';
import { durationOf, gigabytes, type TableSize, type Work } from './england-watch.js';
import { short } from './row.js';

/** The account of the year: what was done, how long it took, and what proves it. */
export interface Account {
  readonly share: number;
  readonly seed: number;
  readonly seconds: number;
  /** What was found wrong while the year was done. */
  readonly wrong: readonly string[];
  readonly figures: readonly Figure[];
  readonly works: readonly Work[];
  /** Null where the figures were wrong before it came to proofs. */
  readonly proof: Proof | null;
  readonly machine: Machine;
}

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly node: string;
  /** Of this process, at its peak: the program, and whoever sends to it. */
  readonly memoryMb: number;
  readonly databaseBytes: number;
  readonly walBytes: number;
  readonly largest: readonly TableSize[];
  /** Of the database, without what it was before the first session. */
  readonly bytesPerSession: number;
}

/** What does not hold, in words; with anything here the program ends with 1. */
export function faultsOf({ wrong, figures, proof }: Account): string[] {
  return [
    ...wrong,
    ...figures
      .filter((figure) => !agrees(figure))
      .map(({ name, unit, books, tally = 0n }) => `${name}: ${inWords(unit, books)}, and not ${inWords(unit, tally)}`),
    ...(proof === null || isProved(proof) ? [] : faultsOfProof(proof)),
  ];
}

/** What comes after it is proof. */
const LAST_OF_THE_YEAR = 'waited for the last remittance advices';

function faultsOfProof({ live, bundles, statements }: Proof): string[] {
  return [
    ...(live.outcome === 'proved' ? [] : [`verify --live: ${live.outcome}`, ...live.broken]),
    ...bundles
      .filter(({ outcome }) => outcome !== 'proved')
      .map((one) => `bundle of ${one.commissioner}: ${one.outcome}`),
    ...statements.wrong.map((what) => `statements: ${what}`),
  ];
}

/** The account for a terminal. */
export function accountInWords(account: Account): string {
  const { share, seed, seconds, figures, works, proof, machine } = account;
  const faults = faultsOf(account);
  const of = share === 1 ? 'England’s year' : `${short(share)} of England’s year`;
  return [
    `The account of ${of}, seed ${seed}, in ${durationOf(seconds)}`,
    '',
    table(['what', 'in the books', 'by the tally', ''], figures.map(figureLine)),
    '',
    table(['work', 'done', 'seconds', 'a second', 'early', 'late', 'program', 'PostgreSQL'], works.map(workLine)),
    '',
    'Seconds are of the clock; early and late are the rates of the first and the last quarter of the year. Program and PostgreSQL say',
    'what each spent of the processors, with whatever ran beside it (sealing, jobs); the program is the product with its jobs and its',
    'sealer, and whoever sends to it, in one process. The double of Stripe and the verifiers are processes of their own.',
    '',
    ...costLines(works, figures),
    ...machineLines(machine),
    '',
    table(['table', 'with its indexes', 'indexes alone'], machine.largest.map(sizeLine)),
    ...(proof ? ['', ...proofLines(proof)] : []),
    '',
    ...(faults.length === 0
      ? ['The account balances: every figure is that of the tally, and everything is proved.']
      : ['THE ACCOUNT DOES NOT BALANCE:', ...faults.map((fault) => `- ${fault}`)]),
  ].join('\n');
}

function figureLine(figure: Figure): string[] {
  const { name, unit, books, tally } = figure;
  if (tally === undefined) return [name, inWords(unit, books), '', ''];
  return [name, inWords(unit, books), inWords(unit, tally), agrees(figure) ? 'agrees' : 'WRONG'];
}

function workLine({ name, unit, count, seconds, programSeconds, serverSeconds, parts }: Work): string[] {
  const done = `${Math.round(count).toLocaleString('en-GB')} ${unit}`;
  const quarter = Math.floor(parts.length / 4);
  const trend = quarter > 0 ? [rateOf(parts.slice(0, quarter)), rateOf(parts.slice(-quarter))].map(short) : ['', ''];
  return [name, done, short(seconds), short(count / seconds), ...trend, short(programSeconds), short(serverSeconds)];
}

function rateOf(parts: Work['parts']): number {
  const sum = (of: 'count' | 'seconds') => parts.reduce((total, part) => total + part[of], 0);
  return sum('count') / sum('seconds');
}

/** What a person at a session costs in all, from the referral to the bank. */
function costLines(works: readonly Work[], figures: readonly Figure[]): string[] {
  const claims = Number(figures.find(({ name }) => name === 'claims')?.books ?? 0n);
  const paid = works.slice(0, works.findIndex(({ name }) => name === LAST_OF_THE_YEAR) + 1);
  if (claims === 0 || paid.length === 0) return [];
  const sum = (of: 'programSeconds' | 'serverSeconds') => paid.reduce((total, work) => total + work[of], 0);
  const each = (seconds: number) => `${short((1_000 * seconds) / claims)} ms`;
  const [program, server] = [sum('programSeconds'), sum('serverSeconds')];
  return [
    `Until all was paid: ${short(program)} s of the program and ${short(server)} s of PostgreSQL, ${each(program)} and ${each(server)} for each claim.`,
  ];
}

function machineLines(machine: Machine): string[] {
  const { cores, cpu, node, memoryMb, databaseBytes, walBytes, bytesPerSession } = machine;
  return [
    `Memory at its peak ${short(memoryMb)} MB; database ${gigabytes(databaseBytes)}, ${short(bytesPerSession)} bytes for each person at a session;`,
    `write-ahead log ${gigabytes(walBytes)} in all. ${cores} cores (${cpu}), Node ${node}.`,
  ];
}

function sizeLine({ name, bytes, indexBytes }: TableSize): string[] {
  return [name, `${short(bytes / 1e6)} MB`, `${short(indexBytes / 1e6)} MB`];
}

function proofLines({ live, bundles, statements }: Proof): string[] {
  const number = (count: number) => count.toLocaleString('en-GB');
  return [
    `verify --live: ${live.outcome}, ${number(live.events)} events, every table as the journal says, every sentence about the books true.`,
    ...bundles.map(
      ({ commissioner, outcome, events, bytes, root }) =>
        `bundle of ${commissioner}, offline: ${outcome}, ${number(events)} events, ${short(bytes / 1e6)} MB, root ${root}`,
    ),
    `${number(statements.count)} statements of ${number(statements.lines)} lines, all closing at nothing.`,
  ];
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)));
  const pad = (cell: string, column: number) => {
    const width = widths[column] ?? 0;
    return column === 0 || column === head.length - 1 ? cell.padEnd(width) : cell.padStart(width);
  };
  return [head, ...lines].map((line) => line.map(pad).join('  ').trimEnd()).join('\n');
}
