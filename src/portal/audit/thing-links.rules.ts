import type { TraceKind } from '../../assurance/index.js';
import type { Translate } from '../../words/index.js';

/** Where each kind of thing has a page of its own. */
export const OWN_PAGES: Readonly<Partial<Record<TraceKind, string>>> = {
  referral: '/referrals/:id',
  session: '/sessions/:id',
  claim: '/claims/:id',
  batch: '/batches/:id',
  invoice: '/invoices/:id',
  payout: '/payouts/:id',
};

/** What the states of a kind are called in `states.json`. */
const STATES: Readonly<Partial<Record<TraceKind, string>>> = {
  referral: 'referral',
  attendance: 'attendance',
  session: 'session_outcome',
  claim: 'claim',
  batch: 'batch',
  invoice: 'invoice',
  payout: 'payout',
};

interface Thing {
  readonly id: string;
  readonly kind: TraceKind;
  readonly reference: string | null;
  readonly state: string;
  readonly amountMinor: bigint | null;
  readonly occurredAt: Date;
}

export interface ThingLink {
  readonly id: string;
  readonly kind: TraceKind;
  /** `Payment NELICB-P000001`; by the end of its id where it has no reference. */
  readonly text: string;
  readonly state: { readonly thing: string; readonly value: string } | null;
  readonly amountMinor: bigint | null;
  readonly at: Date;
  readonly follow: string;
  /** Its own page; null where it has none that the visitor may open. */
  readonly page: string | null;
}

const SHOWN_OF_ID = 8;

/** A thing as pages name it and lead to it. */
export function thingLink(t: Translate, thing: Thing, mayOpen: (pattern: string) => boolean): ThingLink {
  const { id, kind, reference, state, amountMinor, occurredAt } = thing;
  const pattern = OWN_PAGES[kind];
  const states = STATES[kind];
  return {
    id,
    kind,
    text: t('audit.thing', { kind: t(`states.trace_kind.${kind}`), reference: reference ?? id.slice(-SHOWN_OF_ID) }),
    state: states === undefined ? null : { thing: states, value: state },
    amountMinor,
    at: occurredAt,
    follow: `/follow/${id}`,
    page: pattern !== undefined && mayOpen(pattern) ? pattern.replace(':id', id) : null,
  };
}
