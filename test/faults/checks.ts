import { readFileSync } from 'node:fs';
import { LiveVerifier } from '../../src/assurance/index.js';
import { checkInvariants } from '../../src/ledger/index.js';
import type { Acknowledged, Caller } from './caller.js';
import type { Chance } from './chance.js';
import type { Cluster } from './cluster.js';
import type { Fleet } from './instances.js';
import { expectedMinor, type Expected } from './journey.js';
import type { Town } from './town.js';

interface Moved {
  readonly id: string;
  readonly amountMinor: string;
  readonly metadata: { readonly instruction?: string };
  readonly status?: string;
}

interface PayoutRow {
  readonly id: string;
  readonly amountMinor: string;
  readonly transferId: string;
  readonly bankPayoutId: string;
}

/** What is checked beside the statements of the ledger and its modules, for whoever reads a verdict. */
export const INVARIANTS_IN_WORDS = [
  'every payout was transferred once and paid out once, in its amount, by the book of the rail; nothing else left it',
  'every write that was acknowledged is there',
  'each row of a file is one claim, each batch has one invoice, and each charity was paid what it is owed',
  'no key of a command has had two effects, and a command that is repeated is answered as it was',
  'all work was done, and every event sealed, within two minutes after the last command',
  'at every fourth round and at the end: what is kept is what was sealed and signed, and what the journal says',
] as const;

/** Everything that must be true once work has settled. Each gives what is not, in words; nothing when all is. */
export class Checks {
  /** Of the ledger and its modules. */
  statements = 0;

  constructor(
    private readonly cluster: Cluster,
    private readonly fleet: Fleet,
    private readonly town: Town,
    private readonly caller: Caller,
    private readonly chance: Chance,
  ) {}

  async all(expected: readonly Expected[], thorough: boolean): Promise<string[]> {
    return [
      ...(await this.sentences()),
      ...(await this.moneyAtTheRail()),
      ...(await this.acknowledged()),
      ...(await this.effects(expected)),
      ...(await this.answeredAgain()),
      ...(thorough ? await this.log() : []),
    ];
  }

  /** What the ledger and the modules above it say of themselves. */
  private async sentences(): Promise<string[]> {
    const findings = await checkInvariants((sql) => this.cluster.query(sql));
    this.statements = findings.length;
    return findings
      .filter(({ violations }) => violations.length > 0)
      .map(({ sentence, violations }) => `${violations.length} × not true: ${sentence}`);
  }

  /** Each payout was transferred once and paid out once, in its amount, and nothing else has left. */
  private async moneyAtTheRail(): Promise<string[]> {
    const state = JSON.parse(readFileSync(this.fleet.stateFile, 'utf8')) as {
      platforms: Record<string, { transfers: Moved[]; payouts: Moved[] }>;
    };
    const { transfers = [], payouts: paidOut = [] } = state.platforms[this.town.icb.code.toLowerCase()] ?? {};
    const payouts = await this.cluster.query<PayoutRow>(
      `select id, amount_minor::text as "amountMinor", transfer_id as "transferId", bank_payout_id as "bankPayoutId"
       from payout where rail = 'stripe'`,
    );
    const wrong = [...once('transferred', payouts, transfers, 'transferId')];
    wrong.push(...once('paid out', payouts, paidOut, 'bankPayoutId'));
    const known = new Set(payouts.map(({ id }) => id));
    for (const { id, metadata } of [...transfers, ...paidOut]) {
      if (!known.has(metadata.instruction ?? '')) wrong.push(`${id} left the rail without a payout`);
    }
    return [...wrong, ...(await this.town.stripe.violations())];
  }

  /** What was answered is there. */
  private async acknowledged(): Promise<string[]> {
    const ids = (pattern: RegExp, of = (answer: Answer) => [answer.id]) =>
      this.caller.acknowledged
        .filter(({ path }) => pattern.test(path))
        .flatMap(({ text }) => of(JSON.parse(text) as Answer));
    const missing = async (what: string, sought: readonly string[], sql: string) => {
      const found = await this.cluster.query<{ id: string }>(sql, [sought]);
      const lost = sought.length - found.length;
      return lost === 0 ? [] : [`${lost} acknowledged writes were lost: ${what}`];
    };
    return [
      ...(await missing('referrals', ids(/referrals$/), 'select id from referral where id = any ($1)')),
      ...(await missing(
        'acceptances',
        ids(/accept$/),
        `select id from referral where id = any ($1) and accepted_on is not null`,
      )),
      ...(await missing(
        'claim files',
        ids(/claim-files/),
        `select id from claim_file where id = any ($1) and state = 'received'`,
      )),
      ...(await missing(
        'batches',
        ids(/batches$/, ({ items }) => (items ?? []).map(({ id }) => id)),
        'select id from batch where id = any ($1)',
      )),
      ...(await missing(
        'approvals',
        ids(/approve$/),
        `select id from batch where id = any ($1) and state = 'approved'`,
      )),
      ...(await missing('payment runs', ids(/payment-runs$/), 'select id from payment_run where id = any ($1)')),
    ];
  }

  /** Each row was claimed once, each batch was invoiced once, and each charity was paid what it is owed. */
  private async effects(expected: readonly Expected[]): Promise<string[]> {
    const wrong: string[] = [];
    const batches = await this.cluster.query<{ id: string; claims: number; invoices: number; paid: string }>(
      `select b.id, (select count(*)::int from claim c where c.commissioner_id = b.commissioner_id and c.batch_id = b.id) as claims,
              (select count(*)::int from invoice i where i.commissioner_id = b.commissioner_id and i.batch_id = b.id
                 and i.state = 'issued') as invoices,
              (select coalesce(sum(p.amount_minor), 0)::text from payout_item p join invoice i
                 on i.commissioner_id = p.commissioner_id and i.id = p.invoice_id
               where i.batch_id = b.id and i.commissioner_id = b.commissioner_id and p.live) as paid
       from batch b`,
    );
    const byId = new Map(batches.map((batch) => [batch.id, batch]));
    for (const round of expected) {
      const batch = byId.get(round.batchId);
      const is = `${batch?.claims} claims, ${batch?.invoices} invoices, ${batch?.paid}p paid`;
      const must = `${round.rows} claims, 1 invoices, ${expectedMinor(round)}p paid`;
      if (is !== must) wrong.push(`The batch of ${round.reference} has ${is}, and not ${must}`);
    }
    const counted = { referrals: 'referral', batches: 'batch', 'payment-runs': 'payment_run' };
    for (const [path, table] of Object.entries(counted)) {
      const keys = this.caller.acknowledged.filter((one) => one.path === `/v1/${path}`).length;
      const [row] = await this.cluster.query<{ n: number }>(`select count(*)::int as n from ${table}`);
      if (row && row.n > keys) wrong.push(`${keys} keys have had ${row.n} effects: ${path}`);
    }
    return wrong;
  }

  /** A command that is repeated under its key is answered about what it did the first time. */
  private async answeredAgain(): Promise<string[]> {
    const commands = this.caller.acknowledged.filter(({ body }) => typeof body !== 'string');
    if (commands.length === 0) return [];
    const first: Acknowledged = this.chance.pick(commands);
    try {
      const again = await this.caller.repeat(first);
      return idsOf(again) === idsOf(first) ? [] : [`A repeated POST ${first.path} was answered in another way`];
    } catch (error) {
      return [`A repeated command failed: ${String(error)}`];
    }
  }

  /** Every event is sealed, and what is sealed is what is there. */
  private async log(): Promise<string[]> {
    const verdict = await this.town.nest.get(LiveVerifier).verify();
    const found = verdict.logs.flatMap(({ origin, findings }) =>
      findings.map(({ code, what, at }) => `${origin}: ${code}: ${what} (${JSON.stringify(at)})`),
    );
    return [...found, ...verdict.broken.map(({ sentence }) => `Not true, as its owner sees it: ${sentence}`)];
  }
}

interface Answer {
  readonly id: string;
  readonly items?: readonly { readonly id: string }[];
}

function idsOf({ text }: Acknowledged): string {
  const { id, items = [] } = JSON.parse(text) as Answer;
  return [id, ...items.map((item) => item.id)].join();
}

function once(
  what: string,
  payouts: readonly PayoutRow[],
  moved: readonly Moved[],
  reference: 'transferId' | 'bankPayoutId',
): string[] {
  const of = new Map<string, Moved[]>();
  for (const one of moved)
    of.set(one.metadata.instruction ?? '', [...(of.get(one.metadata.instruction ?? '') ?? []), one]);
  return payouts.flatMap((payout) => {
    const [first, ...more] = of.get(payout.id) ?? [];
    if (!first) return [`A payout of ${payout.amountMinor}p was not ${what}`];
    if (more.length > 0) return [`A payout was ${what} ${1 + more.length} times`];
    if (first.amountMinor !== payout.amountMinor) return [`A payout was ${what} in another amount`];
    return first.id === payout[reference] ? [] : [`A payout was ${what} as ${first.id}, which it does not know`];
  });
}
