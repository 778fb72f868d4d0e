import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A mail as a server on this machine was given it. */
export interface ReceivedMail {
  to: string[];
  headers: Map<string, string>;
  /** The subject and the plain text, decoded. */
  subject: string;
  text: string;
  html: string;
  raw: string;
}

export interface SmtpSink {
  readonly url: string;
  readonly mails: ReceivedMail[];
  /** What RCPT TO is answered with: 250 takes the mail, 550 says that there is no such mailbox. */
  answer: string;
  /** How often a connection was opened. */
  connections: number;
  /** No longer listens, until it is opened again on the same port. */
  close(): Promise<void>;
  open(): Promise<void>;
}

/** An SMTP server that keeps what it is given: just enough of RFC 5321 for one client. */
export async function startSmtpSink(): Promise<SmtpSink> {
  let port = 0;
  const server = createServer((socket) => {
    sink.connections += 1;
    talk(socket, sink);
  });
  const open = () =>
    new Promise<void>((resolve) => {
      server.listen(port, '127.0.0.1', () => {
        ({ port } = server.address() as AddressInfo);
        resolve();
      });
    });
  const sink: SmtpSink = {
    get url() {
      return `smtp://127.0.0.1:${port}`;
    },
    mails: [],
    answer: '250 OK',
    connections: 0,
    open,
    close: () => new Promise((resolve) => void (server.listening ? server.close(() => resolve()) : resolve())),
  };
  await open();
  return sink;
}

function talk(socket: Socket, sink: SmtpSink): void {
  let waiting = '';
  let to: string[] = [];
  let inData = false;
  const say = (line: string) => socket.write(`${line}\r\n`);
  socket.setEncoding('utf8').on('error', () => socket.destroy());
  say('220 sink ESMTP');
  socket.on('data', (chunk: string) => {
    waiting += chunk;
    for (;;) {
      const end = waiting.indexOf(inData ? '\r\n.\r\n' : '\r\n');
      if (end < 0) return;
      const line = waiting.slice(0, end);
      waiting = waiting.slice(end + (inData ? 5 : 2));
      if (inData) {
        inData = false;
        sink.mails.push(mailOf(to, line.replaceAll('\r\n..', '\r\n.')));
        to = [];
        say('250 taken');
      } else if (/^RCPT TO/i.test(line)) {
        if (sink.answer.startsWith('250')) to.push(/<(.*)>/.exec(line)?.[1] ?? '');
        say(sink.answer);
      } else if (/^DATA/i.test(line)) {
        inData = true;
        say('354 go on');
      } else if (/^QUIT/i.test(line)) {
        say('221 bye');
        socket.end();
      } else say('250 OK');
    }
  });
}

function mailOf(to: string[], raw: string): ReceivedMail {
  const { headers, body } = partsOf(raw);
  const boundary = /boundary="?([^";]+)"?/.exec(headers.get('content-type') ?? '')?.[1] ?? '\0';
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => partsOf(part.replace(/^\r\n/, '')));
  const find = (type: string) => {
    const part = parts.find((one) => one.headers.get('content-type')?.startsWith(type));
    return part ? decoded(part.body, part.headers.get('content-transfer-encoding')) : '';
  };
  const subject = wordsIn(headers.get('subject') ?? '');
  return { to, headers, subject, text: find('text/plain'), html: find('text/html'), raw };
}

function partsOf(raw: string): { headers: Map<string, string>; body: string } {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  const headers = new Map(
    lines.map((line) => [line.split(':')[0]?.toLowerCase() ?? '', line.replace(/^[^:]*:\s*/, '')]),
  );
  return { headers, body: rest.join('\r\n\r\n') };
}

function decoded(text: string, encoding = '7bit'): string {
  if (encoding === 'base64') return Buffer.from(text, 'base64').toString('utf8');
  if (encoding !== 'quoted-printable') return text.replaceAll('\r\n', '\n');
  const bytes = text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8').replaceAll('\r\n', '\n');
}

function wordsIn(header: string): string {
  return header
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?UTF-8\?(Q|B)\?([^?]*)\?=/gi, (_, way: string, text: string) =>
      way.toUpperCase() === 'B'
        ? Buffer.from(text, 'base64').toString('utf8')
        : decoded(text.replaceAll('_', ' '), 'quoted-printable'),
    );
}
