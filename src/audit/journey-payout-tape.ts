import { hash } from 'node:crypto';
import { canonicalJson } from '../platform/canonical-json.js';
import { isConfirmed } from './event-types.rules.js';
import type { WriteSaid } from './journey-reading.js';
import { takeText } from './replay-keys.js';

/** What can happen to a payout once it is asked for, each of which says its amount and its reference again. */
export const PAYOUT_HAPPENINGS: readonly string[] = [
  'payout.sent',
  'payout.refused',
  'payout.cancelled',
  'payout.answer_lost',
  'payout.forwarded',
  'payout.paid',
  'payout.failed',
  'payout.retried',
  'payout.returned',
];

const requested: WriteSaid = (said, _event, tape, tell) => {
  const invoices = said.inside('invoices');
  tape.putId(said.id('runId'));
  tape.put(said.text('rail') === 'stripe' ? 1 : 0);
  tape.put(said.minor('amountMinor'));
  tape.putId(said.idOrNull('accountId'));
  takeText(tape.ids, said.text('reference'));
  tape.putKey();
  tape.put(invoices.count('count'));
  const items = invoices.has('items') ? invoices.list('items') : [];
  tape.put(items.length);
  const listed = items.map((item) => ({ id: item.id('id'), amountMinor: item.minor('amountMinor') }));
  for (const { id, amountMinor } of listed) {
    tape.putId(id);
    tape.put(amountMinor);
  }
  const advances = said.has('advances') ? said.list('advances') : [];
  tape.put(advances.length);
  for (const advance of advances) {
    tape.putId(advance.id('id'));
    tape.put(advance.minor('amountMinor'));
  }
  if (!invoices.has('items')) return;
  const digest = hash(
    'sha256',
    canonicalJson(listed.map(({ id, amountMinor }) => ({ id: id.toString(), amountMinor: String(amountMinor) }))),
  );
  if (listed.length !== invoices.count('count') || digest !== invoices.sha256('sha256')) {
    tell('digest_differs', `The digest of its ${listed.length} invoices is ${digest}.`);
  }
};

/** What happens to a payout says its amount and its reference again. */
const happened: WriteSaid = (said, { body }, tape) => {
  tape.put(said.minor('amountMinor'));
  takeText(tape.ids, said.text('reference'));
  tape.putKey();
  if (body.type === 'payout.sent') {
    said.text('railId');
    said.text('key');
    said.sha256('requestSha256');
  }
  if (body.type !== 'payout.paid') return;
  tape.put(isConfirmed(said) ? 1 : 0);
  tape.putId(isConfirmed(said) ? said.idOrNull('enteredBy') : null);
};

const entered: WriteSaid = (said) => {
  said.day('paidOn');
  said.sha256('referenceSha256');
};

export const PAYOUT_WRITERS: Readonly<Record<string, WriteSaid>> = {
  'payout.requested': requested,
  ...Object.fromEntries(PAYOUT_HAPPENINGS.map((type) => [type, happened] as const)),
  'payout.payment_entered': entered,
  'remittance.issued': (said) => {
    said.sha256('sha256');
  },
};
