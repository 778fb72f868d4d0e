/** A file that is being sent. */
export interface SentFile {
  readonly name: string;
  readonly bytes: AsyncIterable<Buffer>;
}

/**
 * The fields of a form, as people type: each text is trimmed, has one kind of line end and one spelling of each letter
 * (Unicode NFC).
 */
export class Fields {
  private readonly sent: ReadonlyMap<string, readonly string[]>;

  constructor(
    raw: Readonly<Record<string, unknown>>,
    /** The file that was chosen; undefined when none was. */
    readonly file?: SentFile,
  ) {
    this.sent = new Map(
      Object.entries(raw).map(([name, value]) => [
        name,
        (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string').map(tidy),
      ]),
    );
  }

  /** The text of a field; empty when it was not sent. */
  text(name: string): string {
    return this.sent.get(name)?.[0] ?? '';
  }

  /** Every text of a field, such as the boxes that were ticked. */
  all(name: string): readonly string[] {
    return (this.sent.get(name) ?? []).filter((text) => text !== '');
  }

  has(name: string): boolean {
    return this.text(name) !== '';
  }

  names(): string[] {
    return [...this.sent.keys()];
  }

  /** What was typed, for the fields to show again; without the form's own tokens and without passwords. */
  values(): Record<string, string | readonly string[]> {
    const kept = [...this.sent].filter(([name]) => !name.startsWith('_') && !/password|code/i.test(name));
    return Object.fromEntries(kept.map(([name, texts]) => [name, texts.length === 1 ? (texts[0] ?? '') : texts]));
  }
}

function tidy(text: string): string {
  return text.replace(/\r\n?/g, '\n').normalize('NFC').trim();
}
