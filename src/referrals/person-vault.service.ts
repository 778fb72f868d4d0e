import { createHmac, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { canonicalJson } from '../platform/canonical-json.js';
import { commitmentTo, newSalt } from '../platform/commitments.js';
import { openUnder, SecretBox, sealUnder } from '../platform/secret-box.js';
import { indexInput, vaultContext, type PersonIdentity, type PersonSecret } from './person-identity.rules.js';

/** Of the layout of what is sealed, and of the key that wraps. */
const VERSION = 1;
const KEY_BYTES = 32;

/** What is stored of a person: without the instance's key, and without `wrapped`, it says nothing. */
export interface SealedPerson {
  readonly version: number;
  /** The person's own key under the instance's. */
  readonly wrapped: Buffer;
  /** Salt and identity under the person's own key. */
  readonly sealed: Buffer;
}

/** A person of whom something is known, ready to be stored. */
export interface NewSealedPerson extends SealedPerson {
  /** SHA-256; goes into the events of the person's referrals. */
  readonly commitment: Buffer;
}

/**
 * Keeps what identifies people who were referred. Each has a random key of its own, wrapped by a key that is derived from
 * the instance's and is not in the database. Whoever destroys the wrapped key has destroyed what was sealed under it.
 */
@Injectable()
export class PersonVault {
  private readonly wrappingKey: Buffer;
  private readonly indexKey: Buffer;

  constructor(box: SecretBox) {
    this.wrappingKey = box.keyFor('person key');
    this.indexKey = box.keyFor('person index');
  }

  /** What finds a person by a reference without being one: HMAC-SHA-256 under a key that is not in the database. */
  indexOf(commissionerId: string, ownerOrgId: string, reference: string): Buffer {
    return createHmac('sha256', this.indexKey)
      .update(indexInput(commissionerId, ownerOrgId, reference))
      .digest();
  }

  seal(personId: string, identity: PersonIdentity): NewSealedPerson {
    const { commissionerId } = identity;
    const key = randomBytes(KEY_BYTES);
    const salt = newSalt();
    const secret: PersonSecret = { identity, salt: salt.toString('hex') };
    const context = (kind: string) => vaultContext(commissionerId, personId, kind, VERSION);
    return {
      version: VERSION,
      wrapped: sealUnder(this.wrappingKey, key, context('key')),
      sealed: sealUnder(key, Buffer.from(canonicalJson({ ...secret })), context('identity')),
      commitment: commitmentTo(identity, salt),
    };
  }

  /** @throws Error when it is another person's, was changed, or was sealed under another key of an instance */
  open(commissionerId: string, personId: string, { version, wrapped, sealed }: SealedPerson): PersonSecret {
    const context = (kind: string) => vaultContext(commissionerId, personId, kind, version);
    const key = openUnder(this.wrappingKey, wrapped, context('key'));
    return JSON.parse(openUnder(key, sealed, context('identity')).toString('utf8')) as PersonSecret;
  }
}
