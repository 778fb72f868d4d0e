import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server';

/** How a device or a browser may misbehave. */
export interface Misbehaviour {
  /** The page that asked, as the browser saw it. */
  origin?: string;
  /** The name of the site that the key is used for. */
  rpId?: string;
  /** False for a device that did not ask for PIN, finger or face. */
  verified?: boolean;
  /** False for a device that nobody touched. */
  present?: boolean;
  /** What the device says that it counted. */
  counter?: number;
  challenge?: string;
  userHandle?: string;
  /** Signs with a key that is not its own. */
  forged?: boolean;
}

const PRESENT = 0x01;
const VERIFIED = 0x04;
const ATTESTED = 0x40;

/**
 * A phone with one passkey, as far as WebAuthn level 3 sees it: ES256, attestation `none`, and a counter. Nothing but
 * node:crypto, so that what is tested is not tested with itself.
 */
export class SoftwareAuthenticator {
  readonly id = randomBytes(32);
  private keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  private counter = 0;
  private userHandle = '';

  constructor(
    private readonly origin: string,
    private readonly rpId = 'localhost',
  ) {}

  /** What `navigator.credentials.create` gives. */
  create(options: PublicKeyCredentialCreationOptionsJSON, wrong: Misbehaviour = {}): object {
    this.userHandle = options.user.id;
    const credential = Buffer.concat([
      Buffer.alloc(16), // AAGUID
      Buffer.from([this.id.length >> 8, this.id.length & 0xff]),
      this.id,
      coseKey(this.keys.publicKey),
    ]);
    const data = Buffer.concat([this.authenticatorData(wrong, ATTESTED), credential]);
    return this.answer({
      clientDataJSON: this.clientData('webauthn.create', options.challenge, wrong),
      attestationObject: map([
        [text('fmt'), text('none')],
        [text('attStmt'), map([])],
        [text('authData'), bytes(data)],
      ]).toString('base64url'),
      transports: ['internal'],
    });
  }

  /** What `navigator.credentials.get` gives. */
  get(options: PublicKeyCredentialRequestOptionsJSON, wrong: Misbehaviour = {}): object {
    this.counter = wrong.counter ?? this.counter + 1;
    const data = this.authenticatorData(wrong);
    const clientDataJSON = this.clientData('webauthn.get', options.challenge, wrong);
    const hash = createHash('sha256').update(Buffer.from(clientDataJSON, 'base64url')).digest();
    const { privateKey } = wrong.forged ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : this.keys;
    return this.answer({
      clientDataJSON,
      authenticatorData: data.toString('base64url'),
      signature: sign('sha256', Buffer.concat([data, hash]), privateKey).toString('base64url'),
      userHandle: wrong.userHandle ?? this.userHandle,
    });
  }

  private answer(response: object): object {
    const id = this.id.toString('base64url');
    return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response };
  }

  private clientData(type: string, challenge: string, { origin = this.origin, ...wrong }: Misbehaviour): string {
    const data = { type, challenge: wrong.challenge ?? challenge, origin, crossOrigin: false };
    return Buffer.from(JSON.stringify(data)).toString('base64url');
  }

  /** WebAuthn section 6.1: hash of the site's name, flags, counter. */
  private authenticatorData({ rpId = this.rpId, verified = true, present = true }: Misbehaviour, more = 0): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.counter);
    const flags = (present ? PRESENT : 0) | (verified ? VERIFIED : 0) | more;
    return Buffer.concat([createHash('sha256').update(rpId).digest(), Buffer.from([flags]), counter]);
  }
}

/** A public key on P-256 as COSE has it (RFC 9053 section 7.1). */
function coseKey(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  return map([
    [integer(1), integer(2)], // kty: EC2
    [integer(3), integer(-7)], // alg: ES256
    [integer(-1), integer(1)], // crv: P-256
    [integer(-2), bytes(Buffer.from(x, 'base64url'))],
    [integer(-3), bytes(Buffer.from(y, 'base64url'))],
  ]);
}

/** The head of a CBOR item (RFC 8949 section 3). */
function head(major: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(major << 5) | value]);
  if (value < 256) return Buffer.from([(major << 5) | 24, value]);
  return Buffer.from([(major << 5) | 25, value >> 8, value & 0xff]);
}

const integer = (value: number) => (value < 0 ? head(1, -1 - value) : head(0, value));
const bytes = (value: Buffer) => Buffer.concat([head(2, value.length), value]);
const text = (value: string) => Buffer.concat([head(3, value.length), Buffer.from(value)]);
const map = (entries: [Buffer, Buffer][]) => Buffer.concat([head(5, entries.length), ...entries.flat()]);
