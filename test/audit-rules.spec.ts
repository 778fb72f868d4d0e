import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { EVENT_TYPES, type EventType, type Flow } from '../src/audit/event-types.rules.js';
import { STEPS, SUBJECTS } from '../src/audit/journey-steps.rules.js';
import { projectRoot } from '../src/platform/paths.js';
import { WRITES_DOCS } from './support/documentation.js';

const root = projectRoot(import.meta.url);
const file = path.join(root, 'docs', 'audit-rules.md');
const page = () => readFileSync(file, 'utf8');

const DIVISIONS: Readonly<Record<Flow['by'], string>> = {
  one: '',
  contract: 'each contract',
  claim: 'each claim',
  its_claim: 'of the claim',
};

function rowsOf({ name, nature, flows }: EventType): string[] {
  return flows.map((flow, place) => {
    const [event, kind] = place === 0 ? [`\`${name}\``, nature] : ['…', ''];
    const how = [DIVISIONS[flow.by], flow.reverses ? 'reversal' : ''].filter(Boolean).join(', ');
    return `| ${event} | ${kind} | \`${flow.debit}\` | \`${flow.credit}\` | ${flow.amount?.words ?? ''} | ${how} |`;
  });
}

function table(head: readonly string[], rows: readonly string[]): string {
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---|').join('')}`, ...rows].join('\n');
}

const moving = EVENT_TYPES.filter(({ flows }) => flows.length > 0);
const records = EVENT_TYPES.filter(({ flows }) => flows.length === 0).map(({ name }) => `\`${name}\``);

const SECTIONS: Readonly<Record<string, string>> = {
  postings: `${table(['event', 'nature', 'debit', 'credit', 'amount', 'lines'], moving.flatMap(rowsOf))}\n\nRecords: ${records.join(', ')}.`,
  states: table(
    ['of', 'event', 'from → to'],
    Object.entries(STEPS).flatMap(([of, steps]) =>
      Object.entries(steps).map(([event, step]) => {
        const ways = Object.entries(step).map(([from, to]) => (from === to ? from : `${from} → ${to}`));
        return `| ${of} | \`${event}\` | ${ways.join('; ')} |`;
      }),
    ),
  ),
};

/** Every code that the replay finds something by, as the source tells them. */
function codesInSource(): string[] {
  const folder = path.join(root, 'src', 'audit');
  const files = readdirSync(folder).filter((name) => /^(journey|replay).*(?<!\.spec)\.ts$/.test(name));
  const texts = files.map((name) => readFileSync(path.join(folder, name), 'utf8'));
  const told = texts.flatMap((text) => [...text.matchAll(/tell(?:Of)?\(\s*'([a-z_]+)'/g)].map(([, code = '']) => code));
  return [...new Set(told)].toSorted();
}

describe('the page about what an auditor replays', () => {
  it.each(Object.entries(SECTIONS))('has the %s of the verifier', (name, section) => {
    const between = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
    if (WRITES_DOCS) writeFileSync(file, page().replace(between, `$1${section}\n$2`));
    expect(page()).toContain(`<!-- ${name} -->\n${section}\n<!-- /${name} -->`);
  });

  it('has every code that something is found by, and no other', () => {
    const codes = codesInSource();
    expect(codes.length).toBeGreaterThan(60);
    const [, rules = ''] = page().split('## What each step needs');
    const said = [...rules.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, code = '']) => code);
    const others = ['in_transit'];
    expect([...new Set(said)].filter((code) => !others.includes(code)).toSorted()).toEqual(codes);
  });

  it('names every subject that has states', () => {
    expect(Object.keys(STEPS).toSorted()).toEqual(Object.keys(SUBJECTS).toSorted());
  });
});
