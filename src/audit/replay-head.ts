import type { SegmentEvent, TapeReader, TapeWriter } from './segment.js';
import { Uuid } from './uuid.rules.js';

/** What every event says on the tape before anything of its own: who, what, when, and after what. */
export function writeHead(tape: TapeWriter, { index, body }: SegmentEvent, typeCode: number): void {
  tape.put(index);
  tape.put(typeCode);
  tape.put(body.recordedAt);
  putUuid(tape, body.id);
  putUuid(tape, body.subjectId);
  tape.putId(body.id);
  tape.putId(body.subjectId);
  tape.putId(body.causeId);
  tape.putId(body.providerId);
  tape.putId(body.memberId);
}

/** An id as it is, for whoever reads a finding: four words. */
export function putUuid(tape: TapeWriter, { first, second, third, fourth }: Uuid): void {
  tape.put(first);
  tape.put(second);
  tape.put(third);
  tape.put(fourth);
}

export function putText(tape: TapeWriter, text: string): void {
  tape.put(text.length);
  for (let at = 0; at < text.length; at++) tape.put(text.charCodeAt(at));
}

export function readText(tape: TapeReader): string {
  const codes = Array.from({ length: tape.next() }, () => tape.next());
  return codes.map((code) => String.fromCharCode(code)).join('');
}

/** An id from its four words. */
export function uuidOf([first = 0, second = 0, third = 0, fourth = 0]: readonly number[]): string {
  return new Uuid(first, second, third, fourth).toString();
}

/** A key of 64 bits: the same one is filled again and again. */
export class Key {
  high = 0;
  low = 0;

  read(tape: TapeReader): this {
    this.high = tape.next() | 0;
    this.low = tape.next() | 0;
    return this;
  }

  get isNone(): boolean {
    return this.high === 0 && this.low === 0;
  }

  is(high: number, low: number): boolean {
    return this.high === high && this.low === low;
  }
}

/** The event that is being read from the tape. There is one of these, and it is filled anew for each event. */
export class EventHead {
  index = 0;
  typeCode = 0;
  /** Milliseconds since 1970. */
  recordedAt = 0;
  readonly event = new Key();
  readonly subject = new Key();
  readonly cause = new Key();
  readonly provider = new Key();
  readonly member = new Key();
  /** Of the event's id. */
  readonly eventWords = new Int32Array(4);
  private readonly subjectWords = new Int32Array(4);

  read(tape: TapeReader): void {
    this.index = tape.next();
    this.typeCode = tape.next();
    this.recordedAt = tape.next();
    for (let word = 0; word < 4; word++) this.eventWords[word] = tape.next();
    for (let word = 0; word < 4; word++) this.subjectWords[word] = tape.next();
    this.event.read(tape);
    this.subject.read(tape);
    this.cause.read(tape);
    this.provider.read(tape);
    this.member.read(tape);
  }

  eventId(): string {
    return uuidOf([...this.eventWords]);
  }

  subjectId(): string {
    return uuidOf([...this.subjectWords]);
  }
}
