import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database.js';
import { readPlaces, type LeafPlace, type LoggedEvent } from './locations.queries.js';
import { SEALER } from './sealing.queries.js';

/** An event that anybody can be shown to be in the log. */
export interface Sealed extends Omit<LeafPlace, 'id'> {
  /** The path of its C2SP tlog-proof. */
  readonly proof: string;
}

/** Tells of many events at once whether they are sealed. It reads no body; who may see an event is asked first. */
@Injectable()
export class SealedEvents {
  constructor(private readonly database: Database) {}

  /** By the ids of events; one that no signed checkpoint covers yet is not among them. */
  async find(commissionerId: string, events: readonly LoggedEvent[]): Promise<ReadonlyMap<string, Sealed>> {
    if (events.length === 0) return new Map();
    const places = await this.database.read(SEALER, (reader) => readPlaces(reader, commissionerId, events));
    return new Map(places.map(({ id, ...place }) => [id, { ...place, proof: `/v1/events/${id}/proof` }]));
  }
}
