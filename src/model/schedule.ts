import { Cron, type CronOptions } from 'croner';

/** Times by the clock of some place, one after the other. */
export interface Schedule {
  /** The first time strictly after a moment, in milliseconds since the epoch; null if none comes before the year 10,000. */
  next(after_ms: number): number | null;
}

export type CompiledSchedule = { ok: true; schedule: Schedule } | { ok: false; part: 'cron' | 'timezone'; message: string };

/** What may stand for the fields. There is no `@reboot`: it is no time. */
export const NICKNAMES: readonly string[] = ['@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually'];

const MAX_LENGTH = 200;
const UTC = 'UTC';
/** The years 1 to 9999, which croner can count in. */
const FIRST_MS = Date.parse('0001-01-02T00:00:00.000Z');
const END_MS = Date.parse('9999-12-31T00:00:00.000Z');

const FIELDS: readonly { name: string; values: string }[] = [
  { name: 'second', values: '0 to 59' },
  { name: 'minute', values: '0 to 59' },
  { name: 'hour', values: '0 to 23' },
  { name: 'day of the month', values: '1 to 31, L for the last' },
  { name: 'month', values: '1 to 12, JAN to DEC' },
  { name: 'weekday', values: '0 to 7, SUN to SAT' },
];

/**
 * Compiles a schedule of five or six fields (seconds first) or a nickname such as `@daily`. Where clocks go forward, a
 * time of day that does not exist comes right at the change; where they go back, one that exists twice comes the first
 * time only. Intervals (`*`, steps) go on in real time.
 */
export function compileSchedule(cron: string, timezone: string): CompiledSchedule {
  const message = shapeFault(cron);
  if (message !== null) return { ok: false, part: 'cron', message };
  const text = normalized(cron);
  // croner looks at the zone when it is first asked for a time, so what it refuses here is the text.
  const compiled = read(text, timezone);
  if (compiled === null) return { ok: false, part: 'cron', message: fieldFault(text) };
  if (!isTimezone(timezone)) return { ok: false, part: 'timezone', message: `there is no time zone "${timezone.slice(0, 80)}"` };
  return { ok: true, schedule: remembering(compiled) };
}

function normalized(cron: string): string {
  return cron.trim().replace(/\s+/g, ' ');
}

function optionsFor(timezone: string): CronOptions {
  return {
    mode: '5-or-6-parts',
    // Lists and ranges of hours are times of day like any other: the night of the change must not skip or double them.
    fixedTimeRule: 'no-wildcard',
    // Without the tables of time zones, which take 30 ms when they are first asked.
    ...(timezone === UTC ? { utcOffset: 0 } : { timezone }),
  };
}

function read(text: string, timezone: string): Cron | null {
  try {
    return new Cron(text, optionsFor(timezone));
  } catch {
    return null;
  }
}

/** Why a text cannot even look like a schedule, in a few words; null if it does. */
function shapeFault(cron: string): string | null {
  if (cron.length > MAX_LENGTH) return `the schedule is longer than ${MAX_LENGTH} characters`;
  const text = normalized(cron);
  if (text === '') return 'the schedule is empty';
  if (text.startsWith('@')) return NICKNAMES.includes(text.toLowerCase()) ? null : `"${text.slice(0, 80)}" names no time`;
  const fields = text.split(' ');
  if (fields.length === 7) return 'the schedule has seven fields, and a year is not supported';
  if (fields.length !== 5 && fields.length !== 6) return `the schedule has ${fields.length} ${fields.length === 1 ? 'field' : 'fields'}`;
  return null;
}

/** The first field that cannot be read even by itself. */
function fieldFault(text: string): string {
  const fields = text.split(' ');
  const all = fields.length === FIELDS.length ? fields : ['0', ...fields];
  for (const [index, { name, values }] of FIELDS.entries()) {
    const alone = FIELDS.map((_, at) => (at === index ? all[index] : '*')).join(' ');
    if (read(alone, UTC) === null) return `"${(all[index] as string).slice(0, 80)}" is no ${name} (${values})`;
  }
  return 'the schedule cannot be read';
}

/** Zones that are known to exist: to ask for one takes as long as a hundred answers. */
const zones = new Set([UTC]);

/** Offsets such as +02:00 are refused: newer versions of Node take them, older ones do not. */
function isTimezone(name: string): boolean {
  if (zones.has(name)) return true;
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,99}$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    zones.add(name);
    return true;
  } catch {
    return false;
  }
}

/** Stretches that are remembered of one schedule; beyond that it starts afresh. */
const MAX_STRETCHES = 4096;

/** From a moment that was asked for up to the answer, the answer is the same. */
interface Stretch {
  from: number;
  /** Not included; infinite where no time comes any more. */
  until: number;
}

/** croner takes 0.1 ms for an answer, and thousands of subjects may be on one schedule. */
function remembering(cron: Cron): Schedule {
  // In order of time, none reaching into another.
  let stretches: Stretch[] = [];
  const next = (after_ms: number): number | null => {
    if (!(after_ms < END_MS)) return null;
    const at = Math.max(after_ms, FIRST_MS);
    const index = firstEndingAfter(stretches, at);
    const known = stretches[index];
    if (known && known.from <= at) return answerOf(known);
    const found = cron.nextRun(new Date(at))?.getTime() ?? Number.POSITIVE_INFINITY;
    if (known?.until === found) known.from = at;
    else if (stretches.length < MAX_STRETCHES) stretches.splice(index, 0, { from: at, until: found });
    else stretches = [{ from: at, until: found }];
    return Number.isFinite(found) ? found : null;
  };
  return { next };
}

function answerOf({ until }: Stretch): number | null {
  return Number.isFinite(until) ? until : null;
}

function firstEndingAfter(stretches: readonly Stretch[], at: number): number {
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stretches[middle] as Stretch).until > at) high = middle;
    else low = middle + 1;
  }
  return low;
}
