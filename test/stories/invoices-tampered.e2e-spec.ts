import { checkInvariants } from '../../src/ledger/index.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { commissioner } from '../support/world.js';
import { closeBooks, MonthStage } from './month-stage.js';

const SUMS = 'The sums and the digest of a batch are those of the claims that it holds.';
const SEALED =
  'An approved batch is sealed as it is: its event says its sums, its digest, and somebody else than its maker.';
const LINES = 'The transfers of an approval are the fixed prices of its lines, one for each line that costs something.';
const COMMITTED = 'What is committed of a budget is what its batches under review have taken.';
const OWED = 'What an issued document made owed is its gross: net and VAT, once.';
const NET = 'The documents of an approved batch come to its net total.';
const SAID = 'An issued document is what its event says: number, totals, and the hash of its bytes.';

describe('the invariants of batches and documents', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp({ now: '2026-11-05T09:00:00Z' });
    const icb = await commissioner(app);
    const month = await MonthStage.of(app, icb);
    await month.approvedMonth(['2026-10-06', '2026-10-13']);
    await month.attend('REF-1', '2026-10-20');
    await month.submit();
    await closeBooks(app, icb);
  });
  afterAll(() => app.close());

  /** The sentences that an intruder's statement breaks; what it did is undone. */
  async function brokenBy(sql: string): Promise<string[]> {
    await app.admin.query('begin');
    try {
      await app.admin.query("set local session_replication_role = 'replica'");
      const { rowCount } = await app.admin.query(sql);
      expect(rowCount).toBeGreaterThan(0);
      const findings = await checkInvariants(
        async (query) => (await app.admin.query<Record<string, unknown>>(query)).rows,
      );
      return findings.filter(({ violations }) => violations.length > 0).map(({ sentence }) => sentence);
    } finally {
      await app.admin.query('rollback');
    }
  }

  it.each([
    [
      'raises an approved price',
      `update claim set price_minor = price_minor + 1 where batch_id in (select id from batch where state = 'approved')`,
      [SUMS, LINES],
    ],
    [
      'moves a claim from the batch under review to the approved one',
      `update claim set batch_id = (select id from batch where state = 'approved')
       where batch_id = (select id from batch where state = 'submitted')`,
      [SUMS, LINES],
    ],
    [
      'says that somebody else approved',
      `update batch set decided_by = gen_random_uuid() where state = 'approved'`,
      [SEALED],
    ],
    [
      'makes a batch under review dearer',
      `update batch set total_minor = total_minor + 1 where state = 'submitted'`,
      [SUMS, COMMITTED],
    ],
    ['adds VAT to an issued invoice', 'update invoice set vat_minor = 1, gross_minor = net_minor + 1', [OWED, SAID]],
    [
      'lowers an issued invoice',
      'update invoice set net_minor = net_minor - 1, gross_minor = gross_minor - 1',
      [OWED, NET, SAID],
    ],
    [
      'exchanges the bytes of a document',
      `update document_file set content = 'x'`,
      ['The bytes of every document have the hash that was kept with them.'],
    ],
    ['exchanges bytes and hash', `update document_file set content = 'x', sha256 = sha256('x')`, [SAID]],
    [
      'skips a number',
      'update invoice_series set last_number = last_number + 1',
      ['The numbers of a series run from 1 without a gap.'],
    ],
    [
      'renumbers an invoice',
      `update invoice set number = replace(number, '000001', '000002')`,
      [SAID, 'The numbers of a series run from 1 without a gap.'],
    ],
  ])('notice who %s', async (_, sql, sentences) => {
    expect(await brokenBy(sql)).toEqual(expect.arrayContaining([...sentences]));
  });

  it('notice a claim that is approved twice', async () => {
    const broken = await brokenBy(
      `insert into ledger.transfer (commissioner_id, id, event_id, debit_account_id, credit_account_id, amount_minor, book,
                                    currency, provider_id, effective_on, claim_id)
       select commissioner_id, gen_random_uuid(), event_id, debit_account_id, credit_account_id, amount_minor, book, currency,
              provider_id, effective_on, claim_id from ledger.transfer where claim_id is not null limit 1`,
    );
    expect(broken).toContain('No claim is approved twice.');
  });
});
