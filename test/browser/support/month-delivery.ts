import { DAY } from '../../stories/payment-stage.js';
import { FULL_LISTING } from '../../support/listings.js';
import type { Hands } from './hands.js';
import { at, mainOf, over, said, type Cast } from './month-cast.js';
import { textOf } from './chromium.js';

/** 29 October: a link worker refers two people. */
export async function refer(cast: Cast): Promise<void> {
  const hands = await cast.as(cast.surgery, 'referrer');
  for (const _ of ['first', 'second']) {
    await hands.page.goto('/');
    await hands.follow('Make a referral');
    await hands.follow(FULL_LISTING.name);
    await at(hands.page, `Refer to ${FULL_LISTING.name}`);
    await hands.choose('Where does the referral come from?', 'NHS');
    await hands.write('How many sessions do you plan?', '6');
    await hands.press('Continue');
    await at(hands.page, 'Check the referral');
    await hands.press('Make the referral');
    await at(hands.page, 'Referral made');
    cast.references.push(await textOf(hands.page.locator('.wp-panel strong')));
  }
  expect(await mainOf(hands.page)).toContain('Quay Singers accepts or declines by 12 November 2026');
  over(hands.page);
}

/** The coordinator accepts them together. */
export async function accept(cast: Cast): Promise<void> {
  const hands = await cast.as(cast.choir, 'coordinator');
  await hands.page.goto('/');
  await hands.follow('2 referrals to accept');
  for (const reference of cast.references) await hands.tick(new RegExp(`^Choose referral ${reference},`));
  await hands.press('Accept those chosen');
  await said(hands.page, '2 referrals were accepted.');
  over(hands.page);
}

/** 1 December: the coordinator writes down who came, claims all of it from the list, and says that it is all. */
export async function deliver(cast: Cast): Promise<void> {
  await cast.play.stage.later(33 * DAY);
  const { figures } = cast.play;
  const hands = await cast.as(cast.choir, 'coordinator');
  await hands.page.goto('/');
  await hands.follow('Record a session');
  await record(cast, hands);
  await hands.page.goto('/');
  const { length } = cast.play.attendance.days;
  await hands.follow(`${length} session${length === 1 ? '' : 's'} to claim for`);
  await hands.choose('What do you want to claim for?', 'Sessions');
  await hands.press('Continue');
  await at(hands.page, 'Which sessions do you want to claim?');
  await hands.press('Add to my list');
  await said(hands.page, figures.total);
  await hands.follow('Check and send');
  await at(hands.page, 'Check your claims before you send them');
  expect(await mainOf(hands.page)).toContain(`${figures.claims} claims`);
  await hands.tick('What I claim was delivered as recorded');
  await hands.press('Send these claims');
  await at(hands.page, 'Claims sent');
  expect(await mainOf(hands.page)).toContain(figures.total);
  await hands.follow('Send a month for review');
  await at(hands.page, 'Send November 2026 for review');
  await hands.press('Continue');
  await at(hands.page, 'Send November 2026 for review?');
  await hands.press('Send for review');
  await at(hands.page, 'November 2026 was sent for review');
  expect(await mainOf(hands.page)).toContain(`${figures.claims} claims for ${figures.total}`);
  expect(await mainOf(hands.page)).toContain('SING-26-202611-M1');
  over(hands.page);
}

/** Every session of the group, one after the other. */
async function record(cast: Cast, hands: Hands): Promise<void> {
  const { days, first, second } = cast.play.attendance;
  for (const [index, day] of days.entries()) {
    if (index > 0) await hands.follow('Record another session');
    await at(hands.page, 'Record a session and who came');
    const question = 'When did it take place?';
    await hands.write('Day', day, question);
    await hands.write('Month', 'November', question);
    await hands.write('Year', '2026', question);
    if (index === 0) {
      await hands.write('Start time', '2pm');
      await hands.write('End time', '3pm');
      await hands.choose('How was it held?', 'In person');
      await hands.choose('Group or one to one?', 'Group');
    }
    const came = [first[index] ?? false, second[index] ?? false];
    for (const [person, reference] of cast.references.entries()) {
      await hands.choose(reference, came[person] ? 'Attended' : 'Did not attend');
    }
    await hands.press('Record session');
    await at(hands.page, 'Session recorded');
    const count = came.filter(Boolean).length;
    expect(await mainOf(hands.page)).toContain(`${count} of 2 people attended`);
    expect(await mainOf(hands.page)).toContain(`You can claim £${count * 32}.00 for this session.`);
  }
}

/** The contract manager makes the batch. */
export async function makeBatch(cast: Cast): Promise<void> {
  const { figures } = cast.play;
  const hands = await cast.as(cast.play.stage.icb, 'contract_manager');
  await hands.page.goto('/');
  await hands.follow('Claims of November 2026 to put into a batch');
  await at(hands.page, 'Make the batches for November 2026');
  expect(await mainOf(hands.page)).toContain('The provider said so on 1 December 2026');
  await hands.press('Continue');
  await at(hands.page, `Make 1 batch of November 2026: ${figures.total}`);
  await hands.press('Make 1 batch');
  await at(hands.page, '1 batch made for November 2026');
  expect(await mainOf(hands.page)).toContain('SING-26-202611-1');
  over(hands.page);
}

/** The approver looks at what is flagged, proves who they are, and approves; then the invoice is issued. */
export async function approve(cast: Cast): Promise<void> {
  const { stage, figures } = cast.play;
  const hands = await cast.as(stage.icb, 'approver', { fresh: false });
  const { page } = hands;
  await page.goto('/');
  await hands.follow('1 batch of claims to review');
  await at(page, `Quay Singers, November 2026: ${figures.total}`);
  const batch = await mainOf(page);
  expect(batch).toContain(`Budget left after this ${figures.budgetLeft}`);
  expect(batch).toContain(`Flagged lines ${figures.flagged} ${figures.flaggedTotal} of the total`);
  if (figures.flagged > 0) expect(batch).toContain('Over the cap: 4th session; the card covers 3');
  await hands.press('Approve the batch');
  await at(page, 'Confirm that it is you');
  await hands.press('Confirm with one click (sandbox)');
  await at(page, 'Approve Quay Singers, November 2026');
  if (figures.flagged > 0) await hands.write('Why should the', 'Agreed with the surgery beforehand.');
  await hands.press(`Approve ${figures.total}`);
  await at(page, 'Batch approved');
  expect(await mainOf(page)).toContain(`${figures.total} is owed to Quay Singers`);
  over(page);
  await stage.settle();
}
