import { startTestApp, type TestApp } from '../support/app.js';
import { commissioner, type Party } from '../support/world.js';
import { curtain } from './curtain.js';
import { MonthStage } from './month-stage.js';

const QUARTER_MORE = { kind: 'percentage', basisPoints: 2500 };
const CARD = {
  basis: 'attendance',
  priceMinor: '4000',
  outOfHours: { supplement: QUARTER_MORE, from: '09:00', until: '17:30', weekends: true, bankHolidays: false },
  travel: { kind: 'fixed', amountMinor: '350' },
};

interface FileBody {
  accepted: number;
  totalMinor: string;
}

describe('a month of volume tiers and supplements', () => {
  let app: TestApp;
  let icb: Party;

  beforeAll(async () => {
    app = await startTestApp({ now: '2026-11-05T09:00:00Z' });
    icb = await commissioner(app);
  });
  afterAll(() => app.close());

  const claimFile = async (month: MonthStage, ...rows: string[]): Promise<FileBody> => {
    const path = `/v1/claim-files?contract=${month.contract.contractCode}`;
    const text = ['referral,date,start,outcome,travel', ...rows].join('\r\n');
    const headers = { 'content-type': 'text/csv' };
    return (await month.coordinator.post<FileBody>(path, text, { headers })).body;
  };

  const priced = async (month: MonthStage, batch: { id: string }) =>
    (await month.lines(batch)).map(({ servedOn, priceMinor }) => `${servedOn} ${priceMinor}`).toSorted();

  /**
   * The tier begins at the fourth line by the time of the session. The rows come latest first, and 2 October in a file of its own:
   * so 6 October is the third at first, and the fourth in the batch. 25 October is a Sunday, and the day on which the
   * clocks go back; on 27 October the working day has a minute left.
   */
  it.each([
    [
      'marginal: the lines above the step cost less',
      { mode: 'marginal', per: 'month', steps: [{ above: 3, priceMinor: '3000' }] },
      { first: '24450', total: '27200', closing: '£272.00' },
      ['01 4000', '02 4000', '03 5000', '06 3750', '08 3350', '25 4100', '27 3000'],
    ],
    [
      'whole volume: all lines cost what the number reached says',
      { mode: 'whole_volume', per: 'month', steps: [{ above: 3, priceMinor: '3000' }] },
      { first: '20950', total: '23950', closing: '£239.50' },
      ['01 3000', '02 3000', '03 3750', '06 3750', '08 3350', '25 4100', '27 3000'],
    ],
  ])('%s', async (_mode, tiers, { first, total, closing }, lines) => {
    const month = await MonthStage.of(app, icb, { card: { ...CARD, tiers } });
    const [ann, bob] = [await month.referral('REF-A'), await month.referral('REF-B')];
    const file = await claimFile(
      month,
      `${ann},2026-11-02,10:00,attended,no`,
      `${ann},2026-10-27,17:29,attended,no`,
      `${bob},2026-10-25,17:30,attended,yes`,
      `${ann},2026-10-08,10:00,attended,yes`,
      `${bob},2026-10-06,18:00,attended,no`,
      `${ann},2026-10-03,10:00,attended,no`,
      `${bob},2026-10-01,10:00,attended,no`,
    );
    expect(file).toMatchObject({ accepted: 7, totalMinor: String(BigInt(first) + 4000n) });
    await claimFile(month, `${bob},2026-10-02,10:00,attended,no`);

    const batch = await month.submit();
    expect(batch).toMatchObject({ lineCount: 7, totalMinor: total });
    expect(await priced(month, batch)).toEqual(lines.map((line) => `2026-10-${line}`));
    const [sunday] = (await month.lines(batch)).filter(({ servedOn }) => servedOn === '2026-10-25');
    expect(sunday?.reasons.join('\n')).toMatch(/weekend.*£7\.50[^]*travel.*£3\.50/i);

    await month.approve(batch);
    await app.jobs.settle();
    expect(await month.invoices(batch)).toMatchObject([{ state: 'issued', netMinor: total, grossMinor: total }]);
    const { api: finance } = await icb.as('finance');
    const of = `party=contract&id=${month.contract.contractId}&from=2026-10-01&to=2026-11-05`;
    const { text } = await finance.get(`/v1/statements?${of}&format=csv`);
    expect(text).toContain(`Closing balance,,,,${closing.slice(1)}`);
    await curtain(app);
  });
});
