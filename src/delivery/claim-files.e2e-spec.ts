import fc from 'fast-check';
import { agreement, type Agreement, type AgreementOptions } from '../../test/support/agreement.js';
import type { ApiClient } from '../../test/support/api-client.js';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { occurrences } from '../../test/support/canaries.js';
import { commissioner, registered, type Party } from '../../test/support/world.js';

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
