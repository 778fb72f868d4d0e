import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OrganisationsService } from '../../src/organisations/index.js';
import { systemActor } from '../../src/platform/actor.js';
import { startStripeDouble, StripeDoubleControl, type RunningStripeDouble } from '../../src/sandbox/stripe/index.js';
import { MonthStage } from '../stories/month-stage.js';
import { DAY, HOUR, PaymentStage, type Payee } from '../stories/payment-stage.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { FULL_LISTING, list } from '../support/listings.js';
import { signLogs } from '../support/signed-logs.js';
import { commissioner, registered, type Party } from '../support/world.js';

const SELF_BILLED = { documentMode: 'self_billed', standingAuthority: false };
const OUTSIDE = { rail: 'outside' };
const BANK = { accountName: 'Allotment Society', sortCode: '123456', accountNumber: '00012345' };
const OTHER_BANK = { kind: 'details', accountName: 'Allotment CIO', sortCode: '654321', accountNumber: '76543210' };

/** The name of a schema that keeps every table as it stood halfway through the month: an old backup. */
export const BACKUP = 'backup';

/** One month in which every table that follows from the journal has rows, most of them in several states. */
export class PlayedMonth {
  /** The newest checkpoints of both logs, halfway through the month and at its end: what auditors were given. */
  readonly held: { name: string; text: string }[] = [];

  private constructor(
    readonly app: TestApp,
    readonly icb: Party,
    private readonly double: RunningStripeDouble,
    private readonly stage: PaymentStage,
    readonly storeDir: string,
  ) {}

  static async play(): Promise<PlayedMonth> {
    const clock: { now?: () => Date } = {};
    const double = await startStripeDouble({ now: () => clock.now?.() ?? new Date(0), settleAfterSeconds: 'never' });
    const storeDir = mkdtempSync(join(tmpdir(), 'wellpaid-checkpoints-'));
    const app = await startTestApp({
      now: '2026-11-05T09:00:00Z',
      stripeUrl: double.url,
      environment: { CHECKPOINT_STORE_DIR: storeDir },
    });
    clock.now = () => app.clock.now();
    const icb = await commissioner(app, 'TAMPER');
    const stripe = new StripeDoubleControl(double.url, 'tamper');
    await stripe.setWeather({ hold: true });
    const [finance, second] = [await icb.as('finance'), await icb.another('finance')];
    const stage = new PaymentStage(app, icb, stripe, finance.api, second.api);
    const month = new PlayedMonth(app, icb, double, stage, storeDir);
    await month.agree();
    await month.review();
    await month.seal();
    await month.keepBackup();
    await month.holdCheckpoints();
    await month.payOnPlatform();
    await month.payOutside();
    await month.people();
    await month.seal();
    await month.holdCheckpoints();
    return month;
  }

  /** Nothing works any more: what is in the database is looked at from outside. */
  async stop(): Promise<void> {
    await this.app.nest.close();
    await this.double.close();
  }

  async drop(): Promise<void> {
    await this.app.admin.end();
    await this.app.testDatabase.drop();
  }

  private async seal(): Promise<void> {
    await this.app.jobs.settle();
    await signLogs(this.app);
  }

  /** What is agreed beside a contract: VAT, self-billing, orders, a second version, an entry in the directory. */
  private async agree(): Promise<void> {
    const { icb, app } = this;
    const { api } = await icb.as('contract_manager');
    await app.nest.get(OrganisationsService).registerVat(systemActor(icb.id, icb.id), icb.id, {
      vatNumber: 'GB987654353',
      startsOn: '2020-01-01',
    });
    const choir = await registered(app, icb, 'provider', 'CHOIR', { charityNumber: '1123456' });
    const { api: treasurer } = await choir.as('treasurer');
    await treasurer.post(`/v1/organisations/${choir.id}/vat-registrations`, {
      vatNumber: 'GB123456782',
      startsOn: '2026-01-01',
    });
    const month = await MonthStage.withProvider(app, icb, choir, { terms: SELF_BILLED });
    const { contractId, serviceId } = month.contract;
    const treatment = { effectiveFrom: '2026-04-01', category: 'S', rateBasisPoints: 2000 };
    await api.post(`/v1/services/${serviceId}/vat-treatments`, treatment);
    const agreement = await api.post<{ id: string }>('/v1/self-billing-agreements', {
      providerId: choir.id,
      startsOn: '2026-04-01',
      endsOn: '2027-03-31',
    });
    await treasurer.post(`/v1/self-billing-agreements/${agreement.body.id}/accept`);
    const order = { number: 'PO-7', valueMinor: '500000', startsOn: '2026-04-01', endsOn: '2027-03-31' };
    await api.post(`/v1/contracts/${contractId}/purchase-orders`, order);
    await api.post(`/v1/contracts/${contractId}/budget-changes`, {
      amountMinor: '5000',
      effectiveOn: '2026-05-01',
      reason: 'More people came',
    });
    await list(icb, serviceId, FULL_LISTING);
    await month.approvedMonth(['2026-10-06', '2026-10-13'], 'CH-1');
  }

  /** Claims in every state, and a batch under review. */
  private async review(): Promise<void> {
    const { icb, app } = this;
    const milestones = [{ code: 'completed', name: 'Course completed', priceMinor: '9000' }];
    const walks = await MonthStage.of(app, icb, { providerCode: 'WALKS', terms: { vatRecoverable: true } });
    const { contractCode } = walks.contract;
    const reference = await walks.referral('WA-1');
    const { body: file } = await walks.coordinator.post<{ id: string }>(
      `/v1/claim-files?contract=${contractCode}`,
      ['referral,date,start,outcome,name', `${reference},2026-10-99,,maybe,y`, ...rowsOf(reference)].join('\r\n'),
    );
    if (!file.id) throw new Error('no file');
    const claims = await walks.attend(reference, '2026-10-07', '2026-10-14', '2026-10-21', '2026-10-28');
    await walks.coordinator.post('/v1/nil-declarations', { contract: contractCode, period: '2026-08' });
    await walks.coordinator.post('/v1/completion-declarations', { contract: contractCode, period: '2026-10' });
    const refused = await walks.submit();
    await walks.approver.post(`/v1/batches/${refused.id}/reject`, { reason: 'The month was not complete.' });
    const batch = await walks.submit();
    const at = `/v1/batches/${batch.id}/claims`;
    const [first, second, third] = claims;
    await walks.approver.post(`${at}/${first}/query`, { question: 'Was this held?' });
    await walks.approver.post(`${at}/${second}/query`, { question: 'And this?' });
    await walks.approver.post(`${at}/${third}/reject`, { reason: 'Claimed by somebody else.' });
    const { body: queries } = await walks.coordinator.get<{ items: { id: string; claimId: string }[] }>('/v1/queries');
    const answered = queries.items.find(({ claimId }) => claimId === first)?.id;
    await walks.coordinator.post(`/v1/queries/${answered}/answer`, { answer: 'Yes, it was.' });
    await walks.coordinator.post(`/v1/claims/${second}/withdraw`);
    const garden = await MonthStage.of(app, icb, {
      providerCode: 'GARDEN',
      card: { basis: 'milestone', milestones },
    });
    await garden.referral('GA-1');
    const { rows } = await app.admin.query<{ id: string }>(`select id from referral where reference = 'GA-1'`);
    await garden.coordinator.post('/v1/milestones', {
      contract: garden.contract.contractCode,
      referralId: rows[0]?.id,
      name: 'completed',
      reachedOn: '2026-10-20',
    });
    await garden.submit();
    const other = await garden.contractManager.post<{ id: string }>('/v1/referrals', {
      providerId: garden.provider.id,
      service: garden.contract.serviceCode,
      contract: garden.contract.contractCode,
      reference: 'GA-2',
      source: 'self',
      madeOn: '2026-10-02',
      personReference: 'P-77',
      sessionsPlanned: 6,
      sharingAgreement: 'DSA-1',
    });
    await garden.coordinator.post(`/v1/referrals/${other.body.id}/decline`, { reason: 'no_capacity' });
  }

  /** Paid, failed and returned, on the payment platform. */
  private async payOnPlatform(): Promise<void> {
    const { stage } = this;
    const [paid, failing] = [await stage.payee(['2026-10-05', '2026-10-12']), await stage.payee(['2026-10-06'])];
    await stage.onboard(paid);
    await stage.fund(20_000n);
    const run = await stage.run();
    await this.settle(await stage.onlyPayout(run));
    await stage.onboard(failing);
    const second = await stage.onlyPayout(await stage.run());
    await this.settle(second);
    await stage.stripe.failPayout(second.bankPayoutId ?? '');
    await stage.notices();
    await stage.finance.post(`/v1/payouts/${second.id}/return`);
    await stage.settle();
    await stage.run(); // the account is restricted, so that it waits
    await stage.finance.post('/v1/payment-runs', { paysOn: '2026-11-20' });
  }

  private async settle({ id, bankPayoutId }: { id: string; bankPayoutId: string | null }): Promise<void> {
    await this.stage.stripe.settlePayout(bankPayoutId ?? '');
    await this.stage.notices();
    const { state } = await this.stage.payout(id);
    if (state !== 'paid') throw new Error(`a payout is ${state}`);
  }

  /** Confirmed, and withdrawn, outside of the platform; and bank details that change. */
  private async payOutside(): Promise<void> {
    const { stage } = this;
    const payee = await stage.payee(['2026-10-07'], OUTSIDE);
    const accountId = await this.open(payee);
    const { api: admin } = await payee.stage.provider.as('admin');
    const { body: change } = await payee.treasurer.post<{ id: string }>(
      `/v1/payout-accounts/${accountId}/changes`,
      OTHER_BANK,
    );
    await admin.post(`/v1/payout-account-changes/${change.id}/confirm`);
    await stage.later(49 * HOUR);
    const payout = await stage.onlyPayout(await stage.run());
    const today = stage.app.clock.today();
    await stage.finance.post(`/v1/payouts/${payout.id}/outside-payment`, { reference: 'BACS 1', paidOn: today });
    await stage.secondFinance.post(`/v1/payouts/${payout.id}/confirm`, { reference: 'BACS 1' });
    await stage.settle();
    const other = await stage.payee(['2026-10-08'], OUTSIDE);
    await this.open(other);
    const withdrawn = await stage.onlyPayout(await stage.run());
    await stage.finance.post(`/v1/payouts/${withdrawn.id}/withdraw`);
    const { body: stopped } = await payee.treasurer.post<{ id: string }>(`/v1/payout-accounts/${accountId}/changes`, {
      ...OTHER_BANK,
      accountNumber: '11112222',
    });
    await admin.post(`/v1/payout-account-changes/${stopped.id}/cancel`);
    await stage.later(DAY);
  }

  private async open(payee: Payee): Promise<string> {
    const details = { commissionerId: this.icb.id, rail: 'outside', ...BANK };
    return (await payee.treasurer.post<{ account: { id: string } }>('/v1/payout-accounts', details)).body.account.id;
  }

  /** People join, are limited, and leave; something is tried and refused. */
  private async people(): Promise<void> {
    const { icb } = this;
    const { api: admin } = await icb.as('admin');
    const [approver, gone] = [await icb.another('approver'), await icb.another('auditor')];
    await admin.post(`/v1/members/${approver.memberId}/approval-limit`, { approvalLimitMinor: '50000' });
    await admin.post(`/v1/members/${approver.memberId}/roles`, { roles: ['approver', 'auditor'] });
    await admin.post(`/v1/members/${gone.memberId}/disable`);
  }

  private async holdCheckpoints(): Promise<void> {
    const { rows } = await this.app.admin.query<{ name: string; text: string }>(
      `select distinct on (log_id) log_id || ' at ' || size as name, note as text from ledger.checkpoint
       where note is not null order by log_id, size desc`,
    );
    this.held.push(...rows);
  }

  /** Every table as it stands, in a schema of its own. */
  private async keepBackup(): Promise<void> {
    const { rows } = await this.app.admin.query<{ name: string; copy: string }>(
      `select n.nspname || '.' || c.relname as name, n.nspname || '_' || c.relname as copy
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind = 'r' and n.nspname in ('public', 'ledger')`,
    );
    await this.app.admin.query(`create schema ${BACKUP}`);
    await this.app.admin.query('begin isolation level repeatable read');
    for (const { name, copy } of rows) await this.app.admin.query(`create table ${BACKUP}.${copy} as table ${name}`);
    await this.app.admin.query('commit');
  }
}

/** Enough events for a second tile. */
function rowsOf(reference: string): string[] {
  const days = Array.from({ length: 25 }, (_, day) => `2026-09-${String(day + 3).padStart(2, '0')}`);
  return days.flatMap((day) => ['10:00', '15:00'].map((start) => `${reference},${day},${start},attended,x`));
}
