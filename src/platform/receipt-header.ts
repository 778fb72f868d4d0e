import type { FastifyInstance } from 'fastify';
import { collectPromised, type CommandRecord, type ReceiptMaker } from './receipts.js';

/**
 * Answers `Prefer: receipt` (RFC 7240) with a header `Receipt`, where a command recorded anything: done, refused or
 * repeated. Whoever did not ask pays nothing for it.
 */
export function answerReceipts(fastify: FastifyInstance, maker: ReceiptMaker): void {
  const asked = new WeakMap<object, CommandRecord[]>();
  fastify.addHook('preHandler', (request, _reply, done) => {
    if (!prefersReceipt(request.headers['prefer'])) return done();
    const promised: CommandRecord[] = [];
    asked.set(request, promised);
    collectPromised(promised, done);
  });
  fastify.addHook('onSend', (request, reply, _payload, done) => {
    const promised = asked.get(request) ?? [];
    if (promised.length > 0) void reply.header('preference-applied', 'receipt').header('receipt', maker.make(promised));
    done();
  });
}

/** RFC 7240 section 2: a list of preferences, each with parameters that may follow; names in any case. */
function prefersReceipt(header: string | string[] | undefined): boolean {
  if (header === undefined) return false;
  const preferences = [header].flat().join(',').split(',');
  return preferences.some((one) => one.split(/[;=]/)[0]?.trim().toLowerCase() === 'receipt');
}
