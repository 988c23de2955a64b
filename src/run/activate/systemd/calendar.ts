import { RgovError } from '../../../model/errors.ts';
import { type CronFields, cronFields } from '../cron-fields.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const RANGE = /^(\*|\d{1,2})(?:-(\d{1,2}))?(?:\/(\d{1,2}))?$/;

/**
 * Calendar events (systemd.time(7)) for a schedule in cron syntax: two where cron means one or the other, days of the month and weekdays.
 * Throws `usage` for what they cannot say.
 */
export function calendarsOf(cron: string, timezone: string): string[] {
  const fields = cronFields(cron);
  const cannot = (): RgovError =>
    new RgovError('usage', `a timer of systemd cannot say "${cron}"`, { hint: 'rgov activate --as systemd --watch   (or say it in plain fields)' });
  const time = [
    [fields.hour, 23],
    [fields.minute, 59],
    [fields.second, 59],
  ].map(([field, last]) => times(field as string, 0, last as number, cannot));
  return dates(fields, cannot).map((date) => `${date} ${time.join(':')} ${timezone}`);
}

function dates({ day, month, weekday }: CronFields, cannot: () => RgovError): string[] {
  const months = times(month, 1, 12, cannot);
  const ofMonth = day === 'L' ? `*-${months}~01` : `*-${months}-${times(day, 1, 31, cannot)}`;
  if (weekday === '*') return [ofMonth];
  const ofWeek = `${weekdays(weekday, cannot)} *-${months}-*`;
  if (day === '*') return [ofWeek];
  // Steps from a star in one of them mean "both at once" to cron, and not to everybody.
  if (day.startsWith('*') || weekday.startsWith('*')) throw cannot();
  return [ofMonth, ofWeek];
}

/** `*`, or every value by itself: what a step begins with differs from one syntax to the other. */
function times(field: string, first: number, last: number, cannot: () => RgovError): string {
  if (field === '*') return '*';
  return values(field, first, last, cannot)
    .map((value) => String(value).padStart(2, '0'))
    .join(',');
}

function weekdays(field: string, cannot: () => RgovError): string {
  const numbers = new Set(values(field, 0, 7, cannot).map((value) => value % 7));
  return [...numbers]
    .sort((a, b) => a - b)
    .map((value) => DAYS[value])
    .join(',');
}

function values(field: string, first: number, last: number, cannot: () => RgovError): number[] {
  const found = new Set<number>();
  for (const part of field.split(',')) {
    const [, from, to, step] = RANGE.exec(part) ?? [];
    if (from === undefined) throw cannot();
    const [start, end] = from === '*' ? [first, last === 7 ? 6 : last] : [Number(from), Number(to ?? (step === undefined ? from : last))];
    for (let value = start; value <= end; value += Number(step ?? 1)) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}
