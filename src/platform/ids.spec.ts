import fc from 'fast-check';
import { isUuid, newId, partId } from './ids.js';

describe('an id', () => {
  it('is a UUID of version 7 and variant 10, whatever the random bits', () => {
    for (let count = 0; count < 500; count++) {
      expect(newId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  it('begins with its millisecond, so that later ids sort later', () => {
    const instant = fc.integer({ min: 0, max: 2 ** 48 - 2 });
    fc.assert(
      fc.property(instant, (unixMs) => {
        const id = newId(unixMs);
        expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(unixMs);
        expect(id < newId(unixMs + 1)).toBe(true);
      }),
    );
  });

  it('does not repeat within a millisecond, and ascends', () => {
    const ids = Array.from({ length: 100_000 }, () => newId(1));
    expect(new Set(ids)).toHaveProperty('size', ids.length);
    // A page of random steps may use up what a millisecond has; then, once in a long while, it begins again.
    const falls = ids.filter((id, index) => index > 0 && id < (ids[index - 1] ?? ''));
    expect(falls.length).toBeLessThan(10);
    expect(ids.slice(0, 1_000).toSorted()).toEqual(ids.slice(0, 1_000));
  });

  it('is another after the clock was set back', () => {
    const [first, , third] = [newId(2), newId(1), newId(2)];
    expect(third).not.toBe(first);
  });
});

describe('the id of a part', () => {
  it('is the UUID of version 5 that RFC 9562 has as its example', () => {
    expect(partId('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe(
      '2ed6657d-e927-568b-95e1-2665a8aea6a2',
    );
  });
});

describe('isUuid', () => {
  it.each([
    ['of version 7', '01890a5d-ac96-774b-bcce-b302099a8057', true],
    ['of version 4', '0f0f0f0f-1111-4222-8333-444455556666', true],
    ['in upper case', '01890A5D-AC96-774B-BCCE-B302099A8057', false],
    ['with a line break behind it', '01890a5d-ac96-774b-bcce-b302099a8057\n', false],
    ['without hyphens', '01890a5dac96774bbcceb302099a8057', false],
    ['that is none', "'; drop table claim; --", false],
  ])('judges a text %s', (_, text, expected) => {
    expect(isUuid(text)).toBe(expected);
  });
});
