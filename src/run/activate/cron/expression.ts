import type { PassSchedule } from '../../../model/catalog.ts';
import { RgovError } from '../../../model/errors.ts';
import { compileSchedule } from '../../../model/schedule.ts';
import { formatDuration } from '../../../model/time.ts';

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

const NICKNAMES: Record<string, string> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
/** What every cron reads: lists of stars, numbers and ranges, with or without a step. */
const FIELD = /^(?:\*|\d{1,2}(?:-\d{1,2})?)(?:\/\d{1,2})?(?:,(?:\*|\d{1,2}(?:-\d{1,2})?)(?:\/\d{1,2})?)*$/;

/** Throws `usage` for what cron cannot do; `machineZone` is the IANA name of the clock that its daemon goes by. */
export function cronExpression(schedule: PassSchedule, machineZone: string, from_ms: number): Expression {
  if (schedule.kind === 'every') return ofInterval(schedule.every_ms);
  const fields = ofFields(schedule.cron);
  if (schedule.timezone !== machineZone && !sameTimes(fields, schedule.timezone, machineZone, from_ms))
    throw new RgovError(
      'usage',
      `cron goes by the clock of this machine (${machineZone}), and "${schedule.cron}" in ${schedule.timezone} is another time there`,
      {
        expected: `a schedule in ${machineZone}, or one that is the same everywhere, such as every: 5m`,
        hint: `rgov activate --as systemd   (its timers know time zones; or let spec.schedule say: timezone: ${machineZone})`,
      },
    );
  return { fields, warnings: [] };
}

function ofInterval(every_ms: number): Expression {
  const found = INTERVALS.find((interval) => interval.every_ms <= every_ms);
  if (found === undefined)
    throw new RgovError('usage', `cron starts things at most once a minute, and the binding says every: ${formatDuration(every_ms)}`, {
      hint: 'rgov activate --as systemd --watch   (reacts within milliseconds; or let spec.schedule say: every: 1m)',
    });
  if (found.every_ms === every_ms) return { fields: found.fields, warnings: [] };
  return {
    fields: found.fields,
    warnings: [`cron has no interval of ${formatDuration(every_ms)} that comes out even; it is rounded down to ${formatDuration(found.every_ms)}`],
  };
}

function ofFields(text: string): string {
  const parts = (NICKNAMES[text.trim().toLowerCase()] ?? text.trim()).split(/\s+/);
  const cannot = (why: string): RgovError =>
    new RgovError('usage', `cron cannot do "${text}": ${why}`, { hint: 'rgov activate --as systemd --watch   (or say it in five plain fields)' });
  if (parts.length === 6 && parts[0] !== '0') throw cannot('it knows no seconds');
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = parts.slice(-5);
  const fields = [minute, hour, day, numbered(month, MONTHS, 1), numbered(weekday, DAYS, 0)];
  const strange = fields.find((field) => !FIELD.test(field));
  if (strange !== undefined) throw cannot(`it does not know ${strange}`);
  // Where both are said, one that begins with a star is read in another way by cron than by the rest of this program.
  if (day !== '*' && weekday !== '*' && (day.startsWith('*') || weekday.startsWith('*')))
    throw cannot('steps from a star for both days of the month and weekdays mean something else there');
  return fields.join(' ');
}

const numbered = (field: string, names: readonly string[], first: number): string =>
  field.replace(/[A-Za-z]{3}/g, (name) => {
    const index = names.indexOf(name.toUpperCase());
    return index < 0 ? name : String(index + first);
  });

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
