import { z } from 'zod';
import { parseAccountNumber, parseSortCode } from '../identifiers/index.js';
import { identifier } from '../platform/identifier.schemas.js';

export const OpenPayoutAccount = z
  .discriminatedUnion('rail', [
    z.strictObject({
      commissionerId: z.uuid(),
      rail: z.literal('stripe'),
      contactEmail: z.email().max(200).describe('An address of the organisation; the platform writes to it.'),
    }),
    z.strictObject({
      commissionerId: z.uuid(),
      rail: z.literal('outside'),
      accountName: z.string().trim().min(2).max(70),
      sortCode: identifier(parseSortCode, 'Six digits, such as 12-34-56.'),
      accountNumber: identifier(parseAccountNumber, 'Eight digits.'),
    }),
  ])
  .meta({ id: 'OpenPayoutAccount' });
export type OpenPayoutAccount = z.infer<typeof OpenPayoutAccount>;

export const PayoutAccountView = z
  .object({
    id: z.uuid(),
    commissionerId: z.uuid(),
    providerId: z.uuid(),
    rail: z.enum(['stripe', 'outside']),
    state: z.enum(['pending', 'active', 'restricted']),
    requirements: z.array(z.string()).describe('What the platform still asks for, in its words.'),
    accountName: z.string().nullable(),
    sortCode: z.string().nullable().describe('Only for those who pay or are paid into it.'),
    accountNumber: z.string().nullable().describe('All but the last four digits hidden, but for those same.'),
    checkedAt: z.iso.datetime().nullable(),
    sandbox: z.boolean().describe('No money moves.'),
  })
  .meta({ id: 'PayoutAccount' });

export const OnboardingLinkView = z
  .object({ url: z.url(), expiresAt: z.iso.datetime() })
  .meta({ id: 'OnboardingLink' });

export const OpenedPayoutAccount = z
  .object({ account: PayoutAccountView, onboarding: OnboardingLinkView.nullable() })
  .meta({ id: 'OpenedPayoutAccount' });
