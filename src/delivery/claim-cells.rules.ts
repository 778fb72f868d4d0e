import {
  readCode,
  readCount,
  readDate,
  readDuration,
  readPounds,
  readReference,
  readTime,
  readWord,
  wordList,
  yesOrNo,
  type CellDate,
  type CellResult,
  type DateBounds,
} from '../platform/csv-cells.rules.js';

export type ClaimOutcome = 'attended' | 'did_not_attend' | 'cancelled_late' | 'cancelled' | 'held';
export type ClaimMode = 'in_person' | 'phone' | 'video' | 'home';

/** What a row is judged against. */
export interface ClaimFileContext {
  /** The day in Europe/London, `YYYY-MM-DD`: nothing later is accepted. */
  readonly today: string;
  /** The first day accepted, `YYYY-MM-DD`; 2015-01-01 when left out. */
  readonly earliest?: string;
  /** Codes of the contract's services. With exactly one, the column may be left out; with none, any code is accepted. */
  readonly serviceCodes: readonly string[];
}

const dayMinutes = 24 * 60;
const longestNotice = 366 * dayMinutes;
const mostBooked = 500;

export const outcomeAdvice = 'Write attended, did not attend, cancelled late or cancelled.';
const outcomes = wordList<ClaimOutcome>([
  ['attended', 'attended,attend,yes,y,true,1,present,came,arrived,completed,seen'],
  [
    'did_not_attend',
    'did not attend,didnt attend,dna,no,n,false,0,no show,absent,missed,not attended,failed to attend,non attendance',
  ],
  [
    'cancelled_late',
    'cancelled late,canceled late,late cancelled,late cancel,late cancellation,short notice cancellation,cancelled at short notice,cancelled short notice',
  ],
  [
    'cancelled',
    'cancelled,canceled,cancel,cancellation,cancelled in time,cancelled with notice,cancelled in good time',
  ],
  ['held', 'held,delivered,took place,went ahead'],
]);
const modes = wordList<ClaimMode>([
  ['in_person', 'in person,face to face,f2f,ftf,onsite,on site,venue'],
  ['phone', 'phone,telephone,call,by phone,tel,phone call'],
  ['video', 'video,online,video call,zoom,teams,virtual,remote'],
  ['home', 'home,home visit,at home'],
]);

/** What the cells of a file mean. A file says the same few days, times and words again and again: each is read once. */
export interface ClaimCells {
  readonly reference: (text: string) => CellResult<string>;
  readonly date: (text: string) => CellResult<CellDate>;
  readonly time: (text: string) => CellResult<string>;
  readonly minutes: (text: string) => CellResult<number>;
  readonly notice: (text: string) => CellResult<number>;
  readonly moment: (text: string) => CellResult<string>;
  readonly service: (text: string) => CellResult<string>;
  readonly outcome: (text: string) => CellResult<ClaimOutcome>;
  readonly booked: (text: string) => CellResult<number>;
  readonly mode: (text: string) => CellResult<ClaimMode>;
  readonly amount: (text: string) => CellResult<bigint>;
  readonly travel: (text: string) => CellResult<boolean>;
}

export function claimCells({ today, earliest = '2015-01-01', serviceCodes }: ClaimFileContext): ClaimCells {
  const bounds = { earliest, latest: today };
  return {
    reference: readReference,
    date: readOnce((text) => readDate(text, bounds)),
    time: readOnce(readTime),
    minutes: readOnce(readSessionLength),
    notice: readOnce((text) => readDuration(text, { bareUnit: 'hours', most: longestNotice })),
    moment: readOnce((text) => readMoment(text, bounds)),
    service: readOnce((text) => readCode(text, serviceCodes)),
    outcome: readOnce((text) => readWord(text, outcomes, outcomeAdvice)),
    booked: readOnce((text) => readCount(text, { least: 0, most: mostBooked })),
    mode: readOnce((text) => readWord(text, modes, 'Write in person, phone, video or home.')),
    amount: readOnce(readPounds),
    travel: readOnce((text) => readWord(text, yesOrNo, 'Write yes or no.')),
  };
}

const mostRemembered = 5_000;

function readOnce<T>(read: (text: string) => CellResult<T>): (text: string) => CellResult<T> {
  const meanings = new Map<string, CellResult<T>>();
  return (text) => {
    const known = meanings.get(text);
    if (known) return known;
    const meaning = read(text);
    if (meanings.size >= mostRemembered) meanings.clear();
    meanings.set(text, meaning);
    return meaning;
  };
}

function readSessionLength(text: string): CellResult<number> {
  const length = readDuration(text, { bareUnit: 'minutes', most: dayMinutes });
  return 'ok' in length && length.ok === 0
    ? { code: 'invalid_duration', howToFix: 'Write at least one minute, or leave the cell empty.' }
    : length;
}

/** A cancellation counts by the minute: without its time the notice cannot be told. */
function readMoment(text: string, bounds: DateBounds): CellResult<string> {
  const date = readDate(text, bounds);
  if (!('ok' in date)) return date;
  const { on, at } = date.ok;
  if (at !== null) return { ok: `${on}T${at}` };
  return { code: 'time_missing', howToFix: 'Give the time of the cancellation too, such as 02/09/2026 16:30.' };
}
