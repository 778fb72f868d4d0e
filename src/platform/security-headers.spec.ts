import helmet from '@fastify/helmet';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { SECURITY_HEADERS } from './security-headers.js';

/** What an answer has whatever protects it. */
const OF_ANY_ANSWER = new Set(['connection', 'content-length', 'date']);

it('are those of helmet, but that an instance without TLS may be looked at', async () => {
  const fastify = new FastifyAdapter().getInstance();
  await fastify.register(helmet, { contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } });
  fastify.get('/', (_request, reply) => void reply.send());
  const { headers } = await fastify.inject('/');
  expect(SECURITY_HEADERS).toEqual(
    Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_ANY_ANSWER.has(name))),
  );
});
