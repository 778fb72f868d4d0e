import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { WriteListing } from '../../directory/index.js';
import { ROLES } from '../../platform/actor.js';

const pence = z.string().regex(/^\d{1,15}$/);
const day = z.iso.date();
const code = z.string().regex(/^[A-Z0-9-]{2,24}$/);

const Member = z.strictObject({
  name: z.string().min(1),
  email: z.email(),
  roles: z.array(z.enum(ROLES)).min(1),
  approvalLimitMinor: pence.optional(),
});

const organisation = {
  code,
  name: z.string(),
  legalForm: z.enum(['charity', 'cic', 'company', 'council', 'nhs_body', 'unincorporated', 'sole_trader']),
  charityNumber: z.string().optional(),
  companyNumber: z.string().optional(),
  odsCode: z.string().optional(),
  address: z.array(z.string()).min(1),
  postcode: z.string(),
  members: z.array(Member).min(1),
};

const vat = z.strictObject({ vatNumber: z.string(), startsOn: day });

const Commissioner = z.strictObject({
  ...organisation,
  vat,
  fundsMinor: pence.describe('What it pays in for Stripe, in all.'),
  referrers: z.array(z.strictObject(organisation)),
});

const Provider = z.strictObject({
  ...organisation,
  registeredBy: code,
  vat: vat.optional(),
  stripe: z
    .enum(['pays', 'returns', 'unfinished'])
    .optional()
    .describe('What its bank does with a payout; `unfinished`: it began with its payout account and did not go on.'),
});

const Service = z.strictObject({
  code,
  name: z.string(),
  kind: z.enum(['activity', 'connection']),
  vat: z
    .strictObject({ category: z.enum(['S', 'E']), rateBasisPoints: z.int().optional(), reason: z.string().optional() })
    .optional(),
  cards: z
    .array(
      z.strictObject({
        chargeKind: z.string().optional(),
        effectiveFrom: day,
        agreedOn: day,
        terms: z.looseObject({ basis: z.string() }).describe('As POST /v1/contracts/{id}/rate-cards takes them.'),
      }),
    )
    .min(1),
});

const Contract = z.strictObject({
  commissioner: code,
  provider: code,
  code,
  title: z.string(),
  startsOn: day,
  endsOn: day,
  agreedOn: day,
  documentMode: z.enum(['self_billed', 'provider_issued', 'provider_own', 'grant_notice']),
  standingAuthority: z.boolean(),
  rail: z.enum(['stripe', 'outside']),
  poRequired: z.boolean(),
  costCode: z.string(),
  buyerReference: z.string().optional(),
  payablesAddress: z.array(z.string()),
  paymentDays: z.int(),
  claimDay: z.int(),
  lateWindowDays: z.int(),
  decideDays: z.int(),
  regime: z.enum(['procurement_act', 'provider_selection', 'grant', 'other']),
  budgetRule: z.enum(['refuse', 'flag']),
  vatRecoverable: z.boolean(),
  budgetMinor: pence.optional(),
  raisedBudgetMinor: pence.optional().describe('Raised to this once a batch was refused.'),
  order: z
    .strictObject({ number: z.string(), valueMinor: pence, raisedToMinor: pence.optional() })
    .optional()
    .describe('`raisedToMinor`: raised to this once a batch was refused.'),
  referralsBy: z.enum(['commissioner', 'referrer']),
  services: z.array(Service).min(1),
});

const World = z.strictObject({
  period: day.describe('The first day of the month that is claimed.'),
  acceptAfterDays: z.int(),
  commissioners: z.array(Commissioner),
  providers: z.array(Provider),
  contracts: z.array(Contract),
});

const named = { contract: code, referral: z.string(), service: code, chargeKind: z.string() };

const Journey = z.strictObject({
  answers: z.record(
    code,
    z.strictObject({
      declined: z.array(z.string()),
      waiting: z.array(z.string()),
      closed: z.array(z.strictObject({ reference: z.string(), closedOn: day, reason: z.string() })),
    }),
  ),
  confirmed: z.array(z.strictObject({ contract: code, reference: z.string() })),
  milestones: z.array(z.strictObject({ ...named, milestone: z.string(), reachedOn: day })),
  fees: z.array(z.strictObject(named)),
  blocks: z.array(z.strictObject({ contract: code, service: code, period: day })),
});

const Counts = z.strictObject({
  rows: z.int(),
  good: z.int(),
  failed: z.int(),
  failures: z.record(z.string(), z.int()),
  attended: z.int().optional(),
});

/** What the program that made the files knows of them. */
const Expected = z.strictObject({
  referrals: z.record(
    z.string(),
    z.strictObject({
      rows: z.int(),
      accepted: z.int(),
      repeated: z.int(),
      failed: z.int(),
      failures: z.record(z.string(), z.int()),
    }),
  ),
  claims: z.record(z.string(), Counts),
  corrected: z.record(z.string(), Counts),
  singles: z.strictObject({ milestones: z.int(), fees: z.int(), blocks: z.int() }),
  totals: z.record(z.string(), z.int()),
  canaries: z.strictObject({ names: z.array(z.string()), nhsNumbers: z.array(z.string()) }),
});

/** The entries of services in the directory, by the codes of contract and service: `NM-SING SING`. */
const Listings = z.record(z.string(), WriteListing);

export type World = z.infer<typeof World>;
export type Listings = z.infer<typeof Listings>;
export type Journey = z.infer<typeof Journey>;
export type Expected = z.infer<typeof Expected>;
export type DemoMember = z.infer<typeof Member>;
export type DemoCommissioner = World['commissioners'][number];
export type DemoProvider = World['providers'][number];
export type DemoContract = World['contracts'][number];

/** The data of the demo, from the folder that holds them. */
export function readWorld(folder: string): {
  world: World;
  journey: Journey;
  listings: Listings;
  expected: Expected;
} {
  const read = <Shape extends z.ZodType>(name: string, shape: Shape): z.infer<Shape> =>
    shape.parse(JSON.parse(readFileSync(join(folder, name), 'utf8')));
  return {
    world: read('world.json', World),
    journey: read('journey.json', Journey),
    listings: read('listings.json', Listings),
    expected: read('expected.json', Expected),
  };
}
