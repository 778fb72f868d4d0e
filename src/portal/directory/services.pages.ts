import { Controller, Get, Param, Query } from '@nestjs/common';
import {
  DAYS,
  DirectoryBrowser,
  DirectoryService,
  district,
  PLACES,
  type DirectoryPage,
  type ListingFilter,
} from '../../directory/index.js';
import { ReferralDestinations } from '../../referrals/index.js';
import { addressOf } from '../page/address.rules.js';
import type { FormError } from '../page/answer.rules.js';
import { view, type PageAnswer, type View } from '../page/answer.rules.js';
import { CurrentVisit, EVERY_MEMBER, Page } from '../page/page.js';
import { hasRole, type Visit } from '../page/visit.rules.js';
import { CodeParameter, EntryParameter, ServicesAddress } from './directory.schemas.js';
import { linesOf } from './listing-lines.rules.js';

const PAGE_ROWS = 25;

/** What services there are: for those who have signed in, and for anybody. */
@Controller('services')
export class ServicePages {
  constructor(
    private readonly browser: DirectoryBrowser,
    private readonly directory: DirectoryService,
    private readonly destinations: ReferralDestinations,
  ) {}

  @Page({ permit: EVERY_MEMBER })
  @Get()
  async list(
    @CurrentVisit() visit: Visit,
    @Query({ schema: ServicesAddress }) address: ServicesAddress,
  ): Promise<PageAnswer> {
    const owners = await this.browser.owners(visit.actor);
    const chosen = owners.find(({ code }) => code === address.commissioner) ?? owners[0];
    if (!chosen) return view('directory/none.njk');
    const search = readSearch(visit, address);
    const found = await this.browser.search(visit.actor, chosen.code, search.filter, pageOf(address));
    return showList(visit, found, address, search.errors, { path: '/services', owners, isOpen: false });
  }

  @Page({ permit: 'public' })
  @Get(':code')
  async open(
    @CurrentVisit() visit: Visit,
    @Param({ schema: CodeParameter }) { code }: CodeParameter,
    @Query({ schema: ServicesAddress }) address: ServicesAddress,
  ): Promise<PageAnswer> {
    const search = readSearch(visit, address);
    const found = await this.directory.search(code, search.filter, pageOf(address));
    return showList(visit, found, address, search.errors, { path: `/services/${code}`, owners: [], isOpen: true });
  }

  @Page({ permit: 'public' })
  @Get(':code/:serviceId')
  async read(
    @CurrentVisit() visit: Visit,
    @Param({ schema: EntryParameter }) { code, serviceId }: EntryParameter,
  ): Promise<PageAnswer> {
    const { owner, listing } = await this.directory.get(code, serviceId);
    const refers = visit.membership?.kind === 'referrer' && hasRole(visit, 'referrer');
    const service = refers ? await this.destinations.findService(visit.actor, serviceId) : undefined;
    return view('directory/service.njk', { owner, listing, lines: linesOf(visit.t, listing), service });
  }
}

function readSearch({ t }: Visit, { q, postcode, age, day, places }: ServicesAddress) {
  const area = postcode === undefined ? undefined : district.safeParse(postcode);
  const filter: ListingFilter = { search: q, age, day, places, district: area?.success ? area.data : undefined };
  const errors: FormError[] =
    area?.success === false ? [{ field: 'postcode', text: t('directory.postcodeWrong') }] : [];
  return { filter, errors };
}

function pageOf({ page }: ServicesAddress) {
  return { offset: (page - 1) * PAGE_ROWS, limit: PAGE_ROWS };
}

function showList(
  { t, membership }: Visit,
  { owner, total, listings }: DirectoryPage,
  { page, age, commissioner, ...chosen }: ServicesAddress,
  errors: readonly FormError[],
  { path, owners, isOpen }: { path: string; owners: readonly { code: string; name: string }[]; isOpen: boolean },
): View {
  const filter = { ...chosen, age: age === undefined ? undefined : String(age) };
  const around = isOpen ? {} : { commissioner };
  const at = (number: number) => addressOf(path, { ...filter, ...around, page: String(number) });
  const data = {
    writes: !isOpen && (membership?.kind === 'provider' || membership?.kind === 'commissioner'),
    owner,
    owners,
    isOpen,
    path,
    total,
    listings: listings.map((listing) => ({ ...listing, lines: linesOf(t, listing) })),
    filter,
    narrowed: Object.values(filter).some((value) => value !== undefined),
    days: DAYS,
    places: PLACES,
    first: page > 1 ? at(1) : undefined,
    next: page * PAGE_ROWS < total ? at(page + 1) : undefined,
  };
  return view('directory/services.njk', data, { errors, values: { ...filter, commissioner: owner.code } });
}
