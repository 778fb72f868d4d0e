import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { agreement, type Agreement, type AgreementOptions } from '../../test/support/agreement.js';
import type { ApiClient } from '../../test/support/api-client.js';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { occurrences } from '../../test/support/canaries.js';
import { commissioner, registered, type Party } from '../../test/support/world.js';
import { ContractsService } from '../pricing/index.js';
import { CHUNK_SIZE } from './claim-file-chunk.rules.js';
import { ClaimFileReceiver } from './claim-file-receiver.service.js';
import { CHUNKS_MOST, ClaimFileTaker } from './claim-file-taker.service.js';
import type { RecordedAttendance } from './claim-line.rules.js';
import { ClaimSubmission } from './claim-submission.service.js';
import { ClaimsService } from './claims.service.js';
import { readFacts } from './recorded-facts.queries.js';

interface FileBody {
  id: string;
  state: string;
  repeatsId: string | null;
  rows: number;
  accepted: number;
  repeated: number;
  included: number;
  failed: number;
  flagged: number;
  totalMinor: string;
  indicativeMinor: string;
  droppedColumns: string[];
  encoding: string | null;
  separator: string | null;
  problem: { code: string; row: number | null } | null;
  failures: { row: number; column: string; entered: string; code: string; howToFix: string }[];
}

/** Valid, of the range that is never issued. */
const NHS_NUMBER = '9990000018';
const ATTENDANCE = { basis: 'attendance', priceMinor: '3200' };

describe('claim files', () => {
  let app: TestApp;
  let icb: Party;
  let choir: Party;
  let rival: Party;
  let api: ApiClient;

  beforeAll(async () => {
    app = await startTestApp();
    icb = await commissioner(app, 'NELICB');
    choir = await registered(app, icb, 'provider', 'CHOIR');
    rival = await registered(app, icb, 'provider', 'RIVAL');
    ({ api } = await choir.as('coordinator'));
  });
  afterAll(() => app.close());

  let made = 0;

  /** A contract with referrals that are confirmed and accepted; gives their references. */
  async function stage(count: number, options: AgreementOptions = {}) {
    const deal = await agreement(icb, choir, options);
    const references = await refer(deal, count);
    return { deal, references, first: references[0] ?? '' };
  }

  async function refer(deal: Agreement, count: number): Promise<string[]> {
    const prefix = `F${++made}`;
    const references = Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);
    await app.admin.query(
      `with p as (insert into person (commissioner_id, owner_org_id, reference)
                  select $1, $2, r from unnest($5::text[]) r returning id, reference)
       insert into referral (commissioner_id, id, provider_id, actor_org_id, contract_id, service_id, person_id, reference,
                             source, lawful_basis, state, confirmed_at, made_on, respond_by, accepted_on, created_at)
       select $1, gen_random_uuid(), $2, $2, $3, $4, p.id, p.reference, 'nhs', 'public_task', 'accepted', now(),
              '2026-04-01', '2026-04-15', '2026-04-02', now() from p`,
      [icb.id, choir.id, deal.contractId, deal.serviceId, references],
    );
    return references;
  }

  const send = async (deal: Agreement, text: string | Buffer, by = api) =>
    (await by.post<FileBody>(`/v1/claim-files?contract=${deal.contractCode}`, text)).body;
  const csv = (...lines: string[]) => lines.join('\r\n');
  const counts = ({ rows, accepted, repeated, included, failed }: FileBody) => ({
    rows,
    accepted,
    repeated,
    included,
    failed,
  });
  const claimCount = async (deal: Agreement) => {
    const sql = 'select count(*)::int as claims from claim where contract_id = $1';
    return (await app.admin.query<{ claims: number }>(sql, [deal.contractId])).rows[0]?.claims;
  };

  it('good rows go through, bad ones come back with row, column, value and how to fix', async () => {
    const { deal, references } = await stage(3);
    const file = await send(
      deal,
      csv(
        'Ref;Session Date;Start Time;Attended;Amount',
        `${references[0]};05/10/2026;14:00;Yes;32.00`,
        `${references[1]};31/02/2026;14:00;Yes;32.00`,
        `NOBODY-9;05/10/2026;15:00;Yes;`,
        '',
        `${references[2]?.toLowerCase()};5 Oct 2026;2pm;DNA;`,
      ),
    );
    expect(counts(file)).toEqual({ rows: 4, accepted: 2, repeated: 0, included: 0, failed: 2 });
    expect(file).toMatchObject({ state: 'received', separator: ';', encoding: 'ascii', totalMinor: '3200' });
    expect(file.failures).toEqual([
      expect.objectContaining({ row: 3, column: 'date', entered: '31/02/2026' }),
      {
        row: 4,
        column: 'referral',
        entered: 'NOBODY-9',
        code: 'unknown_referral',
        howToFix:
          'There is no referral with this reference. Check it, or record the referral first: an unconfirmed one will do.',
      },
    ]);
    expect((await api.get<FileBody>(`/v1/claim-files/${file.id}`)).body).toEqual(file);
  });

  it('failed rows, corrected in the file of failures, are sent again and go through', async () => {
    const { deal, references, first } = await stage(2);
    const messy = csv(
      'referral,date,outcome,name',
      `${first},2026-10-05,attended,Canary Robin`,
      `${references[1]},2026-10-05,perhaps,Canary Robin`,
    );
    const file = await send(deal, messy);
    const failures = await api.get(`/v1/claim-files/${file.id}/failures.csv`);
    expect(failures.headers.get('content-type')).toContain('text/csv');
    expect(failures.text).not.toContain('Robin');
    const corrected = await send(deal, failures.text.replace('perhaps', 'attended'));
    expect(counts(corrected)).toEqual({ rows: 1, accepted: 1, repeated: 0, included: 0, failed: 0 });
    expect(corrected.droppedColumns).toEqual([]);
    expect(await claimCount(deal)).toBe(2);
  });

  it('all failed rows of a file in which thousands failed are given back, in its order', async () => {
    const { deal, first } = await stage(1);
    const rows = Array.from({ length: 2_345 }, (_, n) => `${first},2026-10-05,perhaps ${n}`);
    const file = await send(deal, csv('referral,date,outcome', ...rows));
    expect(counts(file)).toEqual({ rows: 2_345, accepted: 0, repeated: 0, included: 0, failed: 2_345 });
    const failures = await api.get(`/v1/claim-files/${file.id}/failures.csv`);
    const given = failures.text.trimEnd().split('\r\n').slice(1);
    expect(given.map((row) => /perhaps \d+/.exec(row)?.[0])).toEqual(rows.map((_, n) => `perhaps ${n}`));
  });

  it('the same file again, and its rows in another order or spelling, have no second effect', async () => {
    const { deal, references } = await stage(2);
    const text = csv(
      'referral,date,start,outcome',
      `${references[0]},05/10/2026,14:00,attended`,
      `${references[1]},05/10/2026,14:00,attended`,
    );
    const file = await send(deal, text);
    const again = await send(deal, text);
    expect(again).toMatchObject({ repeatsId: file.id, totalMinor: '0', flagged: 0 });
    expect(counts(again)).toEqual({ rows: 2, accepted: 0, repeated: 2, included: 0, failed: 0 });
    const reordered = csv(
      'attended,ref,session date,time',
      `Y,${references[1]},2026-10-05,2pm`,
      `yes,${references[0]?.toLowerCase()},5 October 2026,14.00`,
    );
    expect(counts(await send(deal, reordered))).toMatchObject({ accepted: 0, repeated: 2 });
    expect(await claimCount(deal)).toBe(2);
  });

  it('a row twice in one file is refused as a repeat of the first, also far apart', async () => {
    const { deal, references, first } = await stage(1_050);
    const rows = references.map((reference) => `${reference},2026-10-05,attended`);
    const row = `${first},2026-10-05,attended`;
    const file = await send(deal, csv('referral,date,outcome', row, row, ...rows.slice(1), row));
    expect(counts(file)).toEqual({ rows: 1_052, accepted: 1_050, repeated: 0, included: 0, failed: 2 });
    expect(file.failures.map(({ row: number, code }) => [number, code])).toEqual([
      [3, 'repeated_in_file'],
      [1_053, 'repeated_in_file'],
    ]);
  });

  it('duplicates are told apart: another outcome, another amount, another start', async () => {
    const { deal, first } = await stage(1);
    const row = (rest: string) => csv('referral,date,start,outcome,amount', `${first},2026-10-05,${rest}`);
    await send(deal, row('14:00,attended,32.00'));
    const codeOf = async (rest: string) => (await send(deal, row(rest))).failures.map(({ code }) => code);
    expect(await codeOf('14:00,did not attend,32.00')).toEqual(['attendance_differs']);
    expect(await codeOf('14:00,attended,33.00')).toEqual(['claimed_before']);
    const other = await send(deal, row('16:00,attended,32.00'));
    expect(other).toMatchObject({ accepted: 1, flagged: 1 });
  });

  it('a withdrawn claim’s row can be sent again', async () => {
    const { deal, first } = await stage(1);
    const text = csv('referral,date,outcome', `${first},2026-10-05,attended`);
    const file = await send(deal, text);
    const { body } = await api.get<{ items: { id: string }[] }>(`/v1/claims?claimFileId=${file.id}`);
    await api.post(`/v1/claims/${body.items[0]?.id}/withdraw`, {});
    expect(counts(await send(deal, text))).toMatchObject({ accepted: 1, repeated: 0 });
    expect(counts(await send(deal, text))).toMatchObject({ accepted: 0, repeated: 1 });
  });

  it('a session card pays for the session: the other rows of it are included, and known again', async () => {
    const { deal, references } = await stage(3, { card: { basis: 'session', priceMinor: '12000' } });
    const rows = references.map((reference) => `${reference},2026-10-05,attended,G-1,90,3`);
    const text = csv('referral,date,outcome,session,minutes,booked', ...rows);
    const file = await send(deal, text);
    expect(counts(file)).toEqual({ rows: 3, accepted: 1, repeated: 0, included: 2, failed: 0 });
    expect(file.totalMinor).toBe('12000');
    expect(counts(await send(deal, text))).toMatchObject({ repeated: 3 });
    const late = csv(
      'referral,date,outcome,session,minutes',
      `${(await refer(deal, 1))[0]},2026-10-05,attended,G-1,60`,
    );
    expect((await send(deal, late)).failures.map(({ code }) => code)).toEqual(['session_differs']);
    const whole = csv('session,date,outcome', 'G-2,2026-10-06,held', 'G-3,2026-10-07,cancelled');
    expect(await send(deal, whole)).toMatchObject({ accepted: 2, totalMinor: '12000' });
  });

  it('a split price is divided among the people of the file', async () => {
    const { deal, references } = await stage(3, {
      card: { basis: 'group_split', priceMinor: '10000', splitBy: 'present' },
    });
    const rows = references.map((reference) => `${reference},2026-10-05,attended,G-1`);
    expect(await send(deal, csv('referral,date,outcome,session', ...rows))).toMatchObject({
      accepted: 3,
      totalMinor: '10000',
    });
  });

  it('lines over a cap are claimed and flagged, whatever file they come in', async () => {
    const { deal, first } = await stage(1, { card: { ...ATTENDANCE, caps: { perReferral: 6 } } });
    const day = (number: number) => `${first},2026-10-0${number},attended`;
    const one = await send(deal, csv('referral,date,outcome', ...[1, 2, 3, 4, 5].map(day)));
    const two = await send(deal, csv('referral,date,outcome', ...[6, 7, 8].map(day)));
    expect([one.flagged, two.flagged]).toEqual([0, 2]);
    const { body } = await api.get<{ items: { servedOn: string }[] }>('/v1/claims?flag=over_cap');
    expect(body.items.map(({ servedOn }) => servedOn).toSorted()).toEqual(['2026-10-07', '2026-10-08']);
  });

  it('notice decides what a cancellation is worth', async () => {
    const lateCancel = { basisPoints: 5_000, noticeMinutes: 1_440 };
    const { deal, first } = await stage(1, { card: { ...ATTENDANCE, lateCancel } });
    const file = await send(
      deal,
      csv(
        'referral,date,start,outcome,notice hours',
        `${first},2026-10-05,14:00,cancelled,3`,
        `${first},2026-10-06,14:00,cancelled,24`,
      ),
    );
    expect(file).toMatchObject({ accepted: 2, totalMinor: '1600' });
  });

  it('without a needed heading nothing is taken, and the file says which', async () => {
    const { deal, first } = await stage(1);
    const path = `/v1/claim-files?contract=${deal.contractCode}`;
    const { body } = await api.post<{ code: string; details: { claimFileId: string }; errors: { path: string }[] }>(
      path,
      csv('referral,outcome', `${first},attended`),
      { expect: 400 },
    );
    expect(body).toMatchObject({ code: 'claim_file.heading', errors: [{ path: 'date' }] });
    const { body: file } = await api.get<FileBody>(`/v1/claim-files/${body.details.claimFileId}`);
    expect(file).toMatchObject({ state: 'refused', rows: 0, problem: { code: 'claim_file.heading', row: null } });
    await api.post(path, Buffer.from('PK\u0003\u0004\0\0workbook'), { expect: 400 });
    await api.post(path, { not: 'a file' }, { expect: 400 });
    await api.post('/v1/claim-files?contract=NO-SUCH', csv('referral,date,outcome'), { expect: 404 });
    expect(await claimCount(deal)).toBe(0);
  });

  it('from an unclosed quote on nothing is read; the rows above it stay', async () => {
    const { deal, references } = await stage(3);
    const file = await send(
      deal,
      csv(
        'referral,date,outcome',
        `${references[0]},2026-10-05,attended`,
        `${references[1]},2026-10-05,"attended`,
        `${references[2]},2026-10-05,attended`,
      ),
    );
    expect(counts(file)).toEqual({ rows: 2, accepted: 1, repeated: 0, included: 0, failed: 1 });
    expect(file.problem).toMatchObject({ code: 'unclosed_quote', row: 3 });
  });

  it('sent eight times at once a file has one effect', async () => {
    const { deal, references } = await stage(40);
    const text = csv('referral,date,outcome', ...references.map((reference) => `${reference},2026-10-05,attended`));
    const files = await Promise.all(Array.from({ length: 8 }, () => send(deal, text)));
    const sum = (of: (file: FileBody) => number) => files.reduce((total, file) => total + of(file), 0);
    expect([sum(({ accepted }) => accepted), sum(({ repeated }) => repeated), sum(({ failed }) => failed)]).toEqual([
      40, 280, 0,
    ]);
    expect(await claimCount(deal)).toBe(40);
    const { rows } = await app.admin.query(
      `select 1 from ledger.event e join claim c on c.id = e.subject_id and e.type = 'claim.submitted' where c.contract_id = $1`,
      [deal.contractId],
    );
    expect(rows).toHaveLength(40);
  });

  it('names, NHS numbers and dates of birth in a file are stored nowhere and answered nowhere', async () => {
    const { deal, references } = await stage(3);
    const answers: string[] = [];
    const path = `/v1/claim-files?contract=${deal.contractCode}`;
    const { text } = await api.post(
      path,
      csv(
        'Patient Name,NHS Number,DOB,referral,date,outcome,Notes,session,your reference',
        `Canary Wren,${NHS_NUMBER},13/02/1931,${references[0]},2026-10-05,attended,Canary note,,`,
        `Canary Wren,${NHS_NUMBER},13/02/1931,${NHS_NUMBER},2026-10-05,attended,Canary note,,`,
        `Canary Wren,${NHS_NUMBER},13/02/1931,${references[1]},2026-10-05,${NHS_NUMBER},Canary note,,`,
        `Canary Wren,${NHS_NUMBER},13/02/1931,${references[2]},2026-10-05,attended,Canary note,999 000 0018,`,
        `Canary Wren,${NHS_NUMBER},13/02/1931,${references[2]},2026-10-06,"attended`,
      ),
    );
    answers.push(text);
    const file = JSON.parse(text) as FileBody;
    expect(file).toMatchObject({ accepted: 1, failed: 4 });
    for (const read of ['', '/failures.csv']) answers.push((await api.get(`/v1/claim-files/${file.id}${read}`)).text);
    answers.push((await api.get(`/v1/claims?claimFileId=${file.id}`)).text);
    for (const canary of ['Canary', NHS_NUMBER, '999 000 0018', '13/02/1931']) {
      expect({ canary, answers: answers.filter((one) => one.includes(canary)) }).toEqual({ canary, answers: [] });
      expect({ canary, tables: await occurrences(app.admin, canary) }).toEqual({ canary, tables: [] });
    }
  });

  it('another provider of the commissioner sees no file and sends none; the commissioner reads counts alone', async () => {
    const { deal, first } = await stage(1);
    const text = csv('referral,date,outcome', `${first},2026-10-05,perhaps`);
    const file = await send(deal, text);
    const outsider = await rival.as('coordinator');
    await outsider.api.get(`/v1/claim-files/${file.id}`, { expect: 404 });
    await outsider.api.get(`/v1/claim-files/${file.id}/failures.csv`, { expect: 404 });
    await outsider.api.post(`/v1/claim-files?contract=${deal.contractCode}`, text, { expect: 404 });
    const contractManager = await icb.as('contract_manager');
    const seen = (await contractManager.api.get<FileBody>(`/v1/claim-files/${file.id}`)).body;
    expect(seen).toMatchObject({ failed: 1, failures: [] });
    await contractManager.api.post(`/v1/claim-files?contract=${deal.contractCode}`, text, { expect: 403 });
    const list = await api.get<{ items: { id: string }[] }>(`/v1/claim-files?contract=${deal.contractCode}`);
    expect(list.body.items.map(({ id }) => id)).toEqual([file.id]);
  });

  it('whatever a file holds, every row is accepted, a repeat, included, or failed; sent again, nothing is accepted', async () => {
    const { deal, references } = await stage(4, { card: { ...ATTENDANCE, caps: { perReferral: 3 } } });
    const row = fc
      .tuple(
        fc.constantFrom(...references, 'NOBODY', ''),
        fc.constantFrom('2026-10-05', '06/10/2026', '2026-02-30', '', '2031-01-01'),
        fc.constantFrom('', '10:00', '2pm', '25:00'),
        fc.constantFrom('attended', 'DNA', 'cancelled', 'perhaps', ''),
        fc.constantFrom('', 'G-1', '"quoted, cell"', '=cmd()'),
      )
      .map((cells) => cells.join(','));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 25 }), async (rows) => {
        const text = csv('referral,date,start,outcome,session', ...rows);
        const file = await send(deal, text);
        expect(file.accepted + file.repeated + file.included + file.failed).toBe(file.rows);
        expect(file.rows).toBe(rows.filter((one) => one !== ',,,,').length);
        const again = await send(deal, text);
        expect({ ...counts(again), accepted: again.accepted }).toMatchObject({ rows: file.rows, accepted: 0 });
      }),
      { numRuns: 12 },
    );
  });

  describe('in chunks', () => {
    const receiver = () => app.nest.get(ClaimFileReceiver);
    const taker = () => app.nest.get(ClaimFileTaker);
    /** Chunks of so many rows, so many of which are taken by one transaction: by as few as there can be, or each by its own. */
    const inChunksOf = async <T>(rows: number, work: () => Promise<T>, together = CHUNKS_MOST): Promise<T> => {
      receiver().chunkSize = { rows, most: rows + 2 };
      taker().chunksMost = together;
      const step = taker().step.bind(taker());
      if (together > 1) taker().step = (file) => arrived(file.key.id).then(() => step(file));
      try {
        return await work();
      } finally {
        receiver().chunkSize = CHUNK_SIZE;
        taker().chunksMost = CHUNKS_MOST;
        taker().step = step;
      }
    };
    /** Nothing is taken of a file until all of it is there. */
    async function arrived(id: string): Promise<void> {
      const isIn = 'select from claim_file where id = $1 and row_count is not null';
      while ((await app.admin.query(isIn, [id])).rowCount === 0) await sleep(2);
    }
    /** What became of the rows of a file, without ids: what was claimed for whom and when, at which final price. */
    const claimed = async (deal: Agreement) => {
      const { rows } = await app.admin.query(
        `select r.reference, s.reference as session, a.outcome, a.booking_position, c.row_number, c.served_at::text, c.charge_kind,
                c.your_reference, c.fact_kind
         from claim c left join attendance a on a.id = c.attendance_id left join session s on s.id = c.session_id
         left join referral r on r.id = coalesce(c.referral_id, a.referral_id)
         where c.contract_id = $1 order by c.row_number, c.charge_kind`,
        [deal.contractId],
      );
      const open = await app.database.read({ side: 'commissioner', orgId: icb.id }, (reader) =>
        app.nest.get(ClaimsService).openClaims(reader, deal.contractId, '2026-10-01'),
      );
      const prices = open.map(({ servedAt, price }) => ({
        servedAt: servedAt.toISOString(),
        netMinor: price.netMinor,
        flags: price.flags.map(({ code }) => code).toSorted(),
      }));
      return { rows, prices: prices.toSorted((one, other) => (spelled(one) < spelled(other) ? -1 : 1)) };
    };
    const spelled = (price: object) =>
      JSON.stringify(price, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));

    it.each<[string, Record<string, unknown>]>([
      ['caps', { ...ATTENDANCE, caps: { perReferral: 2, perPersonPerMonth: 3, perContract: 9 } }],
      [
        'tiers of the contract',
        { ...ATTENDANCE, tiers: { mode: 'marginal', per: 'contract', steps: [{ above: 3, priceMinor: '1000' }] } },
      ],
      [
        'tiers of the month',
        { ...ATTENDANCE, tiers: { mode: 'whole_volume', per: 'month', steps: [{ above: 2, priceMinor: '900' }] } },
      ],
      ['shares', { basis: 'group_split', priceMinor: '10000', splitBy: 'present' }],
      ['sessions', { basis: 'session', priceMinor: '12000', caps: { perContract: 3 } }],
    ])(
      'of any size a file makes the same claims at the same final prices: %s',
      async (_what, card) => {
        const row = fc.record({
          person: fc.integer({ min: 0, max: 3 }),
          day: fc.integer({ min: 1, max: 9 }),
          minute: fc.integer({ min: 0, max: 59 }),
          outcome: fc.constantFrom('attended', 'attended', 'DNA', 'cancelled'),
          session: fc.constantFrom('', '', 'G-1', 'G-2'),
          isBad: fc.integer({ min: 0, max: 9 }).map((chance) => chance === 0),
        });
        await fc.assert(
          fc.asyncProperty(
            fc.array(row, { minLength: 1, maxLength: 18 }),
            fc.integer({ min: 1, max: 6 }),
            async (rows, size) => {
              const answers = [];
              for (const rowsOfChunk of [size, 1_000]) {
                const { deal, references } = await stage(4, { card });
                const text = csv(
                  'referral,date,start,outcome,session,your reference',
                  ...rows.map(({ person, day, minute, outcome, session, isBad }, index) => {
                    const start = `1${session === '' ? '0' : '2'}:${session === '' ? String(minute).padStart(2, '0') : '00'}`;
                    return `${references[person]},2026-10-0${day},${start},${isBad ? '?' : outcome},${session},R-${index}`;
                  }),
                );
                const prefix = references[0]?.split('-')[0] ?? '';
                const file = await inChunksOf(rowsOfChunk, () => send(deal, text));
                const { rows: claims, prices } = await claimed(deal);
                const failures = file.failures.map(({ row: number, code }) => ({ number, code }));
                answers.push(spelled({ counts: counts(file), failures, claims, prices }).replaceAll(prefix, 'F'));
              }
              expect(answers[0]).toBe(answers[1]);
            },
          ),
          { numRuns: 8 },
        );
      },
      60_000,
    );

    it('keeps the rows of a session together, so that its price is divided among all of them', async () => {
      const { deal, references } = await stage(6, {
        card: { basis: 'group_split', priceMinor: '10000', splitBy: 'present' },
      });
      const rows = references.map(
        (reference, index) => `${reference},2026-10-05,attended,${index < 2 ? 'G-1' : 'G-2'}`,
      );
      const file = await inChunksOf(4, () => send(deal, csv('referral,date,outcome,session', ...rows)));
      expect(file).toMatchObject({ accepted: 6, totalMinor: '20000' });
    });

    it('a repeat in another chunk is refused as one in the same', async () => {
      const { deal, first } = await stage(1);
      const rows = Array.from({ length: 3 }, () => `${first},2026-10-05,attended`);
      const file = await inChunksOf(1, () => send(deal, csv('referral,date,outcome', ...rows)));
      expect(counts(file)).toMatchObject({ accepted: 1, failed: 2 });
      expect(file.failures.map(({ row, code }) => [row, code])).toEqual([
        [3, 'repeated_in_file'],
        [4, 'repeated_in_file'],
      ]);
      const { rows: left } = await app.admin.query('select 1 from claim_file_chunk');
      expect(left).toEqual([]);
    });

    it('is left off when its sender says so: what is in stays, the rest is not taken', async () => {
      const { deal, references } = await stage(9);
      const path = `/v1/claim-files?contract=${deal.contractCode}`;
      const text = csv('referral,date,outcome', ...references.map((reference) => `${reference},2026-10-05,attended`));
      let held: (() => void) | undefined;
      const file = await inChunksOf(
        2,
        async () => {
          const lock = await hold(deal.contractId, 3);
          held = lock.release;
          const { body, status } = await api.post<FileBody & { rowCount: number | null }>(path, text, {
            headers: { prefer: 'respond-async' },
          });
          expect({ status, state: body.state, rowCount: body.rowCount }).toEqual({
            status: 202,
            state: 'receiving',
            rowCount: 9,
          });
          await lock.reached;
          const cancelled = api.post<FileBody>(`/v1/claim-files/${body.id}/cancel`);
          // It has to be in the queue for the file before the next step is.
          const waiting = `select from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())`;
          while ((await app.admin.query(waiting)).rowCount === 0) await sleep(2);
          lock.release();
          return (await cancelled).body;
        },
        1,
      );
      held?.();
      expect(file.state).toBe('cancelled');
      expect(file.rows).toBeGreaterThan(0);
      expect(file.rows).toBeLessThan(9);
      expect(await claimCount(deal)).toBe(file.accepted);
      await api.post(`/v1/claim-files/${file.id}/cancel`, undefined, { expect: 409 });
      const again = await send(deal, text);
      expect(counts(again)).toMatchObject({ repeated: file.accepted, accepted: 9 - file.accepted });
    });

    /** Lets those who take from a contract through up to one, and holds that one until it is released. */
    async function hold(contractId: string, chunk: number) {
      const { contracts } = { contracts: app.nest.get(ContractsService) };
      const lockContract = contracts.lockContract.bind(contracts);
      let release: () => void = () => undefined;
      let reach: () => void = () => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      const reached = new Promise<void>((resolve) => (reach = resolve));
      let count = 0;
      contracts.lockContract = async (tx, id) => {
        if (id === contractId && ++count === chunk) {
          reach();
          await released;
        }
        return lockContract(tx, id);
      };
      return {
        reached,
        release: () => {
          contracts.lockContract = lockContract;
          release();
        },
      };
    }

    it('whose process died is taken on by the next, each row once; one that had not arrived is refused', async () => {
      const { deal, references } = await stage(8);
      const text = csv('referral,date,outcome', ...references.map((reference) => `${reference},2026-10-05,attended`));
      const path = `/v1/claim-files?contract=${deal.contractCode}`;
      const contracts = app.nest.get(ContractsService);
      const lockContract = contracts.lockContract.bind(contracts);
      let taken = 0;
      let die: () => void = () => undefined;
      const died = new Promise<void>((resolve) => (die = resolve));
      contracts.lockContract = async (tx, contractId) => {
        if (contractId === deal.contractId && ++taken > 2) {
          die();
          throw new Error('the process has died');
        }
        return lockContract(tx, contractId);
      };
      let id = '';
      try {
        await inChunksOf(
          2,
          async () => {
            id = (await api.post<FileBody>(path, text, { headers: { prefer: 'respond-async' } })).body.id;
            await died;
          },
          1,
        );
      } finally {
        contracts.lockContract = lockContract;
      }
      const stuck = (await api.get<FileBody>(`/v1/claim-files/${id}`)).body;
      expect(stuck).toMatchObject({ state: 'receiving', rows: 4, accepted: 4 });
      await app.jobs.sweep();
      await app.jobs.settle();
      expect((await api.get<FileBody>(`/v1/claim-files/${id}`)).body.state).toBe('receiving'); // somebody may be at work
      await silent(id);
      expect((await api.get<FileBody>(`/v1/claim-files/${id}`)).body).toMatchObject({ state: 'received', accepted: 8 });
      expect(await claimCount(deal)).toBe(8);
      const { rows } = await app.admin.query<{ actor: unknown }>(
        `select distinct convert_from(body, 'UTF8')::jsonb -> 'actor' as actor from ledger.event e
         join claim c on c.id = e.subject_id and c.contract_id = $1 and e.type = 'claim.submitted'`,
        [deal.contractId],
      );
      expect(rows).toHaveLength(1); // whoever takes it, the sender claims

      await app.admin.query(
        `insert into claim_file (commissioner_id, id, provider_id, contract_id, state, received_at)
         select commissioner_id, gen_random_uuid(), provider_id, contract_id, 'receiving', received_at from claim_file where id = $1`,
        [id],
      );
      const { rows: half } = await app.admin.query<{ id: string }>(
        `select id from claim_file where state = 'receiving'`,
      );
      await silent(half[0]?.id ?? '');
      expect((await api.get<FileBody>(`/v1/claim-files/${half[0]?.id}`)).body).toMatchObject({
        state: 'refused',
        problem: { code: 'claim_file.interrupted' },
      });
    });

    /** Makes it look as if nobody had worked on a file for a while. */
    async function silent(id: string): Promise<void> {
      await app.admin.query(`update claim_file set progress_at = now() - interval '1 minute' where id = $1`, [id]);
      await app.jobs.sweep();
      await app.jobs.settle();
    }
  });

  it('JSON lines are rows like any others, and each is known again in CSV', async () => {
    const { deal, references } = await stage(3);
    const path = `/v1/claim-files?contract=${deal.contractCode}`;
    const ndjson = (...lines: unknown[]) =>
      lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
    const lines = ndjson(
      {
        referral: references[0],
        date: '2026-10-05',
        start: '14:00',
        attended: true,
        amount: 32,
        'Patient Name': 'Canary',
      },
      '{"referral": ',
      '',
      { 'Referral Ref': references[1], sessionDate: '05/10/2026', outcome: 'DNA', minutes: null },
      { referral: references[2], date: '2026-10-05', outcome: ['attended'] },
      { referral: references[2], ref: references[2], date: '2026-10-05', outcome: 'attended' },
    ).join('\n');
    const { body: file } = await api.post<FileBody>(path, lines, {
      headers: { 'content-type': 'application/x-ndjson' },
    });
    expect(counts(file)).toEqual({ rows: 5, accepted: 2, repeated: 0, included: 0, failed: 3 });
    expect(file).toMatchObject({
      state: 'received',
      encoding: 'utf-8',
      separator: null,
      droppedColumns: ['Patient Name'],
    });
    expect(file.failures.map(({ row, column, code }) => [row, column, code])).toEqual([
      [2, 'row', 'not_an_object'],
      [5, 'row', 'not_a_cell'],
      [6, 'referral', 'member_twice'],
    ]);
    const again = await send(
      deal,
      csv('referral,date,start,outcome,amount', `${references[0]},2026-10-05,14:00,attended,32.00`),
    );
    expect(counts(again)).toMatchObject({ repeated: 1, accepted: 0 });
    await api.post(path, '\n\n', { expect: 400, headers: { 'content-type': 'application/x-ndjson' } });
    await api.post(path, Buffer.from([0xff, 0xfe]), {
      expect: 400,
      headers: { 'content-type': 'application/x-ndjson' },
    });
  });

  it('what is priced from the plan is what reading it back gives', async () => {
    const row = fc.record({
      person: fc.integer({ min: 0, max: 2 }),
      day: fc.integer({ min: 1, max: 3 }),
      start: fc.constantFrom('', '10:00', '12:00'),
      outcome: fc.constantFrom('attended', 'DNA'),
      session: fc.constantFrom('', 'G-1', 'G-2'),
    });
    const intake = app.nest.get(ClaimSubmission);
    const submit = intake.submit.bind(intake);
    const differences: unknown[] = [];
    intake.submit = async (tx, actor, setting, claims, options) => {
      if (options?.facts) {
        const read = await readFacts(tx, setting, claims);
        const known = { sessions: options.facts.sessions, referrals: options.facts.referrals };
        for (const [id, session] of read.sessions) {
          const planned = known.sessions.get(id);
          const asRead = { ...session, roll: session.roll.map(plainPlace) };
          const asPlanned = planned && { ...planned, roll: planned.roll.map(plainPlace) };
          if (!isDeepStrictEqual(asPlanned, asRead)) differences.push({ asPlanned, asRead });
        }
      }
      return submit(tx, actor, setting, claims, options);
    };
    const plainPlace = ({ id, referralId, outcome, cancelledAt, travel, sharesDay }: RecordedAttendance) => ({
      id,
      referralId,
      outcome,
      cancelledAt,
      travel,
      sharesDay,
    });
    try {
      const { deal, references } = await stage(3);
      await fc.assert(
        fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 12 }), async (rows) => {
          const lines = rows.map(
            ({ person, day, start, outcome, session }) =>
              `${references[person]},2026-10-0${day},${start},${outcome},${session}`,
          );
          await send(deal, csv('referral,date,start,outcome,session', ...lines));
          expect(differences).toEqual([]);
        }),
        { numRuns: 25 },
      );
    } finally {
      intake.submit = submit;
    }
  }, 60_000);

  it('the template and the journal: one event for a file, with its digest and counts', async () => {
    const { deal, first } = await stage(1);
    expect((await api.get('/v1/claim-files/template.csv')).text).toMatch(/^referral,service,date,/);
    const file = await send(deal, csv('referral,date,outcome', `${first},2026-10-05,attended`));
    const { rows } = await app.admin.query<{ type: string; body: string }>(
      `select type, convert_from(body, 'UTF8') as body from ledger.event where subject_id = $1`,
      [file.id],
    );
    expect(rows.map(({ type }) => type)).toEqual(['claim_file.received']);
    expect(JSON.parse(rows[0]?.body ?? '')).toMatchObject({
      data: { rows: 1, accepted: 1, failed: 0, totalMinor: '3200', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });
});
