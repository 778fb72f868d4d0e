import { Cast, type Play } from './month-cast.js';
import { accept, approve, deliver, makeBatch, refer } from './month-delivery.js';
import { expectMoney, findPayment, follow, pay, seeAttendance } from './month-money.js';

/**
 * A month of one contract from the referral to the bank and back to the session, on pages alone, each by the person whose
 * work it is: link worker, coordinator, contract manager, approver, treasurer, finance, auditor.
 */
export async function playMonth(play: Play): Promise<void> {
  const cast = await Cast.gather(play);
  await refer(cast);
  await accept(cast);
  await deliver(cast);
  await makeBatch(cast);
  await approve(cast);
  await expectMoney(cast);
  await pay(cast);
  await findPayment(cast);
  await seeAttendance(cast);
  await follow(cast);
}
