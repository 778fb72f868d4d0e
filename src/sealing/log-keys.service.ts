import type { KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../platform/config.js';
import { CHECKPOINTS, CONFIG, type CheckpointSettings } from '../platform/platform.module.js';
import {
  MalformedError,
  noteSigner,
  openNote,
  parseCheckpoint,
  parseVerifierKey,
  signNote,
  verifierKey,
  type NoteSigner,
  type NoteVerifier,
} from '../transparency/index.js';
import type { Mark } from './checkpoint-signing.rules.js';
import { originOf } from './sealing.rules.js';

interface NamedKeys {
  readonly signers: readonly NoteSigner[];
  readonly verifiers: readonly NoteVerifier[];
  readonly verifierKeys: readonly string[];
}

/** One line under a note: whose key it is of, by name and id. */
export interface SignatureLine {
  readonly signer: string;
  readonly line: string;
}

const OPENED_MAX = 5_000;

/** The keys of this instance under the names that they sign as: each log's origin, and receipts. */
@Injectable()
export class LogKeys {
  private readonly keys: readonly KeyObject[];
  private readonly named = new Map<string, NamedKeys>();
  /** Notes whose signatures have been checked: the newest of each log is asked for again and again. */
  private readonly opened = new Map<string, Mark>();
  readonly logName: string;

  constructor(@Inject(CHECKPOINTS) { keys }: CheckpointSettings, @Inject(CONFIG) { sealing }: Config) {
    this.keys = keys;
    this.logName = sealing.logName;
  }

  originOf(logId: string): string {
    return originOf(this.logName, logId);
  }

  /** The public keys under this name, the newest first, as C2SP signed-note writes them. */
  verifierKeys(name: string): readonly string[] {
    return this.of(name).verifierKeys;
  }

  /** A note of the text, signed as this name with every key. The same text has the same note. */
  sign(name: string, text: string): string {
    return signNote(text, this.of(name).signers);
  }

  /** The checkpoint of a note of this log; undefined when it is none that a key in hand has signed. */
  open(logId: string, note: string): Mark | undefined {
    const known = this.opened.get(note);
    if (known) return known;
    // By the name that the note gives itself: a log that was called otherwise is the same log under the same keys.
    const origin = /^[^\s+]+(?=\n)/.exec(note)?.[0];
    if (!origin?.endsWith(`/${logId}`)) return undefined;
    const mark = checkpointOf(note, this.of(origin).verifiers);
    if (!mark) return undefined;
    if (this.opened.size >= OPENED_MAX) this.opened.clear();
    this.opened.set(note, mark);
    return mark;
  }

  /** The signature lines of this log's keys that a note of it lacks: of a key that came after it was signed. */
  missingLines(note: string): SignatureLine[] {
    const text = note.slice(0, note.lastIndexOf('\n\n') + 1);
    const origin = text.slice(0, text.indexOf('\n'));
    return this.of(origin)
      .signers.map((signer) => ({ signer: signerId(signer), line: signNote(text, [signer]).slice(text.length + 1) }))
      .filter(({ line }) => !note.includes(line));
  }

  private of(name: string): NamedKeys {
    const known = this.named.get(name);
    if (known) return known;
    const verifierKeys = this.keys.map((key) => verifierKey(name, key));
    const keys = {
      signers: this.keys.map((key) => noteSigner(name, key)),
      verifiers: verifierKeys.map(parseVerifierKey),
      verifierKeys,
    };
    if (this.named.size >= OPENED_MAX) this.named.clear();
    this.named.set(name, keys);
    return keys;
  }
}

/** Who has signed, as it is stored. */
export function signerId({ name, keyId }: Pick<NoteSigner, 'name' | 'keyId'>): string {
  return `${name}+${keyId.toString(16).padStart(8, '0')}`;
}

function checkpointOf(note: string, verifiers: readonly NoteVerifier[]): Mark | undefined {
  try {
    const { size, root } = parseCheckpoint(openNote(note, verifiers).text);
    return { size, root };
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
