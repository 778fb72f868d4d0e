import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { accounts, LedgerService, type NewTransfer, type Posting } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { canonicalJson } from '../platform/canonical-json.js';
import { Database, type Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { emit } from '../platform/events.js';
import { newId } from '../platform/ids.js';
import type { DocumentFile } from './document-file.entity.js';
import { insertFiles, issueInvoices, keepWaits, lockInvoices, type IssuedRow } from './invoice-issue.queries.js';
import { InvoiceIssuePlanner, type IssuePlan, type PlannedIssue } from './invoice-issue-planner.service.js';
import { invoiceDocumentToJson } from './invoice-json.document.js';
import { InvoicePress, type DrawnInvoice } from './invoice-press.service.js';
import { lockSeries, moveSeries } from './invoice-series.queries.js';
import { Invoice } from './invoice.entity.js';
import { invoiceIssued } from './invoicing.events.js';
import { heldNumbers, type Foreseen, type NumberInSeries } from './numbering.rules.js';

/** A document with its bytes, where Wellpaid makes it. */
interface Ready extends PlannedIssue {
  readonly drawn: DrawnInvoice | null;
  readonly fileId: string | null;
  readonly eventId: string;
}

/** How often documents are drawn anew because others took their numbers meanwhile. Each time somebody got one. */
const ROUNDS_MAX = 20;

/**
 * Issues drafts: the number, the bytes, the event and the money in one transaction, once. Documents are drawn before it, with
 * the numbers that they will have if nobody takes one meanwhile; those that lost theirs are drawn again. So nothing is locked
 * while a document is drawn, and a process that dies leaves drafts behind and no gap: see docs/decisions/0016.
 */
@Injectable()
export class InvoiceIssueService {
  constructor(
    private readonly database: Database,
    private readonly ledger: LedgerService,
    private readonly planner: InvoiceIssuePlanner,
    private readonly press: InvoicePress,
  ) {}

  /** The drafts of batches, by id. */
  drafts(actor: Actor, batchIds: readonly string[]): Promise<string[]> {
    return this.database.read(actor, async (reader) => {
      const drafts = await reader.query<{ id: string }>(
        `select id from invoice where commissioner_id = $1 and batch_id = any ($2::uuid[]) and state = 'draft' order by id`,
        [actor.orgId, batchIds],
      );
      return drafts.map(({ id }) => id);
    });
  }

  /**
   * Issues drafts of the actor's organisation that wait for nothing, and keeps of the others what they wait for. Does nothing
   * to a document that is issued.
   *
   * @throws not_found
   */
  async issue(actor: Actor, ids: readonly string[]): Promise<void> {
    let left = ids;
    for (let round = 1; left.length > 0; round++) {
      assert(round <= ROUNDS_MAX, 'of those who take numbers at once somebody gets one each time');
      const plan = await this.planner.plan(actor, left);
      const ready: Ready[] = [];
      for (const issue of plan.issues) ready.push(await this.draw(issue));
      left = await this.database.transaction(actor, (tx) => this.keep(tx, actor, plan, ready));
    }
  }

  private async draw(issue: PlannedIssue): Promise<Ready> {
    const drawn = issue.series === null ? null : await this.press.draw(issue.document);
    return { ...issue, drawn, fileId: drawn && newId(), eventId: newId() };
  }

  /** Gives the drafts that are to be looked at again: what was foreseen of them did not hold. */
  private async keep(tx: Tx, actor: Actor, plan: IssuePlan, ready: readonly Ready[]): Promise<string[]> {
    const { waits, today } = plan;
    const { orgId: commissionerId } = actor;
    const all = [...ready, ...waits].map(({ invoice }) => invoice);
    const locked = await lockInvoices(
      tx,
      commissionerId,
      all.map(({ id }) => id),
    );
    const drafts = all.filter(({ id }) => locked.get(id)?.state === 'draft');
    const unchanged = new Set(drafts.filter((one) => isUnchanged(one, locked.get(one.id))).map(({ id }) => id));
    const waiting = waits.filter(({ invoice }) => unchanged.has(invoice.id));
    await keepWaits(
      tx,
      commissionerId,
      waiting.map(({ invoice, waitsFor }) => ({ id: invoice.id, waitsFor })),
    );
    const held = await this.takeNumbers(
      tx,
      { commissionerId, year: Number(today.slice(0, 4)) },
      ready.filter(({ invoice }) => unchanged.has(invoice.id)),
    );
    await this.store(tx, actor, plan, held);
    const done = new Set([...held, ...waiting].map(({ invoice }) => invoice.id));
    return drafts.map(({ id }) => id).filter((id) => !done.has(id));
  }

  /** Takes the numbers that were drawn, and gives the documents that have theirs. */
  private async takeNumbers(
    tx: Tx,
    of: { readonly commissionerId: string; readonly year: number },
    ready: readonly Ready[],
  ): Promise<Ready[]> {
    const foreseen = ready.flatMap(({ invoice, series }): Foreseen[] => {
      const { id, providerId, kind } = invoice;
      return series === null || kind === 'provider_invoice' ? [] : [{ id, providerId, kind, series }];
    });
    if (foreseen.length === 0) return [...ready];
    const series = foreseen.map(({ providerId, kind, series: { prefix, count } }) => ({
      providerId,
      kind,
      prefix,
      isNew: count === 1,
    }));
    const numbers = heldNumbers(foreseen, await lockSeries(tx, of, series));
    await moveSeries(tx, of, numbers.series);
    return ready.filter(({ invoice, series: own }) => own === null || numbers.ids.has(invoice.id));
  }

  private async store(tx: Tx, actor: Actor, { now, today }: IssuePlan, held: readonly Ready[]): Promise<void> {
    if (held.length === 0) return;
    const { orgId: commissionerId } = actor;
    await insertFiles(
      tx,
      held.flatMap((one) => fileOf(one, now)),
    );
    const postings = held.map((one) => ({ one, json: invoiceDocumentToJson(one.document) }));
    await this.ledger.postAll(
      tx,
      postings.map(({ one, json }) =>
        postingOf(actor, one, { now, today, documentSha256: hash('sha256', canonicalJson(json)) }),
      ),
    );
    await issueInvoices(
      tx,
      commissionerId,
      postings.map(({ one, json }) => issuedRow(one, JSON.stringify(json))),
    );
    const topics = held.map(({ invoice }) => ({ commissionerId, id: invoice.id }));
    await emit(tx, actor.orgId, invoiceIssued, topics);
  }
}

/** Whether the provider has said nothing more to a draft since it was looked at. */
function isUnchanged(
  before: Pick<Invoice, 'issueAuthorisedAt' | 'ownNumber'>,
  now: Pick<Invoice, 'issueAuthorisedAt' | 'ownNumber'> | undefined,
): boolean {
  return (
    before.issueAuthorisedAt?.getTime() === now?.issueAuthorisedAt?.getTime() && before.ownNumber === now?.ownNumber
  );
}

function fileOf({ invoice, drawn, fileId }: Ready, createdAt: Date): DocumentFile[] {
  if (drawn === null || fileId === null) return [];
  const { commissionerId, providerId } = invoice;
  const { bytes: content, sha256, renderer } = drawn;
  return [{ commissionerId, id: fileId, providerId, kind: 'invoice', content, sha256, renderer, createdAt }];
}

function issuedRow({ invoice, document, number, fileId, eventId }: Ready, json: string): IssuedRow {
  const { issuedOn, due, terms } = document;
  const days = { issuedOn, receivedOn: terms.receivedOn, dueOn: due.dueOn };
  return { id: invoice.id, number, ...days, document: json, fileId, eventId };
}

function postingOf(
  actor: Actor,
  ready: Ready,
  { now, today, documentSha256 }: { now: Date; today: string; documentSha256: string },
): Posting {
  const { invoice, batch, document, number, series, drawn, fileId, eventId } = ready;
  const { commissionerId, id, providerId, contractId, kind, split } = invoice;
  const { netMinor, vatMinor, grossMinor } = document.totals;
  const { issuedOn, due, terms } = document;
  return {
    event: {
      id: eventId,
      type: 'invoice.issued',
      commissionerId,
      subjectId: id,
      actor,
      providerId,
      causeId: batch.approvedEventId,
      occurredAt: now,
      data: {
        contractId,
        batchId: batch.id,
        kind,
        split,
        number,
        series: series && inJournal(series, today),
        issuedOn,
        receivedOn: terms.receivedOn,
        dueOn: due.dueOn,
        netMinor,
        vatMinor,
        grossMinor,
        documentSha256,
        file: drawn && { fileId, fileSha256: drawn.sha256.toString('hex'), renderer: drawn.renderer },
      },
    },
    transfers: transfersOf(ready),
  };
}

function inJournal({ prefix, count }: NumberInSeries, today: string) {
  return { prefix, year: Number(today.slice(0, 4)), count };
}

/**
 * Net was accrued at approval and is owed now. VAT is owed as printed: an asset where the commissioner gets it back, else a
 * cost like its line. Approval has spent budget for that cost; should the treatment of a service have been corrected since,
 * the difference follows here.
 */
function transfersOf({ invoice, batch, vatRecoverable }: Ready): NewTransfer[] {
  const { providerId, contractId, netMinor, vatMinor, split } = invoice;
  const owed = accounts.owed(providerId, contractId);
  const vatAccount = vatRecoverable ? accounts.vatInput() : accounts.activity();
  const differenceMinor = vatRecoverable || split !== 'taxed' ? 0n : vatMinor - batch.vatMinor;
  const budget = accounts.budget(providerId, contractId);
  const spent = accounts.spent(providerId, contractId);
  return [
    { debit: accounts.accrued(providerId, contractId), credit: owed, amountMinor: netMinor },
    { debit: vatAccount, credit: owed, amountMinor: vatMinor },
    differenceMinor < 0n
      ? { debit: spent, credit: budget, amountMinor: -differenceMinor }
      : { debit: budget, credit: spent, amountMinor: differenceMinor },
  ];
}
