import { z } from 'zod';
import { parseAccountNumber, parseSortCode } from '../identifiers/index.js';
import { identifier } from '../platform/identifier.schemas.js';
import { PageQuery } from '../platform/page.js';
import { CHANGE_STATES } from './payout-account-change.entity.js';

const instant = z.iso.datetime().nullable();

export const ProposePayoutAccountChange = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('details').describe('For an account with rail "outside".'),
      accountName: z.string().trim().min(2).max(70),
      sortCode: identifier(parseSortCode, 'Six digits, such as 12-34-56.'),
      accountNumber: identifier(parseAccountNumber, 'Eight digits.'),
    }),
    z.strictObject({
      kind: z.literal('link').describe('For an account with rail "stripe", whose details are given to the platform.'),
    }),
  ])
  .meta({ id: 'ProposePayoutAccountChange' });
export type ProposePayoutAccountChange = z.infer<typeof ProposePayoutAccountChange>;

export const PayoutAccountChangeView = z
  .object({
    id: z.uuid(),
    commissionerId: z.uuid(),
    providerId: z.uuid(),
    payoutAccountId: z.uuid(),
    kind: z.enum(['details', 'link']),
    state: z.enum(CHANGE_STATES),
    accountName: z.string().nullable(),
    sortCode: z.string().nullable().describe('Only for those who decide for the provider, until it is decided.'),
    accountNumber: z.string().nullable().describe('All but the last four digits hidden, but for those same.'),
    replaced: z
      .object({ accountName: z.string(), sortCode: z.null(), accountNumber: z.string().nullable() })
      .nullable()
      .describe('What the account had before, once the change was applied.'),
    needsCommissioner: z.boolean().describe('The provider has nobody else who could confirm it.'),
    proposedBy: z.uuid(),
    proposedAt: z.iso.datetime(),
    confirmedBy: z.uuid().nullable(),
    confirmedSide: z.enum(['provider', 'commissioner']).nullable(),
    confirmedAt: instant,
    appliesAt: instant.describe('When the hold ends.'),
    cancelledBy: z.uuid().nullable(),
    cancelledAt: instant,
    appliedAt: instant,
    linkUntil: instant.describe('Until when a link to the pages of the platform can be had.'),
    sandbox: z.boolean().describe('No money moves.'),
  })
  .meta({ id: 'PayoutAccountChange' });

export const PayoutAccountChangeList = z
  .object({ items: z.array(PayoutAccountChangeView), next: z.uuid().nullable() })
  .meta({ id: 'PayoutAccountChangeList' });

export const PayoutAccountChangeQuery = PageQuery.extend({
  payoutAccountId: z.uuid().optional(),
  state: z.enum(CHANGE_STATES).optional(),
});
export type PayoutAccountChangeQuery = z.infer<typeof PayoutAccountChangeQuery>;
