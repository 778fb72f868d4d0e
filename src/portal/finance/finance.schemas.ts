import { z } from 'zod';

/** The day on which a run is to pay, in an address; whether it may is asked of the service. */
export const RunDayAddress = z.object({ on: z.iso.date().optional().catch(undefined) });
export type RunDayAddress = z.infer<typeof RunDayAddress>;

export const RunsAddress = z.object({ after: z.uuid().optional().catch(undefined) });
export type RunsAddress = z.infer<typeof RunsAddress>;
