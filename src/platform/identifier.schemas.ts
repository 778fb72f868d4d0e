import { z } from 'zod';
import type { Parsed } from '../identifiers/index.js';

const LENGTH_MAX = 40;

/** A text that an identifier's parser accepts, in its canonical form; the parser's problem says what is wrong with it. */
export function identifier(parse: (text: string) => Parsed, description: string) {
  return z
    .string()
    .max(LENGTH_MAX)
    .transform((text, context) => {
      const parsed = parse(text);
      if (parsed.ok) return parsed.value;
      context.addIssue({ code: 'custom', message: parsed.problem });
      return z.NEVER;
    })
    .describe(description);
}
