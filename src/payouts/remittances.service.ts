import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { LedgerService } from '../ledger/index.js';
import { OrganisationsService, type Organisation } from '../organisations/index.js';
import { systemActor, type Actor } from '../platform/actor.js';
import { Clock, londonDay } from '../platform/clock.js';
import type { Config } from '../platform/config.js';
import { Database, type Reader } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import type { TopicData } from '../platform/events.js';
import { newId } from '../platform/ids.js';
import { Jobs } from '../platform/jobs.js';
import { CONFIG } from '../platform/platform.module.js';
import { DocumentSeals } from '../sealing/index.js';
import { lockPayout, WITHOUT_REMITTANCE } from './payout-rows.queries.js';
import { sha256 } from './payout-books.service.js';
import { Payout } from './payout.entity.js';
import { remittanceNotReady } from './payouts.errors.js';
import { payoutPaid } from './payouts.events.js';
import {
  remittanceOf,
  type PaidInvoice,
  type RecoveredAdvance,
  type RemittanceCheckpoint,
  type RemittanceDocument,
  type RemittanceParty,
} from './remittance.document.js';
import { REMITTANCE_PDF_VERSION, renderRemittancePdf } from './remittance.pdf.js';

interface InvoiceRow extends Omit<PaidInvoice, 'kind'> {
  readonly kind: PaidInvoice['kind'] | 'provider_invoice';
}

/** The claims behind a document are counted by the document itself. $1 payout */
const PAID_INVOICES = `
select v.number, v.kind, v.issued_on as "issuedOn", v.gross_minor as "grossMinor",
       (i.amount_minor + coalesce(r.minor, 0))::bigint as "paidMinor",
       coalesce((v.document #>> '{totals,claimCount}')::int, 0) as "claimCount"
from payout_item i join invoice v on v.commissioner_id = i.commissioner_id and v.id = i.invoice_id
left join lateral (select sum(r.amount_minor) as minor from advance_recovery r
                   where r.commissioner_id = i.commissioner_id and r.invoice_id = i.invoice_id
                     and r.recovered_at <= $2) r on true
where i.payout_id = $1 order by v.issued_on, v.number`;

/** $1 payout */
const PAID_ADVANCES = `
select a.reference as number, 'advance' as kind, (a.approved_at at time zone 'Europe/London')::date as "issuedOn",
       a.amount_minor as "grossMinor", i.amount_minor as "paidMinor", 0 as "claimCount"
from payout_advance i join advance a on a.commissioner_id = i.commissioner_id and a.id = i.advance_id
where i.payout_id = $1 order by a.reference`;

/** What the invoices of a payout gave back until it was asked for. $1 payout, $2 when it was */
const RECOVERED = `
select a.reference, (a.approved_at at time zone 'Europe/London')::date as "advancedOn",
       sum(r.amount_minor)::bigint as "recoveredMinor", min(r.remaining_minor)::bigint as "remainingMinor"
from payout_item i
join advance_recovery r on r.commissioner_id = i.commissioner_id and r.invoice_id = i.invoice_id and r.recovered_at <= $2
join advance a on a.commissioner_id = r.commissioner_id and a.id = r.advance_id
where i.payout_id = $1 group by 1, 2 order by 1`;

/** The advice of each payout that was paid: made once, by background work, and kept as it was made. */
@Injectable()
export class RemittancesService implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly organisations: OrganisationsService,
    private readonly ledger: LedgerService,
    private readonly seals: DocumentSeals,
    private readonly jobs: Jobs,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onModuleInit(): void {
    this.jobs.define({
      name: 'remittance',
      on: [payoutPaid],
      due: (reader) => reader.query<TopicData>(WITHOUT_REMITTANCE),
      run: ({ commissionerId, id }) => this.issue(commissionerId, id),
    });
  }

  /** Makes the advice of a paid payout, unless it has one. May run twice, also at the same time. */
  async issue(commissionerId: string, id: string): Promise<void> {
    const actor = systemActor(commissionerId, id);
    const payout = await this.database.read(actor, (reader) => reader.findOneBy(Payout, { commissionerId, id }));
    if (payout?.state !== 'paid' || payout.remittanceId !== null) return;
    const checkpoint = await this.seals.printed(commissionerId);
    const document = await this.database.read(actor, (reader) => this.documentOf(reader, payout, checkpoint));
    const { bytes } = await renderRemittancePdf(document);
    const digest = sha256(bytes);
    await this.database.transaction(actor, async (tx) => {
      const locked = await lockPayout(tx, commissionerId, id);
      if (locked.remittanceId !== null) return;
      const [fileId, createdAt] = [newId(), this.clock.now()];
      await tx.execute(
        `insert into document_file (commissioner_id, id, provider_id, kind, content, sha256, renderer, created_at)
         values ($1, $2, $3, 'remittance', $4, $5, $6, $7)`,
        [commissionerId, fileId, payout.providerId, bytes, digest, REMITTANCE_PDF_VERSION, createdAt],
      );
      await tx.update(Payout, { commissionerId, id }, { remittanceId: fileId });
      await this.ledger.record(tx, {
        type: 'remittance.issued',
        commissionerId,
        subjectId: id,
        providerId: payout.providerId,
        causeId: payout.eventId,
        actor,
        occurredAt: createdAt,
        data: {
          reference: payout.reference,
          fileId,
          sha256: digest.toString('hex'),
          renderer: REMITTANCE_PDF_VERSION,
          checkpoint: checkpoint && { ...checkpoint },
        },
      });
    });
  }

  /** @throws not_found, payout.remittance_not_ready */
  read(actor: Actor, id: string): Promise<RemittanceDocument> {
    return this.database.read(actor, async (reader) => {
      const payout = await issued(reader, id);
      return this.documentOf(reader, payout, await printedOn(reader, payout));
    });
  }

  /** The PDF as it was made. @throws not_found, payout.remittance_not_ready */
  readPdf(actor: Actor, id: string): Promise<{ bytes: Buffer; name: string }> {
    return this.database.read(actor, async (reader) => {
      const { remittanceId, reference } = await issued(reader, id);
      const [file] = await reader.query<{ content: Buffer }>('select content from document_file where id = $1', [
        remittanceId,
      ]);
      if (!file) throw notFound();
      return { bytes: file.content, name: `remittance-${reference}.pdf` };
    });
  }

  private async documentOf(
    reader: Reader,
    payout: Payout,
    checkpoint: RemittanceCheckpoint | null,
  ): Promise<RemittanceDocument> {
    const asked = [payout.id, payout.requestedAt];
    const invoices = await reader.query<InvoiceRow>(PAID_INVOICES, asked);
    const advances = await reader.query<PaidInvoice>(PAID_ADVANCES, [payout.id]);
    const advancesRecovered = await reader.query<RecoveredAdvance>(RECOVERED, asked);
    return remittanceOf({
      reference: payout.reference,
      payer: partyOf(await this.organisations.get(reader, payout.commissionerId)),
      payee: partyOf(await this.organisations.get(reader, payout.providerId)),
      paidOn: payout.outsidePaidOn ?? londonDay(payout.settledAt ?? payout.requestedAt),
      rail: payout.rail,
      railReference: payout.bankPayoutId ?? payout.outsideReference ?? '',
      invoices: [
        ...invoices.map((invoice) => ({
          ...invoice,
          kind: invoice.kind === 'provider_invoice' ? ('invoice' as const) : invoice.kind,
        })),
        ...advances,
      ],
      advancesRecovered,
      checkpoint,
      sandbox: this.config.sandbox,
      payoutMinor: payout.amountMinor,
    });
  }
}

/** What was printed when it was made: its event has it. $1 commissioner, $2 payout */
const PRINTED = `
select convert_from(body, 'UTF8')::jsonb -> 'data' -> 'checkpoint' as checkpoint from ledger.event
where commissioner_id = $1 and subject_id = $2 and type = 'remittance.issued'`;

async function printedOn(reader: Reader, { commissionerId, id }: Payout): Promise<RemittanceCheckpoint | null> {
  const [event] = await reader.query<{ checkpoint: RemittanceCheckpoint | null }>(PRINTED, [commissionerId, id]);
  return event?.checkpoint ?? null;
}

async function issued(reader: Reader, id: string): Promise<Payout> {
  const payout = await reader.findOneBy(Payout, { id });
  if (!payout) throw notFound();
  if (payout.remittanceId === null) throw remittanceNotReady({ state: payout.state });
  return payout;
}

function partyOf({ name, address, postcode }: Organisation): RemittanceParty {
  return { name, addressLines: address, postcode };
}
