import { checkInvariants } from '../../src/ledger/index.js';
import { agreement, type Agreement, type AgreementOptions } from '../support/agreement.js';
import type { ApiClient, CallOptions } from '../support/api-client.js';
import type { TestApp } from '../support/app.js';
import { ledgerTable } from '../support/ledger-table.js';
import { expectReplayed } from '../support/replayed.js';
import { registered, type Party } from '../support/world.js';

export interface BatchBody extends Record<string, unknown> {
  id: string;
  code: string;
  state: string;
  contractId: string;
  lineCount: number;
  totalMinor: string;
  vatMinor: string;
  indicativeMinor: string;
  uncommittedMinor: string;
  overBudget: boolean;
  digest: string;
}

export interface LineBody {
  claimId: string;
  state: string;
  priceMinor: string;
  servedOn: string;
  reasons: string[];
  flags: { code: string; text: string }[];
}

export interface InvoiceBody extends Record<string, unknown> {
  id: string;
  kind: string;
  split: string;
  state: string;
  waitsFor: string | null;
  number: string | null;
  netMinor: string;
  vatMinor: string;
  grossMinor: string;
}

export interface Claimed {
  claimId: string;
  referral: string;
}

let providers = 0;

/** One provider with one contract, and the people of both sides: what a month of work is played on. */
export class MonthStage {
  private constructor(
    readonly app: TestApp,
    readonly icb: Party,
    readonly provider: Party,
    readonly contract: Agreement,
    readonly coordinator: ApiClient,
    readonly contractManager: ApiClient,
    readonly approver: ApiClient,
  ) {}

  static async of(app: TestApp, icb: Party, options: AgreementOptions & { providerCode?: string } = {}) {
    const provider = await registered(app, icb, 'provider', options.providerCode ?? `PROV${++providers}`);
    return MonthStage.withProvider(app, icb, provider, options);
  }

  static async withProvider(app: TestApp, icb: Party, provider: Party, options: AgreementOptions = {}) {
    return new MonthStage(
      app,
      icb,
      provider,
      await agreement(icb, provider, options),
      (await provider.as('coordinator')).api,
      (await icb.as('contract_manager')).api,
      (await icb.as('approver')).api,
    );
  }

  /** A referral that the commissioner made and the provider accepted in September. */
  async referral(reference: string): Promise<string> {
    const { contractCode, serviceCode } = this.contract;
    const { body } = await this.contractManager.post<{ id: string }>('/v1/referrals', {
      providerId: this.provider.id,
      service: serviceCode,
      contract: contractCode,
      reference,
      source: 'nhs',
      madeOn: '2026-09-01',
    });
    await this.coordinator.post(`/v1/referrals/${body.id}/accept`, { acceptedOn: '2026-09-02' });
    return reference;
  }

  /** One person attends alone on each of the days, and it is claimed. */
  async attend(referral: string, ...days: string[]): Promise<string[]> {
    const claims: string[] = [];
    for (const date of days) {
      const { body } = await this.coordinator.post<{ claims: { id: string }[] }>('/v1/sessions', {
        contract: this.contract.contractCode,
        service: this.contract.serviceCode,
        kind: 'one_to_one',
        date,
        start: '14:00',
        durationMinutes: 60,
        attendances: [{ referral, outcome: 'attended' }],
        claim: true,
      });
      claims.push(...body.claims.map(({ id }) => id));
    }
    return claims;
  }

  async submit(period = '2026-10', options?: CallOptions): Promise<BatchBody> {
    const request = { contract: this.contract.contractCode, period };
    const { body } = await this.contractManager.post<{ items: BatchBody[] }>('/v1/batches', request, options);
    return body.items?.[0] ?? (body as unknown as BatchBody);
  }

  async read(batch: Pick<BatchBody, 'id'>): Promise<BatchBody> {
    return (await this.contractManager.get<BatchBody>(`/v1/batches/${batch.id}`)).body;
  }

  async lines(batch: Pick<BatchBody, 'id'>): Promise<LineBody[]> {
    return (await this.contractManager.get<{ items: LineBody[] }>(`/v1/batches/${batch.id}/lines`)).body.items;
  }

  async approve(batch: BatchBody, more: Record<string, unknown> = {}): Promise<BatchBody> {
    return (await this.approver.post<BatchBody>(`/v1/batches/${batch.id}/approve`, { digest: batch.digest, ...more }))
      .body;
  }

  /** October is claimed, submitted, approved, and its documents are made. */
  async approvedMonth(days: readonly string[], reference = 'REF-1'): Promise<BatchBody> {
    await this.attend(await this.referral(reference), ...days);
    const batch = await this.approve(await this.submit());
    await this.app.jobs.settle();
    return batch;
  }

  async invoices(batch: Pick<BatchBody, 'id'>): Promise<InvoiceBody[]> {
    const { body } = await this.coordinator.get<{ items: InvoiceBody[] }>(`/v1/invoices?batchId=${batch.id}`);
    return body.items;
  }
}

/** The answer's problem: its status and its code. */
export async function refusalOf(call: Promise<{ status: number; body: Record<string, unknown> }>) {
  const { status, body } = await call;
  return { status, code: body.code, details: body.details };
}

/** The books of the commissioner as a table, once nothing anywhere is broken. */
export async function closeBooks(app: TestApp, icb: Party, names: Record<string, string> = {}): Promise<string> {
  const findings = await checkInvariants(async (sql) => (await app.admin.query<Record<string, unknown>>(sql)).rows);
  expect(findings.filter(({ violations }) => violations.length > 0)).toEqual([]);
  await expectReplayed(app, icb.id);
  const query = async (sql: string, parameters: unknown[]) =>
    (await app.admin.query<Record<string, unknown>>(sql, parameters)).rows;
  return ledgerTable(query, icb.id, names);
}
