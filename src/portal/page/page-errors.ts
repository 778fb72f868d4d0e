/** What the guard throws where the page is elsewhere: the filter answers 303. */
export class Elsewhere extends Error {
  constructor(readonly path: string) {
    super(`See ${path}`);
    this.name = 'Elsewhere';
  }
}

/** A form that did not come from a page of ours, or from one of a session that has ended. */
export class ForeignForm extends Error {
  constructor() {
    super('The form carries no token of this session');
    this.name = 'ForeignForm';
  }
}

/** A file or a form beyond the bounds. */
export class TooLarge extends Error {
  constructor(readonly maximumBytes: number) {
    super(`More than ${maximumBytes} bytes`);
    this.name = 'TooLarge';
  }
}
