import { createTransport } from 'nodemailer';
import { assertOutsideTransaction } from '../platform/database.js';

/** A message for one mailbox. */
export interface Mail {
  /** The same for each try, so that a mail that was sent twice is seen to be one. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** The server did not take it. What it said may quote the address, so nothing of that is kept but its code. */
export class MailNotTaken extends Error {
  readonly code: string;

  constructor(
    code: string | undefined,
    readonly responseCode: number | undefined,
    /** The server says that there is no such mailbox. */
    readonly isRefused: boolean,
  ) {
    super('The mail server did not take a mail.');
    this.name = 'MailNotTaken';
    this.code = [code ?? 'EUNKNOWN', responseCode].filter((part) => part !== undefined).join(' ');
  }
}

const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);
const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, dnsTimeout: 10_000, socketTimeout: 30_000 };

/** Hands mails to the SMTP server of the configuration, one connection each. */
export class MailGateway {
  private readonly transport;
  private readonly domain: string;

  /**
   * @param url `smtp://` (TLS is required unless the server is on this machine, or `?requireTLS=false` is added) or `smtps://`
   * @param from an address, or `Name <address>`
   */
  constructor(
    url: string,
    private readonly from: string,
  ) {
    const { hostname, searchParams } = new URL(url);
    const requireTLS = !LOCAL.has(hostname) && searchParams.get('requireTLS') !== 'false';
    this.transport = createTransport({ url, ...TIMEOUTS, requireTLS, disableFileAccess: true, disableUrlAccess: true });
    this.domain = /@([\w.-]+)/.exec(from)?.[1] ?? 'localhost';
  }

  /** @throws MailNotTaken */
  async send({ id, to, subject, text, html }: Mail): Promise<void> {
    assertOutsideTransaction();
    try {
      await this.transport.sendMail({
        from: this.from,
        to: { name: '', address: to },
        subject,
        text,
        html,
        messageId: `<${id}@${this.domain}>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
    } catch (error) {
      const { code, responseCode, command } = error as { code?: string; responseCode?: number; command?: string };
      const isRefused = command === 'RCPT TO' && responseCode !== undefined && responseCode >= 500;
      throw new MailNotTaken(code, responseCode, isRefused);
    }
  }
}
