import { Controller, Get, Post, Query } from '@nestjs/common';
import { DirectoryBrowser, district, ListingsService, PLACES, type ShownListing } from '../../directory/index.js';
import { Clock } from '../../platform/clock.js';
import { DomainError } from '../../platform/errors.js';
import {
  ReferralRegister,
  ReferralsService,
  REFERRAL_SOURCES,
  respondBy,
  whyNotDays,
  type MakeReferral,
} from '../../referrals/index.js';
import { DraftsService } from '../../sign-in/index.js';
import { addressOf } from '../page/address.rules.js';
import { linesOf } from '../directory/listing-lines.rules.js';
import { seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { BASES, readReferral, spacedNhsNumber } from './refer-form.rules.js';
import { ChooseAddress } from './referrals.schemas.js';

const REFERRER = { referrer: ['referrer'] } as const;
const DRAFT = 'referral';
const PAGE_ROWS = 20;
const DRAFTS_SHOWN = 3;

/**
 * Making a referral: choose the service, say what little is needed, look once more. What was typed is kept as a draft of
 * the service, without an NHS number: that is nowhere but in the form until it is sent.
 */
@Controller('referrals/new')
export class ReferPages {
  constructor(
    private readonly directory: DirectoryBrowser,
    private readonly listings: ListingsService,
    private readonly register: ReferralRegister,
    private readonly referrals: ReferralsService,
    private readonly drafts: DraftsService,
    private readonly clock: Clock,
  ) {}

  @Page({ permit: REFERRER })
  @Get()
  async begin(
    @CurrentVisit() visit: Visit,
    @Query({ schema: ChooseAddress }) address: ChooseAddress,
  ): Promise<PageAnswer> {
    const { service } = address;
    if (service === undefined) return this.choose(visit, address);
    const listing = await this.listings.get(visit.actor, service);
    const draft = address.fresh === undefined ? await this.drafts.find(visit.actor, DRAFT, service) : null;
    const [latest] = (await this.register.list(visit.actor, {}, { order: 'latest', limit: 1 })).items;
    return this.ask(visit, listing, { source: latest?.source, ...draft }, { isDraft: draft !== null });
  }

  @Action({ permit: REFERRER })
  @Post()
  async go(
    @CurrentVisit() visit: Visit,
    @Query({ schema: ChooseAddress }) { service }: ChooseAddress,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    if (service === undefined) return seeOther('/referrals/new');
    const listing = await this.listings.get(visit.actor, service);
    const form = new Form(visit.t, fields);
    if (fields.has('_change')) return this.ask(visit, listing, form.values);
    await this.drafts.save(visit.actor, DRAFT, service, form.values);
    const today = this.clock.today();
    const request = readReferral(form, fields, { serviceId: service, sources: REFERRAL_SOURCES, today, whyNotDays });
    if (!request) return this.ask(visit, listing, form.values, { form });
    return fields.has('_make') ? this.make(visit, listing, request, form) : this.check(visit, listing, request, form);
  }

  private async make(visit: Visit, listing: ShownListing, request: MakeReferral, form: Form): Promise<PageAnswer> {
    try {
      const { id } = await this.referrals.make(visit.command(), request);
      await this.drafts.discard(visit.actor, DRAFT, listing.serviceId);
      return seeOther(`/referrals/${id}/made`);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      form.refused(error, error.code === 'referral.reference_taken' ? 'reference' : '');
      return this.ask(visit, listing, form.values, { form });
    }
  }

  private async choose(visit: Visit, address: ChooseAddress): Promise<View> {
    const { q, postcode, places, page } = address;
    const area = postcode === undefined ? undefined : district.safeParse(postcode);
    const errors = area?.success === false ? [{ field: 'postcode', text: visit.t('directory.postcodeWrong') }] : [];
    const filter = { search: q, places, district: area?.success ? area.data : undefined };
    const offset = (page - 1) * PAGE_ROWS;
    const found = await this.directory.search(visit.actor, undefined, filter, { offset, limit: PAGE_ROWS });
    const at = (number: number) => addressOf('/referrals/new', { q, postcode, places, page: String(number) });
    const data = {
      total: found.total,
      listings: found.listings.map((listing) => ({ ...listing, lines: linesOf(visit.t, listing) })),
      filter: { q, postcode, places },
      narrowed: q !== undefined || postcode !== undefined || places !== undefined,
      places: PLACES,
      drafts: await this.draftsOf(visit),
      first: page > 1 ? at(1) : undefined,
      next: offset + found.listings.length < found.total ? at(page + 1) : undefined,
    };
    return view('referrals/choose.njk', data, { errors, values: { q, postcode, places } });
  }

  /** What was begun and not sent, of services that are still shown. */
  private async draftsOf({ actor }: Visit) {
    const begun = (await this.drafts.list(actor)).filter(({ kind }) => kind === DRAFT).slice(0, DRAFTS_SHOWN);
    const found: { serviceId: string; name: string; savedAt: Date }[] = [];
    for (const { subject, savedAt } of begun) {
      try {
        found.push({ serviceId: subject, name: (await this.listings.get(actor, subject)).name, savedAt });
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
      }
    }
    return found;
  }

  private ask(
    { t }: Visit,
    listing: ShownListing,
    values: Readonly<Record<string, unknown>>,
    { form, isDraft = false }: { form?: Form; isDraft?: boolean } = {},
  ): View {
    const data = {
      listing,
      lines: linesOf(t, listing),
      sources: REFERRAL_SOURCES,
      bases: BASES,
      today: this.clock.today(),
      isDraft,
    };
    return view('referrals/new.njk', data, { errors: form?.errors ?? [], values });
  }

  private check({ t }: Visit, listing: ShownListing, request: MakeReferral, form: Form): View {
    const { nhsNumber, madeOn = this.clock.today() } = request;
    return view('referrals/check.njk', {
      listing,
      lines: linesOf(t, listing),
      request: { ...request, madeOn, respondBy: respondBy(madeOn, request.respondBy) },
      nhsNumber: nhsNumber === undefined ? undefined : spacedNhsNumber(nhsNumber),
      typed: Object.entries(form.values).flatMap(([name, value]) =>
        typeof value === 'string' ? [{ name, value }] : [],
      ),
    });
  }
}
