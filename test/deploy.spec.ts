import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const OF_NODE = /^(process|nodejs)_/;

/** Names of figures in what is given to Prometheus and Grafana, without the ends that a histogram adds. */
function figuresIn(file: string): string[] {
  const text = readFileSync(path.join('deploy', file), 'utf8');
  const names = text.match(/\b(wellpaid|process|nodejs)_[a-z0-9_]+/g) ?? [];
  return [...new Set(names.map((name) => name.replace(/_(bucket|count|sum)$/, '')))];
}

function declared(): Set<string> {
  const names = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.includes('spec'))
    .flatMap((file) => readFileSync(path.join('src', file), 'utf8').match(/'wellpaid_[a-z0-9_]+'/g) ?? []);
  return new Set(names.map((name) => name.slice(1, -1)));
}

describe('alerts and the dashboard', () => {
  it.each(['alerts.yml', 'grafana-dashboard.json'])('%s asks only for figures that there are', (file) => {
    const known = declared();
    const asked = figuresIn(file);
    expect(asked.length).toBeGreaterThan(8);
    expect(asked.filter((name) => !OF_NODE.test(name) && !known.has(name))).toEqual([]);
  });

  it('say what to do', () => {
    const alerts = readFileSync('deploy/alerts.yml', 'utf8').split('- alert: ').slice(1);
    expect(alerts.length).toBeGreaterThan(8);
    for (const alert of alerts) expect(alert).toMatch(/expr: [^]+severity: (page|ticket)[^]+summary: '[^]+action: '/);
  });

  it('draw each figure in a panel of its own place', () => {
    const { panels } = JSON.parse(readFileSync('deploy/grafana-dashboard.json', 'utf8')) as {
      panels: { id: number; gridPos: { x: number; y: number } }[];
    };
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ gridPos: { x, y } }) => `${x} ${y}`)).size).toBe(panels.length);
  });
});
