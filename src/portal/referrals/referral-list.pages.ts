import { Controller, Get, Post, Query } from '@nestjs/common';
import { SessionsService } from '../../delivery/index.js';
import {
  ReferralRegister,
  ReferralsService,
  REFERRAL_STATES,
  type AcceptedMany,
  type ListedReferral,
} from '../../referrals/index.js';
import { addressOf } from '../page/address.rules.js';
import { seeOther, seeOtherNoting, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, EVERY_MEMBER, Page, SentFields } from '../page/page.js';
import { hasRole, type Visit } from '../page/visit.rules.js';
import { ReferralsAddress, TickedReferrals } from './referrals.schemas.js';

const PAGE_ROWS = 50;
const TOP: ReferralsAddress = {};

/** Referrals as those see them who made them, answer them, or pay for what they lead to. */
@Controller('referrals')
export class ReferralListPages {
  constructor(
    private readonly register: ReferralRegister,
    private readonly referrals: ReferralsService,
    private readonly sessions: SessionsService,
  ) {}

  @Page({ permit: EVERY_MEMBER, sensitive: 'referrals' })
  @Get()
  list(
    @CurrentVisit() visit: Visit,
    @Query({ schema: ReferralsAddress }) address: ReferralsAddress,
  ): Promise<PageAnswer> {
    return this.show(visit, address);
  }

  @Action({ permit: { provider: ['coordinator'] }, sensitive: 'referrals' })
  @Post('accept')
  async acceptMany(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const ticked = TickedReferrals.safeParse(fields.all('referral'));
    if (!ticked.success) {
      const form = new Form(visit.t, fields);
      form.refuse('referral', 'referrals.waiting.noneTicked');
      return this.show(visit, TOP, form);
    }
    const wanted = ticked.data.map((referralId) => ({ referralId }));
    return saidOf(await this.referrals.acceptMany(visit.command(), wanted));
  }

  private async show(visit: Visit, address: ReferralsAddress, form?: Form): Promise<View> {
    const { after, state } = address;
    const narrowed = Object.entries(address).some(([name, value]) => name !== 'after' && value !== undefined);
    const isProvider = visit.membership?.kind === 'provider';
    const waiting = isProvider && (state === 'made' || !narrowed) ? await this.waiting(visit, address) : null;
    const others = state === 'made' && isProvider ? null : await this.others(visit, address, isProvider && !narrowed);
    const { after: _after, ...filter } = address;
    const data = {
      waiting,
      others,
      figures: isProvider ? await this.register.waiting(visit.actor) : null,
      services: await this.register.services(visit.actor),
      states: REFERRAL_STATES,
      filter,
      narrowed,
      first: after === undefined ? undefined : addressOf('/referrals', filter),
      side: visit.membership?.kind,
      may: {
        answer: isProvider && hasRole(visit, 'coordinator'),
        refer: visit.membership?.kind === 'referrer' && hasRole(visit, 'referrer'),
        upload: hasRole(visit, 'coordinator', 'contract_manager', 'referrer'),
      },
    };
    return view('referrals/list.njk', data, form && { errors: form.errors, values: form.values });
  }

  /** Those to be answered, the most urgent first; on the page of all only the first of them. */
  private async waiting({ actor }: Visit, address: ReferralsAddress) {
    const { after, ...filter } = address;
    const isOwnPage = filter.state === 'made';
    const page = { order: 'waiting', limit: PAGE_ROWS, after: isOwnPage ? after : undefined } as const;
    const { items, next } = await this.register.list(actor, { ...narrow(filter), state: 'made' }, page);
    const onward = isOwnPage ? { ...filter, after: next ?? undefined } : { state: 'made' };
    return { items, next: next === null ? undefined : addressOf('/referrals', onward), isOwnPage };
  }

  private async others({ actor }: Visit, address: ReferralsAddress, acceptedOnly: boolean) {
    const { after, ...filter } = address;
    const wanted = acceptedOnly ? { state: 'accepted' as const } : narrow(filter);
    const { items, next } = await this.register.list(actor, wanted, { order: 'latest', limit: PAGE_ROWS, after });
    return {
      items: await this.withProgress(actor, items),
      next: next === null ? undefined : addressOf('/referrals', { ...filter, after: next }),
      acceptedOnly,
    };
  }

  private async withProgress(actor: Visit['actor'], items: readonly ListedReferral[]) {
    const ids = items.filter(({ acceptedOn }) => acceptedOn !== null).map(({ id }) => id);
    const progress = await this.sessions.progressOfMany(actor, ids);
    return items.map((referral) => ({ ...referral, progress: progress.get(referral.id) }));
  }
}

function narrow({ state, service, reference, unconfirmed }: Omit<ReferralsAddress, 'after'>) {
  return { state, serviceId: service, reference, ...(unconfirmed === '1' && { unconfirmed: true }) };
}

function saidOf({ accepted, refused }: AcceptedMany): PageAnswer {
  const count = accepted.length;
  if (refused.length === 0) return seeOther('/referrals', 'referrals.waiting.accepted', { count });
  return seeOtherNoting('/referrals', 'referrals.waiting.someAccepted', { count, refused: refused.length });
}
