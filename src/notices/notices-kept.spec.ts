import type { Clock } from '../platform/clock.js';
import { readConfig, type Config } from '../platform/config.js';
import type { Database, Reader } from '../platform/database.js';
import type { JobDefinition, Jobs } from '../platform/jobs.js';
import { createLog } from '../platform/log.js';
import type { ClaimReminders } from './claim-reminders.service.js';
import type { CredentialNotices } from './credential-notices.service.js';
import type { JournalFollower } from './journal-follower.service.js';
import { NoticeSender } from './notice-sender.service.js';
import { NoticesWorker } from './notices.worker.js';
import type { NoticeWording } from './notice-wording.service.js';

const LIVE = { STRIPE_API_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' };
const SMTP = { SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'a@b.example', PUBLIC_URL: 'https://pay.example.org' };

/** Nothing here may be asked for anything: there is no database, and whoever reaches for it fails. */
function sending(config: Config): { job: JobDefinition; lines: string[] } {
  const defined: JobDefinition[] = [];
  const lines: string[] = [];
  const sender = new NoticeSender({} as Database, {} as NoticeWording, {} as Clock, config);
  const worker = new NoticesWorker(
    { define: (job: JobDefinition) => void defined.push(job) } as Jobs,
    {} as JournalFollower,
    {} as ClaimReminders,
    {} as CredentialNotices,
    sender,
    {} as Clock,
    createLog('info', { write: (line) => void lines.push(line) }),
  );
  worker.onModuleInit();
  const job = defined.find(({ name }) => name === 'notices.send');
  if (!job) throw new Error('No job sends notices');
  return { job, lines };
}

describe('outside the sandbox and without a mail server', () => {
  it('notices are kept, and the log says so once', async () => {
    const { job, lines } = sending(readConfig(LIVE));
    expect(await job.due?.({} as Reader)).toEqual([]);
    expect(await job.due?.({} as Reader)).toEqual([]);
    await job.run({ commissionerId: '', id: '' });
    expect(lines.map((line) => JSON.parse(line) as Record<string, unknown>)).toMatchObject([
      { level: 'warn', msg: 'notices are kept and not sent: SMTP_URL is not set' },
    ]);
  });

  it.each([
    ['in a sandbox', {}],
    ['with a mail server', { ...LIVE, ...SMTP }],
  ])('and %s they leave', async (_where, environment) => {
    const { job, lines } = sending(readConfig(environment));
    await expect(Promise.resolve().then(() => job.run({ commissionerId: '', id: '' }))).rejects.toThrow(TypeError);
    await expect(Promise.resolve().then(() => job.due?.({} as Reader))).rejects.toThrow(TypeError);
    expect(lines).toEqual([]);
  });
});
