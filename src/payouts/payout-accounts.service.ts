import { Inject, Injectable } from '@nestjs/common';
import { Commands, LedgerService } from '../ledger/index.js';
import { OrganisationsService } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import type { Config } from '../platform/config.js';
import { Database, type Reader } from '../platform/database.js';
import { DomainError, notFound } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import { CONFIG } from '../platform/platform.module.js';
import { ContractsService } from '../pricing/index.js';
import { bindDetails, newSalt } from './bank-details.js';
import { PayoutAccount } from './payout-account.entity.js';
import { structureOf, whyNotPayInto, type WaitReason } from './payout-account.rules.js';
import { readChangingAccounts } from './payout-account-changes.queries.js';
import { PayoutAccountChangesService } from './payout-account-changes.service.js';
import { PayoutAccountStates } from './payout-account-states.service.js';
import type { OpenPayoutAccount } from './payout-accounts.schemas.js';
import { accountExists, accountNotForRail, formNotSupported, railNoAnswer, railRefused } from './payouts.errors.js';
import { RailCredentials } from './rail-credentials.service.js';
import type { OnboardingLink, OnboardingLinkOrder, Outcome } from './rail.js';

export interface OpenedAccount {
  readonly account: PayoutAccount;
  /** Where the provider gives the platform what it asks for; for one use within minutes. */
  readonly onboarding: OnboardingLink | null;
}

/** Often enough for a person who comes back, and not at every look at the page. */
const ASKED_AGAIN_MS = 15_000;

/** A way in which a commissioner pays a provider, for which the provider has not said where. */
export interface AccountToOpen {
  readonly commissionerId: string;
  readonly rail: PayoutAccount['rail'];
}

/** Why a commissioner cannot pay a provider now. */
export interface PaymentObstacle {
  readonly commissionerId: string;
  /** Null where it has none. */
  readonly accountId: string | null;
  readonly reason: WaitReason;
}

/** Where providers are paid: accounts on the platform, and bank details for payments outside of it. */
@Injectable()
export class PayoutAccountsService {
  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly organisations: OrganisationsService,
    private readonly contracts: ContractsService,
    private readonly credentials: RailCredentials,
    private readonly states: PayoutAccountStates,
    private readonly changes: PayoutAccountChangesService,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Opens the account of the actor's organisation with one commissioner. On the platform its key is stored before the
   * platform is called, so that asking again after a lost answer opens nothing twice.
   *
   * @throws payout_account.exists, payout_account.form_not_supported, rail.no_answer, rail.refused, rail.not_configured
   */
  async open(actor: Actor, request: OpenPayoutAccount): Promise<OpenedAccount> {
    const id = await this.store(actor, request);
    const account = await this.get(actor, id);
    if (account.rail === 'outside') return { account, onboarding: null };
    const recipient = account.externalId === null ? await this.createRecipient(actor, account) : account;
    return { account: recipient, onboarding: await this.link(recipient, 'onboarding') };
  }

  /**
   * A new link to the platform's pages: while the platform asks for something, for that; for an account that it is content
   * with, only once a change was applied, since bank details are among what can be changed there. The platform is asked
   * first which of the two it is.
   *
   * @throws payout_account.change_needed, payout_account.not_on_platform, rail.no_answer, rail.refused
   */
  async onboardingLink(actor: Actor, id: string): Promise<OnboardingLink> {
    const { commissionerId } = await this.onPlatform(actor, id);
    const account = await this.states.refresh(commissionerId, id);
    return this.link(account, await this.changes.permitLink(actor, account));
  }

  /** Reads the account from the platform now. */
  async refresh(actor: Actor, id: string): Promise<PayoutAccount> {
    const { commissionerId } = await this.onPlatform(actor, id);
    return this.states.refresh(commissionerId, id);
  }

  /**
   * The account; asked again at the platform where that waits for something, so that whoever comes back from its pages sees
   * what came of them. A platform that does not answer leaves what is known.
   *
   * @throws not_found
   */
  async current(actor: Actor, id: string): Promise<PayoutAccount> {
    const account = await this.get(actor, id);
    const isSettled = account.state === 'active' && account.requirements.length === 0;
    const age = this.clock.now().getTime() - (account.checkedAt?.getTime() ?? 0);
    if (account.externalId === null || isSettled || age < ASKED_AGAIN_MS) return account;
    try {
      return await this.states.refresh(account.commissionerId, id);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return account;
    }
  }

  list(actor: Actor): Promise<PayoutAccount[]> {
    return this.database.read(actor, (reader) => reader.find(PayoutAccount, { order: { id: 'ASC' } }));
  }

  /** @throws not_found */
  read(actor: Actor, id: string): Promise<PayoutAccount> {
    return this.get(actor, id);
  }

  /** What the contracts of a provider that are not over need, and it has not opened. */
  toOpen(actor: Actor): Promise<AccountToOpen[]> {
    const today = this.clock.today();
    return this.database.read(actor, async (reader) => {
      const accounts = await reader.find(PayoutAccount);
      const keyOf = ({ commissionerId, rail }: AccountToOpen) => `${commissionerId} ${rail}`;
      const known = new Set(accounts.map(keyOf));
      const current = (await this.contracts.all(reader, today)).filter(({ endsOn }) => endsOn >= today);
      const missing = current.filter((contract) => !known.has(keyOf(contract)));
      const needed = missing.map(({ commissionerId, rail }) => ({ commissionerId, rail }));
      return [...new Map(needed.map((one) => [keyOf(one), one])).values()];
    });
  }

  /** What keeps a provider from being paid under contracts that are in force: the commissioner, and the reason. */
  obstacles(actor: Actor): Promise<PaymentObstacle[]> {
    const today = this.clock.today();
    return this.database.read(actor, async (reader) => {
      const accounts = await reader.find(PayoutAccount);
      const changing = await readChangingAccounts(reader);
      const current = (await this.contracts.all(reader, today)).filter(({ endsOn }) => endsOn >= today);
      const found = current.flatMap(({ commissionerId, rail }): PaymentObstacle[] => {
        const account = accounts.find((one) => one.commissionerId === commissionerId && one.rail === rail) ?? null;
        const reason = whyNotPayInto(rail, account, account !== null && changing.has(account.id));
        return reason === undefined ? [] : [{ commissionerId, accountId: account?.id ?? null, reason }];
      });
      return [...new Map(found.map((one) => [`${one.commissionerId} ${one.reason}`, one])).values()];
    });
  }

  /** The provider's account for a rail; null when it has none. */
  find(reader: Reader, commissionerId: string, providerId: string, rail: PayoutAccount['rail']) {
    return reader.findOneBy(PayoutAccount, { commissionerId, providerId, rail });
  }

  /** Gives the id alone: an answer that is kept under a key holds no bank details. */
  private store(actor: Actor, request: OpenPayoutAccount): Promise<string> {
    const { commissionerId, rail } = request;
    const id = newId();
    return this.commands.run(actor, { name: 'payout_account.open', commissionerId, subjectId: id }, async (tx) => {
      const contracts = await tx.query('select from contract where commissioner_id = $1 limit 1', [commissionerId]);
      if (contracts.length === 0) throw notFound();
      const known = await this.find(tx, commissionerId, actor.orgId, rail);
      if (known && rail === 'stripe' && known.externalId === null) return known.id;
      if (known) throw accountExists({ accountId: known.id });
      const { legalForm } = await this.organisations.get(tx, actor.orgId);
      if (rail === 'stripe' && structureOf(legalForm) === undefined) throw formNotSupported({ legalForm });
      const account = this.accountOf(actor, id, request);
      await tx.insert(PayoutAccount, account);
      await this.ledger.record(tx, {
        type: 'payout_account.opened',
        commissionerId,
        subjectId: id,
        actor,
        providerId: actor.orgId,
        occurredAt: account.createdAt,
        data: { rail, state: account.state, detailsSha256: bindDetails(account.salt, request).toString('hex') },
      });
      return id;
    });
  }

  private accountOf(actor: Actor, id: string, request: OpenPayoutAccount): PayoutAccount & { salt: Buffer } {
    const { commissionerId, rail } = request;
    return {
      commissionerId,
      id,
      providerId: actor.orgId,
      rail,
      state: rail === 'outside' ? 'active' : 'pending',
      externalId: null,
      requirements: [],
      contactEmail: null,
      accountName: null,
      sortCode: null,
      accountNumber: null,
      salt: newSalt(),
      createdAt: this.clock.now(),
      checkedAt: null,
      ...detailsOf(request),
    };
  }

  private async createRecipient(actor: Actor, account: PayoutAccount): Promise<PayoutAccount> {
    const { name, legalForm } = await this.database.read(actor, (reader) =>
      this.organisations.get(reader, actor.orgId),
    );
    const structure = structureOf(legalForm);
    if (structure === undefined || account.contactEmail === null) throw formNotSupported({ legalForm });
    const rail = await this.credentials.railOf(account.commissionerId);
    const status = valueOf(
      await rail.createRecipient({
        providerId: account.providerId,
        displayName: name,
        contactEmail: account.contactEmail,
        structure,
        idempotencyKey: `account:${account.id}`,
      }),
    );
    return this.states.keep(account.commissionerId, account.id, status);
  }

  private async link(
    { commissionerId, id, externalId }: PayoutAccount,
    purpose: OnboardingLinkOrder['purpose'],
  ): Promise<OnboardingLink> {
    if (externalId === null) throw accountNotForRail();
    const rail = await this.credentials.railOf(commissionerId);
    const page = `${this.config.publicUrl ?? `http://${this.config.host}:${this.config.port}`}/payout-accounts/${id}`;
    const idempotencyKey = `link:${id}:${newId()}`;
    return valueOf(
      await rail.onboardingLink({ accountId: externalId, purpose, returnUrl: page, refreshUrl: page, idempotencyKey }),
    );
  }

  private async onPlatform(actor: Actor, id: string): Promise<PayoutAccount> {
    const account = await this.get(actor, id);
    if (account.externalId === null) throw accountNotForRail();
    return account;
  }

  private async get(actor: Actor, id: string): Promise<PayoutAccount> {
    const account = await this.database.read(actor, (reader) => reader.findOneBy(PayoutAccount, { id }));
    if (!account) throw notFound();
    return account;
  }
}

function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'done') return outcome.value;
  if (outcome.kind === 'refused' && !outcome.retryable) throw railRefused({ reason: outcome.code });
  throw railNoAnswer();
}

function detailsOf(request: OpenPayoutAccount): Partial<Omit<PayoutAccount, 'salt'>> {
  if (request.rail === 'stripe') return { contactEmail: request.contactEmail };
  const { sortCode, accountNumber, accountName } = request;
  return { sortCode, accountNumber, accountName };
}
