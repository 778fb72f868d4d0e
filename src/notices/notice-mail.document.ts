import type { Translate } from '../words/index.js';
import type { NoticeContent } from './notice.rules.js';

/** What surrounds a notice. */
export interface Frame {
  /** The page on which something can be done about it, in full. */
  readonly link: string;
  /** The commissioner that it is about, or the organisation that invites. */
  readonly fromName: string | null;
  /** The recipient's own organisation is the commissioner, or none is concerned. */
  readonly isOwn: boolean;
  readonly sandbox: boolean;
}

/** A notice in words: as plain text, and the same as simple HTML. */
export interface NoticeMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

interface Wording {
  readonly subject: string;
  /** What happened, what to do, and by when. */
  readonly sentences: readonly string[];
}

/** Terms that stand for many in general: "claims". */
const MANY = { count: 2 };

/** Puts a notice into words. Subjects say nothing that tells one organisation, person or amount from another. */
export function mailOf(t: Translate, content: NoticeContent, frame: Frame): NoticeMail {
  const { subject, sentences } = wordingOf(t, content, frame);
  const { link, fromName, isOwn, sandbox } = frame;
  const asks = isOwn || fromName === null ? t('notices.ask_admin') : t('notices.ask', { commissioner: fromName });
  const before = [...(sandbox ? [t('notices.practice')] : []), ...sentences];
  const after = [content.kind === 'invitation' ? t('notices.invitation.unexpected') : asks, t('notices.automatic')];
  const label = t(`notices.${content.kind}.link`, MANY);
  return {
    subject,
    text: `${[...before, `${label}:\n${link}`, ...after].join('\n\n')}\n`,
    html: page(t.locale, [
      ...before.map(paragraph),
      `<p><a href="${escaped(link)}">${escaped(label)}</a></p>`,
      ...after.map(paragraph),
    ]),
  };
}

function wordingOf(t: Translate, content: NoticeContent, { fromName }: Frame): Wording {
  const of = `notices.${content.kind}`;
  switch (content.kind) {
    case 'referral_waiting':
    case 'batch_waiting':
      return {
        subject: t(`${of}.subject`, MANY),
        sentences: [t(`${of}.happened`, { count: content.data.count }), t(`${of}.next`, MANY)],
      };
    case 'query':
    case 'rejection': {
      const { count, batch } = content.data;
      return {
        subject: t(`${of}.subject`, { count }),
        sentences: [t(`${of}.happened`, { count, batch }), t(`${of}.next`, { count })],
      };
    }
    case 'remittance': {
      const { amountMinor, reference } = content.data;
      return {
        subject: t(`${of}.subject`),
        sentences: [t(`${of}.happened`, { amount: t.money(BigInt(amountMinor)), reference }), t(`${of}.next`)],
      };
    }
    case 'claim_due':
      return claimDue(t, of, content.data, fromName ?? '');
    case 'bank_details_changed':
      return bankDetails(t, of, content.data);
    case 'credential_added':
    case 'credential_removed':
      return {
        subject: t(`${of}.subject`),
        sentences: [t(`${of}.happened`, { time: t.time(new Date(content.data.changedAt)) }), t(`${of}.next`)],
      };
    default:
      return {
        subject: t(`${of}.subject`),
        sentences: [
          t(`${of}.happened`, { organisation: fromName ?? '' }),
          t(`${of}.next`, { day: t.day(content.data.expiresOn) }),
        ],
      };
  }
}

function claimDue(
  t: Translate,
  of: string,
  data: Extract<NoticeContent, { kind: 'claim_due' }>['data'],
  commissioner: string,
): Wording {
  const { unclaimed, contract, by, lastDay } = data;
  const month = t.month(data.period);
  const happened =
    unclaimed > 0
      ? t(`${of}.unclaimed`, { count: unclaimed, month, contract })
      : t(`${of}.nothing`, { ...MANY, month, contract });
  const next =
    by === lastDay
      ? t(`${of}.last_day`, { ...MANY, day: t.day(by), commissioner })
      : t(`${of}.claim_day`, { ...MANY, day: t.day(by), last: t.day(lastDay) });
  const nil = unclaimed > 0 ? [] : [t(`${of}.nil`)];
  return { subject: t(`${of}.subject`, MANY), sentences: [happened, next, ...nil] };
}

function bankDetails(
  t: Translate,
  of: string,
  { step, provider, appliesOn }: Extract<NoticeContent, { kind: 'bank_details_changed' }>['data'],
): Wording {
  const effect = step === 'confirmed' && appliesOn !== null ? [t(`${of}.applies`, { day: t.day(appliesOn) })] : [];
  return {
    subject: t(`${of}.subject`),
    sentences: [t(`${of}.${step}`, { provider }), ...effect, t(`${of}.unexpected`)],
  };
}

function page(locale: string, paragraphs: readonly string[]): string {
  return [
    `<!doctype html><html lang="${locale}"><head><meta charset="utf-8"></head><body>`,
    ...paragraphs,
    '</body></html>\n',
  ].join('\n');
}

function paragraph(sentence: string): string {
  return `<p>${escaped(sentence)}</p>`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
