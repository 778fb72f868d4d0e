import { z } from 'zod';
import { LOCALES } from '../../words/index.js';

/** Whoever looks after an organisation's people and keys. */
export const ADMINS = { commissioner: ['admin'], provider: ['admin'], referrer: ['admin'] } as const;
/** A contract manager sets up the bodies that a commissioner works with, and invites their first people. */
export const INVITERS = { ...ADMINS, commissioner: ['admin', 'contract_manager'] } as const;
/** Whoever answers for a commissioner that it is the controller of what is known of people. */
export const CONTROLLERS = { commissioner: ['admin'] } as const;
/** Whoever decides what a commissioner calls things. */
export const WORDERS = { commissioner: ['admin'] } as const;

export const InviteAddress = z.object({ organisation: z.uuid().optional() });
export type InviteAddress = z.infer<typeof InviteAddress>;

export const TermAddress = z.object({ term: z.string().max(40).optional().catch(undefined) });
export type TermAddress = z.infer<typeof TermAddress>;

export const SearchAddress = z.object({
  language: z.enum(LOCALES).optional().catch(undefined),
  q: z.string().max(100).optional().catch(undefined),
});
export type SearchAddress = z.infer<typeof SearchAddress>;

export const MessageAddress = z.object({
  language: z.enum(LOCALES).optional().catch(undefined),
  key: z.string().max(120).optional().catch(undefined),
});
export type MessageAddress = z.infer<typeof MessageAddress>;

/** Somebody who mistypes an id is shown all of them. */
export const TextAddress = z.object({
  subject: z.uuid().optional().catch(undefined),
  after: z.uuid().optional().catch(undefined),
});
export type TextAddress = z.infer<typeof TextAddress>;
