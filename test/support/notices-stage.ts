import { COLLECTED_MS } from '../../src/notices/notice.rules.js';
import { NoticesService } from '../../src/notices/index.js';
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
  /** Whatever is to be told by now is told and sent. */
  tell(): Promise<void>;
  /** The same, once what is collected has been collected. */
  collect(): Promise<void>;
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
  const addressOf = async ({ memberId }: Pick<Person, 'memberId'>) => {
    const { rows } = await app.admin.query<{ email: string }>('select email from member where id = $1', [memberId]);
    return rows[0]?.email ?? '';
  };
  const tell = async () => {
    await app.jobs.sweep();
    await app.jobs.settle();
  };
  const moveTo = async (instant: string) => {
    app.clock.moveTo(new Date(instant));
    const until = new Date(app.clock.now().getTime() + 12 * HOUR_MS);
    await app.admin.query('update api_key set expires_at = $1', [until.toISOString()]);
  };
  let icbs = 0;
  return {
    app,
    sink,
    notices: app.nest.get(NoticesService),
    icb: () => commissioner(app, `NOTE${++icbs}`),
    tell,
    collect: async () => {
      await tell();
      await moveTo(new Date(app.clock.now().getTime() + COLLECTED_MS).toISOString());
      await tell();
    },
    moveTo,
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
