import { describe, expect, it } from 'vitest';
import { compileSchedule, type Schedule } from '../model/schedule.ts';
import { everComes, longestGap_ms, shortestGap_ms } from './schedule-gaps.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function scheduleOf(cron: string, timezone = 'UTC'): Schedule {
  const compiled = compileSchedule(cron, timezone);
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.schedule;
}

describe('the gaps of a schedule', () => {
  it.each([
    ['* * * * * *', 'UTC', 1000, 1000],
    ['*/5 * * * *', 'Europe/Berlin', 5 * MINUTE, 5 * MINUTE],
    ['0 3 * * *', 'UTC', DAY, DAY],
    ['0 12 * * *', 'Europe/Berlin', 23 * HOUR, 25 * HOUR],
    ['0 12 * * *', 'Australia/Sydney', 23 * HOUR, 25 * HOUR],
    ['0 9,18 * * *', 'UTC', 9 * HOUR, 15 * HOUR],
    ['0 9 * * MON-FRI', 'UTC', DAY, 3 * DAY],
    // More runs than are looked at lie between two weekends.
    ['* 8-17 * * MON-FRI', 'UTC', MINUTE, 62 * HOUR + MINUTE],
    // A night without a midnight in UTC.
    ['* 8-17 * * *', 'America/Phoenix', MINUTE, 14 * HOUR + MINUTE],
    ['0 0 1,28 * *', 'UTC', DAY, 27 * DAY],
    ['@monthly', 'UTC', 28 * DAY, 31 * DAY],
    ['* * * 1-6 *', 'UTC', MINUTE, 184 * DAY + MINUTE],
    ['0 0 29 2 *', 'UTC', 1461 * DAY, 1461 * DAY],
  ])('%s in %s', (cron, timezone, shortest, longest) => {
    const schedule = scheduleOf(cron, timezone);
    expect(everComes(schedule)).toBe(true);
    expect(shortestGap_ms(schedule)).toBe(shortest);
    expect(longestGap_ms(schedule)).toBe(longest);
  });

  it('are none where no time comes', () => {
    const schedule = scheduleOf('0 0 30 2 *');
    expect(everComes(schedule)).toBe(false);
    expect(shortestGap_ms(schedule)).toBe(Number.POSITIVE_INFINITY);
    expect(longestGap_ms(schedule)).toBe(0);
  });
});
