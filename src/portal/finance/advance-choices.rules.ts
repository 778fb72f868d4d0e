import type { AdvanceStanding } from '../../payouts/index.js';

/** Who looks at an advance. */
export interface AdvanceVisitor {
  /** Proposed it. */
  readonly isOwn: boolean;
  readonly mayDecide: boolean;
  readonly mayPropose: boolean;
}

/** What a page offers to be done; the service decides again. */
export interface AdvanceChoices {
  readonly decide: boolean;
  readonly cancel: boolean;
  /** Would decide it, had it been somebody else's proposal. */
  readonly otherDecides: boolean;
}

export function advanceChoices(
  standing: AdvanceStanding,
  { isOwn, mayDecide, mayPropose }: AdvanceVisitor,
): AdvanceChoices {
  const waits = standing === 'proposed';
  return {
    decide: waits && mayDecide && !isOwn,
    cancel: mayPropose && (waits || standing === 'approved'),
    otherDecides: waits && mayDecide && isOwn,
  };
}
