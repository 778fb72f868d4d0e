import { defineError } from '../platform/errors.js';

export const personErased = defineError({
  code: 'person.already_erased',
  kind: 'conflict',
  title: 'The person has been erased.',
  fix: 'Nothing is left to do; GET /v1/persons/{id} says what was destroyed and what remains.',
});

export const personHeld = defineError({
  code: 'person.on_hold',
  kind: 'conflict',
  title: 'The person is under a legal hold, and nothing about them may be destroyed.',
  fix: 'Lift the hold when its reason is over; no ground for erasing goes before it.',
});

export const personNotHeld = defineError({
  code: 'person.not_on_hold',
  kind: 'conflict',
  title: 'The person is under no legal hold.',
  fix: 'Read the person again; nothing is left to lift.',
});

export const personNeeded = defineError({
  code: 'person.still_needed',
  kind: 'rule_broken',
  title: 'Work that is open still needs the person.',
  fix: 'Close or decline the referrals and decide the claims that details count, then erase; or force it, where the law leaves no choice.',
});

export const forceNotLawful = defineError({
  code: 'person.force_not_lawful',
  kind: 'rule_broken',
  title: 'Open work can be passed over only on a ground that leaves no choice.',
  fix: 'Use ground unlawful or legal_obligation where it is one of them; otherwise end the open work first.',
});

export const textGone = defineError({
  code: 'text.already_gone',
  kind: 'conflict',
  title: 'The text is gone already.',
  fix: 'Nothing is left to do; the events of its subject say when it went.',
});
