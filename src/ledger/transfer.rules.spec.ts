import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { type Account, accountCode, accounts, CHART } from './accounts.js';
import {
  accountId,
  reversalOf,
  type Sha256,
  type Transfer,
  transferLeafInput,
  transfersDigest,
  whyNotTransfer,
} from './transfer.rules.js';

const sha256: Sha256 = (bytes) => createHash('sha256').update(bytes).digest();

const TRANSFER: Transfer = {
  id: '01937e00-0000-7000-8000-000000000001',
  debitAccountId: '00000000-0000-8000-a000-00000000000d',
  creditAccountId: '00000000-0000-8000-a000-00000000000c',
  amountMinor: 258n,
  effectiveOn: '2000-01-03',
  claimId: null,
  reversesId: null,
};

describe('transferLeafInput', () => {
  it('lays the columns out one after the other', () => {
    expect(Buffer.from(transferLeafInput(TRANSFER)).toString('hex')).toBe(
      '01937e00000070008000000000000001' +
        '0000000000008000a00000000000000d' +
        '0000000000008000a00000000000000c' +
        '0000000000000102' +
        '00000002' +
        '0'.repeat(64),
    );
  });

  it.each<Partial<Transfer>>([
    { id: '01937e00-0000-7000-8000-000000000002' },
    { debitAccountId: TRANSFER.creditAccountId },
    { creditAccountId: TRANSFER.debitAccountId },
    { amountMinor: 259n },
    { effectiveOn: '1999-12-31' },
    { claimId: TRANSFER.id },
    { reversesId: TRANSFER.id },
  ])('differs when %p differs', (change) => {
    expect(transferLeafInput({ ...TRANSFER, ...change })).not.toEqual(transferLeafInput(TRANSFER));
  });

  it('tells a claim from a reversed transfer', () => {
    expect(transferLeafInput({ ...TRANSFER, claimId: TRANSFER.id })).not.toEqual(
      transferLeafInput({ ...TRANSFER, reversesId: TRANSFER.id }),
    );
  });
});

describe('transfersDigest', () => {
  const other = { ...TRANSFER, id: '01937e00-0000-7000-8000-000000000000', amountMinor: 42n };

  it('is the hash of the leaves in the order of the ids, whatever order they come in', () => {
    const leaves = [other, TRANSFER].map((transfer) => sha256(transferLeafInput(transfer)));
    const digest = transfersDigest([TRANSFER, other], sha256);
    expect(digest).toEqual({
      count: 2,
      totalMinor: 300n,
      sha256: createHash('sha256').update(Buffer.concat(leaves)).digest('hex'),
    });
    expect(transfersDigest([other, TRANSFER], sha256)).toEqual(digest);
  });
});

describe('accountId', () => {
  const [commissionerId, providerId, contractId] = [1, 2, 3].map((n) => `00000000-0000-4000-8000-00000000000${n}`);

  it('is a UUID version 8', () => {
    expect(accountId(commissionerId ?? '', accounts.funds(), sha256)).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  it('differs for every account of every book', () => {
    const all = Object.values(accounts).map((make) => make(providerId ?? '', contractId ?? ''));
    const swapped = all.map((account) => ({
      ...account,
      providerId: account.contractId,
      contractId: account.providerId,
    }));
    const keyed = swapped.filter((account) => account.providerId !== null);
    const ids = [commissionerId, providerId].flatMap((owner) =>
      [...all, ...keyed].map((account) => accountId(owner ?? '', account, sha256)),
    );
    expect(new Set(ids).size).toBe(2 * (all.length + keyed.length));
  });
});

describe('the chart of accounts', () => {
  it('has a way to name each account, keyed where the chart says so', () => {
    const made = Object.values(accounts).map((make) => make('p', 'c'));
    expect(made.map(({ kind }) => kind).sort()).toEqual(Object.keys(CHART).sort());
    for (const account of made) {
      expect(accountCode(account)).toBe(CHART[account.kind].keyed ? `${account.kind}:p:c` : account.kind);
    }
  });
});

describe('reversalOf', () => {
  it('moves the same amount the other way, for the same claim, on its own day', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }), fc.option(fc.uuid()), (amountMinor, claimId) => {
        const original: Transfer = { ...TRANSFER, amountMinor, claimId };
        expect(reversalOf(original, 'new', '2026-04-01')).toEqual({
          id: 'new',
          debitAccountId: original.creditAccountId,
          creditAccountId: original.debitAccountId,
          amountMinor,
          effectiveOn: '2026-04-01',
          claimId,
          reversesId: original.id,
        });
      }),
    );
  });
});

describe('whyNotTransfer', () => {
  const owed = accounts.owed('p', 'c');
  it.each<[string, Account, Account, bigint, RegExp | undefined]>([
    ['an ordinary line', accounts.accrued('p', 'c'), owed, 1n, undefined],
    ['a line of nothing', accounts.activity(), owed, 0n, undefined],
    ['an amount below zero', accounts.activity(), owed, -1n, /never negative/],
    ['one account on both sides', owed, accounts.owed('p', 'c'), 1n, /both sides/],
    ['two books', accounts.budget('p', 'c'), owed, 1n, /books/],
    ['two providers', accounts.owed('q', 'c'), accounts.inTransit('p', 'c'), 1n, /two providers/],
    ['two contracts of one provider', accounts.owed('p', 'd'), accounts.recoverable('p', 'c'), 1n, undefined],
  ])('judges %s', (_what, debit, credit, amountMinor, reason) => {
    const fault = whyNotTransfer({ debit, credit, amountMinor });
    if (reason === undefined) expect(fault).toBeUndefined();
    else expect(fault).toMatch(reason);
  });
});
