import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { ClaimStandings } from '../../batches/index.js';
import {
  RecordSession,
  SessionRegister,
  SessionRecording,
  UnclaimedDelivery,
  type ContractService,
  type Roll,
} from '../../delivery/index.js';
import { IdParameter } from '../../organisations/index.js';
import { Clock } from '../../platform/clock.js';
import { DomainError } from '../../platform/errors.js';
import { seeOther, seeOtherNoting, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import { hasRole, type Visit } from '../page/visit.rules.js';
import { ClaimDrafts } from './claim-drafts.service.js';
import { ServiceAddress, SessionsAddress } from './delivery.schemas.js';
import { addressOf } from '../page/address.rules.js';
import { monthsUpTo } from './months.rules.js';
import {
  contractsOf,
  lastTimes,
  latestOf,
  moreRows,
  placeRefusals,
  readSession,
  saysMore,
} from './session-form.rules.js';

type Id = z.infer<typeof IdParameter>;

const PAGE_ROWS = 50;
const MONTHS = 16;
const READERS = { provider: ['coordinator', 'treasurer', 'auditor'], commissioner: 'any' } as const;
const COORDINATOR = { provider: ['coordinator'] } as const;

@Controller('sessions')
export class SessionPages {
  constructor(
    private readonly register: SessionRegister,
    private readonly recording: SessionRecording,
    private readonly delivery: UnclaimedDelivery,
    private readonly standings: ClaimStandings,
    private readonly drafts: ClaimDrafts,
    private readonly clock: Clock,
  ) {}

  @Page({ permit: { provider: ['coordinator', 'treasurer', 'auditor'] } })
  @Get()
  async list(
    @CurrentVisit() visit: Visit,
    @Query({ schema: SessionsAddress }) { contract, month, unclaimed, after }: SessionsAddress,
  ): Promise<PageAnswer> {
    const period = month === undefined ? undefined : `${month}-01`;
    const filter = { contractId: contract, period, unclaimed: unclaimed !== undefined, after, limit: PAGE_ROWS };
    const { items, next } = await this.register.list(visit.actor, filter);
    const address = { contract, month, unclaimed };
    return view(
      'delivery/sessions.njk',
      {
        items,
        contracts: contractsOf(await this.register.services(visit.actor)),
        months: monthsUpTo(this.clock.today(), MONTHS),
        filter: address,
        first: after === undefined ? undefined : addressOf('/sessions', address),
        next: next === null ? undefined : addressOf('/sessions', { ...address, after: next }),
        mayRecord: hasRole(visit, 'coordinator'),
      },
      { values: address },
    );
  }

  @Page({ permit: COORDINATOR, sensitive: 'sessions' })
  @Get('new')
  async form(
    @CurrentVisit() visit: Visit,
    @Query({ schema: ServiceAddress }) { service }: ServiceAddress,
  ): Promise<PageAnswer> {
    const services = await this.register.services(visit.actor);
    const roll = await this.rollOf(visit, services, service);
    if (!roll) return view('delivery/session-none.njk');
    return this.show(services, roll, [0]);
  }

  @Action({ permit: COORDINATOR, sensitive: 'sessions' })
  @Post('new')
  async record(
    @CurrentVisit() visit: Visit,
    @Query({ schema: ServiceAddress }) { service }: ServiceAddress,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const services = await this.register.services(visit.actor);
    const roll = await this.rollOf(visit, services, service);
    if (!roll) return view('delivery/session-none.njk');
    const form = new Form(visit.t, fields);
    if (!fields.has('_add') && !fields.has('_remove')) {
      const typed = readSession(form, fields, roll);
      const request = form.as(RecordSession, typed.request, {
        reference: 'reference',
        attendances: typed.places[0] ?? '',
      });
      if (request) {
        try {
          const recorded = await this.recording.record(visit.command(), request);
          return await this.recorded(visit, fields, recorded.session.id, roll, recorded.repeated);
        } catch (error) {
          if (!(error instanceof DomainError)) throw error;
          refuse(visit, form, error, typed.places);
        }
      }
    }
    return this.show(services, roll, moreRows(fields), form);
  }

  @Page({ permit: COORDINATOR, sensitive: 'sessions' })
  @Get(':id/recorded')
  async done(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    const paper = await this.register.read(visit.actor, id);
    const [worth] = await this.delivery.list(visit.actor, { sessionIds: [id] });
    return view('delivery/session-recorded.njk', { ...paper, worth });
  }

  @Page({ permit: READERS, sensitive: 'sessions' })
  @Get(':id')
  async read(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    const paper = await this.register.read(visit.actor, id);
    const claims = await this.standings.list(visit.actor, { sessionId: id, limit: 500 });
    const mayClaim = hasRole(visit, 'coordinator') && visit.membership?.kind === 'provider';
    const [worth] = mayClaim ? await this.delivery.list(visit.actor, { sessionIds: [id] }) : [];
    return view('delivery/session.njk', {
      ...paper,
      claims: claims.items,
      worth,
      mayClaim,
      side: visit.membership?.kind,
    });
  }

  private async recorded(
    visit: Visit,
    fields: Fields,
    sessionId: string,
    roll: Roll,
    repeated: boolean,
  ): Promise<PageAnswer> {
    if (fields.has('_claim')) {
      await this.drafts.addSessions(visit.actor, roll.service.contractId, [sessionId]);
      return seeOther('/claims/list', 'sessions.new.recordedAndListed');
    }
    return repeated
      ? seeOtherNoting(`/sessions/${sessionId}`, 'sessions.new.repeated')
      : seeOther(`/sessions/${sessionId}/recorded`);
  }

  private show(services: readonly ContractService[], roll: Roll, indices: readonly number[], form?: Form): View {
    const chosen = `${roll.service.contractId}.${roll.service.serviceId}`;
    const next = (indices.at(-1) ?? 0) + 1;
    const moreOpen = saysMore(form);
    const data = { services, roll, chosen, indices, next, last: lastTimes(roll), sent: form !== undefined, moreOpen };
    return view('delivery/session-new.njk', data, form && { errors: form.errors, values: form.values });
  }

  /** Of the service that is named; or of the one that was delivered last, which is the likeliest. */
  private rollOf(
    visit: Visit,
    services: readonly ContractService[],
    named: string | undefined,
  ): Promise<Roll | null> | null {
    const isNamed = ({ contractId, serviceId }: ContractService) => named === `${contractId}.${serviceId}`;
    const service = services.find(isNamed) ?? latestOf(services);
    return service ? this.register.roll(visit.actor, service.contractId, service.serviceId) : null;
  }
}

function refuse({ t }: Visit, form: Form, error: DomainError, places: readonly string[]): void {
  const placed = placeRefusals(error.details, places);
  if (placed.length === 0) form.refused(error);
  for (const { field, code } of placed) form.errors.push({ field, text: t(`errors.delivery_${code}`) });
}
