import { Controller, Get, Param, Query } from '@nestjs/common';
import type { z } from 'zod';
import {
  REFERENCE_MAX,
  TRACE_KINDS,
  TraceService,
  type Trace,
  type TraceEvent,
  type TraceKind,
} from '../../assurance/index.js';
import { CHART, type AccountKind } from '../../ledger/index.js';
import { IdParameter } from '../../organisations/index.js';
import { LogProofs } from '../../sealing/index.js';
import { download, seeOther, view, type PageAnswer } from '../page/answer.rules.js';
import { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { CurrentVisit, EVERY_MEMBER, Page } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { wordActorIn, wordEventIn } from '../wording/event-words.rules.js';
import { FollowAddress, SearchAddress } from './audit.schemas.js';
import { summed, wordMove, type NormalOf } from './move-words.rules.js';
import { OpenPages } from './open-pages.service.js';
import { stagesOf, storyOf, tookPlace, type Stage, type StoryItem } from './story.rules.js';
import { thingLink } from './thing-links.rules.js';

type Id = z.infer<typeof IdParameter>;

/** Things that a line of the story names before it says how many more there are. */
const NAMED_MAX = 20;
const ROWS = 100;

export const normalOf: NormalOf = (account) => CHART[account as AccountKind].normal;

/** Follows the money: what anything came from, and what it led to. */
@Controller('follow')
export class FollowPages {
  constructor(
    private readonly traces: TraceService,
    private readonly proofs: LogProofs,
    private readonly open: OpenPages,
  ) {}

  @Page({ permit: EVERY_MEMBER, sensitive: 'trace' })
  @Get()
  async search(
    @CurrentVisit() visit: Visit,
    @Query({ schema: SearchAddress }) { q }: SearchAddress,
  ): Promise<PageAnswer> {
    const { t, actor } = visit;
    const isReferrer = actor.side === 'referrer';
    if (q === undefined) return view('audit/search.njk', { isReferrer, searched: false });
    const form = new Form(t, new Fields({ q }));
    const typed = form.text('q', { missing: 'audit.search.missing', max: REFERENCE_MAX });
    const shown = { isReferrer, searched: typed !== undefined };
    if (typed === undefined) return view('audit/search.njk', shown, { errors: form.errors, values: { q } });
    const found = await this.traces.search(actor, typed);
    const [only] = found;
    if (only && found.length === 1) return seeOther(`/follow/${only.id}`);
    const things = found.map((thing) => this.link(visit, thing));
    return view('audit/search.njk', { ...shown, things, typed }, { values: { q } });
  }

  @Page({ permit: EVERY_MEMBER, sensitive: 'trace' })
  @Get(':id')
  async follow(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @Query({ schema: FollowAddress }) { kind, after }: FollowAddress,
  ): Promise<PageAnswer> {
    const place = kind !== undefined && after !== undefined ? { kind, after } : null;
    const trace = await this.traces.trace(visit.actor, id, place);
    const root = trace.nodes.find((node) => node.id === trace.root);
    const thing = root && this.link(visit, root);
    const stages = stagesOf(trace);
    const shows = (...kinds: TraceKind[]) => stages.some((one) => one.amountMinor !== null && kinds.includes(one.kind));
    return view('audit/follow.njk', {
      thing,
      isReferrer: visit.actor.side === 'referrer',
      mixesVat: shows('claim', 'batch') && shows('invoice', 'payout'),
      stages: stages.map((stage) => this.stageIn(visit, trace.root, stage)),
      items: storyOf(trace).map((item) => this.itemIn(visit, trace.root, item)),
      outcomes: root?.outcomes ?? null,
      cuts: trace.cut.map((cut) => ({
        ...cut,
        of: cut.nodeId === trace.root ? null : nameOf(visit, trace, cut.nodeId),
        href: `/follow/${cut.nodeId}?kind=${cut.kind}&after=${cut.next.slice(cut.next.indexOf('after=') + 6)}`,
      })),
      readOn: place && { kind: place.kind, start: `/follow/${id}` },
    });
  }

  /** Everything of one kind in the same trace, as a table. */
  @Page({ permit: EVERY_MEMBER, sensitive: 'trace' })
  @Get(':id/things')
  async things(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @Query({ schema: FollowAddress }) { kind: asked, after }: FollowAddress,
  ): Promise<PageAnswer> {
    const trace = await this.traces.trace(visit.actor, id);
    const counts = TRACE_KINDS.map((kind) => ({ kind, count: ofKind(trace, kind).length }));
    const kinds = counts.filter(({ count }) => count > 0);
    const kind = asked ?? kinds[0]?.kind ?? 'referral';
    const nodes = ofKind(trace, kind);
    const from = after === undefined ? 0 : nodes.findIndex((node) => node.id === after) + 1;
    const rows = nodes.slice(from, from + ROWS);
    const path = `/follow/${id}/things?kind=${kind}`;
    const last = rows.at(-1);
    return view('audit/things.njk', {
      root: nameOf(visit, trace, trace.root),
      back: { href: `/follow/${id}` },
      kind,
      kinds: kinds.map((one) => ({
        ...one,
        href: `/follow/${id}/things?kind=${one.kind}`,
        current: one.kind === kind,
      })),
      things: rows.map((node) => this.link(visit, node)),
      cuts: trace.cut.filter((cut) => cut.kind === kind),
      first: from > 0 ? path : undefined,
      next: last && from + ROWS < nodes.length ? `${path}&after=${last.id}` : undefined,
    });
  }

  /** The proof of an event (C2SP tlog-proof), to keep. */
  @Page({ permit: EVERY_MEMBER })
  @Get(':id/proof')
  async proof(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return download(`${id}.tlog-proof`, 'text/plain; charset=utf-8', await this.proofs.prove(visit.actor, id));
  }

  private link(visit: Visit, thing: Parameters<typeof thingLink>[1]) {
    return thingLink(visit.t, thing, (pattern) => this.open.may(visit, pattern));
  }

  private stageIn(visit: Visit, rootId: string, { only, ...stage }: Stage) {
    const href =
      stage.direction === 'here' ? null : only ? `/follow/${only.id}` : `/follow/${rootId}/things?kind=${stage.kind}`;
    return { ...stage, reference: only?.reference ?? null, href };
  }

  private itemIn(visit: Visit, rootId: string, item: StoryItem) {
    const { type, happenings, here, outOf, amountMinor, moves, movesArePart } = item;
    const { t } = visit;
    const [first, last] = [happenings[0], happenings.at(-1)];
    const actors = new Set(
      happenings.map(({ event }) => wordActorIn(t, { kind: event.actorKind, side: event.actorSide })),
    );
    const isMany = happenings.length > 1;
    return {
      title: wordEventIn(t, type),
      count: happenings.length,
      outOf,
      at: first?.event.recordedAt,
      until: isMany ? last?.event.recordedAt : null,
      tookPlace: tookPlace(item),
      who: actors.size === 1 ? [...actors][0] : t('audit.follow.several'),
      amountMinor,
      here,
      kind: first?.node.kind,
      things: happenings.slice(0, NAMED_MAX).map(({ event, node }) => ({
        ...this.link(visit, node),
        isRoot: node.id === rootId,
        at: event.occurredAt,
        proof: proofPath(event),
      })),
      more: happenings.length > NAMED_MAX ? `/follow/${rootId}/things?kind=${first?.node.kind}` : null,
      moves: summed(moves).map((move) => wordMove(t, move, normalOf)),
      movesArePart,
      technical: isMany ? null : first && { ...first.event, type, proof: proofPath(first.event) },
      journal: !isMany && first && this.open.may(visit, '/journal/:id') ? `/journal/${first.event.id}` : null,
    };
  }
}

/** Where a member gets the proof of an event; null before there is one. */
export function proofPath({ id, sealed }: Pick<TraceEvent, 'id' | 'sealed'>): string | null {
  return sealed && `/follow/${id}/proof`;
}

function ofKind({ nodes }: Trace, kind: TraceKind) {
  return nodes.filter((node) => node.kind === kind);
}

function nameOf({ t }: Visit, { nodes }: Trace, id: string): string {
  const node = nodes.find((one) => one.id === id);
  return node ? thingLink(t, node, () => false).text : '';
}
