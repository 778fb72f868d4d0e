type Parameters = Readonly<Record<string, string | number | bigint | readonly string[] | undefined>>;

/** An address with those of its parameters that say something. */
export function addressOf(path: string, parameters: Parameters): string {
  const query = Object.entries(parameters).flatMap(([name, value]) =>
    [value ?? []].flat().map((one) => `${name}=${encodeURIComponent(String(one))}`),
  );
  return query.length === 0 ? path : `${path}?${query.join('&')}`;
}
