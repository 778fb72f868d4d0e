const SECOND_MS = 1000;
/** However often somebody guesses, they may try again after a quarter of an hour: nobody is locked out for good. */
const WAIT_MAX_MS = 15 * 60 * SECOND_MS;
/** Failures are forgotten after a day without one. */
const MEMORY_MS = 24 * 3600 * SECOND_MS;

/** How patient to be with one key: a typing mistake is free, and an office shares its address. */
export interface Patience {
  /** Failures in a row that cost no waiting. */
  readonly free: number;
}

export const ACCOUNT_PATIENCE: Patience = { free: 5 };
export const NETWORK_PATIENCE: Patience = { free: 30 };

export interface Failures {
  readonly count: number;
  readonly lastFailedAt: Date;
  /** From when on the next try is looked at. */
  readonly freeAt: Date;
}

/** Whether a try at `now` is looked at. One that is not counts as nothing: it was no guess. */
export function mayTry(failures: Failures | null, now: Date): boolean {
  return failures === null || failures.freeAt.getTime() <= now.getTime();
}

/** The failures after one more at `now`: each beyond the free ones doubles the wait, from a second on (ASVS 6.3.1). */
export function afterFailure(failures: Failures | null, now: Date, { free }: Patience): Failures {
  const remembered = failures !== null && now.getTime() - failures.lastFailedAt.getTime() < MEMORY_MS;
  const count = (remembered ? failures.count : 0) + 1;
  const waitMs = count <= free ? 0 : Math.min(WAIT_MAX_MS, SECOND_MS * 2 ** Math.min(count - free - 1, 30));
  return { count, lastFailedAt: now, freeAt: new Date(now.getTime() + waitMs) };
}

/**
 * The network that an address is in, as far as one subscriber usually has it: /24 of IPv4, /64 of IPv6. Something else
 * than an address gives `unknown`, which all such share.
 */
export function networkOf(address: string): string {
  const v4 = /^(?:::ffff:)?(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.\d{1,3}$/i.exec(address);
  if (v4) return `${Number(v4[1])}.${Number(v4[2])}.${Number(v4[3])}.0/24`;
  const groups = ipv6Groups(address.toLowerCase().replace(/%.*$/, ''));
  return groups === undefined ? 'unknown' : `${groups.slice(0, 4).join(':')}::/64`;
}

/** The eight groups without leading zeros (RFC 4291 section 2.2); undefined when it is no such address. */
function ipv6Groups(address: string): string[] | undefined {
  const halves = address.split('::');
  if (halves.length > 2 || !address.includes(':')) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return undefined;
  return groups.map((group) => group.replace(/^0+(?=.)/, ''));
}
