import { Controller, Get, Post, Query } from '@nestjs/common';
import {
  BatchMaking,
  BatchSubmissionService,
  isAboveLimit,
  isMonthComplete,
  type MadeBatch,
  type ReadyBatch,
} from '../../batches/index.js';
import { Clock } from '../../platform/clock.js';
import { DomainError } from '../../platform/errors.js';
import { ContractRegister } from '../../pricing/index.js';
import { lastMonth, monthsUpTo } from '../delivery/months.rules.js';
import { seeOther, seeOtherNoting, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form, wordError } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { addressOf } from '../page/address.rules.js';
import { wordQuietIn, wordRefusalsIn, wordStandingIn, wordWarningsIn, type Remark } from './making-words.rules.js';
import { MadeAddress, MakingAddress } from './making.schemas.js';

const MAKER = { commissioner: ['contract_manager'] } as const;

/** As many months as the list goes back: late claims of older ones come with those of these. */
const MONTHS = 16;

/** The batches of a month: what is claimed of each contract, put to approval together. */
@Controller('batches/new')
export class BatchMakingPages {
  constructor(
    private readonly making: BatchMaking,
    private readonly submission: BatchSubmissionService,
    private readonly register: ContractRegister,
    private readonly clock: Clock,
  ) {}

  @Page({ permit: MAKER })
  @Get()
  async show(
    @CurrentVisit() visit: Visit,
    @Query({ schema: MakingAddress }) { month }: MakingAddress,
  ): Promise<PageAnswer> {
    return this.overview(visit, this.known(month) ?? lastMonth(this.clock.today()));
  }

  /** Which contracts: on to the page that says what they come to. */
  @Action({ permit: MAKER })
  @Post()
  async choose(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const month = this.known(fields.text('month'));
    const { contract } = MakingAddress.parse({ contract: fields.all('contract') });
    if (month === undefined) return seeOther('/batches/new');
    if (contract.length > 0) return seeOther(addressOf('/batches/new/confirm', { month, contract }));
    form.refuse('contract', 'making.noneSelected');
    return this.overview(visit, month, form);
  }

  @Page({ permit: MAKER })
  @Get('confirm')
  async confirm(
    @CurrentVisit() visit: Visit,
    @Query({ schema: MakingAddress }) address: MakingAddress,
  ): Promise<PageAnswer> {
    return this.confirmation(visit, address);
  }

  /** One command for each contract: what stands against one does not keep the others. */
  @Action({ permit: MAKER })
  @Post('confirm')
  async make(
    @CurrentVisit() visit: Visit,
    @Query({ schema: MakingAddress }) address: MakingAddress,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const month = this.known(address.month);
    if (month === undefined) return seeOther('/batches/new');
    const codes = await this.register.codes(visit.actor, address.contract);
    const [made, refused]: [string[], string[]] = [[], []];
    for (const [id, contract] of codes) {
      try {
        const batches = await this.submission.submit(visit.command(`batch:${id}`), { period: month, contract });
        made.push(...batches.map((batch) => batch.id));
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        refused.push(id);
        form.refuse(`row-${id}`, 'making.refused', { contract, problem: wordError(visit.t, error) });
      }
    }
    if (made.length > 0) return seeOther(addressOf('/batches/new/made', { month, batch: made, contract: refused }));
    return this.confirmation(visit, address, form);
  }

  @Page({ permit: MAKER })
  @Get('made')
  async done(
    @CurrentVisit() visit: Visit,
    @Query({ schema: MadeAddress }) { month, batch, contract }: MadeAddress,
  ): Promise<PageAnswer> {
    const made = await this.making.made(visit.actor, batch);
    if (made.length === 0) return seeOther(addressOf('/batches/new', { month }));
    return view('batches/new-made.njk', {
      made,
      totalMinor: sumOf(made),
      period: made[0]?.period,
      month,
      refused: await this.refused(visit, month, contract),
      ...(await this.reviewers(visit, made)),
    });
  }

  private async overview(visit: Visit, month: string, form?: Form): Promise<View> {
    const { t } = visit;
    const { period, isOver, ready, quiet } = await this.making.of(visit.actor, month);
    const rows = ready.map((one) => rowOf(visit, one));
    const data = {
      month,
      period,
      isOver,
      months: monthsUpTo(this.clock.today(), MONTHS).map((value) => ({ value, text: t.month(`${value}-01`) })),
      rows,
      firstToChoose: rows.find(({ mayMake }) => mayMake)?.contractId,
      totalMinor: sumOf(ready),
      quiet: quiet.map((one) => ({ ...one, month: wordStandingIn(t, one), remarks: wordQuietIn(t, one) })),
    };
    return view('batches/new.njk', data, form && { errors: form.errors, values: form.values });
  }

  private async confirmation(visit: Visit, address: MakingAddress, form?: Form): Promise<PageAnswer> {
    const month = this.known(address.month);
    if (month === undefined || address.contract.length === 0) return seeOther(addressOf('/batches/new', { month }));
    const { period, ready } = await this.making.of(visit.actor, month);
    const chosen = ready.filter(({ contract }) => address.contract.includes(contract.id));
    if (chosen.length === 0) return seeOtherNoting(addressOf('/batches', { month }), 'making.gone');
    const rows = chosen.map((one) => rowOf(visit, one));
    const data = {
      month,
      period,
      rows,
      totalMinor: sumOf(chosen),
      claimCount: chosen.reduce((sum, { claims }) => sum + claims.length, 0),
      incompleteCount: chosen.filter(({ standing }) => !isMonthComplete(standing)).length,
      mayMake: rows.some(({ mayMake }) => mayMake),
      address: addressOf('/batches/new/confirm', { month, contract: rows.map(({ contractId }) => contractId) }),
      ...(await this.reviewers(visit, chosen)),
    };
    return view('batches/new-confirm.njk', data, form && { errors: form.errors });
  }

  /** Contracts of which no batch was made, with what stands against it now. */
  private async refused(visit: Visit, month: string | undefined, ids: readonly string[]) {
    if (month === undefined || ids.length === 0) return [];
    const { ready } = await this.making.of(visit.actor, month);
    const codes = await this.register.codes(visit.actor, ids);
    return [...codes].map(([id, contractCode]) => {
      const one = ready.find(({ contract }) => contract.id === id);
      const remarks = one ? refusalsOf(visit, one) : [{ text: visit.t('making.made.noLonger') }];
      return { contractCode, remarks: remarks.length > 0 ? remarks : [{ text: visit.t('making.made.tryAgain') }] };
    });
  }

  /** Who may approve the batches, and those of them that nobody else may. */
  private async reviewers(visit: Visit, batches: readonly (MadeBatch | ReadyBatch)[]) {
    const approvers = await this.making.approvers(visit.actor);
    const orphans = batches.filter(({ totalMinor }) =>
      approvers.every(({ limitMinor }) => isAboveLimit(totalMinor, limitMinor)),
    );
    return { approvers, orphanCount: orphans.length };
  }

  /** A month that can be chosen. */
  private known(month: string | undefined): string | undefined {
    return monthsUpTo(this.clock.today(), MONTHS).find((one) => one === month);
  }
}

function refusalsOf({ t }: Visit, ready: ReadyBatch): Remark[] {
  return wordRefusalsIn(t, ready, (refusal) => wordError(t, refusal));
}

/** A contract as the pages show it. */
function rowOf(visit: Visit, ready: ReadyBatch) {
  const { t } = visit;
  const { contract, claims, totalMinor, vatMinor, indicativeMinor, providerName, isToMake } = ready;
  return {
    contractId: contract.id,
    contractCode: contract.code,
    contractTitle: contract.title,
    providerName,
    claimCount: claims.length,
    totalMinor,
    vatMinor,
    indicativeMinor,
    isToMake,
    mayMake: ready.refusals.length === 0,
    month: wordStandingIn(t, ready),
    refusals: refusalsOf(visit, ready),
    warnings: wordWarningsIn(t, ready),
  };
}

function sumOf(batches: readonly { readonly totalMinor: bigint }[]): bigint {
  return batches.reduce((sum, { totalMinor }) => sum + totalMinor, 0n);
}
