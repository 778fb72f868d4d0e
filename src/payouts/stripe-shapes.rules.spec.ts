import {
  accountParamsOf,
  isAttempt,
  linkUseOf,
  metadataOf,
  minorOf,
  noticeOf,
  onlyOne,
  payoutOf,
  statusOf,
  sterling,
  transferOf,
} from './stripe-shapes.rules.js';

const SEEN = 1_790_000_000;
const attempt = { instructionId: '0192', attempt: 2 };
const transfer = {
  id: 'tr_1',
  amount: 1_250,
  amount_reversed: 250,
  created: SEEN,
  destination: 'acct_1',
  transfer_group: null,
  metadata: metadataOf(attempt),
};
const payout = { ...transfer, id: 'po_1', status: 'paid', failure_code: null, arrival_date: SEEN };

describe('Reading recipients', () => {
  const account = (transfers?: string, payouts?: string) => ({
    id: 'acct_1',
    configuration: {
      recipient: {
        capabilities: {
          stripe_balance: {
            ...(transfers ? { stripe_transfers: { status: transfers } } : {}),
            ...(payouts ? { payouts: { status: payouts } } : {}),
          },
        },
      },
    },
  });

  it.each([
    ['active', 'active', true],
    ['active', 'restricted', false],
    ['pending', 'active', false],
    ['active', undefined, false],
    ['active', 'a_status_of_next_year', false],
  ])('transfers %s and payouts %s: ready is %s', (transfers, payouts, ready) => {
    expect(statusOf(account(transfers, payouts)).ready).toBe(ready);
  });

  it('is not ready when nothing is told, and lists only what the provider must give', () => {
    const entries = [
      { awaiting_action_from: 'user', description: 'identity.business_details.address' },
      { awaiting_action_from: 'stripe', description: 'verification' },
    ];
    expect(statusOf({ id: 'acct_1', requirements: { entries } })).toEqual({
      accountId: 'acct_1',
      ready: false,
      transfers: 'absent',
      payouts: 'absent',
      requirements: ['identity.business_details.address'],
    });
  });

  it('opens accounts with facts of the organisation and an opaque id', () => {
    const facts = { providerId: 'p-1', displayName: 'Allotment', contactEmail: 'finance@allotment.example' };
    expect(accountParamsOf({ ...facts, structure: 'registered_charity' }).identity).toEqual({
      country: 'gb',
      entity_type: 'non_profit',
      business_details: { structure: 'registered_charity' },
    });
    const company = accountParamsOf({ ...facts, structure: 'company' });
    expect(company.identity).toMatchObject({ entity_type: 'company' });
    expect(company.metadata).toEqual({ provider: 'p-1' });
    expect(company.dashboard).toBe('none');
  });

  it('asks for what is missing, or lets what was given be changed', () => {
    const pages = { accountId: 'acct_1', returnUrl: 'https://a.example/back', refreshUrl: 'https://a.example/again' };
    const asked = { refresh_url: pages.refreshUrl, return_url: pages.returnUrl };
    expect(linkUseOf({ ...pages, purpose: 'onboarding' })).toEqual({
      type: 'account_onboarding',
      account_onboarding: asked,
    });
    expect(linkUseOf({ ...pages, purpose: 'update' })).toEqual({ type: 'account_update', account_update: asked });
  });
});

describe('Reading what moved', () => {
  it('takes a transfer with its attempt', () => {
    expect(transferOf(transfer)).toEqual({
      transferId: 'tr_1',
      accountId: 'acct_1',
      instructionId: '0192',
      attempt: 2,
      amountMinor: 1_250n,
      reversedMinor: 250n,
      createdAt: new Date(SEEN * 1000),
    });
  });

  it('takes a transfer of another hand without an attempt', () => {
    const others: (Record<string, string> | null)[] = [
      null,
      {},
      { instruction: '1' },
      { instruction: '1', attempt: '0' },
    ];
    for (const metadata of others) {
      expect(transferOf({ ...transfer, metadata })).not.toHaveProperty('attempt');
    }
  });

  it('does not take an unknown payout status for one it knows', () => {
    expect(payoutOf(payout, 'acct_1').status).toBe('paid');
    expect(() => payoutOf({ ...payout, status: 'settled' }, 'acct_1')).toThrow(RangeError);
  });

  it('finds an attempt by both halves of its name', () => {
    expect(isAttempt(transfer, attempt)).toBe(true);
    expect(isAttempt(transfer, { ...attempt, attempt: 1 })).toBe(false);
    expect(isAttempt(transfer, { ...attempt, instructionId: '0193' })).toBe(false);
  });

  it('gives none, the one, or an alarm for two', () => {
    expect(onlyOne([], transferOf)).toEqual({ kind: 'done', value: undefined });
    expect(onlyOne([transfer], transferOf)).toMatchObject({ kind: 'done', value: { transferId: 'tr_1' } });
    expect(onlyOne([transfer, transfer], transferOf)).toEqual({
      kind: 'unknown',
      reason: 'answer_mismatch',
      resend: false,
    });
  });

  it('counts pounds only, and whole pence only', () => {
    const lines = [
      { amount: 100, currency: 'gbp' },
      { amount: 7, currency: 'eur' },
      { amount: -30, currency: 'gbp' },
    ];
    expect(sterling(lines)).toBe(70n);
    expect(() => minorOf(1.5)).toThrow(RangeError);
    expect(() => minorOf(2 ** 53)).toThrow(RangeError);
  });
});

describe('Reading notices', () => {
  const thin = { id: 'evt_2', object: 'v2.core.event', type: 'v1.payout.failed', created: '2026-11-02T09:00:00Z' };

  it('takes a snapshot, of the platform or of a recipient', () => {
    const event = { id: 'evt_1', object: 'event', type: 'transfer.created', created: SEEN, data: { object: transfer } };
    const notice = {
      id: 'evt_1',
      type: 'transfer.created',
      kind: 'snapshot',
      objectId: 'tr_1',
      createdAt: new Date(SEEN * 1000),
    };
    expect(noticeOf(event)).toEqual(notice);
    expect(noticeOf({ ...event, account: 'acct_1' })).toEqual({ ...notice, accountId: 'acct_1' });
  });

  it('takes a thin event about an account, or about an object within one', () => {
    const account = { id: 'acct_1', type: 'v2.core.account', url: '/v2/core/accounts/acct_1' };
    expect(noticeOf({ ...thin, related_object: account })).toMatchObject({ kind: 'thin', accountId: 'acct_1' });
    const object = { id: 'po_1', type: 'payout', url: '/v1/payouts/po_1' };
    expect(noticeOf({ ...thin, context: 'acct_2', related_object: object })).toMatchObject({
      accountId: 'acct_2',
      objectId: 'po_1',
      createdAt: new Date('2026-11-02T09:00:00Z'),
    });
  });

  it.each([null, 'text', [], {}, { ...thin, object: 'charge' }, { ...thin, id: 1 }, { ...thin, created: 'soon' }])(
    'refuses %j',
    (event) => {
      expect(() => noticeOf(event)).toThrow(RangeError);
    },
  );
});
