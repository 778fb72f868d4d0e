/** How it stands with somebody who was referred: a state of `states.person`. */
export function personStateOf(person: {
  readonly erasedAt: Date | null;
  readonly heldAt: Date | null;
}): 'erased' | 'held' | 'known' {
  if (person.erasedAt !== null) return 'erased';
  return person.heldAt === null ? 'known' : 'held';
}
