import fc from 'fast-check';
import { findIdentifiers, findNhsNumbers, maskIdentifiers, type IdentifierKind } from './index.js';

describe('what looks like an identifier is masked', () => {
  it.each([
    ['943 476 5919', '••• ••• ••19'],
    ['NHS 9434765919!', 'NHS ••••••••19!'],
    ['9434765918', '••••••••18'],
    ['９４３４７６５９１９', '••••••••19'],
    ['٩٤٣٤٧٦٥٩١٩', '••••••••١٩'],
    ['Jo, born 3/9/1951', 'Jo, born •/•/••51'],
    ['3 Sep 1951', '• ••• ••51'],
    ['3rd of', '3rd of'],
    ['Sep 3, 1951', '••• •, ••51'],
    ['1951-09-03T10:00', '••••-••-•••••:00'],
    ['03/09/2026 9434765919', '••/••/•••• ••••••••19'],
    ['943 476 5919943 476 5919', '••• ••• ••••••• ••• ••19'],
    ['943 476 5919/1/2026', '••• ••• ••••/•/••26'],
    ['jo.bloggs@example.org', '••.••••••@•••••••.•rg'],
    ['07700 900123', '••••• ••••23'],
    ['+44 (0)20 7946 0018', '+•• (•)•• •••• ••18'],
    ['at SW1A 1AA.', 'at •••• •AA.'],
    ['e17aa', '•••aa'],
  ])('%s becomes %s', (text, masked) => {
    expect(maskIdentifiers(text)).toBe(masked);
  });

  it.each(['SP-1042', 'G7H8J', '£1,234.50', '14:00', '60', '1h 30m', 'did not attend', 'WALK-12', '12.50', ''])(
    '%s stays',
    (text) => {
      expect(maskIdentifiers(text)).toBe(text);
    },
  );

  it('but for dates where a date is expected', () => {
    expect(maskIdentifiers('31/09/2026 14:00', { dates: 'keep' })).toBe('31/09/2026 14:00');
    expect(maskIdentifiers('31/09/2026 943 476 5919', { dates: 'keep' })).toBe('31/09/2026 ••• ••• ••19');
  });
});

describe('what a piece of text looks like', () => {
  it.each<[string, IdentifierKind[]]>([
    ['9434765919', ['nhs_number', 'number']],
    ['9434765918', ['number']],
    ['07700900123', ['phone']],
    ['(020) 7946 0018', ['phone']],
    ['+447700900123', ['phone']],
    ['2026000124', ['number']],
    ['REF-01-2026-000123', ['number']],
    ['60 9434765919 a@b.uk 3/9/51', ['number', 'nhs_number', 'email', 'date']],
    ['SP-1042', []],
  ])('%s: %j', (text, kinds) => {
    expect(findIdentifiers(text).map(({ kind }) => kind)).toEqual(kinds);
  });
});

describe('masking', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^[0-9 .@/a-zA-Z-]{0,40}$/),
    fc
      .array(fc.constantFrom('943 476 5919', '3/9/1951', 'jo@x.uk', ' ', ',', 'SW1A 1AA', '7', '-'))
      .map((all) => all.join('')),
  );

  it('leaves no run of more than seven digits and no NHS number, whatever is run together', () => {
    fc.assert(
      fc.property(text, (entered) => {
        const masked = maskIdentifiers(entered);
        expect(masked).not.toMatch(/\p{Nd}{8}/u);
        expect(findNhsNumbers(masked)).toEqual([]);
      }),
    );
  });

  it('takes time in proportion to the text', () => {
    for (const piece of ['1 ', '1-', 'a@', 'jan ', '1/1/', '9434765919', '0(', 'a1 1']) {
      expect(maskIdentifiers(piece.repeat(20_000)).length).toBeGreaterThan(0);
    }
  });
});
