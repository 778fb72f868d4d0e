import type { Listing } from '../../directory/index.js';
import type { Translate } from '../../words/index.js';

/** What an entry says, in lines of one language. */
export interface ListingLines {
  readonly where: string;
  readonly address: readonly string[];
  readonly when: readonly string[];
  readonly who: string;
  readonly languages: string;
  readonly areas: string;
}

type Said = Pick<
  Listing,
  'venue' | 'online' | 'schedule' | 'minimumAge' | 'maximumAge' | 'languages' | 'areas' | 'places' | 'cost'
>;

export function linesOf(t: Translate, listing: Said): ListingLines {
  return {
    where: whereOf(t, listing),
    address: addressOf(listing),
    when: listing.schedule.map((time) => {
      const said = t('directory.weekly', {
        day: t(`states.weekday.${time.day}`),
        from: time.opensAt,
        to: time.closesAt,
      });
      return time.note === null ? said : t('directory.weeklyWithNote', { time: said, note: time.note });
    }),
    who: agesOf(t, listing),
    languages: listOf(
      t,
      listing.languages.map((code) => languageName(t, code)),
    ),
    areas: listOf(t, listing.areas),
  };
}

/** A language by its code, as the visitor's language calls it. */
export function languageName(t: Translate, code: string): string {
  return code === SIGN_LANGUAGE ? t('directory.signLanguage') : (NAMES[t.locale].of(code) ?? code);
}

/** Of which JavaScript knows no name. */
const SIGN_LANGUAGE = 'bfi';
const NAMES = {
  en: new Intl.DisplayNames('en', { type: 'language' }),
  cy: new Intl.DisplayNames(['cy', 'en'], { type: 'language' }),
};
const LISTS = { en: new Intl.ListFormat('en-GB'), cy: new Intl.ListFormat('cy') };

function listOf(t: Translate, items: readonly string[]): string {
  return LISTS[t.locale].format(items);
}

function whereOf(t: Translate, { venue, online }: Said): string {
  if (venue === null) return online ? t('directory.onlineOnly') : '';
  const params = { venue: venue.name, town: venue.town };
  return online ? t('directory.venueAndOnline', params) : t('directory.venue', params);
}

function addressOf({ venue }: Said): string[] {
  if (venue === null) return [];
  const { name, address, town, county, postcode } = venue;
  return [name, ...address, town, ...(county === null ? [] : [county]), postcode];
}

function agesOf(t: Translate, { minimumAge, maximumAge }: Said): string {
  if (minimumAge === null && maximumAge === null) return t('directory.ages.all');
  if (maximumAge === null) return t('directory.ages.from', { from: minimumAge ?? 0 });
  if (minimumAge === null) return t('directory.ages.to', { to: maximumAge });
  return t('directory.ages.between', { from: minimumAge, to: maximumAge });
}
