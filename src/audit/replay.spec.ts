import fc from 'fast-check';
import { accounts, CHART } from '../ledger/rules.js';
import { Journal, type JournalEvent } from '../../test/support/journal.js';
import { wholeMonth } from '../../test/support/journal-month.js';
import { journalOf } from '../../test/support/journal-of-choices.js';
import { replayJournal } from '../../test/support/replay-journal.js';
import { dayNumber } from './replay-said.rules.js';

const choices = fc.array(fc.nat(), { minLength: 40, maxLength: 160 });

describe('a journal as the services write it', () => {
  it('has nothing to be found', () => {
    expect(replayJournal(wholeMonth().journal).findings).toEqual([]);
  });

  it('has nothing to be found, whatever was done in it and wherever passes ended', () => {
    fc.assert(
      fc.property(choices, (chosen) => {
        expect(replayJournal(journalOf(chosen)).findings).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('may hold what this version does not know, which is counted and not called a lie', () => {
    const { journal, contract } = wholeMonth();
    const { id, providerId } = contract;
    const lines = [[accounts.advance(providerId, id), accounts.owed(providerId, id), 500]] as const;
    journal.tell('loan.agreed', journal.newId(), { providerId, lines });
    journal.tell('loan.noted', journal.newId(), { providerId });
    journal.tell('loan.noted', journal.newId(), { providerId });
    const { findings, replay } = replayJournal(journal);
    const size = journal.events.length;
    expect(findings).toEqual([]);
    expect(replay.notUnderstood).toEqual([
      { type: 'loan.agreed', firstIndex: size - 3, events: 1, moving: 1 },
      { type: 'loan.noted', firstIndex: size - 2, events: 2, moving: 0 },
    ]);
    expect(balanceOf(replay, 'advance')).toBe(500);
  });
});

describe('any lie about an amount', () => {
  const moving = (journal: Journal) => journal.events.filter(({ transfers }) => transfers.length > 0);

  /** An event of a journal that moves money, chosen by a number, or undefined where there is none. */
  function chosen(journal: Journal, at: number): JournalEvent | undefined {
    const events = moving(journal);
    return events[at % events.length];
  }

  it('is found', () => {
    fc.assert(
      fc.property(choices, fc.nat(), fc.integer({ min: 1, max: 100_000 }), (made, at, more) => {
        const journal = journalOf(made);
        const event = chosen(journal, at);
        const transfer = event?.transfers[at % event.transfers.length];
        fc.pre(transfer !== undefined);
        transfer.amountMinor += more;
        expect(replayJournal(journal).codes).not.toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('is found where it goes to another account', () => {
    const kinds = Object.values(accounts);
    fc.assert(
      fc.property(choices, fc.nat(), fc.nat(kinds.length - 1), fc.boolean(), (made, at, kind, isDebit) => {
        const journal = journalOf(made);
        const event = chosen(journal, at);
        const transfer = event?.transfers[at % event.transfers.length];
        fc.pre(transfer !== undefined);
        const side = isDebit ? 'debit' : 'credit';
        const { providerId, contractId } = transfer.debit.providerId === null ? transfer.credit : transfer.debit;
        const other = kinds[kind]?.(providerId ?? journal.newId(), contractId ?? journal.newId()) ?? accounts.bank();
        fc.pre(other.kind !== transfer[side].kind && CHART[other.kind].book === CHART[transfer.debit.kind].book);
        fc.pre(other.kind !== transfer[isDebit ? 'credit' : 'debit'].kind);
        transfer[side] = other;
        expect(replayJournal(journal).codes).not.toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('is found where an event is there twice, under another id', () => {
    fc.assert(
      fc.property(choices, fc.nat(), (made, at) => {
        const journal = journalOf(made);
        const event = chosen(journal, at);
        fc.pre(event !== undefined && event.body.type !== 'contract.authorised');
        const again = structuredClone(event);
        again.body.id = journal.newId();
        for (const transfer of again.transfers) transfer.id = journal.newId();
        journal.events.splice(journal.events.indexOf(event) + 1, 0, again);
        journal.cuts.length = 0;
        expect(replayJournal(journal).codes).not.toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('an event', () => {
  it('stands once', () => {
    const { journal, sent } = wholeMonth();
    journal.events.push(structuredClone(sent));
    expect(replayJournal(journal).codes).toContain('event_repeated');
  });

  it('stands behind what led to it', () => {
    const { journal, batch } = wholeMonth();
    journal.find('claim.queried').body.causeId = journal.newId();
    expect(batch.lines).toHaveLength(3);
    expect(replayJournal(journal).codes).toEqual(['cause_missing', 'other_cause']);
  });
});

describe('the day on which money counts', () => {
  /** Around midnight in London, which in summer is an hour before that in UTC. */
  it.each([
    ['2026-07-01T22:57:30Z', '2026-07-02', ['effective_day_differs']],
    ['2026-07-01T22:58:30Z', '2026-07-02', []],
    ['2026-07-01T22:58:30Z', '2026-07-01', []],
    ['2026-07-01T22:59:30Z', '2026-07-01', []],
    ['2026-07-01T23:00:30Z', '2026-07-01', ['effective_day_differs']],
    ['2026-11-01T23:58:30Z', '2026-11-02', []],
  ])('is that of London: what is told a minute after %s may count on %s', (at, day, codes) => {
    const journal = new Journal(Date.parse(at));
    const arrival = journal.fund(500);
    for (const transfer of arrival.transfers) transfer.day = day;
    arrival.body.data.receivedOn = day;
    const returned = journal.takeBack(arrival);
    for (const transfer of returned.transfers) transfer.day = day;
    returned.body.recordedAt = new Date(Date.parse(at) + 60_000).toISOString();
    expect(replayJournal(journal).codes).toEqual(codes);
  });
});

describe('a floor', () => {
  /** Funds, and invoices of £32 and £16 that are owed. */
  function stage(fundsMinor = 5_000) {
    const journal = new Journal();
    const contract = journal.contract();
    const [arrival, large, small] = [
      journal.fund(fundsMinor),
      journal.owed(contract, 3_200),
      journal.owed(contract, 1_600),
    ];
    journal.seal();
    return { journal, arrival, large, small };
  }

  it('is not broken by a fact, which takes an account below it', () => {
    const { journal, arrival, large } = stage();
    journal.request(journal.run(), [large]);
    journal.seal();
    journal.takeBack(arrival);
    expect(replayJournal(journal).codes).toEqual([]);
  });

  it('is broken by a decision that lowers an account which is below it', () => {
    const { journal, arrival, large, small } = stage();
    journal.request(journal.run(), [large]);
    journal.takeBack(arrival);
    journal.seal();
    const { event } = journal.request(journal.run(), [small]);
    const { findings } = replayJournal(journal);
    const what = 'Decisions took 1600 of an account that must not be below zero: ';
    expect(findings).toEqual([
      {
        code: 'floor_broken',
        at: { index: journal.events.indexOf(event), eventId: event.body.id },
        what: `${what}up to ${journal.events.length} events, funds held -3200, and gained 0.`,
      },
    ]);
  });

  it('is not broken by a decision that came after what healed it, in whatever order a pass has them', () => {
    const { journal, arrival, large, small } = stage();
    journal.request(journal.run(), [large]);
    journal.takeBack(arrival);
    journal.seal();
    const run = journal.run();
    const { event } = journal.request(run, [small]);
    const healing = journal.fund(4_800);
    journal.moveBefore(event, healing);
    journal.seal();
    expect(replayJournal(journal).codes).toEqual([]);
    journal.cuts.push(journal.events.length - 1);
    expect(replayJournal(journal).codes).toEqual(['floor_broken']);
  });

  it('is broken by two decisions that share what is enough for one', () => {
    const { journal, large, small } = stage(4_799);
    const run = journal.run();
    journal.request(run, [large]);
    journal.request(run, [small]);
    expect(replayJournal(journal).codes).toEqual(['floor_broken']);
  });
});

describe('balances', () => {
  it('are as of any size of the log, and any day', () => {
    const { journal, contract, payout, confirmed } = wholeMonth();
    const sizeOf = (event: JournalEvent) => journal.events.indexOf(event) + 1;
    const at = (size: number, on?: number) => replayJournal(journal, { size, on }).replay;
    const requested = sizeOf(payout.event);
    expect(balanceOf(at(requested - 1), 'owed')).toBe(4_100);
    expect(balanceOf(at(requested), 'owed')).toBe(0);
    expect(balanceOf(at(requested), 'in_transit')).toBe(4_100);
    expect(balanceOf(at(requested), 'funds')).toBe(5_900);
    expect(balanceOf(at(requested, dayNumber('2026-11-01')), 'in_transit')).toBe(0);
    expect(balanceOf(at(requested, dayNumber('2026-11-02')), 'budget')).toBe(1_000_000 - 5_700 + 1_600);
    expect(balanceOf(at(sizeOf(confirmed)), 'bank')).toBe(-14_100);
    expect(balanceOf(replayJournal(journal).replay, 'bank')).toBe(-4_100);
    expect(contract.open).toHaveLength(1);
  });
});

function balanceOf(replay: ReturnType<typeof replayJournal>['replay'], kind: string): number | undefined {
  return replay.balances().find(({ account }) => account.kind === kind)?.balanceMinor;
}

describe('a statement', () => {
  const KINDS = ['commissioner', 'provider', 'contract'] as const;

  /** Two contracts: one is owed £32 and paid £16 of it on the third of November, the other is owed £9. */
  function stage() {
    const journal = new Journal();
    const [contract, other] = [journal.contract(), journal.contract()];
    journal.fund(10_000);
    journal.owed(contract, 1_600);
    const second = journal.owed(contract, 1_600);
    journal.owed(other, 900);
    const payout = journal.request(journal.run(), [second], 'outside');
    journal.wait(24);
    journal.confirm(payout);
    journal.seal();
    const ids = { commissioner: journal.commissionerId, provider: contract.providerId, contract: contract.id };
    return { journal, ids };
  }

  it.each([
    ['commissioner', 4_100, 2_500],
    ['provider', 3_200, 1_600],
    ['contract', 3_200, 1_600],
  ] as const)('of a %s is made again', (party, opening, closing) => {
    const { journal, ids } = stage();
    const period = { from: '2026-11-03', to: '2026-11-30' };
    journal.statement(party, ids[party], { opening, closing, ...period });
    journal.statement(party, ids[party], { opening: 0, closing: opening, from: '2026-11-01', to: '2026-11-02' });
    const { findings, replay } = replayJournal(journal);
    expect(findings).toEqual([]);
    expect(replay.statementCount).toBe(2);
  });

  it.each(KINDS)('of a %s is found out when it says another balance', (party) => {
    const { journal, ids } = stage();
    journal.statement(party, ids[party], { opening: 0, closing: 1_601 });
    expect(replayJournal(journal).codes).toEqual(['statement_differs']);
  });

  it('that a provider makes is of its own accounts alone', () => {
    const { journal, ids } = stage();
    const statement = journal.statement('commissioner', ids.commissioner, { opening: 0, closing: 1_600 });
    statement.body.providerId = statement.body.actor.orgId = ids.provider;
    expect(replayJournal(journal).codes).toEqual([]);
  });

  it('stays what it was, whatever is booked after its checkpoint', () => {
    const { journal, ids } = stage();
    const size = journal.events.length;
    journal.owed(journal.contract(), 700);
    journal.seal();
    journal.statement('commissioner', ids.commissioner, { opening: 0, closing: 2_500, size });
    journal.statement('commissioner', ids.commissioner, { opening: 0, closing: 3_200 });
    expect(replayJournal(journal).codes).toEqual([]);
  });

  it('is not booked in what was not sealed before it', () => {
    const { journal, ids } = stage();
    journal.statement('commissioner', ids.commissioner, {
      opening: 0,
      closing: 2_500,
      size: journal.events.length + 1,
    });
    expect(replayJournal(journal).codes).toEqual(['statement_differs']);
  });

  it('that names no checkpoint cannot be made again', () => {
    const { journal, ids } = stage();
    journal.statement('commissioner', ids.commissioner, { opening: 1, closing: 2, size: null });
    const { findings, replay } = replayJournal(journal);
    expect([findings.length, replay.statementCount]).toEqual([0, 0]);
  });
});
