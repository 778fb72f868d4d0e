import { createPrivateKey, createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto';
import { formatBase64, linesOf, MalformedError, parseBase64 } from './text.js';

/** A note that is malformed, or that none of the keys in hand has signed, or that one of them did not sign after all. */
export class NoteError extends MalformedError {
  override name = 'NoteError';
}

/** Puts a signature under a note. `sign` returns what follows the key id in a signature line. */
export interface NoteSigner {
  readonly name: string;
  readonly keyId: number;
  sign(text: string): Uint8Array;
}

/** Knows one key. `verify` takes what follows the key id in a signature line. */
export interface NoteVerifier {
  readonly name: string;
  readonly keyId: number;
  readonly type: SignatureType;
  verify(text: string, signature: Uint8Array): boolean;
}

/** Ed25519 over the text (C2SP signed-note), or over the text behind a time (C2SP tlog-cosignature). */
export type SignatureType = 'ed25519' | 'cosignature/v1';

const TYPE_BYTES: Readonly<Record<SignatureType, number>> = { ed25519: 0x01, 'cosignature/v1': 0x04 };
const TYPES = Object.keys(TYPE_BYTES) as SignatureType[];

/** The DER around the 32 bytes of an Ed25519 key (RFC 8410 sections 4 and 7). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const KEY_BYTES = 32;

/** What Go's note package accepts: more than anyone signs, and little to read through. */
const MAX_NOTE_LENGTH = 1_000_000;
const MAX_SIGNATURES = 100;

const TIMESTAMP_BYTES = 8;
/** The last second that a Date can tell. */
const LAST_SECOND = 8_640_000_000_000n;

/** The private key of a 32-byte Ed25519 seed (RFC 8032 section 5.1.5). Throws RangeError for another length. */
export function signingKey(seed: Uint8Array): KeyObject {
  if (seed.length !== KEY_BYTES) throw new RangeError('the seed of an Ed25519 key has 32 bytes');
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
}

/** Signs with Ed25519 as this name. Throws RangeError for a name that no note can carry, or another kind of key. */
export function noteSigner(name: string, privateKey: KeyObject): NoteSigner {
  return {
    name,
    keyId: keyIdOf(name, 'ed25519', rawPublicKey(privateKey)),
    sign: (text) => sign(null, Buffer.from(text), privateKey),
  };
}

/** Signs checkpoints as a witness that saw them at `cosignedAt`, to the second (C2SP tlog-cosignature, Ed25519). */
export function cosignatureSigner(name: string, privateKey: KeyObject, cosignedAt: Date): NoteSigner {
  const seconds = BigInt(Math.floor(cosignedAt.getTime() / 1000));
  return {
    name,
    keyId: keyIdOf(name, 'cosignature/v1', rawPublicKey(privateKey)),
    sign: (text) => {
      const timestamp = Buffer.alloc(TIMESTAMP_BYTES);
      timestamp.writeBigUInt64BE(seconds);
      return Buffer.concat([timestamp, sign(null, cosignedMessage(seconds, text), privateKey)]);
    },
  };
}

/** The public key as people pass it on: `<name>+<key id>+<Base64 of type and key>` (C2SP signed-note, verifier keys). */
export function verifierKey(name: string, key: KeyObject, type: SignatureType = 'ed25519'): string {
  const raw = rawPublicKey(key);
  const id = keyIdOf(name, type, raw).toString(16).padStart(8, '0');
  return `${name}+${id}+${Buffer.concat([Buffer.of(TYPE_BYTES[type]), raw]).toString('base64')}`;
}

/** Reads a verifier key of either type. Throws NoteError when it is malformed or its id is not that of its key. */
export function parseVerifierKey(vkey: string): NoteVerifier {
  const [, name = '', id = '', encoded = ''] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey) ?? [];
  const bytes = noteBase64(encoded, 'the verifier key');
  const type = TYPES.find((each) => TYPE_BYTES[each] === bytes[0]);
  if (!type) throw new NoteError('the verifier key is of an unknown type');
  const raw = bytes.subarray(1);
  if (!isKeyName(name) || raw.length !== KEY_BYTES) throw new NoteError('the verifier key is malformed');
  const keyId = keyIdOf(name, type, raw);
  if (keyId !== Number.parseInt(id, 16)) throw new NoteError(`the verifier key of ${name} does not have the id ${id}`);
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
  return {
    name,
    keyId,
    type,
    verify: (text, signature) =>
      type === 'ed25519' ? verify(null, Buffer.from(text), key, signature) : verifyCosignature(text, signature, key),
  };
}

/** The note: the text, an empty line, and one line for each signer. Throws RangeError for a text that no note can hold. */
export function signNote(text: string, signers: readonly NoteSigner[]): string {
  if (!isNoteText(text) || !text.endsWith('\n') || text === '\n') {
    throw new RangeError('the text of a note is lines that end in a newline, without control characters');
  }
  if (signers.length === 0) throw new RangeError('a note is signed');
  return `${text}\n${signers.map((signer) => signatureLine(signer, signer.sign(text))).join('')}`;
}

/**
 * The text of a note and the names of the known keys that signed it. Signatures of unknown keys are ignored. Throws
 * NoteError when the note is malformed, when none of the verifiers' keys signed it, or when one of them is named over a
 * signature that is not its own (C2SP signed-note, Signatures).
 */
export function openNote(note: string, verifiers: readonly NoteVerifier[]): { text: string; signedBy: string[] } {
  const { text, signed } = verifiedSignatures(note, verifiers);
  if (signed.length === 0) throw new NoteError('none of the known keys has signed the note');
  return { text, signedBy: [...new Set(signed.map(({ verifier }) => verifier.name))] };
}

/** A witness's word that it saw the checkpoint, as the largest of its log, at this time. */
export interface Cosignature {
  name: string;
  cosignedAt: Date;
}

/** The cosignatures of the known witnesses under a note; there may be none. Throws NoteError as `openNote` does. */
export function cosignatures(note: string, witnesses: readonly NoteVerifier[]): Cosignature[] {
  return verifiedSignatures(note, witnesses)
    .signed.filter(({ verifier }) => verifier.type === 'cosignature/v1')
    .map(({ verifier, signature }) => ({
      name: verifier.name,
      cosignedAt: new Date(Number(timestampOf(signature)) * 1000),
    }));
}

interface Signature {
  name: string;
  keyId: number;
  signature: Buffer;
}

/** Each known key counts once, however often it signed. */
function verifiedSignatures(note: string, verifiers: readonly NoteVerifier[]) {
  const { text, signatures } = parseNote(note);
  const signed = new Map<NoteVerifier, { verifier: NoteVerifier; signature: Buffer }>();
  for (const { name, keyId, signature } of signatures) {
    const verifier = verifiers.find((known) => known.name === name && known.keyId === keyId);
    if (!verifier || signed.has(verifier)) continue;
    if (!verifier.verify(text, signature)) throw new NoteError(`the signature of ${name} is not its own`);
    signed.set(verifier, { verifier, signature });
  }
  return { text, signed: [...signed.values()] };
}

/** The text ends before the last empty line; what follows is signature lines only. */
function parseNote(note: string): { text: string; signatures: Signature[] } {
  if (note.length > MAX_NOTE_LENGTH) throw new NoteError('the note is too long');
  if (!isNoteText(note)) throw new NoteError('the note contains characters that no note can hold');
  const gap = note.lastIndexOf('\n\n');
  if (gap < 0 || !note.endsWith('\n') || note.length === gap + 2) throw new NoteError('the note is not signed');
  const lines = linesOf(note.slice(gap + 2));
  if (lines.length > MAX_SIGNATURES) throw new NoteError('the note has too many signatures');
  return { text: note.slice(0, gap + 1), signatures: lines.map(parseSignatureLine) };
}

/** `— <name> <Base64 of key id and signature>`. */
function parseSignatureLine(line: string): Signature {
  const [, name = '', encoded = ''] = /^— (\S+) (\S+)$/.exec(line) ?? [];
  const bytes = noteBase64(encoded, 'a signature line');
  if (!isKeyName(name) || bytes.length <= 4) throw new NoteError('a signature line is malformed');
  return { name, keyId: bytes.readUInt32BE(0), signature: bytes.subarray(4) };
}

function signatureLine({ name, keyId }: NoteSigner, signature: Uint8Array): string {
  const id = Buffer.alloc(4);
  id.writeUInt32BE(keyId);
  return `— ${name} ${formatBase64(Buffer.concat([id, signature]))}\n`;
}

/** The first four bytes of SHA-256(name || 0x0A || type || public key), as a big-endian uint32. */
function keyIdOf(name: string, type: SignatureType, raw: Uint8Array): number {
  if (!isKeyName(name)) throw new RangeError('the name of a key is not empty and has neither a space nor a plus');
  const named = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(TYPE_BYTES[type]), raw]);
  return hash('sha256', named, 'buffer').readUInt32BE(0);
}

/** The 32 bytes of the public half of an Ed25519 key. */
function rawPublicKey(key: KeyObject): Buffer {
  if (key.asymmetricKeyType !== 'ed25519') throw new RangeError('notes are signed with Ed25519');
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length);
}

function verifyCosignature(text: string, signature: Uint8Array, key: KeyObject): boolean {
  if (signature.length <= TIMESTAMP_BYTES) return false;
  const seconds = timestampOf(signature);
  if (seconds > LAST_SECOND) return false;
  return verify(null, cosignedMessage(seconds, text), key, signature.subarray(TIMESTAMP_BYTES));
}

function cosignedMessage(seconds: bigint, text: string): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`);
}

function timestampOf(signature: Uint8Array): bigint {
  return Buffer.from(signature.subarray(0, TIMESTAMP_BYTES)).readBigUInt64BE();
}

function noteBase64(text: string, what: string): Buffer {
  try {
    return parseBase64(text);
  } catch (error) {
    if (error instanceof MalformedError) throw new NoteError(`${what} is malformed: ${error.message}`);
    throw error;
  }
}

/** U+0085 is a space to Unicode and not to JavaScript. */
function isKeyName(name: string): boolean {
  return name !== '' && !/[\s\u0085+]/u.test(name) && isNoteText(name);
}

/** Valid UTF-8 when encoded, without the control characters below U+0020 other than the newline. */
function isNoteText(text: string): boolean {
  return text.isWellFormed() && !/[^\P{Cc}\n\u007f-\u009f]/u.test(text);
}
