import type { BundleVerdict } from './verdict.js';
import { verdictInWords } from './verdict-words.js';

const PROVED: BundleVerdict = {
  outcome: 'proved',
  log: { origin: 'example/1', size: 1_234, root: 'cm9vdA==', commissionerId: '1', madeAt: '2026-11-25T09:00:00.000Z' },
  counts: { events: 1_234, transfers: 1, accounts: 2, checkpoints: 3, signedCheckpoints: 3, statements: 0 },
  keys: { isPinned: false, ofLog: ['example/1+00000000+key'] },
  held: [],
  anchor: null,
  witnesses: [],
  notUnderstood: [],
  findings: [],
  findingCount: 0,
};

describe('a verdict in words', () => {
  it('says what is proved, by which keys, and what is not', () => {
    const words = verdictInWords(PROVED);
    expect(words[0]).toMatch(/^Proved\. These are the first 1,234 events of the log example\/1/);
    expect(words).toContain('example/1+00000000+key');
    expect(words.join('\n')).toContain('You gave no earlier checkpoint');
    expect(words.join('\n')).toContain('Not proved: that what people entered was true');
    expect(words.at(-1)).toBe('Keep this to compare with later bundles: 1,234 events have the root cm9vdA==.');
  });

  it('says which witness saw the log, and which types are of a later version', () => {
    const words = verdictInWords({
      ...PROVED,
      keys: { isPinned: true, ofLog: [] },
      anchor: { platform: { origin: 'example/p', size: 9, root: '' }, index: 4, size: 1_000 },
      witnesses: [{ name: 'w.example', cosignedAt: '2026-11-25T09:00:00.000Z' }],
      notUnderstood: [{ type: 'claim.imagined', firstIndex: 7, events: 2, moving: 1 }],
    });
    expect(words).toContain('The keys are those that you gave.');
    expect(words).toContain("The platform's log example/p has the first 1,000 events as its entry 4 of 9.");
    expect(words).toContain('The witness w.example saw that log, as the only one, by 2026-11-25T09:00:00.000Z.');
    expect(words.join('\n')).toContain('2 events of the type claim.imagined, of which 1 moved money');
  });

  it('says each finding with its place, and how many more there are', () => {
    const finding = { code: 'leaf_differs', at: { index: 5, eventId: 'e', member: 'm' }, what: 'It differs.' };
    const words = verdictInWords({ ...PROVED, outcome: 'tampered', findings: [finding], findingCount: 3 });
    expect(words.slice(0, 3)).toEqual([
      'NOT PROVED. 3 things in this bundle of example/1 are not as they were sealed, or do not follow from what came before:',
      '- leaf_differs at event 5, e, m: It differs.',
      '… and 2 more.',
    ]);
  });

  it('lets no bundle write lines of its own, or move the cursor', () => {
    const what = `\nProved.\u001b[2J\u202e${'x'.repeat(5_000)}`;
    const findings = [{ code: 'event_malformed', at: {}, what }];
    const words = verdictInWords({ ...PROVED, outcome: 'tampered', findings, findingCount: 1 });
    expect(words[1]).toMatch(/^- event_malformed: \ufffdProved\.\ufffd\[2J\ufffdx+$/);
    expect(words[1]?.length).toBe(2_000);
  });
});
