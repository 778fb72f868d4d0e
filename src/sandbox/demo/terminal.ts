/** Where the demo writes: a terminal, a pipe, or a test. */
export interface Screen {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

const CLEAR_LINE = '\r\u001b[2K';

/** Shows what is going on: on a terminal one line for each phase, rewritten while it runs; else a line when it is done. */
export class Progress {
  private name = '';

  constructor(private readonly screen: Screen) {}

  /** A phase with its outcome, which `work` gives in words. */
  async phase<Answer>(name: string, work: () => Promise<{ answer: Answer; outcome: string }>): Promise<Answer> {
    this.name = name;
    this.step('…');
    const { answer, outcome } = await work();
    this.line(`${name.padEnd(WIDTH)} ${outcome}`);
    return answer;
  }

  /** How far the phase is; only a terminal shows it. */
  step(words: string): void {
    if (this.screen.isTTY) this.screen.write(`${CLEAR_LINE}${this.name.padEnd(WIDTH)} ${words}`);
  }

  /** A line that stays. */
  line(text: string): void {
    this.screen.write(`${this.screen.isTTY ? CLEAR_LINE : ''}${text}\n`);
  }
}

const WIDTH = 30;

/** `1234` → `1,234` */
export function number(value: number): string {
  return value.toLocaleString('en-GB');
}

/** `3 claims`, `1 claim`. */
export function count(of: number, one: string, many = `${one}s`): string {
  return `${number(of)} ${of === 1 ? one : many}`;
}
