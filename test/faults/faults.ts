// npm run faults -- --seed N --kills K : plays the money's way with real processes, injures it, says how as it goes, and
// exits with 1 and what broke. All that is left to chance comes from the seed; what the machine does meanwhile does not.
import { parseArgs } from 'node:util';
import { Campaign } from './campaign.js';
import { PLANTS } from './plants.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(1 + Math.floor(Math.random() * 999_999)) },
    kills: { type: 'string', default: '50' },
    crashes: { type: 'string' },
    'lost-commits': { type: 'string' },
    'wiped-jobs': { type: 'string' },
    plant: { type: 'string' },
    redis: { type: 'string' },
    minutes: { type: 'string' },
    json: { type: 'boolean' },
  },
});
if (values.plant !== undefined && !(values.plant in PLANTS)) {
  const known = Object.entries(PLANTS).map(([name, { bug }]) => `  ${name.padEnd(18)} ${bug}`);
  console.error(`No bug is called ${values.plant}. There are:\n${known.join('\n')}`);
  process.exit(2);
}
const [seed, kills] = [Number(values.seed), Number(values.kills)];
const share = (given: string | undefined, of: number) => (given === undefined ? Math.ceil(kills * of) : Number(given));
// The promises of a short run, for so many kills as many of each: 50, 6, 100, 500.
const goals = {
  minutes: values.minutes === undefined ? Math.ceil(5 + kills / 4) : Number(values.minutes),
  kills,
  crashes: share(values.crashes, 0.12),
  lostCommits: share(values['lost-commits'], 2),
  wipedJobs: share(values['wiped-jobs'], 10),
};
const replay = ['--seed', seed, '--kills', kills, '--crashes', goals.crashes, '--lost-commits', goals.lostCommits];
replay.push('--wiped-jobs', goals.wipedJobs, ...(values.plant === undefined ? [] : ['--plant', values.plant]));
if (values.redis !== undefined) replay.push('--redis', values.redis);
console.error(`Again with: npm run faults -- ${replay.join(' ')}`);

const campaign = await Campaign.open({ seed, redisUrl: values.redis, say: (line) => console.error(line) });
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void campaign.close().finally(() => process.exit(130)));
}
let findings: string[] = [];
try {
  if (values.plant === undefined) findings = await campaign.run(goals);
  else findings = [...(await campaign.calm()), ...(await campaign.look(values.plant))];
  if (values.json) console.log(JSON.stringify({ seed, ...campaign.tally(), findings }, null, 2));
  else console.log(campaign.verdict(findings));
} finally {
  await campaign.close();
}
process.exit(findings.length === 0 ? 0 : 1);
