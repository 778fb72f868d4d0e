import { forEach } from './api.js';
import type { Stage } from './stage.js';
import { count } from './terminal.js';

interface Entry {
  readonly serviceId: string;
  readonly listed: boolean;
}

/** Each provider writes the entries of its services, and their commissioners show them. What is shown is left alone. */
export async function publish(stage: Stage): Promise<void> {
  const { world, listings, progress } = stage;
  await progress.phase('Listing services', async () => {
    const listed = new Set<string>();
    for (const { code } of world.commissioners) {
      const entries = await (await stage.as(code, 'contract_manager')).list<Entry>('/v1/listings?listed=true');
      for (const { serviceId } of entries) listed.add(serviceId);
    }
    const services = world.contracts.flatMap(({ code, commissioner, provider, services: those }) =>
      those.map((service) => ({ name: `${code} ${service.code}`, commissioner, provider })),
    );
    const waiting = services.filter(({ name }) => !listed.has(stage.idOf(name)));
    await forEach(waiting, async ({ name, commissioner, provider }) => {
      const path = `/v1/services/${stage.idOf(name)}/listing`;
      const content = listings[name];
      if (!content) throw new Error(`listings.json has no ${name}`);
      await (await stage.as(provider, 'coordinator')).put(path, content);
      await (await stage.as(commissioner, 'contract_manager')).post(`${path}/list`);
    });
    return { answer: undefined, outcome: count(services.length, 'service') };
  });
}
