import { whyNotCharge, whyNotRaise, type OrderOnContract, type OrderRequest } from './purchase-order.rules.js';

const REQUEST: OrderRequest = {
  contractId: 'contract',
  number: 'PO-2',
  valueMinor: 100_000n,
  startsOn: '2026-10-01',
  endsOn: '2027-03-31',
};

const order = (number: string, startsOn: string, endsOn: string, contractId = 'contract'): OrderOnContract => ({
  contractId,
  number,
  version: 1,
  valueMinor: 50_000n,
  usedMinor: 0n,
  leftMinor: 50_000n,
  startsOn,
  endsOn,
});

describe('whyNotRaise', () => {
  it.each([
    ['no other order', []],
    ['one that ended the day before', [order('PO-1', '2026-04-01', '2026-09-30')]],
    ['one that starts the day after', [order('PO-1', '2027-04-01', '2027-09-30')]],
    ['an earlier version of itself', [order('PO-2', '2026-04-01', '2027-03-31')]],
    ['one of another contract', [order('PO-1', '2026-04-01', '2027-03-31', 'another')]],
  ])('lets an order stand beside %s', (_, orders) => {
    expect(whyNotRaise(REQUEST, orders)).toEqual([]);
  });

  it.each([
    ['its last day', '2026-04-01', '2026-10-01'],
    ['its first day', '2027-03-31', '2027-09-30'],
    ['a day inside', '2026-12-01', '2026-12-01'],
    ['all its days', '2026-01-01', '2027-12-31'],
  ])('refuses days that another order has: %s', (_, startsOn, endsOn) => {
    const [finding, ...others] = whyNotRaise(REQUEST, [order('PO-1', startsOn, endsOn)]);
    expect(others).toEqual([]);
    expect(finding).toEqual({
      code: 'orders_overlap',
      field: 'startsOn',
      message: `Purchase order PO-1 holds from ${startsOn} to ${endsOn}.`,
    });
  });

  it('refuses an end before the start', () => {
    const codes = whyNotRaise({ ...REQUEST, endsOn: '2026-09-30' }, []).map(({ code }) => code);
    expect(codes).toEqual(['ends_before_start']);
  });
});

describe('whyNotCharge', () => {
  const left = (leftMinor: bigint) => ({ leftMinor });

  it.each([
    ['all that is left', true, left(500n), 500n, undefined],
    ['a penny more', true, left(500n), 501n, { code: 'exceeded', shortfallMinor: 1n }],
    ['anything on an order beyond its value', true, left(-100n), 50n, { code: 'exceeded', shortfallMinor: 150n }],
    ['a credit on an order that has nothing left', true, left(0n), -50n, undefined],
    ['anything without the order that is needed', true, undefined, 0n, { code: 'missing' }],
    ['more than is left where none is needed', false, left(500n), 501n, undefined],
    ['anything without an order where none is needed', false, undefined, 501n, undefined],
  ])('for %s', (_, poRequired, held, netMinor, expected) => {
    expect(whyNotCharge(poRequired, held, netMinor)).toEqual(expected);
  });
});
