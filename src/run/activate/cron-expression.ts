import type { PassSchedule } from '../../model/catalog.ts';
import { RgovError } from '../../model/errors.ts';
import { compileSchedule } from '../../model/schedule.ts';
import { formatDuration } from '../../model/time.ts';
import { cronFields } from './cron-fields.ts';

/** Five fields that cron knows, and what they do not say as the binding does. */
export interface Expression {
  fields: string;
  warnings: string[];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Every interval that divides the hour or the day evenly, so that it is the same at every turn; the longest one first. */
const INTERVALS: readonly { every_ms: number; fields: string }[] = [
  { every_ms: 7 * DAY_MS, fields: '0 0 * * 0' },
  { every_ms: DAY_MS, fields: '0 0 * * *' },
  ...[12, 8, 6, 4, 3, 2].map((hours) => ({ every_ms: hours * HOUR_MS, fields: `0 */${hours} * * *` })),
  { every_ms: HOUR_MS, fields: '0 * * * *' },
  ...[30, 20, 15, 12, 10, 6, 5, 4, 3, 2].map((minutes) => ({ every_ms: minutes * MINUTE_MS, fields: `*/${minutes} * * * *` })),
  { every_ms: MINUTE_MS, fields: '* * * * *' },
];

/** What every cron reads: lists of stars, numbers and ranges, with or without a step. */
const FIELD = /^(?:\*|\d{1,2}(?:-\d{1,2})?)(?:\/\d{1,2})?(?:,(?:\*|\d{1,2}(?:-\d{1,2})?)(?:\/\d{1,2})?)*$/;

/** Somebody who reads cron fields, and by which clock. */
export interface CronReader {
  /** `cron`, `GitHub`. */
  name: string;
  /** IANA name; null: it can be told the zone. */
  zone: string | null;
  /** No more often than this. */
  least_ms: number;
}

/** Throws `usage` for what that reader cannot do. */
export function cronExpression(schedule: PassSchedule, reader: CronReader, from_ms: number): Expression {
  if (schedule.kind === 'every') return ofInterval(schedule.every_ms, reader);
  const fields = ofFields(schedule.cron, reader);
  const machineZone = reader.zone ?? schedule.timezone;
  if (reader.least_ms > MINUTE_MS && comesOftener(fields, reader.least_ms, from_ms)) throw tooOften(reader, `"${schedule.cron}"`);
  if (schedule.timezone !== machineZone && !sameTimes(fields, schedule.timezone, machineZone, from_ms))
    throw new RgovError('usage', `${reader.name} goes by ${machineZone}, and "${schedule.cron}" in ${schedule.timezone} is another time there`, {
      expected: `a schedule in ${machineZone}, or one that is the same everywhere, such as every: 5m`,
      hint: `rgov activate --as systemd   (its timers know time zones; or let spec.schedule say: timezone: ${machineZone})`,
    });
  return { fields, warnings: [] };
}

const tooOften = ({ name, least_ms }: CronReader, said: string): RgovError =>
  new RgovError('usage', `${name} starts things at most every ${formatDuration(least_ms)}, and the binding says ${said}`, {
    hint: `rgov activate --as systemd --watch   (reacts within milliseconds; or let spec.schedule say: every: ${formatDuration(least_ms)})`,
  });

function ofInterval(every_ms: number, reader: CronReader): Expression {
  const found = INTERVALS.find((interval) => interval.every_ms <= every_ms);
  if (found === undefined || found.every_ms < reader.least_ms) throw tooOften(reader, `every: ${formatDuration(every_ms)}`);
  if (found.every_ms === every_ms) return { fields: found.fields, warnings: [] };
  return {
    fields: found.fields,
    warnings: [
      `cron fields have no interval of ${formatDuration(every_ms)} that comes out even; it is rounded down to ${formatDuration(found.every_ms)}`,
    ],
  };
}

function ofFields(text: string, { name }: CronReader): string {
  const { second, minute, hour, day, month, weekday } = cronFields(text);
  const cannot = (why: string): RgovError =>
    new RgovError('usage', `${name} cannot do "${text}": ${why}`, { hint: 'rgov activate --as systemd --watch   (or say it in five plain fields)' });
  if (second !== '0') throw cannot('it knows no seconds');
  const fields = [minute, hour, day, month, weekday];
  const strange = fields.find((field) => !FIELD.test(field));
  if (strange !== undefined) throw cannot(`it does not know ${strange}`);
  // Where both are said, one that begins with a star is read in another way by cron than by the rest of this program.
  if (day !== '*' && weekday !== '*' && (day.startsWith('*') || weekday.startsWith('*')))
    throw cannot('steps from a star for both days of the month and weekdays mean something else there');
  return fields.join(' ');
}

const SAMPLES = 365;
const BETWEEN_SAMPLES_MS = 2 * DAY_MS;

/** Whether two zones come to the same moments, looked at again and again over two years. */
function sameTimes(fields: string, one: string, other: string, from_ms: number): boolean {
  const [a, b] = [compileSchedule(fields, one), compileSchedule(fields, other)];
  if (!a.ok || !b.ok) return false;
  for (let i = 0; i < SAMPLES; i++) {
    const at = from_ms + i * BETWEEN_SAMPLES_MS;
    if (a.schedule.next(at) !== b.schedule.next(at)) return false;
  }
  return true;
}

const LOOKED_AT = 300;

function comesOftener(fields: string, least_ms: number, from_ms: number): boolean {
  const compiled = compileSchedule(fields, 'UTC');
  let before: number | null = null;
  for (let i = 0, at = compiled.ok ? compiled.schedule.next(from_ms) : null; i < LOOKED_AT && at !== null; i++) {
    if (before !== null && at - before < least_ms) return true;
    before = at;
    at = compiled.ok ? compiled.schedule.next(at) : null;
  }
  return false;
}
