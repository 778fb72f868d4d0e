import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../platform/config.js';
import { assertOutsideTransaction } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { CONFIG } from '../platform/platform.module.js';
import { cosignatures, NoteError, parseVerifierKey, type NoteVerifier } from '../transparency/index.js';

const ANSWER_MAX_MS = 3_000;
const ANSWER_MAX_BYTES = 65_536;

/**
 * What a witness says to a checkpoint:
 * - `cosigned`: it saw the log go on consistently; its signature lines, verified;
 * - `elsewhere`: it saw the log at this size last;
 * - `contradicted`: it saw another log under this name;
 * - `unheard`: it did not say; the reason in a word or two.
 */
export type WitnessAnswer =
  | { readonly kind: 'cosigned'; readonly lines: readonly string[] }
  | { readonly kind: 'elsewhere'; readonly size: number }
  | { readonly kind: 'contradicted' }
  | { readonly kind: 'unheard'; readonly reason: string };

/** A witness of the platform's log (C2SP tlog-witness): it cosigns what continues what it saw before, and nothing else. */
@Injectable()
export class Witness {
  private readonly settings: { readonly url: string; readonly verifier: NoteVerifier } | undefined;

  constructor(@Inject(CONFIG) { sealing }: Config) {
    const { witness } = sealing;
    this.settings = witness && { url: `${witness.url}/add-checkpoint`, verifier: parseVerifierKey(witness.key) };
  }

  /** Undefined where there is no witness. */
  get verifier(): NoteVerifier | undefined {
    return this.settings?.verifier;
  }

  /** Asks for a cosignature, with the proof that the log of size `from` is the beginning of the checkpoint's. */
  async addCheckpoint(from: number, proof: readonly Uint8Array[], note: string): Promise<WitnessAnswer> {
    assertOutsideTransaction();
    assert(this.settings, 'a witness is asked only where there is one');
    const { url, verifier } = this.settings;
    const lines = [`old ${from}`, ...proof.map((hash) => Buffer.from(hash).toString('base64'))];
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: `${lines.join('\n')}\n\n${note}`,
        redirect: 'error',
        signal: AbortSignal.timeout(ANSWER_MAX_MS),
      });
      return readAnswer(answer.status, answer.headers.get('content-type'), await textOf(answer), note, verifier);
    } catch (error) {
      const { name, cause } = error as Error & { cause?: { code?: string } };
      return { kind: 'unheard', reason: cause?.code ?? name };
    }
  }
}

function readAnswer(
  status: number,
  contentType: string | null,
  text: string,
  note: string,
  verifier: NoteVerifier,
): WitnessAnswer {
  if (status === 200) return readSignatures(text, note, verifier);
  if (status === 409 && contentType?.startsWith('text/x.tlog.size') && /^(0|[1-9]\d{0,15})\n$/.test(text)) {
    return { kind: 'elsewhere', size: Number(text) };
  }
  // The sizes are the same and the hashes are not, or the proof does not lead from the one to the other.
  if (status === 409 || status === 422) return { kind: 'contradicted' };
  return { kind: 'unheard', reason: `status ${status}` };
}

/** Lines of keys that are not configured are left out; a line of the configured key must be its own. */
function readSignatures(text: string, note: string, verifier: NoteVerifier): WitnessAnswer {
  const offered = text.split(/(?<=\n)/).filter((line) => line.startsWith(`— ${verifier.name} `));
  try {
    const lines = offered.filter((line) => cosignatures(note + line, [verifier]).length > 0);
    return lines.length > 0 ? { kind: 'cosigned', lines } : { kind: 'unheard', reason: 'another key' };
  } catch (error) {
    if (!(error instanceof NoteError)) throw error;
    return { kind: 'unheard', reason: 'a wrong signature' };
  }
}

/** No more of an answer than a witness has to say. */
async function textOf(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length;
    if (bytes > ANSWER_MAX_BYTES) throw new RangeError('too long an answer');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
