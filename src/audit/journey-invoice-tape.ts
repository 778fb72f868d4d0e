import type { WriteSaid } from './journey-reading.js';
import { takeNumber, takeSeries, takeSplit } from './replay-keys.js';
import type { Said } from './replay-said.rules.js';
import type { TapeWriter } from './segment.js';
import { NO_ID } from './uuid.rules.js';

/** Kinds of documents, in the order of `DOCUMENT_MODES`, each of which asks for one. */
export const DOCUMENT_KINDS = ['self_billed_invoice', 'invoice', 'provider_invoice', 'grant_notice'];
export const SELF_BILLED = 0;
export const DRAFTED = 1;
export const OWN = 2;

const permitted: WriteSaid = (said, { body }, tape) => {
  tape.put(said.minor('grossMinor'));
  if (body.type !== 'invoice.own_number_given') return;
  takeNumber(tape.ids, body.providerId ?? NO_ID, said.text('number'));
  tape.putKey();
};

/** What a document is of and for, as its draft and its issue both say it. */
function putDocument(tape: TapeWriter, said: Said): number {
  const kind = DOCUMENT_KINDS.indexOf(said.text('kind'));
  if (kind === -1) said.missing.push('kind');
  tape.putId(said.id('contractId'));
  tape.putId(said.id('batchId'));
  takeSplit(tape.ids, said.id('batchId'), said.text('split'));
  tape.putKey();
  tape.put(kind);
  tape.put(said.text('split') === 'taxed' ? 1 : 0);
  tape.put(said.minor('netMinor'));
  tape.put(said.minor('vatMinor'));
  tape.put(said.minor('grossMinor'));
  said.sha256('documentSha256');
  return kind;
}

export const INVOICE_WRITERS: Readonly<Record<string, WriteSaid>> = {
  'invoice.drafted': (said, _event, tape) => {
    putDocument(tape, said);
  },
  'invoice.issue_authorised': permitted,
  'invoice.own_number_given': permitted,
  'invoice.issued': (said, { body }, tape) => {
    const kind = putDocument(tape, said);
    takeNumber(tape.ids, body.providerId ?? NO_ID, said.text('number'));
    tape.putKey();
    if (kind !== OWN) said.inside('file').sha256('fileSha256');
    const series = said.has('series') ? said.inside('series') : undefined;
    tape.put(series ? 1 : 0);
    if (!series) return;
    takeSeries(tape.ids, body.providerId ?? NO_ID, series.text('prefix'), series.count('year'));
    tape.putKey();
    tape.put(series.count('count'));
  },
};
