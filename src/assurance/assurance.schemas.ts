import { z } from 'zod';
import { REFERENCE_MAX } from './lookup.rules.js';
import { TRACE_KINDS } from './trace.rules.js';

const minor = z.string().describe('Pence, as a string of digits.');
const instant = z.iso.datetime();
const day = z.iso.date();
const side = z.enum(['commissioner', 'provider', 'referrer']);
const actorKind = z.enum(['person', 'service', 'system']);
const leafHash = z.string().describe('SHA-256 of the event’s leaf (RFC 6962 section 2.1), in lower-case hexadecimal.');

const sealed = z.object({
  leafIndex: z.int().describe('Where it stands in the log, counted from 0.'),
  checkpointSize: z.int().describe('The size of the first signed checkpoint that covers it.'),
  proof: z.string().describe('The path of its proof, a C2SP tlog-proof.'),
});

export const TraceQuery = z
  .strictObject({
    kind: z.enum(TRACE_KINDS).optional().describe('With `after`: the kind of the neighbours to read on in.'),
    after: z.uuid().optional(),
  })
  .refine(({ kind, after }) => (kind === undefined) === (after === undefined), {
    path: ['after'],
    error: 'kind and after go together: both as `next` has them, or neither',
  });
export type TraceQuery = z.infer<typeof TraceQuery>;

export const LookupQuery = z.strictObject({
  reference: z
    .string()
    .trim()
    .min(1)
    .max(REFERENCE_MAX)
    .describe('Of a referral, session, claim, batch, invoice or payment; or the id of anything.'),
});
export type LookupQuery = z.infer<typeof LookupQuery>;

export const LookupView = z
  .object({
    items: z.array(
      z.object({
        id: z.uuid(),
        kind: z.enum(TRACE_KINDS),
        reference: z.string().nullable(),
        state: z.string(),
        amountMinor: minor.nullable(),
        occurredAt: instant,
      }),
    ),
  })
  .meta({ id: 'TraceMatches', description: 'Payments first, referrals last; at most 20 of a kind.' });

export const TraceView = z
  .object({
    root: z.uuid(),
    nodes: z.array(
      z.object({
        id: z.uuid(),
        kind: z.enum(TRACE_KINDS),
        reference: z.string().nullable(),
        state: z.string(),
        amountMinor: minor.nullable(),
        occurredAt: instant,
        direction: z.enum(['root', 'from', 'to']).describe('Whether the root came from it, or led to it.'),
        actor: z.object({ kind: actorKind, side }).nullable().describe('Who began it: never a name.'),
        events: z.array(
          z.object({
            id: z.uuid(),
            seq: z.string(),
            type: z.string(),
            subjectId: z.uuid(),
            occurredAt: instant,
            recordedAt: instant,
            actorKind,
            actorSide: side,
            leafHash,
            sealed: sealed.nullable().describe('Null until a signed checkpoint covers it, which takes about a second.'),
          }),
        ),
        transfers: z
          .array(
            z.object({
              id: z.uuid(),
              eventId: z.uuid(),
              debit: z.string(),
              credit: z.string(),
              amountMinor: minor,
              effectiveOn: day,
              claimId: z.uuid().nullable(),
              reversesId: z.uuid().nullable(),
            }),
          )
          .describe('Of a claim: what was moved for it. Of anything else: what its events moved.'),
        outcomes: z
          .object({
            planned: z.int().nullable(),
            attended: z.int(),
            didNotAttend: z.int(),
            cancelled: z.int(),
            lastAttendedOn: day.nullable(),
          })
          .nullable()
          .describe('Of a referral that is the root: how it goes.'),
      }),
    ),
    edges: z.array(z.object({ from: z.uuid(), to: z.uuid(), amountMinor: minor.nullable() })),
    cut: z
      .array(z.object({ nodeId: z.uuid(), kind: z.enum(TRACE_KINDS), notShown: z.int(), next: z.string() }))
      .describe(
        'Where much was left out: at most 200 of a kind beside one thing, and 1,000 in all. Read on at `next`.',
      ),
  })
  .meta({ id: 'Trace' });

export const JournalQuery = z
  .strictObject({
    after: z
      .string()
      .regex(/^\d{1,18}$/, 'must be the `next` of the page before')
      .optional(),
    limit: z.coerce.number().int().min(1).max(500).default(50).describe('How many events, at most 500.'),
    type: z
      .string()
      .regex(/^[a-z_]+(\.[a-z_]+)+$/, 'must be a type such as "batch.approved"')
      .optional(),
    subject: z.uuid().optional().describe('Only what happened to this thing.'),
    from: day.optional().describe('Recorded on this day in London or later.'),
    to: day.optional().describe('Recorded on this day in London or earlier.'),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    path: ['to'],
    error: 'must not be before from',
  });
export type JournalQuery = z.infer<typeof JournalQuery>;

export const JournalPage = z
  .object({
    items: z.array(
      z.object({
        seq: z.string().describe('The order within this instance. Read nothing into gaps.'),
        id: z.uuid(),
        type: z.string(),
        subjectId: z.uuid(),
        causeId: z.uuid().nullable(),
        occurredAt: instant,
        recordedAt: instant,
        leafHash,
        body: z
          .record(z.string(), z.unknown())
          .describe('What was hashed: spelled as canonical JSON (RFC 8785) it is the leaf’s entry, byte for byte.'),
      }),
    ),
    next: z.string().nullable().describe('Give it as `after` to read on; null at the end.'),
  })
  .meta({ id: 'JournalPage' });

export const InvariantsView = z
  .object({
    checkedAt: instant,
    holds: z.boolean().describe('Whether no sentence has a violation.'),
    sentences: z.array(
      z.object({
        sentence: z.string().describe('What must be true.'),
        violations: z.int(),
        examples: z.array(z.record(z.string(), z.unknown())).describe('The first few rows that break it.'),
      }),
    ),
  })
  .meta({ id: 'Invariants' });
