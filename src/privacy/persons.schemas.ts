import { z } from 'zod';
import { REFERRAL_STATES } from '../referrals/index.js';
import { ERASURE_ASKERS, ERASURE_GROUNDS, HOLD_REASONS, REMAINING } from './erasure.rules.js';

const instant = z.iso.datetime();
const hash = z.string().regex(/^[0-9a-f]{64}$/);

export const FindPersons = z
  .union([
    z.strictObject({ personReference: z.string().trim().min(1).max(64).describe('Of the system that refers.') }),
    z.strictObject({ nhsNumber: z.string().max(20).describe('Neither stored nor logged.') }),
    z.strictObject({ referralReference: z.string().trim().min(1).max(64).describe('The reference of a referral.') }),
  ])
  .meta({ id: 'FindPersons' });
export type FindPersons = z.infer<typeof FindPersons>;

const PersonFields = z.object({
  id: z.uuid(),
  ownerOrgId: z.uuid().describe('Who referred the person first, and whose reference it is.'),
  ownerName: z.string(),
  createdAt: instant,
  heldAt: instant.nullable().describe('Since when a legal hold keeps everything about the person.'),
  holdReason: z.enum(HOLD_REASONS).nullable(),
  erasedAt: instant.nullable(),
  isUnmoved: z.boolean().describe('Its reference waits to be encrypted: a version before stored it.'),
  commitment: hash.nullable().describe('`personCommitment` in the events of the person’s referrals.'),
  work: z.object({
    referrals: z.int(),
    openReferrals: z.int(),
    sessions: z.int(),
    claims: z.int(),
    undecidedClaims: z.int(),
  }),
});

export const PersonList = z.object({ items: z.array(PersonFields) }).meta({ id: 'PersonList' });

const Identity = z.union([
  z.object({
    kind: z.literal('reference'),
    commissionerId: z.uuid(),
    ownerOrgId: z.uuid(),
    reference: z.string(),
  }),
  z.object({ kind: z.literal('nhs_pseudonym'), commissionerId: z.uuid(), pseudonym: hash }),
]);

const Erasure = z.object({
  eventId: z.uuid(),
  erasedAt: instant,
  ground: z.enum(ERASURE_GROUNDS),
  askedBy: z.enum(ERASURE_ASKERS),
  forced: z.boolean().describe('With work that was open.'),
  keys: z.int().describe('Destroyed: keys of the person.'),
  ciphertexts: z.int().describe('Destroyed: what was sealed under them.'),
  lookUps: z.int().describe('Destroyed: what the person was found by.'),
  texts: z.int().describe('Destroyed: questions, answers and reasons about claims of the person, with their salts.'),
  remains: z
    .array(
      z.object({
        what: z.enum(REMAINING),
        count: z.int().nullable(),
        means: z.string(),
        why: z.string(),
        find: z.string().describe('Where it can be looked at.'),
      }),
    )
    .describe('What is left, and why.'),
});

export const PersonView = PersonFields.extend({
  secret: z
    .object({ identity: Identity, salt: hash })
    .nullable()
    .describe(
      'Who it is. SHA-256 of the byte 0x02, the 32 bytes of the salt and the identity as canonical JSON (RFC 8785) is the ' +
        'commitment: whoever is given both can check whom a referral was about. Null of whoever was erased, and in the ' +
        'answers of commands.',
    ),
  referrals: z
    .array(
      z.object({
        id: z.uuid(),
        reference: z.string(),
        state: z.enum(REFERRAL_STATES),
        madeOn: z.iso.date(),
        providerName: z.string(),
        madeByName: z.string(),
      }),
    )
    .describe('At most 200, the latest first.'),
  erasure: Erasure.nullable(),
}).meta({ id: 'Person' });

export const ErasePerson = z
  .strictObject({
    ground: z.enum(ERASURE_GROUNDS).describe('UK GDPR article 17(1), or that the time for keeping records is over.'),
    askedBy: z.enum(ERASURE_ASKERS),
    force: z
      .boolean()
      .default(false)
      .describe('Also with open work; only on the grounds `unlawful` and `legal_obligation`.'),
  })
  .meta({ id: 'ErasePerson' });
export type ErasePerson = z.infer<typeof ErasePerson>;

export const HoldPerson = z.strictObject({ holdReason: z.enum(HOLD_REASONS) }).meta({ id: 'HoldPerson' });
export type HoldPerson = z.infer<typeof HoldPerson>;
