import type { Clock } from '../platform/clock.js';
import type { Database } from '../platform/database.js';
import { LOCALES, WordsService, type Locale } from '../words/index.js';
import { mailOf, type Frame } from './notice-mail.document.js';
import { pathOf } from './notice-link.rules.js';
import type { BankDetailsStep, NoticeContent } from './notice.rules.js';

const words = new WordsService({} as Database, {} as Clock);
const ID = '0192f0c1-0000-7000-8000-000000000001';
const FRAME: Frame = { link: 'https://pay.example.org/x', fromName: 'North ICB', isOwn: false, sandbox: false };

const due = { contractId: ID, contract: 'SP-1', period: '2026-10-01', by: '2026-11-06', lastDay: '2027-02-04' };
const steps: BankDetailsStep[] = ['proposed', 'confirmed', 'cancelled', 'applied'];
const CONTENTS: NoticeContent[] = [
  ...[1, 2].flatMap((count): NoticeContent[] => [
    { kind: 'referral_waiting', data: { count } },
    { kind: 'batch_waiting', data: { count } },
    { kind: 'query', data: { batchId: ID, batch: 'SP-1-2026-10-1', count } },
    { kind: 'rejection', data: { batchId: ID, batch: 'SP-1-2026-10-1', count } },
    { kind: 'claim_due', data: { ...due, unclaimed: count } },
  ]),
  { kind: 'claim_due', data: { ...due, by: due.lastDay, unclaimed: 0 } },
  { kind: 'remittance', data: { payoutId: ID, reference: 'NM-P000001', amountMinor: '123450' } },
  ...steps.map((step): NoticeContent => {
    const appliesOn = step === 'confirmed' ? '2026-10-31' : null;
    return { kind: 'bank_details_changed', data: { step, accountId: ID, provider: 'CHOIR', appliesOn } };
  }),
  { kind: 'credential_added', data: { changedAt: '2026-10-08T08:00:00.000Z' } },
  { kind: 'credential_removed', data: { changedAt: '2026-10-08T08:00:00.000Z' } },
  { kind: 'invitation', data: { expiresOn: '2026-11-05' } },
];

const CASES = LOCALES.flatMap((locale) => CONTENTS.map((content) => ({ locale, content, kind: content.kind })));

describe('the mail of a notice', () => {
  it.each(CASES)('says $kind in $locale without a gap', async ({ locale, content }) => {
    const { subject, text, html } = mailOf(await words.in(locale), content, FRAME);
    expect([...words.missing]).toEqual([]);
    for (const part of [subject, text, html]) expect(part).not.toMatch(/[{}]|undefined|notices\.|\bplease\b/i);
    expect(subject).not.toMatch(/\d|North|CHOIR|SP-|NM-|£/);
    expect(subject.length).toBeLessThan(60);
    expect(text).toContain('\nhttps://pay.example.org/x\n');
    expect(html).toContain(`<html lang="${locale}">`);
  });

  it('differs between the languages', async () => {
    const say = async (locale: Locale, content: NoticeContent) => mailOf(await words.in(locale), content, FRAME);
    for (const content of CONTENTS) {
      const [english, welsh] = [await say('en', content), await say('cy', content)];
      const same = english.text.split('\n\n').filter((sentence) => welsh.text.split('\n\n').includes(sentence));
      expect(same).toEqual([]);
      expect(welsh.subject).not.toBe(english.subject);
    }
  });

  it('reads like this', async () => {
    const paid: NoticeContent = {
      kind: 'remittance',
      data: { payoutId: ID, reference: 'NM-P7', amountMinor: '123450' },
    };
    const { subject, text } = mailOf(await words.in('en'), paid, { ...FRAME, sandbox: true });
    expect(subject).toBe('A payment was made to you');
    expect(text).toBe(
      [
        'This is a practice system. No money moves.',
        '£1,234.50 was paid to you. Your bank statement shows it as NM-P7.',
        'There is nothing you need to do. Sign in to see which invoices it pays, and to download the remittance advice.',
        'See the payment:\nhttps://pay.example.org/x',
        'Questions? Ask North ICB.',
        'This e-mail was sent automatically. Nobody reads replies to it.\n',
      ].join('\n\n'),
    );
  });

  it('shows a name as text, whatever it holds', async () => {
    const hostile = `<img src=x onerror="alert('1')"> & Sons`;
    const frame = { ...FRAME, fromName: hostile, link: 'https://pay.example.org/a?b="c"&d' };
    const { html } = mailOf(await words.in('en'), { kind: 'referral_waiting', data: { count: 1 } }, frame);
    expect(html).not.toContain('<img');
    expect(html).toContain('&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; Sons');
    expect(html).toContain('href="https://pay.example.org/a?b=&quot;c&quot;&amp;d"');
  });

  it.each(CONTENTS.map((content) => ({ kind: content.kind, content })))('leads somewhere from $kind', ({ content }) => {
    expect(pathOf(content, 'token')).toMatch(/^\/[a-z-]+(\/[\w-]+)?$/);
  });
});
