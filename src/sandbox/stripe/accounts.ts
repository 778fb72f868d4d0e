import { settings } from './balances.js';
import { announceThin } from './events.js';
import { invalid, missing } from './failures.js';
import { getRecipient } from './transfers.js';
import { newId, type Capability, type Link, type Metadata, type Platform, type Recipient } from './state.js';
import { nowSeconds, type Call, type World } from './world.js';

interface AccountParams {
  contact_email?: string;
  display_name?: string;
  dashboard?: string;
  identity?: Record<string, unknown>;
  configuration?: {
    recipient?: { capabilities?: { stripe_balance?: { stripe_transfers?: { requested: boolean } } } };
  };
  defaults?: { currency?: string };
  metadata?: Metadata;
  include?: string[];
}

interface LinkPages {
  refresh_url: string;
  return_url?: string;
}

interface LinkParams {
  account: string;
  use_case: { type: string; account_onboarding?: LinkPages; account_update?: LinkPages };
}

/** What Stripe asks every new recipient for, in its words. */
const ONBOARDING = ['configuration.recipient.default_outbound_destination', 'identity.business_details.address'];
const BANK = 'configuration.recipient.default_outbound_destination';
const LINK_LIFE_SECONDS = 300;

export function createAccount({ world, platform, params }: Call) {
  const wanted = params as AccountParams;
  const recipient: Recipient = {
    id: newId('acct'),
    createdAt: nowSeconds(world),
    identity: wanted.identity ?? {},
    currency: wanted.defaults?.currency ?? 'gbp',
    metadata: wanted.metadata ?? {},
    applied: wanted.configuration?.recipient !== undefined,
    transfers: 'restricted',
    payouts: 'restricted',
    requirements: [...ONBOARDING],
    bank: 'pays',
    landing: 'available',
    schedule: 'daily',
    bankAccountId: newId('ba'),
    ...(wanted.display_name === undefined ? {} : { displayName: wanted.display_name }),
    ...(wanted.contact_email === undefined ? {} : { contactEmail: wanted.contact_email }),
    ...(wanted.dashboard === undefined ? {} : { dashboard: wanted.dashboard }),
  };
  platform.recipients.push(recipient);
  announceThin(world, platform, 'v2.core.account.created', recipient.id);
  return showAccount(recipient, wanted.include);
}

export function retrieveAccount({ platform, path, params }: Call) {
  const recipient = platform.recipients.find((one) => one.id === path.id);
  if (!recipient) throw missing('account', path.id ?? '');
  return showAccount(recipient, params.include as string[] | undefined);
}

/** A link for one use within five minutes; one that updates is only for accounts without a dashboard of their own. */
export function createLink({ world, platform, params }: Call) {
  const wanted = params as unknown as LinkParams;
  const recipient = platform.recipients.find((one) => one.id === wanted.account);
  if (!recipient) throw missing('account', wanted.account);
  const { type, account_onboarding: onboarding, account_update: update } = wanted.use_case;
  const pages = type === 'account_onboarding' ? onboarding : update;
  if (!pages) throw invalid('parameter_missing', `A link of type ${type} needs its pages.`, 'use_case');
  if (type === 'account_update' && recipient.dashboard !== 'none') {
    throw invalid('parameter_invalid', 'An account with a dashboard is updated there.', 'use_case');
  }
  const createdAt = nowSeconds(world);
  const link: Link = {
    token: newId('link'),
    accountId: recipient.id,
    refreshUrl: pages.refresh_url,
    returnUrl: pages.return_url ?? pages.refresh_url,
    expiresAt: createdAt + LINK_LIFE_SECONDS,
    used: false,
  };
  platform.links.push(link);
  return {
    object: 'v2.core.account_link',
    account: recipient.id,
    created: instant(createdAt),
    expires_at: instant(link.expiresAt),
    livemode: false,
    url: `${world.baseUrl}/_double/onboarding/${link.token}`,
    use_case: wanted.use_case,
  };
}

/**
 * The provider follows its link: everything asked for is given, and a bank that had failed is replaced. Gives where the
 * browser goes next: back, or to the refresh address when the link was used or has expired; `undefined`: no such link.
 */
export function followLink(world: World, platform: Platform, token: string): string | undefined {
  const link = platform.links.find((one) => one.token === token);
  if (!link) return undefined;
  if (link.used || link.expiresAt <= nowSeconds(world)) return link.refreshUrl;
  link.used = true;
  const recipient = getRecipient(platform, link.accountId, 'account');
  if (recipient.transfers === 'active') {
    recipient.bankAccountId = newId('ba');
    recipient.bank = 'pays';
  }
  setStanding(world, platform, recipient, { transfers: 'active', payouts: 'active', requirements: [] });
  return link.returnUrl;
}

/** The bank of a recipient has failed a payout: Stripe pays nothing more out until it has another. */
export function distrustBank(world: World, platform: Platform, accountId: string): void {
  const recipient = getRecipient(platform, accountId, 'account');
  setStanding(world, platform, recipient, { payouts: 'restricted', requirements: [BANK] });
}

export interface Standing {
  transfers?: Capability;
  payouts?: Capability;
  requirements?: string[];
}

/** Sets what a recipient may do, and announces what changed. */
export function setStanding(world: World, platform: Platform, recipient: Recipient, standing: Standing): void {
  const before = JSON.stringify([recipient.transfers, recipient.payouts]);
  const asked = JSON.stringify(recipient.requirements);
  Object.assign(recipient, standing);
  if (JSON.stringify(recipient.requirements) !== asked) {
    announceThin(world, platform, 'v2.core.account[requirements].updated', recipient.id);
  }
  if (JSON.stringify([recipient.transfers, recipient.payouts]) !== before) {
    const type = 'v2.core.account[configuration.recipient].capability_status_updated';
    announceThin(world, platform, type, recipient.id);
  }
}

export function retrieveSettings({ platform, accountId }: Call) {
  return settings(getRecipient(platform, accountId, 'account'));
}

export function changeSettings({ platform, accountId, params }: Call) {
  const recipient = getRecipient(platform, accountId, 'account');
  const wanted = params as { payments?: { payouts?: { schedule?: { interval?: Recipient['schedule'] } } } };
  recipient.schedule = wanted.payments?.payouts?.schedule?.interval ?? recipient.schedule;
  return settings(recipient);
}

/** Version 2 leaves out what was not asked for by `include`. */
function showAccount(recipient: Recipient, include: string[] = []) {
  const { displayName, contactEmail, dashboard } = recipient;
  return {
    id: recipient.id,
    object: 'v2.core.account',
    applied_configurations: recipient.applied ? ['recipient'] : [],
    closed: false,
    created: instant(recipient.createdAt),
    livemode: false,
    metadata: recipient.metadata,
    ...(displayName === undefined ? {} : { display_name: displayName }),
    ...(contactEmail === undefined ? {} : { contact_email: contactEmail }),
    ...(dashboard === undefined ? {} : { dashboard }),
    ...(include.includes('identity') ? { identity: recipient.identity } : {}),
    ...(include.includes('configuration.recipient')
      ? { configuration: { recipient: showConfiguration(recipient) } }
      : {}),
    ...(include.includes('requirements')
      ? { requirements: { entries: recipient.requirements.map(showRequirement) } }
      : {}),
  };
}

function showConfiguration(recipient: Recipient) {
  if (!recipient.applied) return { applied: false };
  const show = (status: Capability) => ({
    status,
    status_details: status === 'active' ? [] : [{ code: 'requirements_past_due', resolution: 'provide_info' }],
  });
  return {
    applied: true,
    capabilities: {
      stripe_balance: { stripe_transfers: show(recipient.transfers), payouts: show(recipient.payouts) },
    },
  };
}

function showRequirement(description: string) {
  const capability = description === BANK ? 'stripe_balance.payouts' : 'stripe_balance.stripe_transfers';
  return {
    awaiting_action_from: 'user',
    description,
    errors: [],
    impact: {
      restricts_capabilities: [{ capability, configuration: 'recipient', deadline: { status: 'past_due' } }],
    },
    minimum_deadline: { status: 'past_due' },
    requested_reasons: [{ code: 'routine_onboarding' }],
  };
}

function instant(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
