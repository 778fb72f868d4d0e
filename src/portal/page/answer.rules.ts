import type { Params } from '../../words/index.js';

/** Said once on the next page: a message of the catalogue and what fills it, never HTML. */
export interface Flash {
  readonly key: string;
  readonly params?: Params;
  readonly kind: 'success' | 'notice';
}

/** Something to mend in a form: shown at the top, with a link to the field, and beside the field. */
export interface FormError {
  /** The name of the field; empty for the form as a whole. */
  readonly field: string;
  readonly text: string;
}

/** A page to be rendered. */
export interface View {
  readonly answer: 'view';
  readonly template: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly status: number;
  readonly errors: readonly FormError[];
  /** What was typed, for the fields to show again. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** On to another page of this portal (RFC 9110 section 15.4.4), which a reload does not send again. */
export interface SeeOther {
  readonly answer: 'see-other';
  readonly path: string;
  readonly flash?: Flash;
}

/** On to a page of somebody else, such as an identity provider: only from a GET, because of `form-action 'self'`. */
export interface Leave {
  readonly answer: 'leave';
  readonly url: string;
}

/** A file to keep. */
export interface Download {
  readonly answer: 'download';
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer | string | AsyncIterable<string | Buffer>;
  /** Shown in the browser rather than stored. */
  readonly inline?: boolean;
}

/** A stream of events (WHATWG HTML, server-sent events) until the source ends. */
export interface EventStream {
  readonly answer: 'events';
  readonly events: (ended: AbortSignal) => AsyncIterable<{ readonly event: string; readonly data: unknown }>;
}

/** Data for one of our own scripts. */
export interface Json {
  readonly answer: 'json';
  readonly data: unknown;
}

export type PageAnswer = View | SeeOther | Leave | Download | EventStream | Json;

/** A page from a template of `views/`, with its data. With errors it answers 422 unless it says otherwise. */
export function view(
  template: string,
  data: Readonly<Record<string, unknown>> = {},
  {
    errors = [],
    values = {},
    status = errors.length > 0 ? 422 : 200,
  }: {
    errors?: readonly FormError[];
    values?: Readonly<Record<string, unknown>>;
    status?: number;
  } = {},
): View {
  return { answer: 'view', template, data, status, errors, values };
}

/** On to another page, where `key` is said in a green banner. */
export function seeOther(path: string, key?: string, params?: Params): SeeOther {
  return { answer: 'see-other', path, ...(key !== undefined && { flash: { key, params, kind: 'success' } }) };
}

/** On to another page, where `key` is said in a blue banner: nothing was changed, or not by this person. */
export function seeOtherNoting(path: string, key: string, params?: Params): SeeOther {
  return { answer: 'see-other', path, flash: { key, params, kind: 'notice' } };
}

export function leaveTo(url: string): Leave {
  return { answer: 'leave', url };
}

export function download(name: string, type: string, bytes: Download['bytes'], inline = false): Download {
  return { answer: 'download', name, type, bytes, inline };
}

export function json(data: unknown): Json {
  return { answer: 'json', data };
}

export function eventStream(events: EventStream['events']): EventStream {
  return { answer: 'events', events };
}

/** A path of this portal that a form or a link may name; the home page for anything else (no open redirect). */
export function localPath(path: string | undefined): string {
  return path !== undefined && /^\/(?![/\\])[^\s\\]*$/.test(path) && path.length <= 500 ? path : '/';
}
