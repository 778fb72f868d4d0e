import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A block of commands of a document, and what the document says it prints. */
export interface Step {
  /** The heading above it. */
  title: string;
  commands: string;
  expected: { language: 'json' | 'text'; text: string } | undefined;
}

/** The fenced `sh` blocks of a Markdown file in order, each with the `json` or `text` block that follows it. */
export function stepsOf(file: string): Step[] {
  const steps: Step[] = [];
  let title = '';
  for (const [, heading, language, text = ''] of readFileSync(file, 'utf8').matchAll(
    /^#+ (.+)$|^```(\w+)\n([^]*?)^```$/gm,
  )) {
    if (heading !== undefined) title = heading;
    else if (language === 'sh') steps.push({ title, commands: text, expected: undefined });
    else if (language === 'json' || language === 'text') {
      const step = steps.at(-1);
      if (step) step.expected ??= { language, text };
    }
  }
  return steps;
}

/** Between the output of two steps: a byte that no answer has. */
const END = '\u001e';

/**
 * Runs the steps in one shell, in order, until one fails. Gives what each printed.
 *
 * @throws Error that names the step that failed, with what it said
 */
export async function walk(
  steps: readonly Step[],
  environment: Record<string, string>,
  cwd: string,
): Promise<string[]> {
  for (const program of ['bash', 'curl']) {
    if (spawnSync(program, ['--version']).status !== 0) throw new Error(`This test needs ${program} to be installed`);
  }
  const script = ['set -euo pipefail', ...steps.map(({ commands }) => `${commands}\nprintf '\\036'`)].join('\n');
  const shell = spawn('bash', ['--norc', '-c', script], {
    cwd,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: Record<'stdout' | 'stderr', string> = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    shell[stream].setEncoding('utf8').on('data', (text: string) => (said[stream] += text));
  }
  const status = await new Promise<number | null>((resolve) => shell.on('close', resolve));
  const printed = said.stdout.split(END);
  if (status !== 0) {
    const failed = steps[printed.length - 1];
    const rest = printed.at(-1) ?? '';
    throw new Error(`"${failed?.title}" ended with ${status}:\n${failed?.commands}\n${rest}\n${said.stderr}`);
  }
  return printed.slice(0, steps.length);
}

/** Whether what was printed is what the document says, `…` standing for whatever varies. */
export function matches(printed: string, { language, text }: NonNullable<Step['expected']>): boolean {
  if (language === 'text') return pattern(text.trim()).test(printed.trim());
  return sameJson(JSON.parse(printed), JSON.parse(text));
}

function sameJson(got: unknown, said: unknown): boolean {
  if (said === '…') return true;
  if (typeof said === 'string') return typeof got === 'string' && pattern(said).test(got);
  if (Array.isArray(said)) {
    if (!Array.isArray(got)) return false;
    if (said.at(-1) === '…') return got.length > 0;
    return said.length === got.length && said.every((item, at) => sameJson(got[at], item));
  }
  if (typeof said !== 'object' || said === null) return got === said;
  if (typeof got !== 'object' || got === null) return false;
  const { '…': open, ...fields } = said as Record<string, unknown>;
  const object = got as Record<string, unknown>;
  const all = Object.entries(fields).every(([name, value]) => name in object && sameJson(object[name], value));
  return all && (open !== undefined || Object.keys(object).every((name) => name in fields));
}

function pattern(text: string): RegExp {
  const parts = text.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*')}$`);
}
