import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import type { Config } from '../platform/config.js';
import { Database } from '../platform/database.js';
import { CONFIG, SANDBOX_STRIPE, type SandboxStripe } from '../platform/platform.module.js';
import { Jobs } from '../platform/jobs.js';
import { railNotConfigured } from './payouts.errors.js';
import { credentialsOf, labelOf, type CredentialsOfCommissioner, type RailSetting } from './rail-credentials.rules.js';
import { askForNotices } from './sandbox-notices.gateway.js';
import { StripeGateway } from './stripe.gateway.js';

const ASK_MS = 5_000;
const AUTH = { side: 'auth', orgId: null } as const;

interface Commissioner {
  readonly id: string;
  readonly code: string;
}

/** The rail of each commissioner, with its own credentials. */
@Injectable()
export class RailCredentials implements OnModuleInit {
  private readonly gateways = new Map<string, StripeGateway>();
  private readonly setting: RailSetting;
  /** Commissioners whose notices the double sends here, with where it sends them. */
  private readonly notified = new Map<string, string>();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly jobs: Jobs,
    @Inject(CONFIG) config: Config,
    @Inject(SANDBOX_STRIPE) private readonly sandboxStripe: SandboxStripe | null,
  ) {
    this.setting = { sandbox: config.sandbox, stripe: config.stripe, sandboxUrl: sandboxStripe?.url };
  }

  /** Refuses to start where a key without a name stands beside several commissioners. */
  async onModuleInit(): Promise<void> {
    if (this.setting.sandboxUrl !== undefined) {
      this.jobs.every({ name: 'ask the double for notices', everyMs: ASK_MS, run: () => this.askForAllNotices() });
    }
    if (this.setting.stripe.apiKey === undefined) return;
    const commissioners = await this.commissioners();
    if (commissioners.length <= 1) return;
    const codes = commissioners.map(({ code }) => code).join(', ');
    throw new Error(
      `STRIPE_API_KEY serves one commissioner, and this instance has ${codes}. Use STRIPE_ACCOUNTS_FILE instead.`,
    );
  }

  /** @throws rail.not_configured */
  async railOf(commissionerId: string): Promise<StripeGateway> {
    const gateway = await this.find(({ id }) => id === commissionerId);
    if (!gateway) throw railNotConfigured();
    return gateway.rail;
  }

  /** The commissioner of this code with its rail; null when it is unknown or has no credentials. */
  findByCode(code: string): Promise<{ commissionerId: string; rail: StripeGateway } | null> {
    return this.find((one) => one.code === code);
  }

  private async find(
    wanted: (commissioner: Commissioner) => boolean,
  ): Promise<{ commissionerId: string; rail: StripeGateway } | null> {
    const commissioners = await this.commissioners();
    const commissioner = commissioners.find(wanted);
    if (!commissioner) return null;
    const credentials = credentialsOf(this.setting, commissioner.code, commissioners.length);
    if (!credentials) return null;
    await this.askForNotices(commissioner.code, credentials);
    const rail = this.gateways.get(commissioner.id) ?? new StripeGateway(credentials, this.clock);
    this.gateways.set(commissioner.id, rail);
    return { commissionerId: commissioner.id, rail };
  }

  private async askForAllNotices(): Promise<void> {
    const commissioners = await this.commissioners();
    for (const { code } of commissioners) {
      const credentials = credentialsOf(this.setting, code, commissioners.length);
      if (credentials) await this.askForNotices(code, credentials);
    }
  }

  private async askForNotices(code: string, { webhookSecrets }: CredentialsOfCommissioner): Promise<void> {
    const { url, webhookBase } = this.sandboxStripe ?? {};
    const [secret] = webhookSecrets;
    if (url === undefined || !webhookBase || secret === undefined || this.notified.get(code) === webhookBase) return;
    const endpoint = { platform: labelOf(code), url: `${webhookBase}/v1/webhooks/stripe/${code}`, secret };
    if (await askForNotices(url, endpoint)) this.notified.set(code, webhookBase);
  }

  private commissioners(): Promise<Commissioner[]> {
    return this.database.read(AUTH, (reader) =>
      reader.query<Commissioner>(`select id, code from organisation where kind = 'commissioner' order by code`),
    );
  }
}
