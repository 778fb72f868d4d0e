import type { IncomingHttpHeaders } from 'node:http';

/** What a file of rows is sent as: a table of text, or JSON lines. */
export const FILE_TYPES = ['text/csv', 'application/x-ndjson'] as const;
export type FileType = (typeof FILE_TYPES)[number];

/** The type of the file that a request sends, if it sends one. */
export function fileTypeOf({ headers }: { readonly headers: IncomingHttpHeaders }): FileType | undefined {
  const [type] = (headers['content-type'] ?? '').split(';');
  return FILE_TYPES.find((one) => one === type?.trim().toLowerCase());
}
