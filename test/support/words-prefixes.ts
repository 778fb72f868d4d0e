/**
 * Where the rest of a key is added when the program runs, with the reason. A key below one of these counts as used; what
 * the rest can be is for a test of its own.
 */
export const PREFIXES: ReadonlyMap<string, string> = new Map([
  ['terms.', 'said by places such as {@session}'],
  ['errors.', 'by the code of an error: test/words-of-codes.spec.ts'],
  ['states.', 'by the thing and its value: test/words-of-codes.spec.ts'],
  ['events.', 'by the type of an event, and by who acts: test/words-of-codes.spec.ts'],
  ['accounts.', 'by the account: test/words-of-codes.spec.ts'],
  ['sides.', 'by the side of an actor: test/words-of-codes.spec.ts'],
  ['kinds.', 'by the kind of an actor: test/words-of-codes.spec.ts'],
  ['reasons.', 'by the code of a price reason or a flag: test/reason-words.spec.ts'],
  ['roles.', 'by the role of a member: test/words-of-codes.spec.ts'],
  ['layout.roles.', 'by the role of a member'],
  ['layout.date.', 'by the part of a date field'],
  ['layout.states.', 'by the state that a tag shows: src/portal/views/macros/lists.njk'],
  ['navigation.', 'by the place in the menu: src/portal/navigation.rules.ts'],
  ['problems.', 'by the kind of a problem: src/portal/page/page.filter.ts'],
  ['tasks.kinds.', 'by the kind of a task: test/words-of-codes.spec.ts'],
  ['tasks.waits.', 'by what an invoice, a payee or a payment waits for'],
  ['entry.over.', 'by how a session came to its end'],
  ['entry.sandbox.', 'by the kind of an organisation'],
  ['entry.account.methods.', 'by how a session was begun'],
  ['about.', 'by the sections that src/portal/entry/about.pages.ts names'],
  ['notices.', 'by the kind of a notice'],
  ['claims.column.', 'by the column of a claim file: src/delivery/claim-file.columns.ts'],
]);
