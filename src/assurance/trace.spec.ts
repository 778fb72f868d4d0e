import fc from 'fast-check';
import { traceTree } from './trace-tree.rules.js';
import {
  neighboursMax,
  TRACE_LINKS,
  traceOf,
  TraceWalk,
  type Neighbour,
  type TraceEvent,
  type TraceKind,
  type TraceParts,
  type TraceThing,
  type TraceTransfer,
} from './trace.rules.js';

const at = new Date('2026-10-07T12:30:00Z');

function thing(kind: TraceKind, id: string, more: Partial<TraceThing> = {}): TraceThing {
  return {
    kind,
    id,
    reference: null,
    state: 'submitted',
    amountMinor: null,
    occurredAt: at,
    recordedIn: null,
    ...more,
  };
}

function event(id: string, seq: bigint, subjectId: string, more: Partial<TraceEvent> = {}): TraceEvent {
  const hash = { leafHash: '0123456789abcdef', sealed: null };
  const actor = { actorKind: 'person', actorSide: 'provider' } as const;
  return { id, seq, subjectId, type: 'claim.submitted', occurredAt: at, recordedAt: at, ...actor, ...hash, ...more };
}

function transfer(eventId: string, more: Partial<TraceTransfer> = {}): TraceTransfer {
  const sides = { debit: 'activity', credit: 'accrued' } as const;
  const none = { claimId: null, reversesId: null };
  return { id: `t-${eventId}`, eventId, ...sides, amountMinor: 3200n, effectiveOn: '2026-10-08', ...none, ...more };
}

function neighbour(near: string, far: string, more: Partial<Neighbour> = {}): Neighbour {
  return { near, far, amountMinor: null, total: 1, ...more };
}

const linkNamed = (name: string) => {
  const link = TRACE_LINKS.find((one) => one.name === name);
  if (!link) throw new Error(name);
  return link;
};

describe('the links', () => {
  it('lead only onwards, each kind before those that come of it, so that one pass follows all', () => {
    TRACE_LINKS.forEach((later, index) => {
      for (const earlier of TRACE_LINKS.slice(0, index))
        expect([later.name, earlier.from]).not.toEqual([later.name, later.to]);
    });
  });
});

describe('neighboursMax', () => {
  it.each([
    [1, 200],
    [5, 200],
    [10, 100],
    [999, 1],
    [5000, 1],
  ])('lets each of %i things show %i', (things, most) => {
    expect(neighboursMax(things)).toBe(most);
  });
});

describe('TraceWalk', () => {
  it('follows what a claim came from, and what it led to', () => {
    const from = new TraceWalk({ id: 'c', kind: 'claim' }, 'from');
    expect(from.frontier(linkNamed('attendance_claim'))).toEqual(['c']);
    from.add(linkNamed('attendance_claim'), [neighbour('c', 'a')]);
    expect(from.frontier(linkNamed('referral_attendance'))).toEqual(['a']);
    expect(from.edges).toEqual([{ from: 'a', to: 'c', amountMinor: null }]);
    const to = new TraceWalk({ id: 'c', kind: 'claim' }, 'to');
    to.add(linkNamed('claim_batch'), [neighbour('c', 'b', { amountMinor: 3200n })]);
    expect(to.edges).toEqual([{ from: 'c', to: 'b', amountMinor: 3200n }]);
    expect(to.frontier(linkNamed('batch_invoice'))).toEqual(['b']);
  });

  it('shows the session beside a claim for one attendance, and does not follow it to the others who came', () => {
    const walk = new TraceWalk({ id: 'c', kind: 'claim' }, 'from');
    walk.add(linkNamed('session_beside_claim'), [neighbour('c', 's')]);
    expect(walk.found()).toContainEqual({ id: 's', kind: 'session' });
    expect(walk.frontier(linkNamed('attendance_session'))).toEqual([]);
    walk.add(linkNamed('session_claim'), [neighbour('c', 's2')]);
    expect(walk.frontier(linkNamed('attendance_session'))).toEqual(['s2']);
  });

  it('goes from a session to the claims for those who came only where the session is what is traced', () => {
    const link = linkNamed('session_beside_claim');
    expect(new TraceWalk({ id: 's', kind: 'session' }, 'to').frontier(link)).toEqual(['s']);
    const passing = new TraceWalk({ id: 'a', kind: 'attendance' }, 'to');
    passing.add(linkNamed('attendance_session'), [neighbour('a', 's')]);
    expect(passing.frontier(link)).toEqual([]);
    expect(passing.frontier(linkNamed('session_claim'))).toEqual(['s']);
  });

  it('says what was left out and where to read on', () => {
    const walk = new TraceWalk({ id: 'b', kind: 'batch' }, 'from');
    walk.add(linkNamed('claim_batch'), [neighbour('b', 'c1', { total: 5 }), neighbour('b', 'c2', { total: 5 })]);
    expect(walk.cut).toEqual([{ nodeId: 'b', kind: 'claim', notShown: 3, next: '/v1/trace/b?kind=claim&after=c2' }]);
  });
});

function parts(more: Partial<TraceParts> = {}): TraceParts {
  const from = new TraceWalk({ id: 'b', kind: 'batch' }, 'from');
  from.add(linkNamed('claim_batch'), [neighbour('b', 'c', { amountMinor: 3200n })]);
  from.add(linkNamed('attendance_claim'), [neighbour('c', 'a')]);
  from.add(linkNamed('referral_attendance'), [neighbour('a', 'r')]);
  const to = new TraceWalk({ id: 'b', kind: 'batch' }, 'to');
  to.add(linkNamed('batch_invoice'), [neighbour('b', 'i', { amountMinor: 3200n })]);
  const things = [
    thing('invoice', 'i', { reference: 'RIV000001', state: 'issued', amountMinor: 3840n }),
    thing('batch', 'b', { reference: 'SP-1', state: 'approved', amountMinor: 3200n }),
    thing('claim', 'c', { state: 'in_review', amountMinor: 3200n }),
    thing('attendance', 'a', { state: 'attended', recordedIn: 'e-session' }),
    thing('referral', 'r', { reference: 'EMIS-1', state: 'accepted' }),
  ];
  const events = [
    event('e-session', 1n, 's', { type: 'session.recorded' }),
    event('e-claim', 2n, 'c'),
    event('e-approved', 3n, 'b', {
      type: 'batch.approved',
      actorSide: 'commissioner',
      sealed: { leafIndex: 7, checkpointSize: 9, proof: '/v1/events/e-approved/proof' },
    }),
  ];
  const budget = { debit: 'committed', credit: 'spent', id: 't-budget' } as const;
  const transfers = [transfer('e-approved', { claimId: 'c' }), transfer('e-approved', budget)];
  return { rootId: 'b', from, to, things, events, transfers, outcomes: null, ...more };
}

describe('traceOf', () => {
  it('puts every thing in its place, with its own events and what moved for it', () => {
    const { nodes } = traceOf(parts());
    expect(nodes.map(({ kind, direction }) => [kind, direction])).toEqual([
      ['referral', 'from'],
      ['attendance', 'from'],
      ['claim', 'from'],
      ['batch', 'root'],
      ['invoice', 'to'],
    ]);
    const [referral, attendance, claim, batch] = nodes;
    expect(referral).toMatchObject({ actor: null, events: [], transfers: [] });
    expect(attendance?.events.map(({ type }) => type)).toEqual(['session.recorded']);
    expect(claim?.transfers.map(({ id }) => id)).toEqual(['t-e-approved']);
    expect(batch?.transfers.map(({ id }) => id)).toEqual(['t-budget']);
    expect(batch?.actor).toEqual({ kind: 'person', side: 'commissioner' });
  });

  it('gives a thing with an event of its own no other', () => {
    const own = event('e-own', 4n, 'a', { type: 'attendance.recorded' });
    const { nodes } = traceOf(parts({ events: [...parts().events, own] }));
    expect(nodes.find(({ id }) => id === 'a')?.events.map(({ type }) => type)).toEqual(['attendance.recorded']);
  });

  it('draws no edge to what may not be seen', () => {
    const { edges } = traceOf(parts({ things: parts().things.filter(({ kind }) => kind !== 'referral') }));
    expect(edges.filter(({ from, to }) => from === 'r' || to === 'r')).toEqual([]);
    expect(edges).toHaveLength(3);
  });
});

describe('traceTree', () => {
  it('follows the money down, then up', () => {
    const from = parts().from;
    from.cut.push({ nodeId: 'b', kind: 'claim', notShown: 7, next: '/v1/trace/b?kind=claim&after=c' });
    expect(traceTree(traceOf(parts({ from })))).toEqual([
      'batch  SP-1  approved  £32.00',
      '  7 Oct 2026, 13:30  batch.approved by the commissioner  sealed #7  0123456789ab',
      '    £32.00  debit committed, credit spent, effective 2026-10-08',
      '',
      'It came from',
      '├─ claim  c  in review  £32.00',
      '│  │  7 Oct 2026, 13:30  claim.submitted by the provider  not sealed yet  0123456789ab',
      '│  │    £32.00  debit activity, credit accrued, effective 2026-10-08',
      '│  └─ attendance  a  attended',
      '│     │  7 Oct 2026, 13:30  session.recorded by the provider  not sealed yet  0123456789ab',
      '│     └─ referral  EMIS-1  accepted',
      '└─ … and 7 more: claim, /v1/trace/b?kind=claim&after=c',
      '',
      'It led to',
      '└─ invoice  RIV000001  issued  £38.40',
    ]);
  });

  it('shows each thing in full once, however many ways lead to it', () => {
    const claims = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(claims, (count) => {
        const from = new TraceWalk({ id: 'b', kind: 'batch' }, 'from');
        const ids = Array.from({ length: count }, (_, index) => `c${index}`);
        from.add(
          linkNamed('claim_batch'),
          ids.map((id) => neighbour('b', id, { total: count })),
        );
        from.add(
          linkNamed('referral_claim'),
          ids.map((id) => neighbour(id, 'r')),
        );
        const things = [thing('batch', 'b'), ...ids.map((id) => thing('claim', id)), thing('referral', 'r')];
        const to = new TraceWalk({ id: 'b', kind: 'batch' }, 'to');
        const lines = traceTree(traceOf(parts({ from, to, things, events: [event('e', 1n, 'r')], transfers: [] })));
        expect(lines.filter((line) => line.includes('claim.submitted'))).toHaveLength(1);
        expect(lines.filter((line) => line.includes('(see above)'))).toHaveLength(count - 1);
      }),
    );
  });
});
