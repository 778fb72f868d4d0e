import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { invalidRequest } from '../../platform/errors.js';
import { Fields, type SentFile } from './fields.rules.js';
import { TooLarge } from './page-errors.js';

/** The largest file that a form takes. */
export const FILE_MAX_BYTES = 10 * 1024 * 1024;

/**
 * Reads the fields of a form. A file is not read here but handed on as it arrives: the fields before it are complete, so
 * the token is known before a byte of the file is.
 *
 * @throws request.invalid for a form that has a control character where none can be typed
 */
export async function readSentForm(request: FastifyRequest): Promise<Fields> {
  if (!request.isMultipart()) return checked((request.body ?? {}) as Record<string, unknown>);
  const raw: Record<string, unknown> = {};
  for await (const part of request.parts()) {
    if (part.type === 'file') return checked(raw, part.filename === '' ? await emptied(part) : sentFile(part));
    const earlier = raw[part.fieldname];
    raw[part.fieldname] = earlier === undefined ? part.value : [earlier, part.value].flat();
  }
  return checked(raw);
}

/** Control characters but tab and line ends (Unicode category Cc), and halves of a character. */
const FORBIDDEN = /(?![\t\n\r])\p{Cc}|\p{Surrogate}/u;

function checked(raw: Record<string, unknown>, file?: SentFile): Fields {
  for (const [name, value] of Object.entries(raw)) {
    if ([name, value].flat().some((text) => typeof text === 'string' && FORBIDDEN.test(text))) {
      throw invalidRequest({ field: name }, 'A field has a character that cannot be typed.');
    }
  }
  return new Fields(raw, file);
}

async function emptied(part: MultipartFile): Promise<undefined> {
  part.file.resume();
  return undefined;
}

function sentFile(part: MultipartFile): SentFile {
  async function* bytes(): AsyncIterable<Buffer> {
    for await (const chunk of part.file) yield chunk as Buffer;
    if (part.file.truncated) throw new TooLarge(FILE_MAX_BYTES);
  }
  return { name: part.filename.slice(-200), bytes: bytes() };
}
