import type { Trace, TraceEvent, TraceKind, TraceNode, TraceTransfer } from '../../assurance/index.js';
import { stagesOf, storyOf, tookPlace } from './story.rules.js';

let seq = 0n;
const day = (number: number) => new Date(Date.UTC(2026, 9, number, 9));

function event(type: string, subjectId: string, on: number): TraceEvent {
  seq += 1n;
  const at = day(on);
  const by = { actorKind: 'person', actorSide: 'provider' } as const;
  const hash = { leafHash: 'f'.repeat(64), sealed: null };
  return { id: `e${seq}`, seq, type, subjectId, occurredAt: at, recordedAt: at, ...by, ...hash };
}

function transfer(id: string, eventId: string, amountMinor: bigint, claimId: string | null = null): TraceTransfer {
  const accounts = { debit: 'activity', credit: 'accrued' } as const;
  return { id, eventId, ...accounts, amountMinor, effectiveOn: '2026-10-01', claimId, reversesId: null };
}

function node(kind: TraceKind, id: string, more: Partial<TraceNode> = {}): TraceNode {
  return {
    id,
    kind,
    reference: null,
    state: 'made',
    amountMinor: null,
    occurredAt: day(1),
    direction: 'from',
    actor: null,
    events: [],
    transfers: [],
    outcomes: null,
    ...more,
  };
}

const trace = (root: string, nodes: readonly TraceNode[], cut: Trace['cut'] = []): Trace => ({
  root,
  nodes,
  edges: [],
  cut,
});

describe('a story', () => {
  it('is told in the order of the journal, whatever the order of things', () => {
    const referral = node('referral', 'r', {
      events: [event('referral.made', 'r', 5), event('referral.accepted', 'r', 2)],
    });
    const payout = node('payout', 'p', { events: [event('payout.paid', 'p', 9)], amountMinor: 6400n });
    const items = storyOf(trace('p', [payout, referral]));
    expect(items.map(({ type, here }) => [type, here])).toEqual([
      ['referral.made', false],
      ['referral.accepted', false],
      ['payout.paid', true],
    ]);
    expect(items.map(({ amountMinor }) => amountMinor)).toEqual([null, null, 6400n]);
  });

  it('tells an event once, with the thing that it is about', () => {
    const roll = event('session.recorded', 's', 5);
    const items = storyOf(
      trace('a', [node('attendance', 'a', { events: [roll] }), node('session', 's', { events: [roll] })]),
    );
    expect(items).toHaveLength(1);
    expect(items[0]?.happenings[0]?.node.id).toBe('s');
  });

  it('tells once what happened to four things, and adds up what they are worth', () => {
    const claims = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        node('claim', `c${index}`, { events: [event('claim.submitted', `c${index}`, 5)], amountMinor: 1000n }),
      );
    const batch = node('batch', 'b', { direction: 'root' });
    expect(storyOf(trace('b', [...claims(3), batch])).map(({ happenings }) => happenings.length)).toEqual([1, 1, 1]);
    expect(storyOf(trace('b', [...claims(4), batch]))).toMatchObject([{ amountMinor: 4000n, outOf: null }]);
    const cut = [{ nodeId: 'b', kind: 'claim', notShown: 7, next: '' }] as const;
    expect(storyOf(trace('b', [...claims(4), batch], cut))).toMatchObject([{ amountMinor: null, outOf: 11 }]);
  });

  it('never folds what happened to the thing itself', () => {
    const events = [1, 2, 3, 4, 5].map((on) => event('payout.retried', 'p', on));
    expect(storyOf(trace('p', [node('payout', 'p', { events })]))).toHaveLength(5);
  });

  it('says what an event moved, each transfer once, and whether it moved more', () => {
    const approved = event('batch.approved', 'b', 7);
    const claim = node('claim', 'c', { transfers: [transfer('t1', approved.id, 3200n, 'c')] });
    const batch = node('batch', 'b', { events: [approved], transfers: [transfer('t2', approved.id, 3200n)] });
    const [fromClaim] = storyOf(trace('c', [claim, batch]));
    expect(fromClaim?.moves.map(({ amountMinor }) => amountMinor).toSorted()).toEqual([3200n, 3200n]);
    expect(fromClaim?.movesArePart).toBe(true);
    expect(storyOf(trace('b', [claim, batch]))[0]?.movesArePart).toBe(false);
    const cut = [{ nodeId: 'b', kind: 'claim', notShown: 1, next: '' }] as const;
    expect(storyOf(trace('b', [claim, batch], cut))[0]?.movesArePart).toBe(true);
  });

  it('says when something took place that became known on another day', () => {
    const late = (id: string, on: number): TraceEvent => ({
      ...event('session.recorded', id, on),
      recordedAt: day(20),
    });
    const sessions = [5, 3, 4, 20].map((on) => node('session', `s${on}`, { events: [late(`s${on}`, on)] }));
    const [item] = storyOf(trace('p', [...sessions, node('payout', 'p')]));
    expect(item && tookPlace(item)).toEqual({ from: day(3), to: day(20) });
    const [known] = storyOf(trace('p', [node('payout', 'p', { events: [event('payout.paid', 'p', 9)] })]));
    expect(known && tookPlace(known)).toBeNull();
  });

  it('gives what was tried and refused no worth', () => {
    const batch = node('batch', 'b', { events: [event('command.refused', 'b', 1)], amountMinor: 6400n });
    expect(storyOf(trace('b', [batch]))[0]?.amountMinor).toBeNull();
  });
});

describe('the way of money', () => {
  const nodes = [
    node('referral', 'r'),
    node('attendance', 'a'),
    node('session', 's'),
    node('claim', 'c1', { amountMinor: 3200n }),
    node('claim', 'c2', { amountMinor: 3200n }),
    node('batch', 'b', { amountMinor: 6400n, reference: 'B-1' }),
  ];

  it('goes from the referral on, with what each step comes to', () => {
    expect(stagesOf(trace('b', nodes))).toMatchObject([
      { kind: 'referral', direction: 'from', count: 1, amountMinor: null, only: { id: 'r' } },
      { kind: 'session', direction: 'from', count: 1 },
      { kind: 'claim', direction: 'from', count: 2, amountMinor: 6400n, only: null },
      { kind: 'batch', direction: 'here', count: 1, amountMinor: 6400n, only: { reference: 'B-1' } },
    ]);
    expect(stagesOf(trace('r', nodes)).map(({ direction }) => direction)).toEqual(['here', 'to', 'to', 'to']);
  });

  it('shows who came where that is what is followed', () => {
    expect(stagesOf(trace('a', nodes)).map(({ kind }) => kind)).toContain('attendance');
  });

  it('counts what is not shown, and promises nothing of what lies beyond it', () => {
    const cut = [{ nodeId: 'b', kind: 'claim', notShown: 340, next: '' }] as const;
    const stages = stagesOf(trace('b', nodes, cut));
    expect(stages.map(({ kind, count, atLeast }) => [kind, count, atLeast])).toEqual([
      ['referral', 1, true],
      ['session', 1, true],
      ['claim', 342, false],
      ['batch', 1, false],
    ]);
    expect(stages.find(({ kind }) => kind === 'claim')).toMatchObject({ amountMinor: null, only: null });
  });
});
