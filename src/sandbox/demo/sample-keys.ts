import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { OrganisationsService } from '../../organisations/index.js';
import { Database } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import { projectRoot } from '../../platform/paths.js';
import { readWorld } from './world.schemas.js';

export interface SampleKey {
  /** Who it belongs to, in words. */
  readonly owner: string;
  readonly key: string;
}

const SAMPLES = [
  { organisation: 'RIVERSIN', role: 'coordinator' },
  { organisation: 'NMICB', role: 'approver' },
  { organisation: 'NMICB', role: 'finance' },
] as const;

/** A fresh personal key for three people of the demo, to look around with; none where the demo was not played. */
export async function sampleKeys(
  app: INestApplicationContext,
  dataFolder = join(projectRoot(), 'demo'),
): Promise<SampleKey[]> {
  const { commissioners, providers } = readWorld(dataFolder).world;
  const organisations = app.get(OrganisationsService);
  const known = await app
    .get(Database)
    .read({ side: 'auth', orgId: null }, (reader) =>
      reader.query<{ code: string }>('select code from organisation where code = any ($1)', [
        SAMPLES.map(({ organisation }) => organisation),
      ]),
    );
  const keys: SampleKey[] = [];
  for (const { organisation, role } of SAMPLES) {
    const party = [...commissioners, ...providers].find(({ code }) => code === organisation);
    const member = party?.members.find(({ roles }) => roles.includes(role));
    if (!party || !member || !known.some(({ code }) => code === organisation)) continue;
    try {
      const { key } = await organisations.personalKey(organisation, member.email);
      keys.push({ owner: `${member.name}, ${role} of ${party.name}`, key });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error; // the member is not there, or was disabled
    }
  }
  return keys;
}
