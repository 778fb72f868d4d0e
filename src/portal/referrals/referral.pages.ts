import { Controller, Get, Param, Post } from '@nestjs/common';
import type { z } from 'zod';
import { SessionsService } from '../../delivery/index.js';
import { ListingsService } from '../../directory/index.js';
import { IdParameter } from '../../organisations/index.js';
import { Clock } from '../../platform/clock.js';
import { DomainError } from '../../platform/errors.js';
import { CLOSE_REASONS, DECLINE_REASONS, ReferralRegister, ReferralsService } from '../../referrals/index.js';
import { seeOther, seeOtherNoting, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, EVERY_MEMBER, Page, SentFields } from '../page/page.js';
import { hasRole, type Visit } from '../page/visit.rules.js';

type Id = z.infer<typeof IdParameter>;

const COORDINATOR = { provider: ['coordinator'] } as const;
const SESSIONS_MAX = 200;

/** One referral: what became of it, and what can be done about it now. */
@Controller('referrals')
export class ReferralPages {
  constructor(
    private readonly register: ReferralRegister,
    private readonly referrals: ReferralsService,
    private readonly sessions: SessionsService,
    private readonly listings: ListingsService,
    private readonly clock: Clock,
  ) {}

  @Page({ permit: EVERY_MEMBER, sensitive: 'referrals' })
  @Get(':id')
  read(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.show(visit, id);
  }

  /** What somebody keeps who has just referred, or prints for the person. */
  @Page({ permit: { referrer: 'any' }, sensitive: 'referrals' })
  @Get(':id/made')
  async made(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    const referral = await this.register.read(visit.actor, id);
    return view('referrals/made.njk', { referral, listing: await this.listingOf(visit, referral.serviceId) });
  }

  @Action({ permit: COORDINATOR, sensitive: 'referrals' })
  @Post(':id/accept')
  async accept(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const day = form.day('acceptedOn', { missing: 'referrals.one.acceptDayMissing' });
    if (form.ok) {
      try {
        const { referral } = await this.referrals.accept(visit.command(), id, day);
        return seeOther(`/referrals/${id}`, 'referrals.one.acceptDone', { reference: referral.reference });
      } catch (error) {
        refuse(visit, form, error, 'acceptedOn');
      }
    }
    return this.show(visit, id, form);
  }

  @Page({ permit: COORDINATOR, sensitive: 'referrals' })
  @Get(':id/decline')
  declining(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.askWhy(visit, id, 'decline');
  }

  @Action({ permit: COORDINATOR, sensitive: 'referrals' })
  @Post(':id/decline')
  async decline(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const reason = form.choice('reason', DECLINE_REASONS, 'referrals.decline.reasonMissing');
    if (reason !== undefined) {
      try {
        const { referral } = await this.referrals.decline(visit.command(), id, reason);
        return seeOther('/referrals', 'referrals.decline.done', { reference: referral.reference });
      } catch (error) {
        refuse(visit, form, error, 'reason');
      }
    }
    return this.askWhy(visit, id, 'decline', form);
  }

  @Page({ permit: COORDINATOR, sensitive: 'referrals' })
  @Get(':id/close')
  closing(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.askWhy(visit, id, 'close');
  }

  @Action({ permit: COORDINATOR, sensitive: 'referrals' })
  @Post(':id/close')
  async close(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const reason = form.choice('reason', CLOSE_REASONS, 'referrals.close.reasonMissing');
    const day = form.day('closedOn', { missing: 'referrals.close.dayMissing' });
    if (form.ok && reason !== undefined) {
      try {
        await this.referrals.close(visit.command(), id, reason, day);
        return seeOther(`/referrals/${id}`, 'referrals.close.done');
      } catch (error) {
        refuse(visit, form, error, 'closedOn');
      }
    }
    return this.askWhy(visit, id, 'close', form);
  }

  @Action({ permit: { commissioner: ['contract_manager'] }, sensitive: 'referrals' })
  @Post(':id/confirm')
  async confirm(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    try {
      await this.referrals.confirm(visit.command(), id);
      return seeOther(`/referrals/${id}`, 'referrals.one.confirmDone');
    } catch (error) {
      refuse(visit, form, error, '');
    }
    return this.show(visit, id, form);
  }

  private async show(visit: Visit, id: string, form?: Form): Promise<View> {
    const { actor } = visit;
    const referral = await this.register.read(actor, id);
    const { budget } = await this.referrals.read(actor, id);
    const side = visit.membership?.kind;
    const coordinates = side === 'provider' && hasRole(visit, 'coordinator');
    const manages = side === 'commissioner' && hasRole(visit, 'contract_manager');
    const can = (step: (typeof referral.steps)[number]) => referral.steps.includes(step);
    const data = {
      referral,
      budget,
      progress: referral.acceptedOn === null ? null : await this.sessions.progress(actor, id),
      sessions: side === 'referrer' ? [] : await this.attended(visit, id),
      side,
      today: this.clock.today(),
      may: {
        accept: coordinates && can('accept'),
        decline: coordinates && can('decline'),
        close: coordinates && can('close'),
        confirm: manages && can('confirm'),
        record: coordinates && referral.state === 'accepted',
        refer: side === 'referrer' && hasRole(visit, 'referrer'),
      },
    };
    return view('referrals/show.njk', data, form && { errors: form.errors, values: form.values });
  }

  /** The sessions that the referral led to, with how it went for this person alone. */
  private async attended({ actor }: Visit, referralId: string) {
    const { items } = await this.sessions.list(actor, { referralId, limit: SESSIONS_MAX });
    return items.map(({ session, attendances }) => ({
      id: session.id,
      heldOn: session.heldOn,
      outcome: attendances.find((one) => one.referralId === referralId)?.outcome,
    }));
  }

  /** Asks for the reason of a step; where it cannot be taken any more, the referral says what it is now. */
  private async askWhy(visit: Visit, id: string, step: 'decline' | 'close', form?: Form): Promise<PageAnswer> {
    const referral = await this.register.read(visit.actor, id);
    if (!form && !referral.steps.includes(step)) return seeOtherNoting(`/referrals/${id}`, 'referrals.one.notNow');
    const data = { referral, today: this.clock.today(), declineReasons: DECLINE_REASONS, closeReasons: CLOSE_REASONS };
    return view(`referrals/${step}.njk`, data, form && { errors: form.errors, values: form.values });
  }

  /** What the directory says of the service; null when it is not shown there now. */
  private async listingOf({ actor }: Visit, serviceId: string) {
    try {
      return await this.listings.get(actor, serviceId);
    } catch (error) {
      if (error instanceof DomainError) return null;
      throw error;
    }
  }
}

/** Days that the service refused are said between which they lie; everything else in the words of its code. */
function refuse({ t }: Visit, form: Form, error: unknown, dayField: string): void {
  if (!(error instanceof DomainError) || error.kind === 'not_found') throw error;
  const { from, to } = error.details;
  if (typeof from !== 'string' || typeof to !== 'string') return form.refused(error);
  form.refuse(dayField, 'referrals.dayOutside', { from: t.day(from), to: t.day(to) });
}
