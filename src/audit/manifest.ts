import { canonicalJson } from '../platform/canonical-json.js';
import { isUuid } from '../platform/ids.js';
import { UnreadableError } from './unreadable.js';

export const FORMAT = 'wellpaid-bundle';
export const VERSION = 1;

/** `bundle.json`: which log a bundle holds, and how much of it. Everything else follows from the size. */
export interface Manifest {
  /** The commissioner's log, as its checkpoints name it: `<name of the instance>/<commissioner's id>`. */
  readonly origin: string;
  readonly commissionerId: string;
  /** How many events: those of one checkpoint. At least 1. */
  readonly size: number;
  readonly madeAt: Date;
  /** The platform's log, in which the checkpoints of all commissioners are entries. */
  readonly platformOrigin: string;
}

export function manifestText(manifest: Manifest): string {
  return `${canonicalJson({ ...manifest, madeAt: manifest.madeAt.toISOString(), format: FORMAT, version: VERSION })}\n`;
}

/** @throws UnreadableError when it is no manifest, or of a version that this program does not know */
export function parseManifest(text: string): Manifest {
  const said = parsed(text);
  if (said.format !== FORMAT) throw notABundle();
  if (said.version !== VERSION) {
    throw new UnreadableError(
      `The bundle is of version ${JSON.stringify(said.version)}, and this program knows version ${VERSION}.`,
      'Use the version of wellpaid that made the bundle, or a later one.',
    );
  }
  const { origin, commissionerId, size, madeAt, platformOrigin } = said;
  const isWhole =
    isName(origin) &&
    isName(platformOrigin) &&
    typeof commissionerId === 'string' &&
    isUuid(commissionerId) &&
    typeof size === 'number' &&
    Number.isSafeInteger(size) &&
    size > 0 &&
    typeof madeAt === 'string';
  if (!isWhole || Number.isNaN(Date.parse(madeAt))) throw malformed();
  const manifest = { origin, commissionerId, size, madeAt: new Date(madeAt), platformOrigin };
  if (manifestText(manifest) !== text) throw malformed();
  return manifest;
}

/** As a signed note can have it. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[^\s+\p{C}]{1,1000}$/u.test(value);
}

/** Whether two origins name one log: an instance can be called otherwise later, and its logs keep their ids. */
export function isSameLog(a: string, b: string): boolean {
  return a === b || (a.includes('/') && a.slice(a.lastIndexOf('/')) === b.slice(b.lastIndexOf('/')));
}

function parsed(text: string): Record<string, unknown> {
  try {
    const said: unknown = JSON.parse(text);
    if (typeof said === 'object' && said !== null) return said as Record<string, unknown>;
  } catch {
    // not even JSON: said below
  }
  throw notABundle();
}

export function notABundle(): UnreadableError {
  return new UnreadableError(
    'This is not a bundle of Wellpaid.',
    'Give the file that GET /v1/audit/bundle answers, as it is.',
  );
}

function malformed(): UnreadableError {
  return new UnreadableError(
    'bundle.json is not as version 1 has it.',
    'Verify the bundle as it was downloaded, or fetch it again.',
  );
}
