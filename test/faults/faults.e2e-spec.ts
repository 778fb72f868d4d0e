import { describeOnRedis } from '../support/redis.js';
import { Campaign } from './campaign.js';
import { PLANTS } from './plants.js';

/** As much as a run of all tests has time for; `npm run faults` goes on for longer. */
const GOALS = { kills: 12, crashes: 2, lostCommits: 30, wipedJobs: 500 };
const MINUTE = 60_000;

describe('the money’s way, injured', () => {
  let campaign: Campaign;
  beforeAll(async () => {
    campaign = await Campaign.open({ seed: 20_261_125 });
  }, 2 * MINUTE);
  afterAll(() => campaign.close(), MINUTE);

  it(
    'loses nothing and does nothing twice while processes are killed, the database crashes, and replies are lost',
    async () => {
      expect(await campaign.run({ ...GOALS, minutes: 10 })).toEqual([]);
      const tally = campaign.tally();
      for (const [name, goal] of Object.entries(GOALS)) {
        expect(tally[name as keyof typeof GOALS]).toBeGreaterThanOrEqual(goal);
      }
    },
    15 * MINUTE,
  );

  describeOnRedis('with its queue on Redis', (redisUrl) => {
    beforeAll(() => campaign.moveQueue(redisUrl()), MINUTE);
    afterAll(() => campaign.moveQueue(undefined), MINUTE);

    it(
      'finds everything again within a minute when Redis is wiped',
      async () => {
        const { wipedJobs } = campaign.tally();
        expect(await campaign.wipeMany(GOALS.wipedJobs)).toEqual([]);
        expect(campaign.tally().wipedJobs - wipedJobs).toBeGreaterThanOrEqual(GOALS.wipedJobs);
      },
      4 * MINUTE,
    );
  });

  it.each(Object.keys(PLANTS))(
    'finds a planted bug: %s',
    async (name) => {
      expect(await campaign.look(name)).not.toEqual([]);
    },
    3 * MINUTE,
  );
});
