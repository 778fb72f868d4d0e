import type { Caller } from './caller.js';
import type { Charity, Town } from './town.js';

/** What a round of work must have come to when it has settled. */
export interface Expected {
  readonly reference: string;
  readonly rows: number;
  readonly batchId: string;
}

export interface Ways {
  readonly caller: Caller;
  readonly town: Town;
}

const PRICE_MINOR = 3_200n;
const ROUND_DAYS = ['2026-10-05', '2026-10-12', '2026-10-19'];

export const expectedMinor = ({ rows }: Pick<Expected, 'rows'>): bigint => PRICE_MINOR * BigInt(rows);

/** One charity's way from a referral to an approved batch of what a claim file brought. */
export async function playCharity({ caller, town }: Ways, charity: Charity, reference: string): Promise<Expected> {
  const { contract, coordinator, party } = charity;
  const referral = await caller.post<{ id: string }>(town.contractManager.key, '/v1/referrals', {
    providerId: party.id,
    service: contract.serviceCode,
    contract: contract.contractCode,
    reference,
    source: 'nhs',
    madeOn: '2026-09-01',
  });
  await caller.post(coordinator.key, `/v1/referrals/${referral.id}/accept`, { acceptedOn: '2026-09-02' });
  const lines = ROUND_DAYS.map((day) => `${reference},${day},14:00,60,attended`);
  const csv = ['referral,date,start,minutes,outcome', ...lines].join('\n');
  await caller.post(coordinator.key, `/v1/claim-files?contract=${contract.contractCode}`, csv);
  const made = await caller.post<{ items: { id: string; digest: string }[] }>(town.contractManager.key, '/v1/batches', {
    contract: contract.contractCode,
    period: '2026-10',
  });
  const [batch] = made.items;
  if (!batch) throw new Error('No batch was made');
  await caller.post(town.approver.key, `/v1/batches/${batch.id}/approve`, { digest: batch.digest });
  return { reference, rows: lines.length, batchId: batch.id };
}

/** Pays whatever is owed. */
export async function payAll(caller: Caller, town: Town): Promise<string> {
  const { id } = await caller.post<{ id: string }>(town.finance.key, '/v1/payment-runs', {});
  return id;
}
