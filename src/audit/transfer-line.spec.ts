import fc from 'fast-check';
import { type BundleTransfer, transferLine } from './lines.js';
import { TransferLine } from './transfer-line.js';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
/** The same as docs/audit.md says it. */
const SPELLED = new RegExp(
  `^{"amountMinor":"[1-9][0-9]{0,14}",(?:"claimId":"${UUID}",)?"credit":"${UUID}","debit":"${UUID}",` +
    `"effectiveOn":"[0-9]{4}-[0-9]{2}-[0-9]{2}","eventIndex":(?:0|[1-9][0-9]{0,15}),"id":"${UUID}"` +
    `(?:,"reversesId":"${UUID}")?}$`,
);

const day = fc
  .tuple(fc.integer({ min: 1990, max: 2090 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 31 }))
  .map(([year, month, of]) => `${year}-${String(month).padStart(2, '0')}-${String(of).padStart(2, '0')}`);

const transfers: fc.Arbitrary<BundleTransfer> = fc.record({
  eventIndex: fc.oneof(fc.nat(300), fc.maxSafeInteger().map(Math.abs)),
  id: fc.uuid(),
  debit: fc.uuid(),
  credit: fc.uuid(),
  amountMinor: fc.bigInt({ min: 1n, max: 999_999_999_999_999n }).map(String),
  effectiveOn: day,
  claimId: fc.option(fc.uuid()),
  reversesId: fc.option(fc.uuid()),
});

const line = new TransferLine();

function read(text: string): boolean {
  const bytes = Buffer.from(`"\n${text}\n"}`, 'latin1');
  return line.read(bytes, 2, 2 + text.length);
}

describe('a line of a transfer', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(transfers, (transfer) => {
        expect(read(transferLine(transfer).slice(0, -1))).toBe(true);
        const { eventIndex, id, debit, credit, amountMinor, day: effectiveOn, claimId, reversesId } = line;
        const ids = { id: id.toString(), debit: debit.toString(), credit: credit.toString() };
        const named = { claimId: claimId?.toString() ?? null, reversesId: reversesId?.toString() ?? null };
        expect({ eventIndex, ...ids, amountMinor: String(amountMinor), effectiveOn, ...named }).toEqual(transfer);
      }),
    );
  });

  it('is refused unless it has its one spelling', () => {
    const words = ['', '0', '"', '}', 'a', 'A', '-', ',', ' ', '00', '\u00e9', '"claimId":"', '12345678901234567'];
    fc.assert(
      fc.property(transfers, fc.nat(400), fc.nat(3), fc.constantFrom(...words), (transfer, at, length, word) => {
        const text = transferLine(transfer).slice(0, -1);
        const start = at % text.length;
        const changed = text.slice(0, start) + word + text.slice(start + length);
        expect(read(changed)).toBe(SPELLED.test(changed));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['2024-02-29', 8825],
    ['2000-01-01', 0],
    ['1999-12-31', -1],
    ['2026-02-30', Number.NaN],
    ['2026-13-01', Number.NaN],
    ['2023-02-29', Number.NaN],
  ])('counts %s as the day %p', (effectiveOn, expected) => {
    const [first] = fc.sample(transfers, 1);
    if (!first) throw new Error('there is none');
    expect(read(transferLine({ ...first, effectiveOn }).slice(0, -1))).toBe(true);
    expect(line.effectiveOn).toBe(expected);
  });
});
