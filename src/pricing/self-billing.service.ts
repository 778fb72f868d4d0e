import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import { Commands, LedgerService } from '../ledger/index.js';
import { OrganisationsService } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { Database, type Reader } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import { requireProvider } from './contract-terms.service.js';
import { agreementAccepted, agreementStale } from './contracts.errors.js';
import { SelfBillingAgreement } from './self-billing-agreement.entity.js';
import type { ProposeAgreement } from './vat.schemas.js';

/**
 * Self-billing agreements (VAT Regulations 1995 reg 13(3A) and 13(3B), HMRC Notice 700/62): the commissioner proposes, the
 * provider accepts, and only both together let the commissioner issue the provider's VAT invoices.
 */
@Injectable()
export class SelfBillingService {
  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly organisations: OrganisationsService,
    private readonly clock: Clock,
  ) {}

  /** Proposes an agreement that names the VAT number of the provider on its first day. */
  propose(actor: Actor, request: ProposeAgreement): Promise<SelfBillingAgreement> {
    const commissionerId = actor.orgId;
    return this.commands.run(actor, { name: 'self_billing.propose', commissionerId }, async (tx) => {
      const { providerId, startsOn } = request;
      await requireProvider(tx, this.organisations, providerId);
      const agreement = {
        ...request,
        commissionerId,
        id: newId(),
        vatNumber: await this.organisations.vatNumberOn(tx, providerId, startsOn),
        proposedBy: actor.memberId,
        acceptedBy: null,
        acceptedAt: null,
        createdAt: this.clock.now(),
      };
      await tx.insert(SelfBillingAgreement, agreement);
      await this.ledger.record(tx, eventOf('self_billing.proposed', agreement, actor, agreement.createdAt));
      return agreement;
    });
  }

  /**
   * Accepts an agreement for the provider.
   *
   * @throws self_billing.accepted_before
   * @throws self_billing.vat_number_changed when the provider's number on the first day is another one by now
   * @throws self_billing.overlaps when an accepted one for the same number has some of the days
   */
  async accept(actor: Actor, id: string): Promise<SelfBillingAgreement> {
    const { commissionerId } = await this.database.read(actor, (reader) => getAgreement(reader, id));
    return this.commands.run(actor, { name: 'self_billing.accept', commissionerId, subjectId: id }, async (tx) => {
      const agreement = await getAgreement(tx, id);
      const { providerId, startsOn, vatNumber } = agreement;
      const numberNow = await this.organisations.vatNumberOn(tx, providerId, startsOn);
      if (numberNow !== vatNumber) throw agreementStale();
      const accepted = { acceptedBy: actor.memberId, acceptedAt: this.clock.now() };
      const { affected } = await tx.update(SelfBillingAgreement, { id, acceptedAt: IsNull() }, accepted);
      if (affected !== 1) throw agreementAccepted();
      await this.ledger.record(tx, eventOf('self_billing.accepted', agreement, actor, accepted.acceptedAt));
      return getAgreement(tx, id);
    });
  }

  /** Agreements that the actor may see, by first day. */
  list(actor: Actor, providerId: string | undefined): Promise<SelfBillingAgreement[]> {
    const where = { ...(providerId !== undefined && { providerId }) };
    return this.database.read(actor, (reader) =>
      reader.find(SelfBillingAgreement, { where, order: { startsOn: 'ASC', id: 'ASC' } }),
    );
  }
}

async function getAgreement(reader: Reader, id: string): Promise<SelfBillingAgreement> {
  const agreement = await reader.findOneBy(SelfBillingAgreement, { id });
  if (!agreement) throw notFound();
  return agreement;
}

/** The number of a sole trader is personal data, so the journal binds it by its hash. */
function eventOf(type: string, agreement: SelfBillingAgreement, actor: Actor, occurredAt: Date) {
  const { commissionerId, id, providerId, startsOn, endsOn, vatNumber } = agreement;
  const vatNumberSha256 = vatNumber === null ? null : hash('sha256', vatNumber);
  const data = { startsOn, endsOn, vatNumberSha256 };
  return { commissionerId, type, subjectId: id, actor, providerId, occurredAt, data };
}
