import { Body, Controller, Get, Inject, Param, Post, StreamableFile } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import type { Config } from '../platform/config.js';
import { CsvBody } from '../platform/csv-body.js';
import { csvEmpty, csvNotText, csvTooLarge, csvUnreadableHeading } from '../platform/csv-reader.js';
import { Database } from '../platform/database.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { CONFIG } from '../platform/platform.module.js';
import { OutsidePaymentList } from './outside-payment-list.service.js';
import { OutsidePaymentsService } from './outside-payments.service.js';
import { payoutViewOf } from './payout-view.rules.js';
import {
  outsideFileHeading,
  ownConfirmation,
  paymentDayNotPossible,
  paymentNotEntered,
  paymentReferenceNotOpaque,
  payoutStepNotPossible,
} from './payouts.errors.js';
import { ConfirmOutsidePayment, EnterOutsidePayment, OutsidePaymentFile, PayoutView } from './payouts.schemas.js';
import { PayoutsService } from './payouts.service.js';

type Id = z.infer<typeof IdParameter>;
const FINANCE = { commissioner: ['finance'] } as const;

@Heading('Payments outside of the platform')
@Controller('v1')
export class OutsidePaymentsController {
  constructor(
    private readonly outside: OutsidePaymentsService,
    private readonly due: OutsidePaymentList,
    private readonly payouts: PayoutsService,
    private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post('payouts/:id/outside-payment')
  @Operation({
    summary: 'Enter what accounts payable has paid',
    description: 'It counts once another person in finance has confirmed it.',
    permit: FINANCE,
    answer: PayoutView,
    errors: [payoutStepNotPossible, paymentDayNotPossible, paymentReferenceNotOpaque],
    idempotent: true,
  })
  async enter(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Body({ schema: EnterOutsidePayment }) body: EnterOutsidePayment,
  ): Promise<unknown> {
    await this.outside.enter(actor, id, body);
    return this.view(actor, id);
  }

  @Post('payouts/:id/confirm')
  @Operation({
    summary: 'Confirm, as a second person, that it was paid',
    permit: FINANCE,
    answer: PayoutView,
    errors: [ownConfirmation, paymentNotEntered, payoutStepNotPossible],
    idempotent: true,
  })
  async confirm(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Body({ schema: ConfirmOutsidePayment }) { reference }: z.infer<typeof ConfirmOutsidePayment>,
  ): Promise<unknown> {
    await this.outside.confirm(actor, id, reference);
    return this.view(actor, id);
  }

  @Post('payouts/:id/withdraw')
  @Operation({
    summary: 'Say that accounts payable will not pay it; its invoices are owed again',
    permit: FINANCE,
    answer: PayoutView,
    errors: [payoutStepNotPossible],
    idempotent: true,
  })
  async withdraw(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    await this.outside.withdraw(actor, id);
    return this.view(actor, id);
  }

  @Get('outside-payments/to-make.csv')
  @Operation({
    summary: 'The payments that accounts payable has to make',
    description: 'With bank details. Filled in, it is the file that says what was paid.',
    permit: FINANCE,
    produces: 'text/csv',
  })
  async toMake(@CurrentActor() actor: Actor): Promise<StreamableFile> {
    const { name, bytes } = await this.due.file(actor);
    return new StreamableFile(bytes, {
      type: 'text/csv; charset=utf-8',
      disposition: `attachment; filename="${name}"`,
      length: bytes.length,
    });
  }

  @Post('outside-payments')
  @Operation({
    consumes: 'text/csv',
    summary: 'Enter many payments from a CSV file',
    description: 'Columns: payout reference, payment reference, paid on. Good rows are entered, bad ones come back.',
    permit: FINANCE,
    answer: OutsidePaymentFile,
    errors: [outsideFileHeading, csvTooLarge, csvNotText, csvEmpty, csvUnreadableHeading],
  })
  async importFile(@CurrentActor() actor: Actor, @CsvBody() bytes: AsyncIterable<Buffer>): Promise<unknown> {
    return this.outside.importFile(actor, bytes);
  }

  private async view(actor: Actor, id: string): Promise<unknown> {
    const payout = await this.database.read(actor, (reader) => this.payouts.get(reader, id));
    return payoutViewOf(payout, this.config.sandbox);
  }
}
