import { MalformedError, type NoteVerifier, parseVerifierKey } from '../transparency/index.js';
import type { Finding } from './finding.js';
import { UnreadableError } from './unreadable.js';

/** Whose signatures count, and why. */
export interface TrustedKeys {
  /** Verifier keys that may sign checkpoints of this log; the first that signs is enough. */
  of(origin: string): { readonly texts: readonly string[]; readonly verifiers: readonly NoteVerifier[] };
  /** Pinned keys of witnesses. */
  readonly witnesses: readonly NoteVerifier[];
  /** Whether the keys were given by whoever verifies, and not taken from the bundle itself. */
  readonly isPinned: boolean;
}

/** Two logs, and a few keys of each while they are changed: more would only take time. */
const KEYS_MAX = 100;

interface KnownKey {
  readonly text: string;
  readonly verifier: NoteVerifier;
  /** Base64 of its type and its 32 bytes: one key signs under the names of all logs. */
  readonly material: string;
}

/**
 * Without pins, the keys are those that the bundle brings: then the signatures say that one party made it all, not which.
 * With pins, only pinned keys count, under whatever name the bundle has them.
 *
 * @throws UnreadableError for a pin that is no verifier key
 */
export function trustedKeys(bundled: string, pins: readonly string[], report: (finding: Finding) => void): TrustedKeys {
  const pinned = pins.map((text) => {
    try {
      return knownKey(text);
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      throw new UnreadableError(
        `${JSON.stringify(text)} is no verifier key: ${error.message}.`,
        'Give --key as the commissioner or the operator gave it: name+id+key, in one line.',
      );
    }
  });
  const brought = readBundled(bundled, report);
  const isPinned = pinned.some(({ verifier }) => verifier.type === 'ed25519');
  const materials = new Set(pinned.map(({ material }) => material));
  const trusted = isPinned ? [...pinned, ...brought.filter(({ material }) => materials.has(material))] : brought;
  return {
    isPinned,
    witnesses: pinned.map(({ verifier }) => verifier).filter(({ type }) => type === 'cosignature/v1'),
    of: (origin) => {
      const keys = trusted.filter(({ verifier }) => verifier.type === 'ed25519' && verifier.name === origin);
      return { texts: keys.map(({ text }) => text), verifiers: keys.map(({ verifier }) => verifier) };
    },
  };
}

function readBundled(text: string, report: (finding: Finding) => void): KnownKey[] {
  const member = 'keys';
  if (!text.endsWith('\n'))
    report({ code: 'keys_malformed', at: { member }, what: 'The keys do not end with their last line.' });
  const keys: KnownKey[] = [];
  const lines = text.split('\n').slice(0, -1);
  if (lines.length > KEYS_MAX)
    report({ code: 'keys_malformed', at: { member }, what: `There are ${lines.length} keys.` });
  for (const line of lines.slice(0, KEYS_MAX)) {
    try {
      keys.push(knownKey(line));
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      report({
        code: 'keys_malformed',
        at: { member },
        what: `A line is no verifier key: ${error.message}.`,
      });
    }
  }
  return keys;
}

function knownKey(text: string): KnownKey {
  const verifier = parseVerifierKey(text);
  return { text, verifier, material: text.split('+').slice(2).join('+') };
}
