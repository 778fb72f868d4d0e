import type { WriteSaid } from './journey-reading.js';

export const TEXT_WRITERS: Readonly<Record<string, WriteSaid>> = {
  // The text is that of the event that it names as its cause, which stands before it as any cause does.
  'text.redacted': (said, { body }) => {
    if (body.causeId === null) said.missing.push('causeId');
    said.text('ground');
  },
};
