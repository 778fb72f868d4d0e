import type { Visitor } from '../../sign-in/index.js';
import type { Visit } from './visit.rules.js';

/** The visitor as signing in knows them. */
export function visitorOf({ browserToken, ip, correlationId, device }: Visit): Visitor {
  return { browserToken, ip, correlationId, device };
}
