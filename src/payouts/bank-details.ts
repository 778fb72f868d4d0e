import { createHash, randomBytes } from 'node:crypto';
import { detailsText } from './payout-account-change.rules.js';

/** 32 random bytes, without which nobody can try which details a hash is of: there are few sort codes and numbers. */
export function newSalt(): Buffer {
  return randomBytes(32);
}

/** The hash by which an event knows bank details: SHA-256 of the salt and of the details as RFC 8785 spells them. */
export function bindDetails(salt: Buffer, details: Parameters<typeof detailsText>[0]): Buffer {
  return createHash('sha256').update(salt).update(detailsText(details)).digest();
}
