import { randomUUID } from 'node:crypto';
import { agreement, type Agreement } from '../../test/support/agreement.js';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { commissioner, registered, type Party } from '../../test/support/world.js';
import { bindText } from '../ledger/index.js';
import { ClaimsService } from './index.js';

/** What a row names, and the table that it must be in. */
const TIES: readonly (readonly [table: string, column: string])[] = [
  ['session', 'contract_id'],
  ['session', 'service_id'],
  ['session', 'claim_file_id'],
  ['attendance', 'session_id'],
  ['attendance', 'referral_id'],
  ['claim_file_row', 'claim_file_id'],
  ['claim', 'contract_id'],
  ['claim', 'service_id'],
  ['claim', 'rate_card_id'],
  ['claim', 'referral_id'],
  ['claim', 'session_id'],
  ['claim', 'attendance_id'],
  ['claim', 'claim_file_id'],
];

describe('rows by the thousand are tied to what they name', () => {
  let app: TestApp;
  let icb: Party;
  let choir: Party;
  let rival: Party;
  let deal: Agreement;

  beforeAll(async () => {
    app = await startTestApp();
    icb = await commissioner(app, 'NELICB');
    choir = await registered(app, icb, 'provider', 'CHOIR');
    rival = await registered(app, icb, 'provider', 'RIVAL');
    deal = await agreement(icb, choir);
    await agreement(icb, rival);
    const { api } = await choir.as('coordinator');
    for (const reference of ['R-1', 'R-2']) {
      const referral = { service: deal.serviceCode, contract: deal.contractCode, source: 'self', reference };
      const { body } = await api.post<{ id: string }>('/v1/referrals', { ...referral, madeOn: '2026-09-01' });
      await api.post(`/v1/referrals/${body.id}/accept`, { acceptedOn: '2026-09-02' });
    }
    await api.post(
      `/v1/claim-files?contract=${deal.contractCode}`,
      'referral,date,outcome\r\nR-1,2026-10-05,attended\r\nR-1,2026-10-06,attended',
    );
    // About a session that was told of before: a row by itself.
    await api.post(
      `/v1/claim-files?contract=${deal.contractCode}`,
      'referral,date,outcome,minutes\r\nR-1,2026-10-05,attended,60',
    );
  });
  afterAll(() => app.close());

  const { stringify } = JSON;
  /** Copies of a row, of which the last one differs in some columns; what the database said against it. */
  async function copy(
    table: string,
    changes: Record<string, unknown>,
  ): Promise<{ code?: string; constraint?: string }> {
    const fresh: Record<string, string> = {
      session: `'natural_key', '\\x' || encode(sha256(gen_random_uuid()::text::bytea), 'hex')`,
      attendance: `'session_id', t.session_id`,
      claim_file_row: `'row_hash', '\\x' || encode(sha256(gen_random_uuid()::text::bytea), 'hex')`,
      claim: `'fact_id', gen_random_uuid()`,
    };
    const id = table === 'claim_file_row' ? '' : `'id', gen_random_uuid(),`;
    await app.admin.query('begin');
    try {
      if (table === 'attendance') await app.admin.query('drop index attendance_recorded_twice');
      await app.admin.query(
        `insert into ${table} select (jsonb_populate_record(null::${table}, to_jsonb(t) || jsonb_build_object(${id} ${fresh[table]}) || c.changes)).*
         from (select * from ${table} limit 1) t, unnest($1::jsonb[]) c(changes)`,
        [[stringify({}), stringify({}), stringify(changes)]],
      );
      return {};
    } catch (error) {
      return error as { code: string; constraint: string };
    } finally {
      await app.admin.query('rollback');
    }
  }

  it.each([...new Set(TIES.map(([table]) => table))])(
    'as many rows of %s as like, where all is there',
    async (table) => {
      expect(await copy(table, {})).toEqual({});
    },
  );

  it.each(TIES)('refuses a statement of which one row of %s names a %s that is not there', async (table, column) => {
    const { code, constraint } = await copy(table, { [column]: randomUUID() });
    expect({ code, constraint }).toEqual({ code: '23503', constraint: `${table}_${column}_tied` });
  });

  it.each(['session_id', 'referral_id'])('refuses a claim whose %s is not that of its attendance', async (column) => {
    const { rows } = await app.admin.query<{ other: string }>(
      `select p.id as other from ${column.replace('_id', '')} p
       where not exists (select from (select * from claim limit 1) c where c.${column} = p.id) and p.provider_id = $1 limit 1`,
      [choir.id],
    );
    expect(rows).toHaveLength(1);
    const { code, constraint } = await copy('claim', { [column]: rows[0]?.other });
    expect({ code, constraint }).toEqual({ code: '23503', constraint: 'claim_attendance_id_tied' });
  });

  it.each(TIES.filter(([table]) => table !== 'claim_file_row'))(
    'refuses %s whose %s is of another provider',
    async (table) => {
      const { code } = await copy(table, { provider_id: rival.id });
      expect(code).toBe('23503');
    },
  );

  it.each(['contract', 'service', 'rate_card', 'referral', 'session', 'attendance', 'claim_file', 'claim'])(
    'what others name in %s stays, under its key',
    async (table) => {
      for (const change of [
        `delete from ${table}`,
        `truncate ${table} cascade`,
        `update ${table} set id = gen_random_uuid()`,
        `update ${table} set provider_id = '${rival.id}'`,
      ])
        await expect(app.admin.query(change)).rejects.toMatchObject({ code: 'WP001' });
    },
  );

  it.each(TIES.filter(([, column]) => column !== 'rate_card_id'))(
    'no row of %s changes its %s',
    async (table, column) => {
      await expect(app.admin.query(`update ${table} set ${column} = gen_random_uuid()`)).rejects.toMatchObject({
        code: 'WP001',
      });
    },
  );

  it('a batch gives a claim another card only if there is one', async () => {
    await expect(app.admin.query('update claim set rate_card_id = gen_random_uuid()')).rejects.toMatchObject({
      code: '23503',
      constraint: 'claim_rate_card_id_tied',
    });
  });

  it('counts what stands of a contract, whatever becomes of its claims', async () => {
    const tally = async () => {
      const { rows } = await app.admin.query<{ lines: string; units: string }>(
        `select coalesce(sum(lines), 0)::text as lines, coalesce(sum(units), 0)::text as units from claim_tally where contract_id = $1`,
        [deal.contractId],
      );
      return rows[0];
    };
    const { rows } = await app.admin.query<{ id: string }>('select id from claim order by id');
    const [one = '', two = ''] = rows.map(({ id }) => id);
    expect(await tally()).toEqual({ lines: '2', units: '2' });
    const claims = app.nest.get(ClaimsService);
    const { api } = await choir.as('coordinator');
    await api.post(`/v1/claims/${one}/withdraw`, {});
    expect(await tally()).toEqual({ lines: '1', units: '1' });
    const scope = { side: 'commissioner', orgId: icb.id } as const;
    await app.database.transaction(scope, (tx) => claims.reject(tx, icb.id, two, bindText('not delivered')));
    expect(await tally()).toEqual({ lines: '0', units: '0' });
    await app.database.transaction(scope, (tx) => claims.reopen(tx, icb.id, [two]));
    expect(await tally()).toEqual({ lines: '1', units: '1' });
    await app.admin.query(`update claim set units = 90 where id = $1`, [two]);
    expect(await tally()).toEqual({ lines: '1', units: '90' });
    await app.admin.query(`update claim set units = 1 where id = $1`, [two]);
  });
});
