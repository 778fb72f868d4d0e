/** Where the server itself refuses whoever would write, whatever the program does. */
export function readOnlyUrl(databaseUrl: string, role?: string): string {
  const url = new URL(databaseUrl);
  const given = url.searchParams.get('options');
  const ours = ['-c default_transaction_read_only=on', ...(role === undefined ? [] : [`-c role=${role}`])];
  url.searchParams.set('options', [...(given === null ? [] : [given]), ...ours].join(' '));
  return url.href;
}
