/** An amount of money in integer minor units: pence sterling, net or gross as its name says. */
export type Minor = bigint;

const POUNDS = /^(-?)£?(\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(?:\.(\d{2}))?$/;
const MINOR_TEXT = /^(?:0|-?[1-9]\d{0,17})$/;

/** `123456n` → `£1,234.56`; a negative amount carries a hyphen-minus before the pound sign: `-£0.05`. */
export function formatPounds(amount: Minor): string {
  const absolute = amount < 0n ? -amount : amount;
  const pounds = (absolute / 100n).toString().replace(/\B(?=(?:\d{3})+$)/g, ',');
  const pence = (absolute % 100n).toString().padStart(2, '0');
  return `${amount < 0n ? '-' : ''}£${pounds}.${pence}`;
}

/**
 * Reads pounds as people write them: `12`, `12.50`, `£1,234.56`, `-£3.00`. Whatever could be read in two ways is not
 * read at all: one decimal or three, misplaced separators, spaces, signs after the pound sign.
 */
export function parsePounds(text: string): Minor | undefined {
  const match = POUNDS.exec(text);
  if (!match) return undefined;
  const [, sign, pounds = '', pence = '00'] = match;
  const amount = BigInt(pounds.replaceAll(',', '') + pence);
  return sign === '-' ? -amount : amount;
}

/** Reads the wire form of an amount, a decimal string of integer minor units: `"3200"`. No leading noughts, no `-0`. */
export function parseMinor(text: string): Minor | undefined {
  return MINOR_TEXT.test(text) ? BigInt(text) : undefined;
}

export function sumMinor(amounts: Iterable<Minor>): Minor {
  let sum = 0n;
  for (const amount of amounts) sum += amount;
  return sum;
}
