import { Platform1764000000001 } from './0001-platform.js';

/** Every migration, in order. A released one is never edited. */
export const migrations = [Platform1764000000001];
