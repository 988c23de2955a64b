/** A schedule in its six parts, with numbers for the names of months and days. */
export interface CronFields {
  second: string;
  minute: string;
  hour: string;
  day: string;
  month: string;
  weekday: string;
}

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

/** Of a text that the catalog has checked: five fields, six with the seconds first, or a nickname. */
export function cronFields(text: string): CronFields {
  const parts = (NICKNAMES[text.trim().toLowerCase()] ?? text.trim()).split(/\s+/);
  const [second = '0', minute = '', hour = '', day = '', month = '', weekday = ''] = parts.length === 6 ? parts : ['0', ...parts];
  return { second, minute, hour, day, month: numbered(month, MONTHS, 1), weekday: numbered(weekday, DAYS, 0) };
}

const numbered = (field: string, names: readonly string[], first: number): string =>
  field.replace(/[A-Za-z]{3}/g, (name) => {
    const index = names.indexOf(name.toUpperCase());
    return index < 0 ? name : String(index + first);
  });
