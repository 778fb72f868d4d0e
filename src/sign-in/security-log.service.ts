import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOG } from '../platform/jobs.js';

/** What a security line may hold: opaque ids and codes. No address of a person or of a network, no name. */
export interface SecurityFacts {
  readonly loginId?: string | null;
  readonly sessionId?: string;
  readonly memberId?: string;
  readonly method?: string;
  readonly reason?: string;
  readonly correlationId?: string;
}

/** Sign-ins, failures and changes of how somebody signs in, as lines of the log (ASVS 16.3.1). */
@Injectable()
export class SecurityLog {
  constructor(@Inject(LOG) private readonly log: Logger) {}

  /** @param event in the past tense, such as `signed_in` */
  note(event: string, facts: SecurityFacts): void {
    this.log.info({ event: `sign_in.${event}`, ...facts }, 'security');
  }
}
