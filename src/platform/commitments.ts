import { hash, randomBytes } from 'node:crypto';
import { canonicalJson, type CanonicalObject } from './canonical-json.js';

/** Keeps a commitment apart from the leaves (0x00) and nodes (0x01) of RFC 6962 section 2.1. */
const PREFIX = Buffer.of(0x02);

const SALT_BYTES = 32;

/** 256 random bits. They are kept beside what is committed to, and nowhere else: who lacks them can try nothing. */
export function newSalt(): Buffer {
  return randomBytes(SALT_BYTES);
}

/**
 * What stands in an event for something that must be able to go: SHA-256 of the byte 0x02, the salt of 32 bytes, and the
 * object as RFC 8785 spells it, which says where it ends. Its `kind` keeps commitments to unlike things apart.
 */
export function commitmentTo(what: CanonicalObject & { readonly kind: string }, salt: Buffer): Buffer {
  return hash('sha256', Buffer.concat([PREFIX, salt, Buffer.from(canonicalJson(what))]), 'buffer');
}
