/** How many of each to reach; rounds of work go on until all are, or until time is up. */
export interface Goals {
  /** Which is a finding: what was asked for was not tried. */
  readonly minutes: number;
  readonly kills: number;
  readonly crashes: number;
  readonly lostCommits: number;
  readonly wipedJobs: number;
}

export interface Tally {
  readonly rounds: number;
  readonly kills: number;
  /** Crash points of processes that were seen, and at how many of them one was killed. */
  readonly places: number;
  readonly covered: number;
  readonly crashes: number;
  readonly lostCommits: number;
  readonly wipedJobs: number;
  readonly disturbances: number;
  readonly railFaults: number;
  readonly clockJumps: number;
  /** How often the data volume was full; or why it could not be. */
  readonly diskFull: number | string;
  /** Commands that were sent again, because nobody had answered or a server was in trouble. */
  readonly resent: number;
  /** Batches that went from a referral to the bank. */
  readonly paid: number;
  /** How often work waited for an hour to come, and time was made to pass. */
  readonly hastened: number;
  /** The longest from the last command of a round until all of its work was done. */
  readonly slowestSettleMs: number;
  /** The longest from wiping a full queue until all of it was found again and done, with time left as it is. */
  readonly slowestWipedMs: number;
  readonly seconds: number;
}
