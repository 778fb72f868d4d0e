import { z } from 'zod';
import { PageQuery } from '../platform/page.js';
import { ERASURE_ASKERS, ERASURE_GROUNDS } from './erasure.rules.js';

const hash = z.string().regex(/^[0-9a-f]{64}$/);

export const TextQuery = PageQuery.extend({
  subject: z.uuid().optional().describe('Only of this claim, batch, contract or advance.'),
});
export type TextQuery = z.infer<typeof TextQuery>;

export const WrittenTextView = z
  .object({
    id: z.uuid().describe('Of the event that binds the text.'),
    eventType: z.string(),
    subjectId: z.uuid().describe('The claim, batch, contract or advance that the event is of.'),
    claimId: z.uuid().nullable().describe('The claim that the text is about, as long as the text is there.'),
    providerId: z.uuid().nullable(),
    writtenAt: z.iso.datetime(),
    hash: hash.describe(
      'As the event says it. Salted: SHA-256 of the byte 0x02, the 32 bytes of the salt, and ' +
        '{"kind":"text","text":…} as canonical JSON (RFC 8785). Otherwise SHA-256 of the text alone.',
    ),
    isSalted: z.boolean().describe('False of what a version before bound: whoever guesses such a text can tell.'),
    text: z.string().nullable().describe('Null once it is gone.'),
    salt: hash.nullable(),
    redactedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'WrittenText' });

export const WrittenTextList = z
  .object({ items: z.array(WrittenTextView), next: z.uuid().nullable() })
  .meta({ id: 'WrittenTextList' });

export const RedactText = z
  .strictObject({
    ground: z.enum(ERASURE_GROUNDS).describe('UK GDPR article 17(1), or that the time for keeping records is over.'),
    askedBy: z.enum(ERASURE_ASKERS),
  })
  .meta({ id: 'RedactText' });
export type RedactText = z.infer<typeof RedactText>;
