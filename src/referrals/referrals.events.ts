import { defineTopic } from '../platform/events.js';

/** A provider has accepted a referral. */
export const referralAccepted = defineTopic('referral.accepted');
