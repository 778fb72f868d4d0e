const BIGINT = '$bigint';
const DATE = '$date';

/**
 * An answer as JSON from which the very same answer can be made again: amounts stay bigint and instants stay Date, so that
 * a repeated command answers as the first did. A member's name that begins with `$` gets one more.
 */
export function freeze(answer: unknown): unknown {
  if (typeof answer === 'bigint') return { [BIGINT]: answer.toString() };
  if (answer instanceof Date) return { [DATE]: answer.toISOString() };
  if (Array.isArray(answer)) return answer.map(freeze);
  if (typeof answer !== 'object' || answer === null) return answer;
  return Object.fromEntries(
    Object.entries(answer).map(([name, member]) => [name.startsWith('$') ? `$${name}` : name, freeze(member)]),
  );
}

/** The answer that was frozen; what was an instance of a class is a plain object now. */
export function thaw(frozen: unknown): unknown {
  if (Array.isArray(frozen)) return frozen.map(thaw);
  if (typeof frozen !== 'object' || frozen === null) return frozen;
  const members = Object.entries(frozen);
  const [name, text] = members[0] ?? [];
  if (name === BIGINT) return BigInt(String(text));
  if (name === DATE) return new Date(String(text));
  return Object.fromEntries(members.map(([key, member]) => [key.startsWith('$') ? key.slice(1) : key, thaw(member)]));
}
