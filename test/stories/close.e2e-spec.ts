import { BatchApprovalService } from '../../src/batches/index.js';
import { InvoicePress } from '../../src/invoicing/invoice-press.service.js';
import { InvoiceIssueService, type InvoiceDocument } from '../../src/invoicing/index.js';
import { systemActor } from '../../src/platform/actor.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { pdfText } from '../support/pdf-text.js';
import { commissioner, type Party, registered } from '../support/world.js';
import { closeBooks, MonthStage, type BatchBody, type InvoiceBody } from './month-stage.js';

const DAYS = ['2026-10-06', '2026-10-13'];

describe('a month that many close at once', () => {
  let app: TestApp;
  let icb: Party;

  beforeAll(async () => {
    app = await startTestApp({ now: '2026-11-05T09:00:00Z' });
    icb = await commissioner(app);
  });
  afterAll(() => app.close());

  const eventsOf = async (type: string): Promise<number> => {
    const { rows } = await app.admin.query<{ count: number }>(
      'select count(*)::int as count from ledger.event where type = $1 and commissioner_id = $2',
      [type, icb.id],
    );
    return rows[0]?.count ?? Number.NaN;
  };

  const waiting = async (month: MonthStage, reference: string): Promise<BatchBody> => {
    await month.attend(await month.referral(reference), ...DAYS);
    return month.submit();
  };

  it('approves what one approver sends at once together, and refuses what stands against one alone', async () => {
    const months: MonthStage[] = [];
    const batches: BatchBody[] = [];
    for (let count = 1; count <= 8; count++) {
      const month = await MonthStage.of(app, icb);
      months.push(month);
      batches.push(await waiting(month, `MANY-${count}`));
    }
    const { api } = await icb.as('approver');
    const send = (batch: BatchBody, digest: string, key: string, expected: number) =>
      api.post<{ state?: string; code?: string }>(
        `/v1/batches/${batch.id}/approve`,
        { digest },
        { headers: { 'idempotency-key': key, prefer: 'receipt' }, expect: expected },
      );
    const sendAll = () =>
      Promise.all(
        batches.map((one, index) =>
          index === 5
            ? send(one, '00'.repeat(32), 'close-key-5', 409)
            : send(one, one.digest, `close-key-${index}`, 201),
        ),
      );
    const answers = await sendAll();

    expect(answers.map(({ body }) => body.state ?? body.code)).toEqual(
      batches.map((_, index) => (index === 5 ? 'batch.changed_since_review' : 'approved')),
    );
    expect(answers.every(({ headers }) => headers.get('receipt') !== null)).toBe(true);
    expect([await eventsOf('batch.approved'), await eventsOf('command.refused')]).toEqual([7, 1]);

    // Said again, with the same keys and all at once, it has no second effect and the same answers.
    const again = await sendAll();
    expect(again.map(({ body }) => body.state ?? body.code)).toEqual(
      answers.map(({ body }) => body.state ?? body.code),
    );
    expect([await eventsOf('batch.approved'), await eventsOf('command.refused')]).toEqual([7, 1]);

    await app.jobs.settle();
    for (const [index, month] of months.entries()) {
      const invoices = await month.invoices(batches[index] as BatchBody);
      expect(invoices.map(({ state }) => state)).toEqual(index === 5 ? [] : ['issued']);
    }
    await closeBooks(app, icb);
  });

  it('approves in one transaction what comes together', async () => {
    const months = [await MonthStage.of(app, icb), await MonthStage.of(app, icb), await MonthStage.of(app, icb)];
    const batches: BatchBody[] = [];
    for (const [index, month] of months.entries()) batches.push(await waiting(month, `LOT-${index}`));
    const { memberId } = await icb.as('approver');
    const approver = {
      ...systemActor(icb.id, icb.id),
      kind: 'person' as const,
      memberId,
      roles: ['approver' as const],
    };
    const approvals = app.nest.get(BatchApprovalService);
    const answers = await Promise.all(batches.map(({ id, digest }) => approvals.approve(approver, id, { digest })));
    expect(answers.map(({ id, state, decidedBy }) => [id, state, decidedBy])).toEqual(
      batches.map(({ id }) => [id, 'approved', memberId]),
    );
    const { rows } = await app.admin.query(
      `select count(*)::int as events, count(distinct xid)::int as transactions from ledger.event
       where type = 'batch.approved' and subject_id = any ($1)`,
      [batches.map(({ id }) => id)],
    );
    expect(rows).toEqual([{ events: 3, transactions: 1 }]);
    await app.jobs.settle();
    await closeBooks(app, icb);
  });

  it('approves each batch once, of many who approve it at once', async () => {
    const month = await MonthStage.of(app, icb);
    const batch = await waiting(month, 'ONCE');
    const before = await eventsOf('batch.approved');
    const second = await icb.another('approver');
    const answers = await Promise.allSettled(
      [month.approver, second.api, month.approver, second.api, month.approver, second.api].map((api) =>
        api.post(`/v1/batches/${batch.id}/approve`, { digest: batch.digest }),
      ),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await eventsOf('batch.approved')) - before).toBe(1);
    await app.jobs.settle();
    await closeBooks(app, icb);
  });

  describe('draws documents before anything is locked', () => {
    let press: InvoicePress;
    let first: InvoiceBody;
    let second: InvoiceBody;
    let months: MonthStage[];

    /** Two drafts of one provider, which wait for it: each is the next of the series. */
    const twoDrafts = async (): Promise<void> => {
      const provider = await registered(app, icb, 'provider', `DRAWN${++made}`);
      const terms = { documentMode: 'provider_issued', standingAuthority: false };
      months = [];
      const drafts: InvoiceBody[] = [];
      for (const count of [1, 2]) {
        const month = await MonthStage.withProvider(app, icb, provider, { terms });
        const batch = await month.approve(await waiting(month, `DRAWN-${made}-${count}`));
        await app.jobs.settle();
        months.push(month);
        drafts.push(...(await month.invoices(batch)));
      }
      [first, second] = drafts as [InvoiceBody, InvoiceBody];
      expect(drafts).toMatchObject([{ waitsFor: 'authority' }, { waitsFor: 'authority' }]);
    };
    let made = 0;

    const letGo = async (invoice: InvoiceBody) => {
      const { api } = await (months[0] as MonthStage).provider.as('treasurer');
      await api.post(`/v1/invoices/${invoice.id}/issue`);
    };
    const read = async ({ id }: InvoiceBody) =>
      (await (months[0] as MonthStage).coordinator.get<InvoiceBody>(`/v1/invoices/${id}`)).body;
    const textOf = async ({ id }: InvoiceBody) =>
      (await pdfText(await (months[0] as MonthStage).coordinator.bytes(`/v1/invoices/${id}.pdf`))).join('\n');

    const drawing = (before: (document: InvoiceDocument) => Promise<void>): { drawn: string[]; stop: () => void } => {
      const drawn: string[] = [];
      const draw = InvoicePress.prototype.draw.bind(press);
      press.draw = async (document) => {
        drawn.push(document.number ?? '');
        await before(document);
        return draw(document);
      };
      return { drawn, stop: () => Reflect.deleteProperty(press, 'draw') };
    };

    beforeEach(async () => {
      press = app.nest.get(InvoicePress);
      await twoDrafts();
    });

    it('and draws again what lost its number to another, so that paper, number and journal agree', async () => {
      const prefix = `DRAWN${made}NELICBIN2026`;
      let isFirst = true;
      const { drawn, stop } = drawing(async () => {
        if (!isFirst) return;
        isFirst = false;
        await letGo(second);
        // Nothing is locked meanwhile: the other is issued from beginning to end, with the number that this one is drawn with.
        await app.nest.get(InvoiceIssueService).issue(systemActor(icb.id, icb.id), [second.id]);
      });
      await letGo(first);
      await app.jobs.settle();
      stop();
      expect(drawn.slice(0, 3)).toEqual([`${prefix}000001`, `${prefix}000001`, `${prefix}000002`]);
      expect([(await read(second)).number, (await read(first)).number]).toEqual([`${prefix}000001`, `${prefix}000002`]);
      expect(await textOf(first)).toContain(`${prefix}000002`);
      expect(await textOf(second)).toContain(`${prefix}000001`);
      await closeBooks(app, icb);
    });

    it('and leaves nothing behind when it ends between the drawing and the issue', async () => {
      const { stop } = drawing(() => Promise.reject(new Error('the process is gone')));
      await letGo(first);
      await expect(app.nest.get(InvoiceIssueService).issue(systemActor(icb.id, icb.id), [first.id])).rejects.toThrow(
        'the process is gone',
      );
      expect(await read(first)).toMatchObject({ state: 'draft', number: null });
      stop();
      await letGo(second);
      await app.jobs.settle();
      await app.jobs.sweep();
      await app.jobs.settle();
      const numbers = new Set([(await read(first)).number, (await read(second)).number]);
      expect(numbers).toEqual(new Set([`DRAWN${made}NELICBIN2026000001`, `DRAWN${made}NELICBIN2026000002`]));
      await closeBooks(app, icb);
    });
  });
});
