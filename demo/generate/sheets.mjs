// How programs write their exports: which columns, in what order, in which encoding, with which dates.

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const WEEKDAYS = 'Sun Mon Tue Wed Thu Fri Sat'.split(' ');

const two = (number) => String(number).padStart(2, '0');
const unpadded = (text) => String(Number(text));

const DATES = {
  iso: (y, m, d) => `${y}-${m}-${d}`,
  'dd/mm/yyyy': (y, m, d) => `${d}/${m}/${y}`,
  'd/m/yyyy': (y, m, d) => `${unpadded(d)}/${unpadded(m)}/${y}`,
  'dd-mm-yy': (y, m, d) => `${d}-${m}-${y.slice(2)}`,
  'dd.mm.yyyy': (y, m, d) => `${d}.${m}.${y}`,
  'd mmm yyyy': (y, m, d) => `${unpadded(d)} ${MONTHS[m - 1].slice(0, 3)} ${y}`,
  'ddd d mmmm yyyy': (y, m, d) =>
    `${WEEKDAYS[new Date(`${y}-${m}-${d}`).getUTCDay()]} ${unpadded(d)} ${MONTHS[m - 1]} ${y}`,
};

export function dateText(day, format) {
  const [y, m, d] = day.split('-');
  return DATES[format](y, m, d);
}

const TIMES = {
  'hh:mm': (time) => time,
  'hh.mm': (time) => time.replace(':', '.'),
  '12h': (time) => {
    const [hour, minute] = time.split(':').map(Number);
    return `${hour % 12 || 12}${minute === 0 ? '' : `:${two(minute)}`}${hour < 12 ? 'am' : 'pm'}`;
  },
};

const LENGTHS = {
  n: String,
  'n min': (minutes) => `${minutes} min`,
  'h m': (minutes) => (minutes < 60 ? `${minutes}m` : `${Math.floor(minutes / 60)}h ${minutes % 60}m`),
  'h:mm': (minutes) => `${Math.floor(minutes / 60)}:${two(minutes % 60)}`,
};

const pounds = (minor) => `${Math.floor(minor / 100)}.${two(minor % 100)}`;
const spaced = (nhs) => `${nhs.slice(0, 3)} ${nhs.slice(3, 6)} ${nhs.slice(6)}`;

/** What each field of a row looks like; `format` is what stands behind the colon in a column. */
const FIELDS = {
  date: ({ date }, format) => dateText(date, format),
  datetime: ({ date, start }, format) =>
    format === 'offset' ? `${date}T${start}:00+01:00` : `${dateText(date, format)} ${start}`,
  start: ({ start }, format) => (start ? TIMES[format](start) : ''),
  minutes: ({ minutes }, format) => (minutes ? LENGTHS[format](minutes) : ''),
  amount: ({ amount }, format) => (amount === undefined ? '' : `${format === '£' ? '£' : ''}${pounds(amount)}`),
  travel: ({ travel }) => (travel ? 'Yes' : 'No'),
  madeOn: ({ madeOn }, format) => dateText(madeOn, format),
  name: ({ person }) => person.name,
  surnameFirst: ({ person }) => person.name.split(' ').reverse().join(', '),
  born: ({ person }, format) => dateText(person.born, format),
  nhs: ({ person }) => spaced(person.nhs),
  nhsPlain: ({ person }) => person.nhs,
  client: ({ person }, prefix) => `${prefix}${person.number}`,
  note: ({ person, note }) => note ?? (person.number % 9 === 0 ? `${person.name} asked about\nparking, "again"` : ''),
  blank: () => '',
};

function cellOf(row, field, format, words) {
  const raw = row.raw?.[field];
  if (raw !== undefined) return raw;
  if (FIELDS[field]) return FIELDS[field](row, format);
  const value = row[field];
  if (value === undefined || value === null) return '';
  return words?.[field]?.[value] ?? String(value);
}

const UNDEFINED_IN_1252 = { '’': 0x92, '£': 0xa3, ô: 0xf4, é: 0xe9 };

const ENCODINGS = {
  'utf-8': (text) => Buffer.from(text, 'utf8'),
  'utf-8 bom': (text) => Buffer.from(`\ufeff${text}`, 'utf8'),
  'utf-16le': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  'utf-16be': (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
  'windows-1252': (text) =>
    Buffer.from(Array.from(text, (sign) => (sign < '\u0080' ? sign.charCodeAt(0) : UNDEFINED_IN_1252[sign]))),
};

/**
 * Writes rows as a program exports them. A column is `Heading=field` or `Heading=field:format`; `words` says how the
 * program spells the values of a field; `blankRows` puts an empty line after every so many rows, as people do by hand.
 */
export function sheetOf(style, rows) {
  const { separator = ',', eol = '\r\n', encoding = 'utf-8', quoteAll = false, blankRows = 0, words } = style;
  const columns = style.columns.map((column) => {
    const [, heading, field, format] = /^(.*)=(\w+)(?::(.*))?$/.exec(column);
    return { heading, field, format };
  });
  const quoted = (cell) =>
    quoteAll || cell.includes(separator) || /["\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  const lines = [columns.map(({ heading }) => quoted(heading)).join(separator)];
  for (const [index, row] of rows.entries()) {
    const cells = columns.map(({ field, format }) => quoted(cellOf(row, field, format, words)));
    lines.push((row.raw?.cut ? cells.slice(0, -2) : cells).join(separator));
    if (blankRows && index % blankRows === blankRows - 1) lines.push(separator.repeat(columns.length - 1));
  }
  return ENCODINGS[encoding](lines.map((line) => line + eol).join(''));
}
