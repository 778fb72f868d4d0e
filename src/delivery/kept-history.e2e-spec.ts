import { setTimeout as sleep } from 'node:timers/promises';
import { agreement, type Agreement, type AgreementOptions } from '../../test/support/agreement.js';
import type { ApiClient } from '../../test/support/api-client.js';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { commissioner, registered, type Party } from '../../test/support/world.js';
import { CHUNK_SIZE } from './claim-file-chunk.rules.js';
import { ClaimFileReceiver } from './claim-file-receiver.service.js';
import { CHUNKS_MOST, ClaimFileTaker } from './claim-file-taker.service.js';

interface FileBody {
  state: string;
  accepted: number;
}

/** One row a chunk, each taken by its own transaction: whatever a row is told of those before it has come from another one. */
describe('the history of a claim file in chunks', () => {
  let app: TestApp;
  let icb: Party;
  let choir: Party;
  let api: ApiClient;

  beforeAll(async () => {
    app = await startTestApp();
    icb = await commissioner(app, 'NELICB');
    choir = await registered(app, icb, 'provider', 'CHOIR');
    ({ api } = await choir.as('coordinator'));
    app.nest.get(ClaimFileReceiver).chunkSize = { rows: 1, most: 1 };
    app.nest.get(ClaimFileTaker).chunksMost = 1;
  });
  afterAll(async () => {
    app.nest.get(ClaimFileReceiver).chunkSize = CHUNK_SIZE;
    app.nest.get(ClaimFileTaker).chunksMost = CHUNKS_MOST;
    await app.close();
  });

  const CAPS = { basis: 'attendance', priceMinor: '3200' };
  let made = 0;

  /** Two referrals of one person, accepted. */
  async function stage(card: AgreementOptions['card']) {
    const deal = await agreement(icb, choir, { card });
    const references = [`H${++made}-1`, `H${made}-2`];
    await app.admin.query(
      `with p as (insert into person (commissioner_id, owner_org_id, reference) values ($1, $2, $5::text[][1]) returning id)
       insert into referral (commissioner_id, id, provider_id, actor_org_id, contract_id, service_id, person_id, reference,
                             source, lawful_basis, state, confirmed_at, made_on, respond_by, accepted_on, created_at)
       select $1, gen_random_uuid(), $2, $2, $3, $4, p.id, r, 'nhs', 'public_task', 'accepted', now(),
              '2026-04-01', '2026-04-15', '2026-04-02', now() from p, unnest($5::text[]) r`,
      [icb.id, choir.id, deal.contractId, deal.serviceId, references],
    );
    return { deal, references };
  }

  const send = async (deal: Agreement, rows: readonly string[]) => {
    const text = ['referral,date,outcome', ...rows].join('\r\n');
    const { body } = await api.post<FileBody>(`/v1/claim-files?contract=${deal.contractCode}`, text);
    expect(body).toMatchObject({ state: 'received', accepted: rows.length });
  };

  /** So many chunks of a file are taken by one transaction; it begins once all of them are there. */
  async function takenTogether(most: number, work: () => Promise<void>): Promise<void> {
    const taker = app.nest.get(ClaimFileTaker);
    const step = taker.step.bind(taker);
    const isIn = 'select from claim_file where id = $1 and row_count is not null';
    taker.chunksMost = most;
    taker.step = async (file) => {
      while ((await app.admin.query(isIn, [file.key.id])).rowCount === 0) await sleep(2);
      return step(file);
    };
    try {
      await work();
    } finally {
      taker.chunksMost = 1;
      taker.step = step;
    }
  }

  /** The number that each claim was given within a cap when it was submitted, in the order of rows. */
  async function numbers(deal: Agreement, cap: string): Promise<(number | null)[]> {
    const { rows } = await app.admin.query<{ number: number | null }>(
      `select (select (r ->> 'number')::int from jsonb_array_elements(pricing -> 'reasons') r where r ->> 'cap' = $2) as number
       from claim where contract_id = $1 order by id`,
      [deal.contractId, cap],
    );
    return rows.map(({ number }) => number);
  }

  it.each([
    ['of the contract', { perReferral: 60, perPersonPerMonth: 20, perContract: 90 }, 1],
    ['of the contract', { perReferral: 60, perPersonPerMonth: 20, perContract: 90 }, 3],
    ['of none besides', { perReferral: 60, perPersonPerMonth: 20 }, 3],
  ])('numbers the claims of a referral, of a person over two of them, and %s', async (_, caps, together) => {
    const { deal, references } = await stage({ ...CAPS, caps });
    const [one, two] = references;
    await send(deal, [`${one},2026-10-01,attended`]);
    await takenTogether(together, () =>
      send(deal, [
        `${two},2026-10-02,attended`,
        `${one},2026-10-03,attended`,
        `${one},2026-10-04,cancelled`,
        `${two},2026-10-05,attended`,
        `${one},2026-09-06,attended`,
      ]),
    );
    expect(await numbers(deal, 'referral')).toEqual([1, 1, 2, null, 2, 3]);
    expect(await numbers(deal, 'person_month')).toEqual([1, 2, 3, null, 4, 1]);
    expect(await numbers(deal, 'contract')).toEqual(
      'perContract' in caps ? [1, 2, 3, null, 4, 5] : Array(6).fill(null),
    );
  });

  it('is counted once for what one transaction takes, and anew for the next when somebody has changed a claim', async () => {
    const { deal, references } = await stage({ ...CAPS, caps: { perReferral: 60 } });
    const [one] = references;
    const taker = app.nest.get(ClaimFileTaker);
    await takenTogether(2, async () => {
      const step = taker.step.bind(taker);
      let steps = 0;
      taker.step = async (file) => {
        if (++steps === 2) await withdrawLatest(deal);
        return step(file);
      };
      await send(
        deal,
        [1, 2, 3, 4, 5].map((day) => `${one},2026-10-0${day},attended`),
      );
    });
    expect(await numbers(deal, 'referral')).toEqual([1, 2, 2, 3, 4]);
  });

  it('is read again when somebody changes a claim between two chunks', async () => {
    const { deal, references } = await stage({ ...CAPS, caps: { perReferral: 60 } });
    const [one] = references;
    const taker = app.nest.get(ClaimFileTaker);
    const step = taker.step.bind(taker);
    let steps = 0;
    taker.step = async (file) => {
      if (++steps === 3) await withdrawLatest(deal);
      return step(file);
    };
    try {
      await send(
        deal,
        [1, 2, 3, 4].map((day) => `${one},2026-10-0${day},attended`),
      );
    } finally {
      taker.step = step;
    }
    expect(await numbers(deal, 'referral')).toEqual([1, 2, 2, 3]);
  });

  it('has nothing of a chunk that was undone', async () => {
    const { deal, references } = await stage({ ...CAPS, caps: { perReferral: 60 } });
    const [one] = references;
    await app.admin.query(
      `create sequence attempts; grant usage on sequence attempts to public;
       create function fail_once() returns trigger language plpgsql as $$
       begin
         if new.row_number = 3 and nextval('attempts') = 1 then raise exception 'once' using errcode = '40P01'; end if;
         return new;
       end $$;
       create trigger fail_once after insert on claim for each row execute function fail_once();
       create function fail_late() returns trigger language plpgsql as $$
       begin
         if new.chunks_taken = 3 and nextval('attempts') = 3 then raise exception 'once' using errcode = '40P01'; end if;
         return new;
       end $$;
       create trigger fail_late after update on claim_file for each row execute function fail_late();`,
    );
    try {
      await send(
        deal,
        [1, 2, 3, 4].map((day) => `${one},2026-10-0${day},attended`),
      );
      const { rows } = await app.admin.query<{ attempts: number }>('select last_value::int as attempts from attempts');
      expect(rows[0]?.attempts).toBeGreaterThanOrEqual(3);
    } finally {
      await app.admin.query(
        `drop trigger fail_once on claim; drop trigger fail_late on claim_file;
         drop function fail_once, fail_late; drop sequence attempts`,
      );
    }
    expect(await numbers(deal, 'referral')).toEqual([1, 2, 3, 4]);
  });

  async function withdrawLatest(deal: Agreement): Promise<void> {
    const { rows } = await app.admin.query<{ id: string }>(
      'select id from claim where contract_id = $1 order by served_on desc limit 1',
      [deal.contractId],
    );
    await api.post(`/v1/claims/${rows[0]?.id}/withdraw`);
  }
});
