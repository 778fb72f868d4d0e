import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { formatPounds, type Minor } from '../money/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock, londonClock, type IsoDate } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { dayInWords, hourInWords, monthInWords, type Locale } from './calendar.rules.js';
import { fill, type Message, type Params } from './message.rules.js';
import { wordingInvalid } from './words.errors.js';
import { Wording } from './wording.entity.js';
import { inOwnWords, termsIn, whyNotWord } from './wording.rules.js';

/** Says things in one language, in one commissioner's words. */
export interface Translate {
  (key: string, params?: Params): string;
  readonly locale: Locale;
  /** Whether the key is in the catalogue. */
  has(key: string): boolean;
  /** `£1,234.50` */
  money(minor: Minor): string;
  /** `27 September 2026` */
  day(day: IsoDate): string;
  /** `September 2026` */
  month(day: IsoDate): string;
  /** `8 October 2026, 9:00am` in London. */
  time(at: Date): string;
  number(count: number | bigint): string;
}

export type Catalogue = ReadonlyMap<string, Message>;

const AUTH = { side: 'auth', orgId: null } as const;
const FRESH_MS = 10_000;
export const PLURALS: Readonly<Record<Locale, Intl.PluralRules>> = {
  en: new Intl.PluralRules('en'),
  cy: new Intl.PluralRules('cy'),
};

const WORD = `
insert into wording (commissioner_id, locale, key, message, changed_by, changed_at) values ($1, $2, $3, $4, $5, $6)
on conflict (commissioner_id, locale, key)
do update set message = excluded.message, changed_by = excluded.changed_by, changed_at = excluded.changed_at`;

/** What a commissioner says in its own way, for a few seconds. */
interface Kept {
  readonly until: number;
  readonly own: Promise<Wording[]>;
  readonly says: Map<Locale, Promise<Translate>>;
}

/** The catalogues of the product, and what each commissioner says instead. */
@Injectable()
export class WordsService {
  readonly catalogues: Readonly<Record<Locale, Catalogue>> = { en: readCatalogue('en'), cy: readCatalogue('cy') };
  /** Keys that somebody asked for and no catalogue has: a mistake, that tests look for. */
  readonly missing = new Set<string>();
  private readonly plain = new Map<Locale, Translate>();
  private readonly kept = new Map<string, Kept>();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** How to say things in a language, in the words of a commissioner when one is given. */
  async in(locale: Locale, commissionerId: string | null = null): Promise<Translate> {
    if (commissionerId === null) {
      const plain = this.plain.get(locale) ?? this.translate(locale, []);
      this.plain.set(locale, plain);
      return plain;
    }
    const { own, says } = this.keptOf(commissionerId);
    const said = says.get(locale) ?? own.then((all) => this.translate(locale, all));
    says.set(locale, said);
    return said;
  }

  /** What the commissioner words in its own way. */
  list(actor: Actor): Promise<Wording[]> {
    return this.database.read(actor, (reader) =>
      reader.find(Wording, { where: { commissionerId: actor.orgId }, order: { locale: 'ASC', key: 'ASC' } }),
    );
  }

  /**
   * Words a message or a form of a term in the commissioner's own way; an empty text goes back to the catalogue.
   *
   * @throws wording.invalid when there is no such message, or a place such as `{count}` is missing or unknown
   */
  async word(actor: Actor, locale: Locale, key: string, text: string): Promise<void> {
    await this.wordAll(actor, [{ locale, key, text }]);
  }

  /** The same of several, all or none of them. @throws wording.invalid */
  async wordAll(actor: Actor, wordings: readonly { locale: Locale; key: string; text: string }[]): Promise<void> {
    for (const { locale, key, text } of wordings) {
      const refusal = whyNotWord(this.catalogues[locale], key, text.trim());
      if (refusal !== undefined) throw wordingInvalid({ key, ...refusal });
    }
    await this.database.transaction(actor, async (tx) => {
      for (const { locale, key, text } of wordings) {
        const message = text.trim();
        const where = { commissionerId: actor.orgId, locale, key };
        if (message === '') await tx.delete(Wording, where);
        else await tx.execute(WORD, [actor.orgId, locale, key, message, actor.memberId, this.clock.now()]);
      }
    });
    this.kept.delete(actor.orgId);
  }

  private keptOf(commissionerId: string): Kept {
    const now = this.clock.now().getTime();
    const known = this.kept.get(commissionerId);
    if (known && known.until > now) return known;
    const own = this.database.read(AUTH, (reader) => reader.findBy(Wording, { commissionerId }));
    const kept = { until: now + FRESH_MS, own, says: new Map() };
    this.kept.set(commissionerId, kept);
    own.catch(() => this.kept.delete(commissionerId));
    return kept;
  }

  private translate(locale: Locale, own: readonly Wording[]): Translate {
    const catalogue = this.catalogues[locale];
    const messages = inOwnWords(
      catalogue,
      own.filter((wording) => wording.locale === locale).map(({ key, message }) => [key, message]),
    );
    const terms = termsIn(messages);
    const say = (key: string, params: Params = {}): string => {
      const message = messages.get(key) ?? this.catalogues.en.get(key);
      if (message !== undefined) return fill(message, params, terms, PLURALS[locale]);
      this.missing.add(key);
      return key;
    };
    return Object.assign(say, {
      locale,
      has: (key: string) => catalogue.has(key),
      money: formatPounds,
      day: (day: IsoDate) => dayInWords(locale, day),
      month: (day: IsoDate) => monthInWords(locale, day),
      time: (at: Date) => {
        const { day, hour, minute } = londonClock(at);
        return `${dayInWords(locale, day)}, ${hourInWords(locale, hour, minute)}`;
      },
      number: (count: number | bigint) => count.toString().replace(/\B(?=(?:\d{3})+$)/g, ','),
    });
  }
}

/** Reads every file of a language; a key is the file's name and the path in it. */
export function readCatalogue(locale: Locale): Catalogue {
  const folder = join(import.meta.dirname, 'catalogue', locale);
  if (!existsSync(folder)) throw new Error(`The catalogue ${folder} is missing: build again`);
  const messages = new Map<string, Message>();
  for (const file of readdirSync(folder).toSorted()) {
    if (!file.endsWith('.json')) continue;
    const parsed: unknown = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    for (const [key, message] of messagesIn(file.slice(0, -'.json'.length), parsed)) messages.set(key, message);
  }
  return messages;
}

function messagesIn(key: string, node: unknown): [string, Message][] {
  if (typeof node === 'string') return [[key, node]];
  if (typeof node !== 'object' || node === null) throw new Error(`${key} is neither a message nor a group of them`);
  if (isPlural(node)) return [[key, node]];
  return Object.entries(node).flatMap(([name, child]) => messagesIn(`${key}.${name}`, child));
}

const PLURAL_FORMS: ReadonlySet<string> = new Set(['zero', 'one', 'two', 'few', 'many', 'other']);

/** A group whose values are named, one of them `other`, is no message. */
function isPlural(node: object): node is Exclude<Message, string> {
  return 'other' in node && Object.keys(node).every((form) => PLURAL_FORMS.has(form));
}
