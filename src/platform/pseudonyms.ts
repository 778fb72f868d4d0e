import { createHmac, hkdfSync } from 'node:crypto';

/**
 * Turns an NHS number into a pseudonym that only this commissioner's data shares: HMAC-SHA-256 under a key derived for
 * the commissioner. Still personal data under UK GDPR, but useless without the key, which is not in the database.
 */
export class Pseudonyms {
  private readonly keys = new Map<string, Buffer>();

  constructor(private readonly masterKey: Buffer) {}

  /** `nhsNumber` is ten validated digits; it is neither stored nor logged. */
  of(commissionerId: string, nhsNumber: string): Buffer {
    return createHmac('sha256', this.keyOf(commissionerId)).update(`nhs:${nhsNumber}`).digest();
  }

  private keyOf(commissionerId: string): Buffer {
    let key = this.keys.get(commissionerId);
    if (!key) {
      key = Buffer.from(hkdfSync('sha256', this.masterKey, '', `wellpaid pseudonym ${commissionerId}`, 32));
      this.keys.set(commissionerId, key);
    }
    return key;
  }
}
