import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Observable, tap } from 'rxjs';
import type { AuthenticatedRequest } from './operation.js';
import { collectPromised, ReceiptMaker, type CommandRecord } from './receipts.js';

/**
 * Answers `Prefer: receipt` (RFC 7240) with a header `Receipt`, where a command recorded anything: done, refused or
 * repeated. Whoever did not ask pays nothing for it.
 */
@Injectable()
export class ReceiptInterceptor implements NestInterceptor {
  constructor(private readonly maker: ReceiptMaker) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    if (!prefersReceipt(http.getRequest<AuthenticatedRequest>().headers['prefer'])) return next.handle();
    const promised: CommandRecord[] = [];
    const give = () => this.give(http.getResponse<FastifyReply>(), promised);
    return new Observable((subscriber) =>
      collectPromised(promised, () =>
        next
          .handle()
          .pipe(tap({ next: give, error: give }))
          .subscribe(subscriber),
      ),
    );
  }

  private give(reply: FastifyReply, promised: readonly CommandRecord[]): void {
    if (promised.length === 0 || reply.sent) return;
    void reply.header('preference-applied', 'receipt').header('receipt', this.maker.make(promised));
  }
}

/** RFC 7240 section 2: a list of preferences, each with parameters that may follow; names in any case. */
export function prefersReceipt(header: string | string[] | undefined): boolean {
  const preferences = [header ?? []].flat().join(',').split(',');
  return preferences.some((one) => one.split(/[;=]/)[0]?.trim().toLowerCase() === 'receipt');
}
