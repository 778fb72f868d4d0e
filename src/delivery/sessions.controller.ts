import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { tooBusy } from '../platform/gathering.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { serviceUnknown } from '../pricing/index.js';
import { claimView } from './claim-register.service.js';
import { claimFactClaimed, ROW_ERRORS, sessionNotFound } from './delivery.errors.js';
import {
  ProgressView,
  RecordedView,
  RecordSession,
  SessionList,
  SessionQuery,
  SessionView,
} from './sessions.schemas.js';
import { SessionRecording } from './session-recording.service.js';
import { SessionsService, type SessionWithPeople } from './sessions.service.js';

type Id = z.infer<typeof IdParameter>;
const BOTH_SIDES = { commissioner: 'any', provider: 'any' } as const;

@Heading('Delivery')
@Controller('v1')
export class SessionsController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly recording: SessionRecording,
  ) {}

  @Post('sessions')
  @Operation({
    summary: 'Record a session with its attendance, and claim it if you like',
    description: 'The same session again adds the people who are new; all the same again does nothing.',
    permit: { provider: ['coordinator'], scope: 'delivery:write' },
    status: 201,
    answer: RecordedView,
    errors: [serviceUnknown, claimFactClaimed, ...Object.values(ROW_ERRORS), tooBusy],
    idempotent: true,
  })
  async record(@CurrentActor() actor: Actor, @Body({ schema: RecordSession }) body: RecordSession): Promise<unknown> {
    const { claims, repeated, ...recorded } = await this.recording.record(actor, body);
    return { session: sessionView(recorded), repeated, claims: claims.map(claimView) };
  }

  @Get('sessions')
  @Operation({
    summary: 'Sessions that were recorded',
    permit: { ...BOTH_SIDES, scope: 'delivery:read' },
    answer: SessionList,
    sensitive: 'sessions',
  })
  async list(@CurrentActor() actor: Actor, @Query({ schema: SessionQuery }) query: SessionQuery): Promise<unknown> {
    const { items, next } = await this.sessions.list(actor, query);
    return { items: items.map(sessionView), next };
  }

  @Get('sessions/:id')
  @Operation({
    summary: 'One session with its attendance',
    permit: { ...BOTH_SIDES, scope: 'delivery:read' },
    answer: SessionView,
    errors: [sessionNotFound],
    sensitive: 'sessions',
  })
  async read(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return sessionView(await this.sessions.read(actor, id));
  }

  @Get('referrals/:id/progress')
  @Operation({
    summary: 'How a referral goes: "attended 5 of 6"',
    permit: { ...BOTH_SIDES, referrer: 'any', scope: 'referrals:read' },
    answer: ProgressView,
    sensitive: 'referrals',
  })
  async progress(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    const progress = await this.sessions.progress(actor, id);
    const { planned, attended } = progress;
    return { referralId: id, ...progress, words: `attended ${attended}${planned === null ? '' : ` of ${planned}`}` };
  }
}

function sessionView({ session, attendances }: SessionWithPeople): z.infer<typeof SessionView> {
  return {
    id: session.id,
    contractId: session.contractId,
    serviceId: session.serviceId,
    kind: session.kind,
    reference: session.reference,
    heldOn: session.heldOn,
    startsAt: session.startRecorded ? session.startsAt.toISOString() : null,
    durationMinutes: session.durationMinutes,
    mode: session.mode,
    booked: session.booked,
    outcome: session.outcome,
    cancelledAt: session.cancelledAt?.toISOString() ?? null,
    evidenceSha256: session.evidenceSha256,
    attendances: attendances.map(({ id, referralId, outcome, cancelledAt, travel }) => ({
      id,
      referralId,
      outcome,
      cancelledAt: cancelledAt?.toISOString() ?? null,
      travel,
    })),
  };
}
