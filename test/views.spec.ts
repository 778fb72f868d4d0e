import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../src/platform/paths.js';

const RULES: readonly (readonly [rule: string, pattern: RegExp, why: string])[] = [
  [
    'markup from text',
    /\bhtml:\s*['"].*(?:\+|~)/,
    'what is put together in `html:` is not escaped: use {% set %}…{% endset %}',
  ],
  ['style', /\sstyle\s*=/, 'the policy of the pages lets no style be written into one'],
  ['script', /<script(?![^>]*\ssrc=)/, 'the policy of the pages lets no script be written into one'],
  ['handler', /\son[a-z]+\s*=\s*["']/, 'the policy of the pages lets no handler be written into one'],
  ['scheme', /javascript:/i, 'an address that runs'],
  ['elsewhere', /(?:src|href)\s*=\s*["']https?:/, 'nothing is loaded from elsewhere'],
  ['positive tabindex', /tabindex\s*=\s*["'][1-9]/, 'the order of the page is the order of the keyboard'],
];

/** Where text is trusted to be markup: what we draw ourselves, escaped where it is drawn. */
const TRUSTED = /\|\s*safe\b/;
const MAY_TRUST = new Set(['macros/lists.njk', 'macros/pieces.njk']);

function faultsOf(file: string, text: string): string[] {
  const faults = text
    .split('\n')
    .flatMap((line, index) =>
      RULES.filter(([, pattern]) => pattern.test(line)).map(([rule, , why]) => `${file}:${index + 1} [${rule}] ${why}`),
    );
  if (TRUSTED.test(text) && !MAY_TRUST.has(file)) faults.push(`${file} [safe] switches the escaping off`);
  return faults;
}

describe('templates', () => {
  const folder = join(projectRoot(import.meta.url), 'src/portal/views');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.njk'));

  it('write nothing into a page that could run, or that came from a person', () => {
    expect(files.length).toBeGreaterThan(10);
    expect(files.flatMap((file) => faultsOf(file, readFileSync(join(folder, file), 'utf8')))).toEqual([]);
  });

  it.each([
    ["html: '<b>' + name", 'markup from text'],
    ['<p style="color:red">', 'style'],
    ['<script>1</script>', 'script'],
    ['<a onclick="x()">', 'handler'],
    ['<a href="javascript:x">', 'scheme'],
    ['<script src="https://elsewhere.example/x.js"></script>', 'elsewhere'],
    ['<p tabindex="1">', 'positive tabindex'],
    ['{{ name | safe }}', 'safe'],
  ])('%s is found', (text, rule) => {
    expect(faultsOf('a.njk', text).join()).toContain(`[${rule}]`);
  });
});
