import { Injectable } from '@nestjs/common';
import { CHART, type AccountKind, type Book } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import { Database, type Reader } from '../platform/database.js';
import { isUuid } from '../platform/ids.js';
import { ContractsService } from '../pricing/index.js';
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
  readonly contractId: string | null;
  readonly currency: 'GBP';
  readonly items: readonly AccountBalance[];
}

/** What was debited and credited by the end of day $2, by kind of account; $1 is a contract, or null for all accounts. */
const SUMS = `
with side as (
  select t.debit_account_id as id, t.amount_minor as debit, 0 as credit
  from ledger.transfer t where t.effective_on <= $2
  union all
  select t.credit_account_id, 0, t.amount_minor from ledger.transfer t where t.effective_on <= $2)
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
    private readonly clock: Clock,
  ) {}

  /**
   * A trial balance of the whole book, or of the accounts of one contract: as much of it as the actor may see. Every kind
   * of account that was ever opened is in it, in the order of the chart.
   *
   * @throws not_found when the contract is not the actor's to see
   * @throws contract.code_ambiguous when the actor has contracts of this code with several commissioners
   */
  async trialBalance(actor: Actor, { contract, on = this.clock.today() }: BalancesQuery): Promise<TrialBalance> {
    const { contractId, rows } = await this.database.read(actor, async (reader) => {
      const id = contract === undefined ? null : await this.contractNamed(reader, contract, on);
      return {
        contractId: id,
        rows: await reader.query<{ kind: AccountKind; debits: bigint; credits: bigint }>(SUMS, [id, on]),
      };
    });
    const items = (Object.keys(CHART) as AccountKind[]).flatMap((account): AccountBalance[] => {
      const row = rows.find(({ kind }) => kind === account);
      if (!row) return [];
      const { meaning, book, normal } = CHART[account];
      const { debits, credits } = row;
      const balanceMinor = normal === 'D' ? debits - credits : credits - debits;
      const side = normal === 'D' ? 'debit' : 'credit';
      return [{ account, meaning, book, side, debitsMinor: debits, creditsMinor: credits, balanceMinor }];
    });
    return { on, contractId, currency: 'GBP', items };
  }

  private async contractNamed(reader: Reader, contract: string, on: IsoDate): Promise<string> {
    const found = isUuid(contract)
      ? await this.contracts.get(reader, contract, on)
      : await this.contracts.getByCode(reader, contract, on);
    return found.id;
  }
}
