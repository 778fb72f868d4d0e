import { pdfText } from '../../support/pdf-text.js';
import { at, mainOf, over, said, type Cast } from './month-cast.js';
import { textOf } from './chromium.js';

/** The treasurer sees when it is due, and why then, on the invoice that a job has issued. */
export async function expectMoney(cast: Cast): Promise<void> {
  const { total } = cast.play.figures;
  const hands = await cast.as(cast.choir, 'treasurer');
  const { page } = hands;
  await page.goto('/');
  await hands.follow(`${total} due on 31 December 2026`);
  await said(page, `${total} is due on 31 December 2026.`);
  await hands.follow(/IN2026000001$/);
  await at(page, /^Invoice \w+IN2026000001$/);
  const invoice = await mainOf(page);
  expect(invoice).toContain('30 days after 1 December 2026, the day of the invoice');
  for (const sum of [`Net ${total}`, 'VAT £0.00', `Total ${total}`]) expect(invoice).toContain(sum);
  over(page);
}

/** Money comes in, and finance pays it out. */
export async function pay(cast: Cast): Promise<void> {
  const { stage, figures, withScripts } = cast.play;
  const hands = await cast.as(stage.icb, 'finance', { fresh: false });
  const { page } = hands;
  await page.goto('/');
  await hands.follow(`${figures.total} is missing to pay what is due`);
  await at(page, 'Payments');
  expect(await mainOf(page)).toContain(`${figures.total} more is needed to pay everything`);
  await stage.stripe.receiveFunds(100_000n);
  await hands.press('Check for new money');
  await said(page, '1 new arrival was found.');
  expect(await mainOf(page)).toContain('Funds to pay with £1,000.00');
  expect(await mainOf(page)).toContain(`Can be paid today ${figures.total}`);
  await hands.follow('Pay what is due');
  await hands.press('Continue');
  await at(page, 'Confirm that it is you');
  await hands.press('Confirm with one click (sandbox)');
  await at(page, 'Check and release the payment run');
  await hands.press(`Pay ${figures.total} now`);
  await at(page, 'Payment run of 1 December 2026');
  await stage.settle();
  if (withScripts) await hands.follow('See the result');
  else await page.reload();
  await said(page, `Done: ${figures.total} in 1 payment`);
  const reference = page.getByRole('link', { name: /^ICB\d+-P\d+$/ });
  cast.payoutReference = await textOf(reference);
  await hands.follow(cast.payoutReference);
  await at(page, `Payment ${cast.payoutReference}`);
  expect(await mainOf(page)).toContain('On its way');

  const { items } = (await stage.finance.get<{ items: { id: string }[] }>('/v1/payouts')).body;
  const { bankPayoutId } = await stage.payout(items[0]?.id ?? '');
  await stage.stripe.settlePayout(bankPayoutId ?? '');
  await stage.notices();
  await page.reload();
  await said(page, 'The money is in the provider’s bank account.');
  await page.goto('/payments');
  expect(await mainOf(page)).toContain(`Funds to pay with ${figures.fundsLeft}`);
  over(page);
}

/** The treasurer finds the payment, and what it is for. */
export async function findPayment(cast: Cast): Promise<void> {
  const { figures } = cast.play;
  const hands = await cast.as(cast.choir, 'treasurer');
  const { page } = hands;
  await page.goto('/');
  await hands.follow(`${figures.total} was paid to you`);
  await at(page, `Payment ${cast.payoutReference}`);
  expect(await mainOf(page)).toContain(`Amount ${figures.total}`);
  const link = page.getByRole('link', { name: 'Open the remittance advice (PDF)' });
  const answer = await page.request.get((await link.getAttribute('href')) ?? '');
  const advice = (await pdfText(await answer.body())).join('\n');
  for (const text of [cast.payoutReference, figures.total, 'Quay Singers']) expect(advice).toContain(text);
  await page.goto('/money');
  expect(await mainOf(page)).toContain('Every invoice has been paid');
  expect(await mainOf(page)).toContain(figures.total);
  over(page);
}

/** The link worker sees what became of the first referral. */
export async function seeAttendance(cast: Cast): Promise<void> {
  const { attended } = cast.play.figures;
  const hands = await cast.as(cast.surgery, 'referrer');
  await hands.page.goto('/');
  await hands.follow('Referrals');
  const row = hands.page.locator('tr', { hasText: cast.references[0] });
  expect(await textOf(row)).toContain(attended);
  await hands.follow(cast.references[0] ?? '');
  await said(hands.page, attended);
  over(hands.page);
}

/** The auditor follows the payment back to a session. */
export async function follow(cast: Cast): Promise<void> {
  const { figures } = cast.play;
  const hands = await cast.as(cast.play.stage.icb, 'auditor');
  const { page } = hands;
  await page.goto('/');
  await hands.follow('Follow the money');
  await hands.write('Reference, number or id', cast.payoutReference.toLowerCase());
  await hands.press('Follow');
  await at(page, new RegExp(`${cast.payoutReference}$`));
  expect(await mainOf(page)).toContain(figures.total);
  const way = await mainOf(page);
  expect(way).toContain(`Payment You are here ${figures.total}`);
  expect(way).toContain(`Claims ${figures.claims} ${figures.total}`);
  await hands.follow(/^Invoice$/);
  await said(page, figures.total);
  await hands.follow(/^Batch$/);
  await at(page, /SING-26-202611-1$/);
  expect(await mainOf(page)).toContain(figures.total);
  const { days } = cast.play.attendance;
  await hands.follow(/^Sessions?$/);
  if (days.length > 1) await hands.follow(/^Session [0-9a-f]{8}$/);
  await said(page, '£64.00');
  over(page);
}
