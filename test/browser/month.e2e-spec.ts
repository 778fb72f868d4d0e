import { PaymentWorld } from '../stories/payment-stage.js';
import { describeInChromium } from './support/chromium.js';
import { Mouse } from './support/hands.js';
import { playMonth } from './support/month-play.js';
import { siteOf } from './support/people.js';

const LONG_MS = 180_000;

/** Six meetings: one comes to five of them, which is twice more than the card covers, the other to three. */
const ATTENDANCE = {
  days: ['3', '6', '10', '13', '17', '20'],
  first: [true, true, true, false, true, true],
  second: [true, false, true, true, false, false],
};
const FIGURES = {
  attended: 'Attended 5 of 6',
  claims: 12,
  total: '£256.00',
  flagged: 2,
  flaggedTotal: '£64.00',
  budgetLeft: '£744.00',
  fundsLeft: '£744.00',
};

/** From a referral to the bank and back to the session, each by the person whose work it is, on pages alone. */
describeInChromium('a month, by everybody who has a part in it', (browser) => {
  let world: PaymentWorld;

  beforeEach(async () => {
    world = await PaymentWorld.open();
  }, LONG_MS);
  afterEach(() => world.close());

  it.each([
    ['with scripts', true],
    ['with scripts blocked', false],
  ])(
    'is referred, delivered, claimed, approved, paid and followed, %s',
    async (_, withScripts) => {
      const stage = await world.stage();
      const options = { baseURL: siteOf(world.app), withoutScripts: !withScripts };
      const open = async () => new Mouse(await browser().page(options));
      await playMonth({ stage, open, withScripts, attendance: ATTENDANCE, figures: FIGURES });
    },
    LONG_MS,
  );
});
