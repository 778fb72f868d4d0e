import { z } from 'zod';
import { BASES, CONTRACT_STANDINGS } from '../../pricing/index.js';
import { ORGANISATION_KINDS } from '../../organisations/index.js';

/** What stands in an address is chosen from lists or typed by hand: what makes no sense there is left out. */
const id = z.uuid().optional().catch(undefined);
const yes = z.literal('1').optional().catch(undefined);

export const ContractsAddress = z.object({
  standing: z.enum(CONTRACT_STANDINGS).optional().catch(undefined),
  provider: id,
  after: id,
});
export type ContractsAddress = z.infer<typeof ContractsAddress>;

export const ChangeAddress = z.object({ change: yes, provider: id });
export type ChangeAddress = z.infer<typeof ChangeAddress>;

export const ServiceOfContractParameter = z.strictObject({ id: z.uuid(), serviceId: z.uuid() });
export type ServiceOfContractParameter = z.infer<typeof ServiceOfContractParameter>;

export const NewCardAddress = z.object({
  service: id,
  basis: z.enum(BASES).optional().catch(undefined),
  /** A published card to start from. */
  from: id,
  /** The first question was answered. */
  asked: yes,
  change: yes,
});
export type NewCardAddress = z.infer<typeof NewCardAddress>;

export const OrderAddress = z.object({ number: z.string().max(30).optional().catch(undefined) });
export type OrderAddress = z.infer<typeof OrderAddress>;

export const OrganisationsAddress = z.object({
  kind: z.enum(ORGANISATION_KINDS).optional().catch(undefined),
  name: z.string().trim().max(100).optional().catch(undefined),
  after: id,
});
export type OrganisationsAddress = z.infer<typeof OrganisationsAddress>;

export const NewOrganisationAddress = z.object({
  kind: z.enum(['provider', 'referrer']).optional().catch(undefined),
  change: yes,
});
export type NewOrganisationAddress = z.infer<typeof NewOrganisationAddress>;

export const VatAddress = z.object({ from: z.iso.date().optional().catch(undefined) });
export type VatAddress = z.infer<typeof VatAddress>;
