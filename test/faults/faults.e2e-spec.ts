import { describeOnRedis } from '../support/redis.js';
import { Campaign } from './campaign.js';
import { PLANTS } from './plants.js';

/** As much as a run of all tests has time for; `npm run faults` goes on for longer. */
const GOALS = { kills: 12, crashes: 2, lostCommits: 30, wipedJobs: 500 };
const MINUTE = 60_000;

describe('the money’s way, injured', () => {
  let campaign: Campaign;
  const said: string[] = [];
  beforeAll(async () => {
    campaign = await Campaign.open({ seed: 20_261_125, say: (line) => said.push(line) });
  }, 2 * MINUTE);
  afterAll(() => campaign.close(), MINUTE);

  /** Whoever reads of a finding needs to know what was done before. */
  const expectNone = (findings: readonly string[]) => {
    expect(findings.length === 0 ? [] : [...findings, ...said]).toEqual([]);
  };

  it(
    'loses nothing and does nothing twice while processes are killed, the database crashes, and replies are lost',
    async () => {
      expectNone(await campaign.run({ ...GOALS, minutes: 10 }));
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
        expectNone(await campaign.wipeMany(GOALS.wipedJobs));
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
