import { startStripeDouble } from '../../src/sandbox/stripe/index.js';
import { startTestApp, type TestApp } from './app.js';
import { isolationWorld, type IsolationWorld } from './route-world.js';

export interface RouteStage {
  app: TestApp;
  world: IsolationWorld;
  close(): Promise<void>;
}

/** The application with a Stripe double, two tenants in it, and nothing left to do in the background. */
export async function openRouteStage(): Promise<RouteStage> {
  const clock: { now?: () => Date } = {};
  const double = await startStripeDouble({ now: () => clock.now?.() ?? new Date(0), settleAfterSeconds: 'never' });
  const app = await startTestApp({ stripeUrl: double.url });
  clock.now = () => app.clock.now();
  const world = await isolationWorld(app, double.url);
  await app.jobs.settle();
  return {
    app,
    world,
    close: async () => {
      await app.close();
      await double.close();
    },
  };
}
