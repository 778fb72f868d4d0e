import { INVARIANTS_IN_WORDS } from './checks.js';
import type { Tally } from './tally.js';

/** What was done to the product, what it came to, and what was held against it: for whoever reads the end of a run. */
export function verdict(tally: Tally, findings: readonly string[], statements: number): string {
  const { kills, places, covered, crashes, lostCommits, wipedJobs, disturbances, railFaults, clockJumps, diskFull } =
    tally;
  const disk = typeof diskFull === 'string' ? diskFull : `filled ${times(diskFull)}`;
  const lines = [
    `In ${tally.rounds} rounds and ${tally.seconds} s:`,
    `  processes ended by kill -9 at a step     ${kills}, at ${covered} of the ${places} places that were seen`,
    `  PostgreSQL crashed                       ${times(crashes)}`,
    `  replies to COMMIT that were lost         ${lostCommits}`,
    `  jobs that were wiped from the queue      ${wipedJobs}; the slowest to be found again and done: ${seconds(tally.slowestWipedMs)}`,
    `  ways to the database disturbed           ${times(disturbances)}`,
    `  faults of the rail                       ${railFaults}`,
    `  clocks put on by three days              ${times(clockJumps)}`,
    `  disk of the tables                       ${disk}`,
    `Meanwhile ${tally.paid} batches went from a referral to the bank, and ${tally.resent} commands had to be sent again.`,
    `The slowest round had all of its work done ${seconds(tally.slowestSettleMs)} after the last command; time that somebody`,
    `had to wait for (a lease, another try) was made to pass ${times(tally.hastened)}.`,
    `After each round, of ${statements} statements of the ledger and its modules, and of these:`,
    ...INVARIANTS_IN_WORDS.map((one) => `  ${one}`),
  ];
  const end = findings.length === 0 ? ['Nothing broke.'] : ['BROKEN:', ...findings.map((one) => `  ${one}`)];
  return [...lines, ...end].join('\n');
}

function times(count: number): string {
  return count === 1 ? 'once' : count === 0 ? 'never' : `${count} times`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
