import { PaymentWorld } from '../stories/payment-stage.js';
import { describeInChromium } from './support/chromium.js';
import { Keyboard } from './support/hands.js';
import { playMonth } from './support/month-play.js';
import { siteOf } from './support/people.js';

const LONG_MS = 240_000;

/** One meeting to which both came: the shortest way from the first page to the last. */
const ATTENDANCE = { days: ['3'], first: [true], second: [true] };
const FIGURES = {
  attended: 'Attended 1 of 6',
  claims: 2,
  total: '£64.00',
  flagged: 0,
  flaggedTotal: '£0.00',
  budgetLeft: '£936.00',
  fundsLeft: '£936.00',
};

/** WCAG 2.1.1 from the first page to the last: nothing is pointed at, and Tab comes to whatever is needed. */
describeInChromium('a month, by people who have only a keyboard', (browser) => {
  let world: PaymentWorld;

  beforeAll(async () => {
    world = await PaymentWorld.open();
  }, LONG_MS);
  afterAll(() => world.close());

  it(
    'is referred, delivered, claimed, approved, paid and followed',
    async () => {
      const stage = await world.stage();
      const windows: Keyboard[] = [];
      const open = async () => {
        const hands = new Keyboard(await browser().page({ baseURL: siteOf(world.app) }));
        windows.push(hands);
        return hands;
      };
      await playMonth({ stage, open, withScripts: true, attendance: ATTENDANCE, figures: FIGURES });
      expect(windows.every(({ stops }) => stops > 0)).toBe(true);
    },
    LONG_MS,
  );
});
