import { keyOf, orderOf, orderText, referenceOf } from './payout-orders.rules.js';

const payout = { id: 'payout-1', runId: 'run-1', reference: 'NELICB-P000012', amountMinor: 3_200n, transferId: 'tr_1' };

describe('orders to the rail', () => {
  it('carry a key that follows from stored ids alone', () => {
    expect(keyOf('payout-1', 'transfer', 1)).toBe('tr:payout-1:1');
    expect(keyOf('payout-1', 'bank_payout', 2)).toBe('po:payout-1:2');
    expect(keyOf('payout-1', 'reversal', 3)).toBe('rv:payout-1:3');
  });

  it('say the same in every process', () => {
    expect(orderText(orderOf(payout, 'acct_1', 'transfer', 1))).toBe(
      '{"accountId":"acct_1","amountMinor":"3200","attempt":1,"idempotencyKey":"tr:payout-1:1",' +
        '"instructionId":"payout-1","transferGroup":"run-1"}',
    );
    expect(orderText(orderOf(payout, 'acct_1', 'bank_payout', 1))).toContain('"statementDescriptor":"NELICB-P000012"');
    expect(orderOf(payout, 'acct_1', 'reversal', 1)).toEqual({
      transferId: 'tr_1',
      amountMinor: 3_200n,
      reversalRef: 'payout-1',
      idempotencyKey: 'rv:payout-1:1',
    });
  });

  it('differ in their text when anything differs', () => {
    const texts = [
      orderText(orderOf(payout, 'acct_1', 'transfer', 1)),
      orderText(orderOf({ ...payout, amountMinor: 3_201n }, 'acct_1', 'transfer', 1)),
      orderText(orderOf(payout, 'acct_2', 'transfer', 1)),
      orderText(orderOf({ ...payout, runId: 'run-2' }, 'acct_1', 'transfer', 1)),
    ];
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('reverse nothing before there is a transfer', () => {
    expect(() => orderOf({ ...payout, transferId: null }, 'acct_1', 'reversal', 1)).toThrow(RangeError);
  });

  it('have a reference that fits on a bank statement', () => {
    expect(referenceOf('NELICB', 12)).toBe('NELICB-P000012');
    expect(referenceOf('ABCDEFGHIJKL', 99_999_999).length).toBeLessThanOrEqual(22);
  });
});
