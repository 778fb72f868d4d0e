import { Controller, Param, Post, Req } from '@nestjs/common';
import { z } from 'zod';
import { Heading, Operation, type AuthenticatedRequest } from '../platform/operation.js';
import { noticeForged } from './payouts.errors.js';
import { WebhooksService } from './webhooks.service.js';

const Received = z.object({ received: z.literal(true) }).meta({ id: 'NoticeReceived' });
const Code = z.strictObject({ commissionerCode: z.string().max(12) });

@Heading('Payouts')
@Controller('v1/webhooks/stripe')
export class WebhooksController {
  constructor(private readonly webhooks: WebhooksService) {}

  @Post(':commissionerCode')
  @Operation({
    summary: 'Where the payment platform sends its notices',
    description:
      'Each is proved by its signature and answered at once; what it is about is read from the platform later.',
    permit: 'public',
    answer: Received,
    errors: [noticeForged],
  })
  async receive(
    @Param({ schema: Code }) { commissionerCode }: z.infer<typeof Code>,
    @Req() request: AuthenticatedRequest,
  ): Promise<unknown> {
    await this.webhooks.receive(commissionerCode, request.rawBody, request.headers);
    return { received: true };
  }
}
