import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { MoreThan } from 'typeorm';
import { Commands, LedgerService } from '../ledger/index.js';
import { OrganisationsService } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { canonicalJson, type CanonicalObject } from '../platform/canonical-json.js';
import { Clock } from '../platform/clock.js';
import { Database, type Reader, type Tx } from '../platform/database.js';
import { notFound, type ErrorFactory } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import { pageOf, type Page } from '../platform/page.js';
import { Contract } from './contract.entity.js';
import { whyNotAgree, type ContractTerms, type ContractVersionTerms, type TermsFinding } from './contract.rules.js';
import { ContractVersion } from './contract-version.entity.js';
import { contractCodeTaken, contractRefused, notAProvider } from './contracts.errors.js';
import type { AmendContract, AuthoriseContract, ContractQuery } from './contracts.schemas.js';
import { ContractsService, type ContractInForce } from './contracts.service.js';

/** Makes contracts, and amends them by adding versions. */
@Injectable()
export class ContractTermsService {
  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly organisations: OrganisationsService,
    private readonly contracts: ContractsService,
    private readonly clock: Clock,
  ) {}

  /**
   * Authorises a contract with its first version, which governs it from its first day.
   *
   * @throws contract.refused, contract.code_taken, contract.not_a_provider
   */
  authorise(actor: Actor, request: AuthoriseContract): Promise<ContractInForce> {
    const { providerId, code, title, startsOn, ...rest } = request;
    const commissionerId = actor.orgId;
    return this.commands.run(actor, { name: 'contract.authorise', commissionerId }, async (tx) => {
      await requireProvider(tx, this.organisations, providerId);
      const contract = { commissionerId, id: newId(), providerId, code, title };
      const createdAt = this.clock.now();
      await tx.insert(Contract, { ...contract, createdAt, createdBy: actor.memberId });
      const terms = { ...rest, version: 1, startsOn, effectiveFrom: startsOn };
      return this.addVersion(tx, actor, contract, terms, createdAt);
    });
  }

  /**
   * Adds a version that governs from a day on. Earlier versions stay as they were agreed, and so do the documents made
   * under them.
   *
   * @throws contract.refused
   */
  amend(actor: Actor, contractId: string, request: AmendContract): Promise<ContractInForce> {
    const spec = { name: 'contract.amend', commissionerId: actor.orgId, subjectId: contractId };
    return this.commands.run(actor, spec, async (tx) => {
      await this.contracts.lockContract(tx, contractId);
      const last = (await this.contracts.versions(tx, contractId)).at(-1);
      if (!last) throw notFound();
      const terms = { ...request, version: last.version + 1, startsOn: last.startsOn };
      return this.addVersion(tx, actor, last, terms, this.clock.now());
    });
  }

  /** All that authorising would be refused for now, so that a form can say it at once. */
  whyNotAuthorise(actor: Actor, request: AuthoriseContract): Promise<TermsFinding[]> {
    const { providerId, code, title: _title, startsOn, ...rest } = request;
    return this.database.read(actor, async (reader) => {
      const findings = whyNotAgree({ ...rest, version: 1, startsOn, effectiveFrom: startsOn }, this.clock.today());
      const organisation = await this.organisations.find(reader, providerId);
      const isProvider = organisation?.kind === 'provider';
      const isTaken = await reader.existsBy(Contract, { commissionerId: actor.orgId, code });
      return [
        ...(isProvider ? [] : [refusal('not_a_provider', 'providerId', notAProvider)]),
        ...(isTaken ? [refusal('code_taken', 'code', contractCodeTaken)] : []),
        ...findings,
      ];
    });
  }

  /** All that amending would be refused for now. @throws not_found */
  whyNotAmend(actor: Actor, contractId: string, request: AmendContract): Promise<TermsFinding[]> {
    return this.database.read(actor, async (reader) => {
      const last = (await this.contracts.versions(reader, contractId)).at(-1);
      if (!last) throw notFound();
      const terms = { ...request, version: last.version + 1, startsOn: last.startsOn };
      return whyNotAgree(terms, this.clock.today());
    });
  }

  /** Contracts that the actor may see, with the terms of today. */
  async list(actor: Actor, { limit, after, code, providerId }: ContractQuery): Promise<Page<ContractInForce>> {
    return this.database.read(actor, async (reader) => {
      const where = {
        ...(after !== undefined && { id: MoreThan(after) }),
        ...(code !== undefined && { code }),
        ...(providerId !== undefined && { providerId }),
      };
      const page = pageOf(await reader.find(Contract, { where, order: { id: 'ASC' }, take: limit + 1 }), limit);
      const items: ContractInForce[] = [];
      for (const { id } of page.items) items.push(await this.contracts.get(reader, id, this.clock.today()));
      return { items, next: page.next };
    });
  }

  private async addVersion(
    tx: Tx,
    actor: Actor,
    contract: Pick<ContractInForce, 'commissionerId' | 'id' | 'providerId' | 'code' | 'title'>,
    terms: ContractVersionTerms,
    createdAt: Date,
  ): Promise<ContractInForce> {
    const findings = whyNotAgree(terms, this.clock.today());
    if (findings.length > 0) throw contractRefused({ findings });
    const { commissionerId, id, providerId, code, title } = contract;
    const row = { ...terms, commissionerId, contractId: id, providerId };
    await tx.insert(ContractVersion, { ...row, createdAt, createdBy: actor.memberId });
    await this.ledger.record(tx, {
      commissionerId,
      type: 'contract.authorised',
      subjectId: id,
      actor,
      providerId,
      occurredAt: createdAt,
      data: { ...termsData(terms), code, titleSha256: hash('sha256', title) },
    });
    return { ...terms, commissionerId, id, providerId, code, title };
  }
}

function refusal(code: string, field: string, { definition }: ErrorFactory): TermsFinding {
  return { code, field, message: definition.title };
}

/** @throws contract.not_a_provider */
export async function requireProvider(
  reader: Reader,
  organisations: OrganisationsService,
  providerId: string,
): Promise<void> {
  const organisation = await organisations.find(reader, providerId);
  if (organisation?.kind !== 'provider') throw notAProvider({ providerId });
}

/** The terms as the journal keeps them: codes and figures as they are, free text by its hash. */
function termsData({ payablesAddress, ...terms }: ContractVersionTerms): CanonicalObject {
  const figures: Omit<ContractTerms, 'payablesAddress'> = terms;
  return { ...figures, payablesAddressSha256: hash('sha256', canonicalJson(payablesAddress)) };
}
