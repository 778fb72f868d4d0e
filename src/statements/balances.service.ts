import { Injectable } from '@nestjs/common';
import { CHART, type AccountKind, type Book } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import { Database, type Reader } from '../platform/database.js';
import { isUuid } from '../platform/ids.js';
import { type ContractInForce, ContractsService } from '../pricing/index.js';
import { BookedCuts, cutParameters, isBooked } from '../sealing/index.js';
import { contractNotNamed } from './statements.errors.js';
import type { BalancesQuery } from './statements.schemas.js';

export interface AccountBalance {
  readonly account: AccountKind;
  readonly meaning: string;
  readonly book: Book;
  readonly side: 'debit' | 'credit';
  readonly debitsMinor: bigint;
  readonly creditsMinor: bigint;
  readonly balanceMinor: bigint;
}

export interface TrialBalance {
  readonly on: IsoDate;
  readonly size: number | null;
  readonly contractId: string | null;
  readonly currency: 'GBP';
  readonly items: readonly AccountBalance[];
}

/**
 * What was debited and credited by the end of day $2, by kind of account; $1 is a contract, or null for all accounts, and
 * $3 to $5 are a cut, or null for all that is booked now.
 */
const SUMS = `
with side as (
  select t.debit_account_id as id, t.amount_minor as debit, 0 as credit
  from ledger.transfer t where t.effective_on <= $2 and ${isBooked('t', 3)}
  union all
  select t.credit_account_id, 0, t.amount_minor from ledger.transfer t
  where t.effective_on <= $2 and ${isBooked('t', 3)})
select a.kind, coalesce(sum(s.debit), 0)::bigint as debits, coalesce(sum(s.credit), 0)::bigint as credits
from ledger.account a left join side s on s.id = a.id
where $1::uuid is null or a.contract_id = $1
group by a.kind`;

/** The balances of the books, by kind of account, in the words of the chart. */
@Injectable()
export class BalancesService {
  constructor(
    private readonly database: Database,
    private readonly contracts: ContractsService,
    private readonly cuts: BookedCuts,
    private readonly clock: Clock,
  ) {}

  /**
   * A trial balance of the whole book, or of the accounts of one contract: as much of it as the actor may see. Every kind
   * of account that was ever opened is in it, in the order of the chart.
   *
   * @throws checkpoint.unknown, and balances.contract_not_named from a provider that gives a size and no contract
   * @throws not_found when the contract is not the actor's to see
   * @throws contract.code_ambiguous when the actor has contracts of this code with several commissioners
   */
  async trialBalance(actor: Actor, { contract, on = this.clock.today(), size }: BalancesQuery): Promise<TrialBalance> {
    const named =
      contract === undefined
        ? null
        : await this.database.read(actor, (reader) => this.contractNamed(reader, contract, on));
    const commissionerId = actor.side === 'commissioner' ? actor.orgId : named?.commissionerId;
    if (size !== undefined && commissionerId === undefined) throw contractNotNamed();
    const cut = size === undefined || commissionerId === undefined ? null : await this.cuts.get(commissionerId, size);
    const contractId = named?.id ?? null;
    const rows = await this.database.read(actor, (reader) =>
      reader.query<{ kind: AccountKind; debits: bigint; credits: bigint }>(SUMS, [
        contractId,
        on,
        ...cutParameters(cut),
      ]),
    );
    const items = (Object.keys(CHART) as AccountKind[]).flatMap((account): AccountBalance[] => {
      const row = rows.find(({ kind }) => kind === account);
      if (!row) return [];
      const { meaning, book, normal } = CHART[account];
      const { debits, credits } = row;
      const balanceMinor = normal === 'D' ? debits - credits : credits - debits;
      const side = normal === 'D' ? 'debit' : 'credit';
      return [{ account, meaning, book, side, debitsMinor: debits, creditsMinor: credits, balanceMinor }];
    });
    return { on, size: size ?? null, contractId, currency: 'GBP', items };
  }

  private contractNamed(reader: Reader, contract: string, on: IsoDate): Promise<ContractInForce> {
    return isUuid(contract) ? this.contracts.get(reader, contract, on) : this.contracts.getByCode(reader, contract, on);
  }
}
