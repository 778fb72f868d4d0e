import { Inject, Injectable } from '@nestjs/common';
import { OrganisationsService } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import type { Config } from '../platform/config.js';
import { Database, type Reader } from '../platform/database.js';
import { assert, notFound } from '../platform/errors.js';
import { CONFIG } from '../platform/platform.module.js';
import { DocumentSeals } from '../sealing/index.js';
import {
  ageingOf,
  openStatement,
  type Ageing,
  type NotInvoiced,
  type Statement,
  type StatementClosing,
  type StatementEntry,
  type StatementSubject,
} from './statement.document.js';
import {
  dayRanges,
  entriesOfEvent,
  STATEMENT_ACCOUNTS,
  type CrossingTransfer,
  type DayRange,
  type StatementContract,
} from './statement-lines.rules.js';
import { RANGE_MAX, StatementTransfers } from './statement-transfers.service.js';
import { commissionerNotNamed, periodNotOver } from './statements.errors.js';
import {
  pin,
  readBalances,
  readClaimed,
  readContracts,
  readDays,
  readAccounts,
  readUnpaid,
  type ContractRow,
  type KindBalances,
  type PinnedScope,
  type StatementAccounts,
  type StatementScope,
  type TransferRow,
} from './statements.queries.js';
import type { StatementQuery } from './statements.schemas.js';

/** A statement that is about to be written, and what its export is journalled by. */
export interface OpenedStatement {
  readonly statement: Statement;
  readonly scope: PinnedScope;
  readonly subjectId: string;
}

type ClaimedNow = Omit<NotInvoiced, 'approvedNotInvoicedMinor'>;

interface Asked {
  readonly scope: StatementScope;
  readonly kind: StatementSubject['kind'];
}

/**
 * Statements of account, as they are booked in the newest checkpoint, so that each can be made again to the penny. The first,
 * short transaction pins what is counted by the checkpoint's `pg_snapshot` and reads the balances in it; the lines
 * follow some days at a time, each through a cursor in a transaction of its own that counts only what the pinned snapshot
 * saw. Rows of the ledger are never changed, so these together are exactly what one long transaction would have read, and
 * none is held open for as long as a slow client reads.
 */
@Injectable()
export class StatementsService {
  constructor(
    private readonly database: Database,
    private readonly organisations: OrganisationsService,
    private readonly seals: DocumentSeals,
    private readonly transfers: StatementTransfers,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Opens a statement whose lines are not read yet. That they lead from the opening to the closing balance is checked before
   * anything is written, and once more as they pass.
   *
   * @throws not_found when the party is not the actor's to see
   * @throws statement.period_not_over
   * @throws statement.commissioner_not_named
   */
  async open(actor: Actor, query: StatementQuery): Promise<OpenedStatement> {
    const { from, to } = query;
    const today = this.clock.today();
    if (to > today) throw periodNotOver({ today });
    const { scope: wanted, kind } = await this.database.read(actor, (reader) => this.scopeOf(reader, actor, query));
    const booked = await this.seals.booked(wanted.commissionerId);
    const checkpoint = await this.seals.printed(wanted.commissionerId);
    const { contracts, accounts, scope, subject } = await this.database.read(actor, async (reader) => {
      const found = await readContracts(reader, wanted);
      if (found.length === 0 && kind !== 'commissioner') throw notFound();
      return {
        contracts: found,
        accounts: await readAccounts(reader, wanted),
        scope: await pin(reader, wanted, booked),
        subject: await this.subjectOf(reader, kind, wanted, found),
      };
    });
    // On two connections, each with about half of the work: what was pinned is the same on each.
    const [{ balances, days }, apart] = await Promise.all([
      this.database.read(actor, (reader) => this.booksOf(reader, scope, { from, to })),
      this.database.read(actor, (reader) => this.apartOf(reader, scope, { from, to })),
    ]);
    const openingMinor = netOf(balances.opening);
    const closing = { ...closingOf(balances.closing, apart), bookedSize: scope.bookedSize, checkpoint };
    const linesMinor = days.reduce((sum, { effect }) => sum + effect, 0n);
    assert(
      openingMinor + linesMinor === closing.closingMinor,
      `lines of ${linesMinor} lead from ${openingMinor} to ${closing.closingMinor}`,
    );
    const head = {
      format: 'wellpaid.statement.1',
      subject,
      period: { from, to },
      preparedOn: today,
      currency: 'GBP',
      openingMinor,
      sandbox: this.config.sandbox,
    } as const;
    const entries = this.entries(actor, scope, dayRanges(days, RANGE_MAX), contracts, accounts);
    return { statement: openStatement(head, entries, closing), scope, subjectId: query.id };
  }

  private async scopeOf(reader: Reader, actor: Actor, { party, id }: StatementQuery): Promise<Asked> {
    if (party === 'contract') {
      const [contract] = await reader.query<{ commissionerId: string; providerId: string }>(
        'select commissioner_id as "commissionerId", provider_id as "providerId" from contract where id = $1',
        [id],
      );
      if (!contract) throw notFound();
      return { scope: { ...contract, contractId: id }, kind: 'contract' };
    }
    if (actor.side === 'commissioner') {
      if (party === 'provider') {
        return { scope: { commissionerId: actor.orgId, providerId: id, contractId: null }, kind: 'provider' };
      }
      if (id !== actor.orgId) throw notFound();
      return { scope: { commissionerId: id, providerId: null, contractId: null }, kind: 'commissioner' };
    }
    const commissionerId = party === 'commissioner' ? id : await onlyCommissioner(reader, actor, id);
    return { scope: { commissionerId, providerId: actor.orgId, contractId: null }, kind: 'provider' };
  }

  private async subjectOf(
    reader: Reader,
    kind: StatementSubject['kind'],
    { commissionerId }: StatementScope,
    contracts: readonly ContractRow[],
  ): Promise<StatementSubject> {
    const commissioner = await this.organisations.get(reader, commissionerId);
    const { code, name } = commissioner;
    if (kind === 'commissioner') return { kind, code, name, parties: ['all its providers'] };
    const [contract] = contracts;
    assert(contract, 'a provider and a contract have a contract');
    const { providerCode, providerName } = contract;
    return kind === 'contract'
      ? { kind, code: contract.code, name: contract.title, parties: [name, providerName] }
      : { kind, code: providerCode, name: providerName, parties: [name] };
  }

  /** What the ledger itself has before the lines and after them, and on which days they are. */
  private async booksOf(reader: Reader, scope: PinnedScope, { from, to }: DayRange) {
    const kinds = [...STATEMENT_ACCOUNTS, 'accrued'] as const;
    const balances = await readBalances(reader, scope, kinds, { before: dayBefore(from), to });
    return { balances, days: await readDays(reader, scope, { from, to }) };
  }

  /** What stands beside the balances: claims that are on no invoice, and the age of invoices. */
  private async apartOf(reader: Reader, scope: PinnedScope, period: DayRange) {
    const claimed = await readClaimed(reader, scope, period);
    return { claimed, ageing: ageingOf(await readUnpaid(reader, scope, period.to), period.to) };
  }

  /** Reads little further than the lines that have been taken: a slow reader holds no transaction and no memory. */
  private async *entries(
    actor: Actor,
    scope: PinnedScope,
    ranges: readonly DayRange[],
    rows: readonly ContractRow[],
    accounts: StatementAccounts,
  ): AsyncGenerator<StatementEntry[]> {
    const contracts = new Map<string, StatementContract>(
      rows.map(({ id, code, providerCode, providerName }) => [
        id,
        { code, provider: { code: providerCode, name: providerName } },
      ]),
    );
    let event: CrossingTransfer[] = [];
    for await (const page of this.transfers.read(actor, scope, ranges)) {
      const entries: StatementEntry[] = [];
      for (const row of page) {
        if (event[0] && event[0].eventId !== row.eventId) {
          entries.push(...entriesOfEvent(event, contracts));
          event = [];
        }
        event.push(crossingOf(row, accounts));
      }
      yield entries;
    }
    yield entriesOfEvent(event, contracts);
  }
}

function crossingOf(row: TransferRow, accounts: StatementAccounts): CrossingTransfer {
  const inside = accounts.get(row.insideId);
  assert(inside && inside.contractId !== null, 'the accounts of a statement are those of its contracts');
  return {
    effectiveOn: row.effectiveOn,
    eventId: row.eventId,
    contractId: inside.contractId,
    insideKind: inside.kind,
    outsideKind: accounts.get(row.outsideId)?.kind,
    effectMinor: row.effectMinor,
    isReversal: row.isReversal,
    subjectId: row.subjectId,
    isGrant: row.isGrant,
    number: row.number,
    paymentReference: row.paymentReference,
  };
}

async function onlyCommissioner(reader: Reader, actor: Actor, id: string): Promise<string> {
  if (id !== actor.orgId) throw notFound();
  const found = await reader.query<{ id: string }>('select distinct commissioner_id as id from contract order by 1');
  const [only, another] = found;
  if (another) throw commissionerNotNamed({ commissioners: found.map((one) => one.id) });
  if (!only) throw notFound();
  return only.id;
}

function closingOf(
  balances: KindBalances,
  { claimed, ageing }: { readonly claimed: ClaimedNow; readonly ageing: Ageing },
): Pick<StatementClosing, 'closingMinor' | 'parts' | 'notInvoiced' | 'ageing'> {
  return {
    closingMinor: netOf(balances),
    parts: {
      owedMinor: balances.owed ?? 0n,
      inTransitMinor: balances.in_transit ?? 0n,
      advancedMinor: balances.advance ?? 0n,
      recoverableMinor: balances.recoverable ?? 0n,
    },
    notInvoiced: { approvedNotInvoicedMinor: balances.accrued ?? 0n, ...claimed },
    ageing,
  };
}

/** `owed` and `in_transit`, less `advance` and `recoverable`. */
function netOf({ owed = 0n, in_transit = 0n, advance = 0n, recoverable = 0n }: KindBalances): bigint {
  return owed + in_transit - advance - recoverable;
}

function dayBefore(day: IsoDate): IsoDate {
  const before = new Date(`${day}T00:00:00Z`);
  before.setUTCDate(before.getUTCDate() - 1);
  return before.toISOString().slice(0, 10);
}
