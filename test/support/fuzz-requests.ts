import fc from 'fast-check';
import { placesOf, withValue } from './fuzz-places.js';
import type { Route } from './route-catalogue.js';
import type { RouteRequest } from './route-request.js';

/** Texts that break what forgets to look: quotes, escapes, paths, formulas, code points that PostgreSQL or JSON mind. */
const ODD_TEXTS = [
  '',
  ' ',
  "'; drop table claim; --",
  '" or 1=1',
  '\\',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\u202eevil',
  '\ufeff',
  '😀'.repeat(40),
  '../../../etc/passwd',
  '%00',
  '%s%n',
  '${7*7}',
  '{{7*7}}',
  '<script>alert(1)</script>',
  '=HYPERLINK("http://x")',
  '__proto__',
  'constructor',
  'NaN',
  'null',
  '-0',
  '1e400',
  '9'.repeat(400),
  'x'.repeat(70_000),
  '2026-02-30',
  '0000-00-00',
  '9999-12-31T23:59:59.999Z',
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
];

const oddText = () => fc.oneof(fc.constantFrom(...ODD_TEXTS), fc.string({ unit: 'binary', maxLength: 80 }));

const oddValue = () =>
  fc.oneof(
    { weight: 4, arbitrary: oddText() },
    fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 2 ** 53, -(2 ** 63), 1e308, [], [[]], {}, { $ne: null }, [null]),
    fc.jsonValue({ maxDepth: 2 }),
  );

/** Requests of a route, each with something odd in one place. */
export function oddRequests(route: Route, request: RouteRequest): fc.Arbitrary<RouteRequest> {
  const choices: fc.Arbitrary<RouteRequest>[] = [];
  const parameters = route.parameters.filter((one) => one.in === 'query').map(({ name }) => name);
  if (parameters.length > 0) {
    const pairs = fc.array(fc.tuple(fc.constantFrom(...parameters, 'limit', 'a[b]'), oddText()), { maxLength: 3 });
    choices.push(pairs.map((odd) => withQuery(request, odd)));
  }
  const ids = request.named.filter(({ reference }) => reference.place === 'path').map(({ value }) => value);
  for (const id of ids) {
    choices.push(oddText().map((text) => ({ ...request, path: request.path.replace(id, pathText(text)) })));
  }
  if (route.body?.contentType === 'application/json' && request.body !== undefined) {
    choices.push(...oddBodies(request, JSON.parse(request.body)));
  } else if (request.body !== undefined) {
    choices.push(oddFiles(request.body).map((body) => ({ ...request, body })));
  }
  return choices.length === 0 ? fc.constant(request) : fc.oneof(...choices);
}

function oddBodies(request: RouteRequest, body: unknown): fc.Arbitrary<RouteRequest>[] {
  const places = placesOf(body).filter(({ place }) => place.length > 0);
  const texts = fc.constantFrom(
    '',
    '{',
    '[]',
    'null',
    '"',
    '{"a":1,"a":2}',
    `${'['.repeat(9_000)}${']'.repeat(9_000)}`,
  );
  const whole = [texts, fc.jsonValue().map((value) => JSON.stringify(value))].map((bodies) =>
    bodies.map((text) => ({ ...request, body: text })),
  );
  if (places.length === 0) return whole;
  const one = fc
    .tuple(fc.constantFrom(...places), oddValue())
    .map(([{ place }, value]) => withValue(body, place, value));
  const bent = one.map((value) => ({ ...request, body: JSON.stringify(value) }));
  return [bent, bent, bent, ...whole];
}

/** A file with odd cells, lines and bytes. */
function oddFiles(file: string): fc.Arbitrary<string> {
  const [heading = ''] = file.split(/\r?\n/);
  const width = heading.split(',').length;
  const row = fc.array(oddText(), { minLength: 1, maxLength: width + 1 }).map((cells) => cells.join(','));
  return fc.oneof(
    fc.array(row, { maxLength: 5 }).map((rows) => [heading, ...rows].join('\n')),
    row,
    fc.constantFrom('', '\n', '"', `${heading}\n"`, `\u0000${file}`, file.replaceAll('\n', '\r')),
  );
}

/** A lone surrogate has no encoding, so it goes as the replacement character. Longer paths never reach a route. */
function pathText(text: string): string {
  return encodeURIComponent(text.slice(0, 80).toWellFormed()) || '%20';
}

function withQuery(request: RouteRequest, odd: readonly (readonly [string, string])[]): RouteRequest {
  const [path = '', given = ''] = request.path.split('?');
  const query = new URLSearchParams(given);
  for (const [name, text] of odd) query.append(name, text.slice(0, 2_000));
  return { ...request, path: `${path}?${query.toString()}` };
}
