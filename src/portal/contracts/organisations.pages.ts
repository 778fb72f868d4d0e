import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import {
  EndVat,
  IdParameter,
  InvitingService,
  LEGAL_FORMS,
  OrganisationRegister,
  OrganisationsService,
  RegisterOrganisation,
  RegisterVat,
  type Organisation,
  type OrganisationInFull,
} from '../../organisations/index.js';
import { Clock } from '../../platform/clock.js';
import { DomainError } from '../../platform/errors.js';
import { ContractRegister } from '../../pricing/index.js';
import { addressOf } from '../page/address.rules.js';
import { seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import { hasRole, type Visit } from '../page/visit.rules.js';
import { abilities } from './contracts.pages.js';
import { NewOrganisationAddress, OrganisationsAddress, VatAddress } from './contracts.schemas.js';
import { FormDrafts } from './form-drafts.service.js';
import { ORGANISATION_PLACES, readOrganisation, readVatRegistration, TAKEN_PLACES } from './organisation-form.rules.js';

type Id = z.infer<typeof IdParameter>;

const PAGE_ROWS = 50;
const CONTRACTS_MAX = 100;
const REGISTERS = { commissioner: ['contract_manager', 'admin'] } as const;
const READERS = { commissioner: 'any', provider: 'any', referrer: 'any' } as const;
const SETS_VAT = { commissioner: ['contract_manager', 'admin'], provider: ['treasurer', 'admin'] } as const;
const DRAFT = 'organisation-new';

/** The register of organisations: whom a commissioner works with, and what is known of each. */
@Controller('organisations')
export class OrganisationPages {
  constructor(
    private readonly register: OrganisationRegister,
    private readonly organisations: OrganisationsService,
    private readonly inviting: InvitingService,
    private readonly contracts: ContractRegister,
    private readonly drafts: FormDrafts,
    private readonly clock: Clock,
  ) {}

  @Page({ permit: { commissioner: 'any' } })
  @Get()
  async list(
    @CurrentVisit() visit: Visit,
    @Query({ schema: OrganisationsAddress }) { kind, name, after }: OrganisationsAddress,
  ): Promise<PageAnswer> {
    const { items, next } = await this.register.list(visit.actor, { kind, text: name, after, limit: PAGE_ROWS });
    const address = { kind, name: name === '' ? undefined : name };
    return view(
      'organisations/list.njk',
      {
        items,
        ownId: visit.actor.orgId,
        isFiltered: Object.values(address).some((value) => value !== undefined),
        first: after === undefined ? undefined : addressOf('/organisations', address),
        next: next === null ? undefined : addressOf('/organisations', { ...address, after: next }),
        ...abilities(visit),
      },
      { values: address },
    );
  }

  @Page({ permit: REGISTERS })
  @Get('new')
  async ask(
    @CurrentVisit() visit: Visit,
    @Query({ schema: NewOrganisationAddress }) { kind, change }: NewOrganisationAddress,
  ): Promise<PageAnswer> {
    const typed = change === undefined ? null : await this.drafts.find(visit.actor, DRAFT, '');
    return registerForm(typed?.values() ?? { kind: kind ?? '' });
  }

  @Action({ permit: REGISTERS })
  @Post('new')
  async check(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const { form, request } = read(visit, fields);
    if (!request) return registerForm(form.values, form);
    await this.drafts.keep(visit.actor, DRAFT, '', fields);
    return seeOther('/organisations/new/check');
  }

  @Page({ permit: REGISTERS })
  @Get('new/check')
  async answers(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    const typed = await this.drafts.find(visit.actor, DRAFT, '');
    const request = typed && read(visit, typed).request;
    return request ? view('organisations/check.njk', { request }) : seeOther('/organisations/new');
  }

  @Action({ permit: REGISTERS })
  @Post('new/check')
  async registerNew(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    const typed = await this.drafts.find(visit.actor, DRAFT, '');
    if (!typed) return seeOther('/organisations/new');
    const { form, request } = read(visit, typed);
    if (!request) return registerForm(form.values, form);
    try {
      const { id } = await this.organisations.register(visit.command(), request);
      await this.drafts.discard(visit.actor, DRAFT, '');
      return seeOther(`/organisations/${id}/registered`);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      form.refused(error, TAKEN_PLACES[error.code] ?? '');
      return registerForm(form.values, form);
    }
  }

  @Page({ permit: REGISTERS })
  @Get(':id/registered')
  async registered(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return view('organisations/registered.njk', {
      ...(await this.register.read(visit.actor, id)),
      ...abilities(visit),
    });
  }

  @Page({ permit: READERS })
  @Get(':id')
  async show(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    const { actor } = visit;
    const whole = await this.register.read(actor, id);
    const may = abilities(visit);
    const mayInvite = whole.isOurs && may.mayRegister;
    const offer = mayInvite ? await this.inviting.offer(actor, id) : undefined;
    const open = mayInvite ? await this.inviting.listOpen(actor) : [];
    return view('organisations/show.njk', {
      ...whole,
      contracts: await this.contractsOf(visit, whole.organisation),
      mayInvite: offer !== undefined && !offer.hasAdmin,
      hasAdmin: offer?.hasAdmin ?? false,
      invitations: open.filter(({ organisationId }) => organisationId === id),
      mayKeepVat: mayKeepVat(visit, whole),
      today: this.clock.today(),
      ...may,
    });
  }

  @Page({ permit: SETS_VAT })
  @Get(':id/vat')
  async askVat(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return view('organisations/vat.njk', { ...(await this.register.read(visit.actor, id)) });
  }

  @Action({ permit: SETS_VAT })
  @Post(':id/vat')
  async addVat(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const request = form.as(RegisterVat, readVatRegistration(form, fields), { startsOn: 'startsOn-day' });
    try {
      if (request) {
        await this.organisations.registerVat(visit.actor, id, request);
        return seeOther(`/organisations/${id}`, 'organisations.vat.added');
      }
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      form.refused(error, error.code === 'organisation.vat_registration_overlaps' ? 'startsOn-day' : '');
    }
    const whole = await this.register.read(visit.actor, id);
    return view('organisations/vat.njk', { ...whole }, { errors: form.errors, values: form.values });
  }

  @Page({ permit: SETS_VAT })
  @Get(':id/vat/end')
  async askEndVat(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @Query({ schema: VatAddress }) { from }: VatAddress,
  ): Promise<PageAnswer> {
    return this.endForm(visit, id, from);
  }

  @Action({ permit: SETS_VAT })
  @Post(':id/vat/end')
  async endVat(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const startsOn = fields.text('from');
    const endsOn = form.day('endsOn', { missing: 'organisations.vat.endsOnMissing' });
    if (endsOn !== undefined && endsOn < startsOn) form.refuse('endsOn-day', 'organisations.vat.endsBefore');
    const request = form.as(EndVat, { startsOn, endsOn }, { endsOn: 'endsOn-day' });
    if (!request) return this.endForm(visit, id, startsOn, form);
    try {
      await this.organisations.endVat(visit.actor, id, request);
      return seeOther(`/organisations/${id}`, 'organisations.vat.ended', { day: visit.t.day(request.endsOn) });
    } catch (error) {
      form.refused(error, 'endsOn-day');
    }
    return this.endForm(visit, id, startsOn, form);
  }

  private async endForm(visit: Visit, id: string, from: string | undefined, form?: Form): Promise<PageAnswer> {
    const whole = await this.register.read(visit.actor, id);
    const registration = whole.vatRegistrations.find(({ startsOn }) => startsOn === from) ?? whole.vatRegistrations[0];
    if (!registration) return seeOther(`/organisations/${id}/vat`);
    const values = form?.values ?? { endsOn: registration.endsOn ?? '' };
    return view(
      'organisations/vat-end.njk',
      { ...whole, registration },
      { values, ...(form && { errors: form.errors }) },
    );
  }

  private async contractsOf(visit: Visit, { id, kind }: Organisation) {
    if (kind !== 'provider' || visit.actor.side === 'referrer') return [];
    return (await this.contracts.list(visit.actor, { providerId: id, limit: CONTRACTS_MAX })).items;
  }
}

function read(visit: Visit, fields: Fields) {
  const form = new Form(visit.t, fields);
  return { form, request: form.as(RegisterOrganisation, readOrganisation(form, fields), ORGANISATION_PLACES) };
}

function registerForm(values: Readonly<Record<string, unknown>>, form?: Form): View {
  return view('organisations/new.njk', { legalForms: LEGAL_FORMS }, { values, ...(form && { errors: form.errors }) });
}

/** Its own treasurer or admin, or the commissioner that registered it. The service judges; this leaves out the links. */
function mayKeepVat(visit: Visit, { organisation, isOurs }: OrganisationInFull): boolean {
  if (visit.membership?.kind === 'provider')
    return organisation.id === visit.actor.orgId && hasRole(visit, 'treasurer', 'admin');
  const isOwn = organisation.id === visit.actor.orgId;
  return (isOurs || isOwn) && hasRole(visit, 'contract_manager', 'admin');
}
