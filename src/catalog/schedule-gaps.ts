import type { Schedule } from '../model/schedule.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The same moment whenever it is asked: what is valid today is valid tomorrow. */
const FROM_MS = Date.parse('2026-01-01T00:00:00.000Z');
/** Longer than a year, so that both changes of the clocks lie in it. */
const SPAN_MS = 400 * DAY_MS;
/** Of a schedule that runs seldom, so that February has 28 and 29 days. */
const MIN_RUNS = 60;
const MAX_RUNS = 400;
/** What is left out of every day shows within a day; what is left out of a week or a year spans a midnight. */
const DAYS_BY_THE_HOUR = 2;

/** Whether a time ever comes. */
export function everComes(schedule: Schedule): boolean {
  return schedule.next(FROM_MS) !== null;
}

/** The shortest time between two runs, as far as a year or some hundred runs show it. Infinite if there are never two. */
export function shortestGap_ms(schedule: Schedule): number {
  let shortest = Number.POSITIVE_INFINITY;
  let last = schedule.next(FROM_MS);
  for (let runs = 1; last !== null && runs < MAX_RUNS; runs++) {
    if (runs > MIN_RUNS && last > FROM_MS + SPAN_MS) break;
    const next = schedule.next(last);
    if (next !== null) shortest = Math.min(shortest, next - last);
    last = next;
  }
  return shortest;
}

/** The longest time between two runs within a year, nights and weekends included; zero if there are never two. */
export function longestGap_ms(schedule: Schedule): number {
  let longest = 0;
  let before = FROM_MS;
  for (const at of probes()) {
    const next = schedule.next(at);
    if (next === null) break;
    // The gap may have begun before it was looked at.
    if (next - at + (at - before) > longest) longest = Math.max(longest, next - beginOf(schedule, before, at, next));
    before = at;
  }
  // A schedule that runs less often than once a year: what came after the last look counts whole.
  const first = schedule.next(FROM_MS);
  const second = first === null ? null : schedule.next(first);
  return first === null || second === null ? longest : Math.max(longest, second - first);
}

/** A schedule may run every second of the day, so runs are not counted: two days are looked at by the hour, then a year by the day. */
function probes(): number[] {
  const hours = Array.from({ length: DAYS_BY_THE_HOUR * 24 }, (_, hour) => FROM_MS + hour * HOUR_MS);
  const days = Array.from({ length: SPAN_MS / DAY_MS - DAYS_BY_THE_HOUR }, (_, day) => FROM_MS + (DAYS_BY_THE_HOUR + day) * DAY_MS);
  return [...hours, ...days];
}

/** The last moment from `from` on that lies in the gap before `next` and is its beginning, to the second; `at` lies in it. */
function beginOf(schedule: Schedule, from: number, at: number, next: number): number {
  let outside = from;
  let inside = at;
  if (schedule.next(from) === next) return from;
  while (inside - outside > 1000) {
    const middle = outside + Math.floor((inside - outside) / 2000) * 1000;
    if (schedule.next(middle) === next) inside = middle;
    else outside = middle;
  }
  return inside;
}
