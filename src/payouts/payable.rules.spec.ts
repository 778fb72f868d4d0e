import fc from 'fast-check';
import { groupPayable, payableSums, type Payable } from './payable.rules.js';

const invoice = fc.record({
  id: fc.uuid(),
  providerId: fc.constantFrom('p1', 'p2', 'p3'),
  contractId: fc.constantFrom('c1', 'c2', 'c3', 'c4'),
  amountMinor: fc.bigInt({ min: 1n, max: 10n ** 12n }),
  dueOn: fc.constantFrom('2026-11-01', '2026-11-02', '2026-12-01', null),
});
const railOf = (contractId: string) => (contractId === 'c4' ? 'outside' : 'stripe');

describe('grouping what is payable', () => {
  it('loses no invoice and no penny, and makes one group of each provider and rail', () => {
    fc.assert(
      fc.property(fc.uniqueArray(invoice, { selector: ({ id }) => id }), (invoices) => {
        const groups = groupPayable(invoices, railOf);
        const grouped = groups.flatMap((group) => group.invoices);
        expect(new Set(grouped)).toEqual(new Set(invoices));
        expect(grouped).toHaveLength(invoices.length);
        for (const { providerId, rail, amountMinor, invoices: own } of groups) {
          expect(own.every((one) => one.providerId === providerId && railOf(one.contractId) === rail)).toBe(true);
          expect(amountMinor).toBe(own.reduce((sum, one) => sum + one.amountMinor, 0n));
        }
        const names = groups.map(({ providerId, rail }) => `${providerId} ${rail}`);
        expect(new Set(names).size).toBe(names.length);
      }),
    );
  });

  it('does not depend on the order in which invoices were read', () => {
    const shuffled = fc
      .uniqueArray(invoice, { selector: ({ id }) => id })
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    const order = (all: readonly Payable[]) =>
      groupPayable(all, railOf).map(({ providerId, rail, amountMinor }) => [providerId, rail, amountMinor]);
    fc.assert(fc.property(shuffled, ([all, other]) => expect(order(other)).toEqual(order(all))));
  });

  it('puts first what is due first, and last what is never due', () => {
    const of = (providerId: string, dueOn: string | null): Payable => ({
      id: `${providerId}${dueOn}`,
      providerId,
      contractId: 'c1',
      amountMinor: 1n,
      dueOn,
    });
    const groups = groupPayable(
      [of('p1', null), of('p2', '2026-12-01'), of('p3', '2026-11-01'), of('p2', null)],
      railOf,
    );
    expect(groups.map(({ providerId, dueOn }) => [providerId, dueOn])).toEqual([
      ['p3', '2026-11-01'],
      ['p2', '2026-12-01'],
      ['p1', null],
    ]);
  });
});

describe('what the groups come to', () => {
  const of = (
    rail: 'stripe' | 'outside',
    amountMinor: bigint,
    waits: 'insufficient_funds' | 'account_pending' | null,
  ) => ({
    rail,
    amountMinor,
    waits,
  });

  it('is nothing where nothing is payable', () => {
    expect(payableSums([], 500n)).toEqual({ toPayMinor: 0n, waitingMinor: 0n, shortMinor: 0n });
  });

  it('tells what is paid from what waits, and what the funds lack once the rest is paid', () => {
    const groups = [
      of('stripe', 300n, null),
      of('outside', 4_000n, null),
      of('stripe', 1_000n, 'insufficient_funds'),
      of('stripe', 50n, 'account_pending'),
    ];
    expect(payableSums(groups, 500n)).toEqual({ toPayMinor: 4_300n, waitingMinor: 1_050n, shortMinor: 800n });
  });

  it('lacks nothing where nobody waits for funds', () => {
    expect(payableSums([of('stripe', 50n, 'account_pending')], 10n)).toMatchObject({ shortMinor: 0n });
  });
});
