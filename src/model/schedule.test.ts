import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { compileSchedule, type Schedule } from './schedule.ts';

function scheduleOf(cron: string, timezone = 'UTC'): Schedule {
  const compiled = compileSchedule(cron, timezone);
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.schedule;
}

/** The times after one moment and up to another. */
function times(schedule: Schedule, from: string, to: string): string[] {
  const found: string[] = [];
  for (let at = schedule.next(Date.parse(from)); at !== null && at <= Date.parse(to); at = schedule.next(at))
    found.push(new Date(at).toISOString().replace('.000Z', 'Z'));
  return found;
}

describe('where clocks change', () => {
  it.each([
    // 02:00 becomes 03:00 at 01:00Z: half past two does not exist.
    ['30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-30T12:00:00Z', ['2026-03-29T01:00:00Z', '2026-03-30T00:30:00Z']],
    // 03:00 becomes 02:00 at 01:00Z: half past two exists twice.
    ['30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', '2026-10-26T12:00:00Z', ['2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z']],
    ['30 2 * * *', 'America/New_York', '2026-03-07T12:00:00Z', '2026-03-09T12:00:00Z', ['2026-03-08T07:00:00Z', '2026-03-09T06:30:00Z']],
    // Here 02:00 becomes 01:00, so it is half past one that exists twice.
    ['30 1 * * *', 'America/New_York', '2026-10-31T12:00:00Z', '2026-11-02T12:00:00Z', ['2026-11-01T05:30:00Z', '2026-11-02T06:30:00Z']],
    ['30 2 * * *', 'America/New_York', '2026-10-31T12:00:00Z', '2026-11-01T12:00:00Z', ['2026-11-01T07:30:00Z']],
    ['30 2,14 * * *', 'Europe/Berlin', '2026-03-28T14:00:00Z', '2026-03-29T14:00:00Z', ['2026-03-29T01:00:00Z', '2026-03-29T12:30:00Z']],
    ['30 2,14 * * *', 'Europe/Berlin', '2026-10-24T14:00:00Z', '2026-10-25T14:00:00Z', ['2026-10-25T00:30:00Z', '2026-10-25T13:30:00Z']],
    // Clocks go forward by half an hour at 15:30Z, and back at 15:00Z.
    ['15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00:00Z', '2026-10-05T00:00:00Z', ['2026-10-03T15:30:00Z', '2026-10-04T15:15:00Z']],
    ['45 1 * * *', 'Australia/Lord_Howe', '2026-04-04T00:00:00Z', '2026-04-06T00:00:00Z', ['2026-04-04T14:45:00Z', '2026-04-05T15:15:00Z']],
    // Midnight itself does not exist.
    ['@daily', 'Africa/Cairo', '2026-04-23T12:00:00Z', '2026-04-24T22:00:00Z', ['2026-04-23T22:00:00Z', '2026-04-24T21:00:00Z']],
  ])('%s in %s after %s comes once a night', (cron, timezone, from, to, expected) => {
    expect(times(scheduleOf(cron, timezone), from, to)).toEqual(expected);
  });

  it.each([
    ['Europe/Berlin', '2026-03-29T00:00:00Z'],
    ['Europe/Berlin', '2026-10-25T00:00:00Z'],
    ['America/New_York', '2026-03-08T06:00:00Z'],
    ['America/New_York', '2026-11-01T05:00:00Z'],
    ['Australia/Lord_Howe', '2026-10-03T14:00:00Z'],
    ['Australia/Lord_Howe', '2026-04-04T14:00:00Z'],
  ])('every half hour in %s goes on in real time from %s', (timezone, from) => {
    const start = Date.parse(from);
    const expected = [1, 2, 3, 4, 5, 6].map((n) => new Date(start + n * 1_800_000).toISOString().replace('.000Z', 'Z'));
    expect(times(scheduleOf('*/30 * * * *', timezone), from, expected[5] as string)).toEqual(expected);
  });
});

describe('a schedule', () => {
  it.each([
    ['0 9 * * *', 'Asia/Kolkata', '2026-01-01T03:30:00Z', '2026-01-02T03:30:00Z'],
    ['0 9 * * *', 'Asia/Kathmandu', '2026-01-01T00:00:00Z', '2026-01-01T03:15:00Z'],
    ['0 0 29 2 *', 'UTC', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00Z'],
    ['0 0 29 2 *', 'UTC', '2096-03-01T00:00:00Z', '2104-02-29T00:00:00Z'],
    ['0 0 L * *', 'UTC', '2026-02-01T00:00:00Z', '2026-02-28T00:00:00Z'],
    ['0 0 L 2 *', 'UTC', '2028-01-01T00:00:00Z', '2028-02-29T00:00:00Z'],
    ['0 8 * * MON-FRI', 'UTC', '2026-01-02T08:00:00Z', '2026-01-05T08:00:00Z'],
    ['0 8 1 JAN *', 'UTC', '2026-01-02T08:00:00Z', '2027-01-01T08:00:00Z'],
    ['0 8 * * FRI#2', 'UTC', '2026-01-01T00:00:00Z', '2026-01-09T08:00:00Z'],
    // Day of the month or weekday, as cron has always had it.
    ['0 8 13 * FRI', 'UTC', '2026-01-10T00:00:00Z', '2026-01-13T08:00:00Z'],
    ['15 30 4 * * *', 'UTC', '2026-01-01T04:30:14.999Z', '2026-01-01T04:30:15Z'],
    ['  0\t3 *  * * ', 'UTC', '2026-01-01T00:00:00Z', '2026-01-01T03:00:00Z'],
    ['@hourly', 'UTC', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z'],
    ['@Daily', 'Europe/Berlin', '2026-07-01T00:00:00Z', '2026-07-01T22:00:00Z'],
    ['@midnight', 'UTC', '2026-07-01T00:00:00Z', '2026-07-02T00:00:00Z'],
    ['@weekly', 'UTC', '2026-07-01T00:00:00Z', '2026-07-05T00:00:00Z'],
    ['@monthly', 'UTC', '2026-07-01T00:00:00Z', '2026-08-01T00:00:00Z'],
    ['@yearly', 'UTC', '2026-07-01T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['@annually', 'UTC', '2026-07-01T00:00:00Z', '2027-01-01T00:00:00Z'],
  ])('%j in %s after %s comes at %s', (cron, timezone, after, expected) => {
    expect(scheduleOf(cron, timezone).next(Date.parse(after))).toBe(Date.parse(expected));
  });

  it('may never come', () => {
    for (const cron of ['0 0 30 2 *', '0 0 31 4,6,9,11 *'])
      expect(scheduleOf(cron, 'Europe/Berlin').next(Date.parse('2026-01-01T00:00:00Z'))).toBeNull();
  });

  it('comes strictly after the moment that is asked for', () => {
    const three = Date.parse('2026-01-02T03:00:00Z');
    const day = 86_400_000;
    for (const [after, expected] of [
      [three - 1, three],
      [three, three + day],
      [three + 1, three + day],
      [three + 500, three + day],
    ] as const)
      expect(scheduleOf('0 3 * * *').next(after)).toBe(expected);
  });

  it('survives moments beyond the calendar', () => {
    const schedule = scheduleOf('0 3 * * *', 'Europe/Berlin');
    for (const after of [Number.POSITIVE_INFINITY, 8.64e15, 9e15, Date.parse('9999-12-31T12:00:00Z')]) expect(schedule.next(after)).toBeNull();
    for (const after of [-8.64e15, Number.NEGATIVE_INFINITY])
      expect(schedule.next(after)).toBe(scheduleOf('0 3 * * *', 'Europe/Berlin').next(Date.parse('0001-01-02T00:00:00Z')));
  });
});

describe('what is no schedule', () => {
  it.each([
    ['', 'the schedule is empty'],
    ['   ', 'the schedule is empty'],
    ['* * * *', 'the schedule has 4 fields'],
    ['daily', 'the schedule has 1 field'],
    ['* * * * * * *', 'the schedule has seven fields, and a year is not supported'],
    ['0 0 3 * * * 2030', 'the schedule has seven fields, and a year is not supported'],
    ['@reboot', '"@reboot" names no time'],
    ['@nightly', '"@nightly" names no time'],
    ['2026-01-01T00:00:00Z', 'the schedule has 1 field'],
    ['60 * * * *', '"60" is no minute (0 to 59)'],
    ['0 25 * * *', '"25" is no hour (0 to 23)'],
    ['99 0 0 * * *', '"99" is no second (0 to 59)'],
    ['0 0 32 * *', '"32" is no day of the month (1 to 31, L for the last)'],
    ['0 0 0 * *', '"0" is no day of the month (1 to 31, L for the last)'],
    ['0 0 * 13 *', '"13" is no month (1 to 12, JAN to DEC)'],
    ['0 0 * JANUAR *', '"JANUAR" is no month (1 to 12, JAN to DEC)'],
    ['0 0 * * 8', '"8" is no weekday (0 to 7, SUN to SAT)'],
    ['5-1 * * * *', '"5-1" is no minute (0 to 59)'],
    ['*/0 * * * *', '"*/0" is no minute (0 to 59)'],
    ['H 3 * * *', '"H" is no minute (0 to 59)'],
    [`${'1,'.repeat(200)}1 * * * *`, 'the schedule is longer than 200 characters'],
  ])('%j: %s', (cron, message) => {
    expect(compileSchedule(cron, 'UTC')).toEqual({ ok: false, part: 'cron', message });
  });

  it.each(['', 'Mars/Olympus', 'Europe/Berln', '+02:00', 'Europe/Berlin ', '../etc/passwd', 'x'.repeat(1000)])('in the zone %j', (timezone) => {
    expect(compileSchedule('@daily', timezone)).toMatchObject({ ok: false, part: 'timezone' });
  });

  it('is told before the zone', () => {
    expect(compileSchedule('x', 'x')).toMatchObject({ part: 'cron' });
  });
});

describe('what is remembered', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('changes no answer, in whatever order and whenever it is asked', () => {
    const start = Date.parse('2026-03-01T00:00:00Z');
    const shared = new Map<string, Schedule>();
    vi.useFakeTimers({ toFake: ['Date'] });
    fc.assert(
      fc.property(
        fc.constantFrom('30 2 * * *', '*/30 * * * *', '0 3 * * MON', '15 0 2 1,15 * *', '0 0 30 2 *'),
        fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'),
        fc.array(fc.integer({ min: 0, max: 300 * 86_400_000 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: 4e12 }),
        (cron, timezone, offsets, now) => {
          vi.setSystemTime(now);
          const key = `${cron} ${timezone}`;
          const schedule = shared.get(key) ?? scheduleOf(cron, timezone);
          shared.set(key, schedule);
          for (const offset of offsets) {
            const at = start + offset;
            const found = schedule.next(at);
            expect(found).toBe(scheduleOf(cron, timezone).next(at));
            if (found === null) continue;
            expect(found).toBeGreaterThan(at);
            // Nothing comes between the moment that was asked for and the answer.
            expect(schedule.next(found - 1)).toBe(found);
            expect(schedule.next(Math.floor((at + found) / 2))).toBe(found);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is not asked of croner again', () => {
    const schedule = scheduleOf('0 3 * * *', 'Europe/Berlin');
    const start = Date.parse('2026-01-01T03:00:00Z');
    schedule.next(start);
    const begun = performance.now();
    for (let n = 0; n < 100_000; n++) schedule.next(start + n * 100);
    // croner itself would take nine seconds.
    expect(performance.now() - begun).toBeLessThan(1000);
  });

  it('stays small', () => {
    const schedule = scheduleOf('* * * * * *', 'Europe/Berlin');
    let at = Date.parse('2026-01-01T00:00:00Z');
    for (let n = 1; n <= 9000; n++) at = schedule.next(at) ?? 0;
    expect(at).toBe(Date.parse('2026-01-01T02:30:00Z'));
    expect(schedule.next(Date.parse('2026-01-01T00:00:00Z'))).toBe(Date.parse('2026-01-01T00:00:01Z'));
    // And goes on remembering.
    const begun = performance.now();
    for (let n = 0; n < 50_000; n++) schedule.next(at + (n % 1000));
    expect(performance.now() - begun).toBeLessThan(1000);
  });
});
