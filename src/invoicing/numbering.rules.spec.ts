import fc from 'fast-check';
import {
  foreseeNumbers,
  heldNumbers,
  prefixesWanted,
  type Foreseen,
  type NumbersKnown,
  type NumberWanted,
  type SeriesNow,
} from './numbering.rules.js';

const wantedOf = (id: string, provider = 'CHOIR'): NumberWanted => ({
  id,
  providerId: provider,
  providerCode: provider,
  kind: 'invoice',
});
const KNOWN: NumbersKnown = { commissionerCode: 'NELICB', year: 2026, series: [], taken: new Set<string>() };
const foreseenOf = (wanted: readonly NumberWanted[], known: Partial<NumbersKnown> = {}) => {
  const numbers = foreseeNumbers(wanted, { ...KNOWN, ...known });
  return wanted.flatMap((one): Foreseen[] => {
    const series = numbers.get(one.id);
    return series ? [{ ...one, series }] : [];
  });
};
const open = (lastNumber: number, provider = 'CHOIR'): SeriesNow => ({
  providerId: provider,
  kind: 'invoice',
  prefix: `${provider}NELICBIN`,
  lastNumber,
});

describe('the numbers that documents will get', () => {
  it('go on where their series is, and begin at 1 in a new one', () => {
    const foreseen = foreseenOf([wantedOf('a'), wantedOf('b', 'WALKS'), wantedOf('c')], { series: [open(7)] });
    expect(foreseen.map(({ series }) => series.number)).toEqual([
      'CHOIRNELICBIN2026000008',
      'WALKSNELICBIN2026000001',
      'CHOIRNELICBIN2026000009',
    ]);
  });

  it('have another prefix where the first is taken, by an open series or by one of the same lot', () => {
    const long = ['COMMUNITYONE', 'COMMUNITYTWO', 'COMMUNITYSIX'].map((code) => wantedOf(code, code));
    expect(foreseenOf(long).map(({ series }) => series.prefix)).toEqual([
      'COMMUNITNELICBIN',
      'COMMUNI2NELICBIN',
      'COMMUNI3NELICBIN',
    ]);
    const [first] = foreseenOf(long.slice(0, 1), { taken: new Set(['COMMUNITNELICBIN', 'COMMUNI2NELICBIN']) });
    expect(first?.series.prefix).toBe('COMMUNI3NELICBIN');
  });

  it('are asked for only where a series is not open', () => {
    const wanted = [wantedOf('a'), wantedOf('b', 'WALKS')];
    expect(prefixesWanted(wanted, { ...KNOWN, series: [open(7)] })).toEqual(['WALKSNELICBIN']);
  });
});

describe('what of it holds', () => {
  it('is all of it when nobody else took a number', () => {
    const foreseen = foreseenOf([wantedOf('a'), wantedOf('b')], { series: [open(7)] });
    expect(heldNumbers(foreseen, [open(7)])).toEqual({ ids: new Set(['a', 'b']), series: [open(9)] });
  });

  it('is nothing of a series of which somebody took a number, or that is there under another prefix', () => {
    const foreseen = foreseenOf([wantedOf('a'), wantedOf('b', 'WALKS')], { series: [open(7)] });
    expect(heldNumbers(foreseen, [open(8), open(0, 'WALKS')]).ids).toEqual(new Set(['b']));
    const elsewhere = { ...open(0, 'WALKS'), prefix: 'WALK2NELICBIN' };
    expect(heldNumbers(foreseen, [open(7), elsewhere]).ids).toEqual(new Set(['a']));
    expect(heldNumbers(foreseen, [])).toEqual({ ids: new Set(), series: [] });
  });

  it('leaves no gap behind a document that fell out', () => {
    const [first, , third] = foreseenOf([wantedOf('a'), wantedOf('b'), wantedOf('c')]);
    const held = heldNumbers(
      [first, third].flatMap((one) => (one ? [one] : [])),
      [open(0)],
    );
    expect(held).toEqual({ ids: new Set(['a']), series: [open(1)] });
  });

  it('is, over any disorder of lots, a run from 1 in each series', () => {
    const lots = fc.array(fc.array(fc.constantFrom('CHOIR', 'WALKS', 'GARDEN'), { minLength: 1, maxLength: 6 }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(lots, fc.infiniteStream(fc.boolean()), (providersOfLots, isLate) => {
        let series: SeriesNow[] = [];
        const given = new Map<string, number[]>();
        let id = 0;
        for (const providers of providersOfLots) {
          // A lot that is late has looked before the lot that is in front of it was kept.
          const looked = isLate.next().value ? [] : series;
          const foreseen = foreseenOf(
            providers.map((provider) => wantedOf(String(++id), provider)),
            { series: looked },
          );
          const opened = foreseen.filter(({ series: { count } }) => count === 1);
          const fresh = opened.flatMap(({ providerId }) =>
            series.some((one) => one.providerId === providerId) ? [] : [open(0, providerId)],
          );
          const locked = [...series, ...new Map(fresh.map((one) => [one.providerId, one])).values()];
          const held = heldNumbers(foreseen, locked);
          for (const one of foreseen.filter((each) => held.ids.has(each.id)))
            given.set(one.providerId, [...(given.get(one.providerId) ?? []), one.series.count]);
          const moved = new Map(held.series.map((one) => [one.providerId, one]));
          series = locked.map((one) => moved.get(one.providerId) ?? one);
          expect(series.every(({ lastNumber }) => lastNumber > 0)).toBe(true);
        }
        for (const counts of given.values()) expect(counts).toEqual(counts.map((_, index) => index + 1));
      }),
    );
  });
});
