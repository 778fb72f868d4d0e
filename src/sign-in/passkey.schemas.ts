import { z } from 'zod';

const bytes = (max: number) =>
  z
    .string()
    .regex(/^[\w-]+$/)
    .max(max);
const extensions = z.record(z.string(), z.unknown()).default({});

/** What a browser gives for a new passkey: RegistrationResponseJSON of WebAuthn level 3, section 5.1. */
export const RegistrationAnswer = z.object({
  id: bytes(1400),
  rawId: bytes(1400),
  type: z.literal('public-key'),
  clientExtensionResults: extensions,
  response: z.object({
    clientDataJSON: bytes(8000),
    attestationObject: bytes(20_000),
    transports: z.array(z.string().max(40)).max(10).default([]),
  }),
});

/** What a browser gives for a sign-in: AuthenticationResponseJSON of WebAuthn level 3, section 5.1. */
export const AuthenticationAnswer = z.object({
  id: bytes(1400),
  rawId: bytes(1400),
  type: z.literal('public-key'),
  clientExtensionResults: extensions,
  response: z.object({
    clientDataJSON: bytes(8000),
    authenticatorData: bytes(8000),
    signature: bytes(2000),
    userHandle: bytes(100).nullish(),
  }),
});

/** The challenge that an answer is for (WebAuthn section 5.8.1): what it is looked up by before anything is believed. */
export function challengeOf(clientDataJson: string): string | undefined {
  try {
    const data: unknown = JSON.parse(Buffer.from(clientDataJson, 'base64url').toString('utf8'));
    return z.object({ challenge: bytes(200) }).safeParse(data).data?.challenge;
  } catch {
    return undefined;
  }
}
