import { advanceChoices } from './advance-choices.rules.js';

describe('what a page of an advance offers', () => {
  const approver = { isOwn: false, mayDecide: true, mayPropose: false };
  const finance = { isOwn: false, mayDecide: false, mayPropose: true };
  const nothing = { decide: false, cancel: false, otherDecides: false };

  it.each([
    ['an approver decides what waits', 'proposed', approver, { ...nothing, decide: true }],
    ['nobody decides their own', 'proposed', { ...approver, isOwn: true }, { ...nothing, otherDecides: true }],
    ['what is approved is decided', 'approved', approver, nothing],
    ['finance withdraws what waits', 'proposed', finance, { ...nothing, cancel: true }],
    ['finance cancels what is not paid', 'approved', finance, { ...nothing, cancel: true }],
    ['what is on its way stays', 'in_payment', finance, nothing],
    ['what is paid stays', 'paid', { isOwn: false, mayDecide: true, mayPropose: true }, nothing],
  ] as const)('%s', (_, standing, visitor, choices) => {
    expect(advanceChoices(standing, visitor)).toEqual(choices);
  });
});
