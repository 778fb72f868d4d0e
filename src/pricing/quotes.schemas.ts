import { z } from 'zod';
import { VAT_CATEGORIES } from '../money/index.js';
import { PRIMARY } from './card.rules.js';
import { code, day } from './contracts.schemas.js';
import { RateCardTermsSchema } from './rate-card.schemas.js';

const chargeKind = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/, 'must be lower case with underscores')
  .default(PRIMARY)
  .describe('A second rate of the service, such as a milestone beside attendances, has a kind of its own.');
const pence = z.string().describe('Pence, as a string of digits.');
const people = z.int().min(0).max(1_000);

const card = {
  serviceCode: code,
  chargeKind,
  effectiveFrom: day,
  effectiveTo: day.optional().describe('Included. Without it the card holds until a later one takes over.'),
  agreedOn: day.describe('Of two cards that take effect together the one agreed later holds.'),
  terms: RateCardTermsSchema,
};

export const PublishCard = z.strictObject(card).meta({ id: 'PublishRateCard' });
export type PublishCard = z.infer<typeof PublishCard>;

export const CardView = z
  .object({
    id: z.uuid(),
    contractId: z.uuid(),
    serviceId: z.uuid(),
    serviceCode: z.string(),
    chargeKind: z.string(),
    effectiveFrom: day,
    effectiveTo: day.nullable(),
    agreedOn: day,
    publishedAt: z.iso.datetime(),
    terms: RateCardTermsSchema,
  })
  .meta({ id: 'RateCard' });

export const CardQuery = z.strictObject({
  on: day.optional().describe('Only the cards in force on this day; all that were ever published, unless given.'),
  serviceCode: z.string().max(24).optional(),
});
export type CardQuery = z.infer<typeof CardQuery>;

export const AskQuote = z
  .strictObject({
    contractId: z.uuid().optional(),
    contractCode: z.string().max(24).optional(),
    serviceCode: code,
    chargeKind,
    servedAt: z.iso
      .datetime({ offset: true })
      .transform((text) => new Date(text))
      .describe('When it starts, is accepted or is reached. For a monthly amount, any time in the month.'),
    outcome: z.enum(['attended', 'did_not_attend', 'cancelled_late', 'cancelled']).default('attended'),
    minutes: z.int().min(0).max(1_440).optional().describe('Needed where an hour has a price.'),
    booked: people.optional().describe('People booked for the session, this one included.'),
    present: people.optional().describe('People who attended, this one included if so.'),
    noticeMinutes: z.int().min(-1_440).max(525_600).optional().describe('How long before the start it was cancelled.'),
    travelled: z.boolean().default(false),
    milestone: z.string().max(40).optional().describe('The code on the card; needed for a milestone.'),
    activityUnits: z
      .int()
      .min(0)
      .max(100_000)
      .optional()
      .describe('Activity in the month; needed for a monthly amount.'),
    earlier: z
      .int()
      .min(0)
      .max(100_000)
      .default(0)
      .describe(
        'Charges before this one for the same person, in the same month, of the same length: for caps and volumes.',
      ),
  })
  .refine(({ contractId, contractCode }) => (contractId === undefined) !== (contractCode === undefined), {
    path: ['contractId'],
    error: 'must be given, or contractCode, and not both',
  })
  .meta({ id: 'AskQuote' });
export type AskQuote = z.infer<typeof AskQuote>;

const EXAMPLE_PEOPLE = 100;
const examplePeople = z.int().min(0).max(EXAMPLE_PEOPLE);

export const CardExample = z
  .strictObject({
    servedAt: z.iso
      .datetime({ offset: true })
      .transform((text) => new Date(text))
      .describe('When it starts, is accepted or is reached. For a monthly amount, any time in the month.'),
    minutes: z.int().min(0).max(1_440).optional().describe('Needed where an hour has a price.'),
    booked: examplePeople.default(1).describe('People booked for the session.'),
    present: examplePeople.default(1).describe('Those of them who attended.'),
    absence: z
      .enum(['did_not_attend', 'cancelled_late', 'cancelled'])
      .default('did_not_attend')
      .describe('How it ended for the others.'),
    noticeMinutes: z.int().min(-1_440).max(525_600).optional().describe('How long before the start they cancelled.'),
    travelled: z.boolean().default(false),
    milestone: z
      .string()
      .max(40)
      .optional()
      .describe('The code on the card; without it one person reaches all of them.'),
    activityUnits: z
      .int()
      .min(0)
      .max(100_000)
      .optional()
      .describe('Activity in the month; needed for a monthly amount.'),
    earlier: z
      .int()
      .min(0)
      .max(100_000)
      .default(0)
      .describe('Charges before, for each of the people, in the same month: for caps and volumes.'),
  })
  .refine(({ booked, present }) => present <= booked, { path: ['present'], error: 'must not be more than were booked' })
  .meta({ id: 'RateCardExample' });
export type CardExample = z.infer<typeof CardExample>;

export const PreviewCard = z.strictObject({ ...card, example: CardExample }).meta({ id: 'PreviewRateCard' });
export type PreviewCard = z.infer<typeof PreviewCard>;

const worded = z.looseObject({
  code: z.string().describe('Never renamed; the figures beside it depend on it.'),
  words: z.string(),
});

const vat = z
  .object({ category: z.enum(VAT_CATEGORIES), rateBasisPoints: z.int(), reason: z.string().nullable() })
  .nullable()
  .describe('Null while nobody has said how the service is treated.');
const unit = z.enum(['session', 'person', 'hour', 'referral', 'milestone', 'month']);

export const CardPreviewView = z
  .object({
    servedOn: day,
    netMinor: pence.describe('All charges of the example together.'),
    indicativeMinor: pence.describe('What recognised work is worth; nothing is paid for it.'),
    lines: z
      .array(
        z.object({
          count: z.int(),
          outcome: z.enum(['attended', 'did_not_attend', 'cancelled_late', 'cancelled']).nullable(),
          netMinor: pence.describe('Of each.'),
          indicativeMinor: pence,
          unit,
          reasons: z.array(worded),
          flags: z.array(worded).describe('What a person would have to look at before approval.'),
        }),
      )
      .describe('Charges that are alike stand together.'),
    vat,
    nowMinor: pence
      .nullable()
      .describe('The same example by the card that is in force; null without one of the same basis.'),
    findings: z
      .array(z.object({ code: z.string(), field: z.string(), message: z.string() }))
      .describe('What stands against publishing the card; empty when nothing does.'),
  })
  .meta({ id: 'RateCardPreview' });

export const QuoteView = z
  .object({
    contractId: z.uuid(),
    serviceId: z.uuid(),
    servedOn: day,
    netMinor: pence.describe('Provisional: caps, volumes and shares depend on what else is claimed.'),
    indicativeMinor: pence.describe('What recognised work is worth; nothing is paid for it.'),
    quantity: z.int(),
    unit,
    unitPriceMinor: pence,
    reasons: z.array(worded),
    flags: z.array(worded).describe('What a person would have to look at before approval.'),
    card: CardView.omit({ publishedAt: true, serviceCode: true }).nullable(),
    vat,
  })
  .meta({ id: 'Quote' });
