import { LazyModuleLoader } from '@nestjs/core';
import { NoticesModule, NoticesService } from '../../src/notices/index.js';
import { NoticesWorker } from '../../src/notices/notices.worker.js';
import { startTestApp, type TestApp } from './app.js';
import { startSmtpSink, type ReceivedMail, type SmtpSink } from './smtp-sink.js';
import { commissioner, type Party, type Person } from './world.js';

const HOUR_MS = 3_600_000;

export interface NoticesStage {
  readonly app: TestApp;
  readonly sink: SmtpSink;
  readonly notices: NoticesService;
  /** A commissioner of its own for one story. */
  icb(): Promise<Party>;
  /** Whatever is to be told is told and sent. */
  tell(): Promise<void>;
  /** The clock is moved, and the people of the story keep their keys. */
  moveTo(instant: string): Promise<void>;
  addressOf(person: Pick<Person, 'memberId'>): Promise<string>;
  mailsTo(person: Pick<Person, 'memberId'>): Promise<ReceivedMail[]>;
  close(): Promise<void>;
}

/** The application beside a mail server of its own; `mail: false` leaves the server out, as a sandbox is at first. */
export async function openNoticesStage({ mail = true } = {}): Promise<NoticesStage> {
  const sink = await startSmtpSink();
  const smtp = { SMTP_URL: sink.url, MAIL_FROM: 'Wellpaid <notices@wellpaid.example>' };
  const environment = { PUBLIC_URL: 'https://pay.example.org', ...(mail && smtp) };
  const app = await startTestApp({ environment });
  const notices = await noticesOf(app);
  const addressOf = async ({ memberId }: Pick<Person, 'memberId'>) => {
    const { rows } = await app.admin.query<{ email: string }>('select email from member where id = $1', [memberId]);
    return rows[0]?.email ?? '';
  };
  let icbs = 0;
  return {
    app,
    sink,
    notices,
    icb: () => commissioner(app, `NOTE${++icbs}`),
    tell: async () => {
      await app.jobs.sweep();
      await app.jobs.settle();
    },
    moveTo: async (instant) => {
      app.clock.moveTo(new Date(instant));
      const until = new Date(app.clock.now().getTime() + 12 * HOUR_MS);
      await app.admin.query('update api_key set expires_at = $1', [until.toISOString()]);
    },
    addressOf,
    mailsTo: async (person) => {
      const address = await addressOf(person);
      return sink.mails.filter(({ to }) => to.includes(address));
    },
    close: async () => {
      await app.close();
      await sink.close();
    },
  };
}

/** The notices of an application, to which they are added where it was built without them. */
async function noticesOf(app: TestApp): Promise<NoticesService> {
  const isThere = isBuiltIn(app);
  const module = await app.nest.get(LazyModuleLoader).load(() => NoticesModule);
  if (!isThere) module.get(NoticesWorker).onModuleInit();
  return module.get(NoticesService);
}

function isBuiltIn(app: TestApp): boolean {
  try {
    return app.nest.get(NoticesWorker, { strict: false }) instanceof NoticesWorker;
  } catch {
    return false;
  }
}
