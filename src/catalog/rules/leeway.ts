import { formatDuration, parseDurationMs } from '../../model/time.ts';
import type { Declarations } from '../declarations.ts';
import { allExpectations, type DeclaredExpectation, type ScheduleText, scheduleOf } from '../expectations.ts';
import type { Problem } from '../problem.ts';
import { shortestGap_ms } from '../schedule-gaps.ts';
import { validSchedule } from './schedules.ts';

/**
 * Leeway that reaches beyond the next run. If `early` and `grace` together are longer than the gap, there are moments at
 * which one report would count for two runs, so that a run which stayed silent would never be missed.
 */
export function checkLeeway(declarations: Declarations): Problem[] {
  const gaps = new Map<string, number>();
  const gapOf = (text: ScheduleText): number => {
    const key = `${text.timezone} ${text.cron}`;
    const known = gaps.get(key) ?? measure(text);
    gaps.set(key, known);
    return known;
  };
  return allExpectations(declarations).flatMap((expectation) => check(expectation, gapOf));
}

/** One run at most on each day that counts: nothing more needs to be known for most leeways. */
const ONCE_A_DAY = /^\s*\d+\s+\d+(?:\s+\S+){3}\s*$/;
/** Clocks go forward by two hours at most, on Antarctic stations. */
const LEAST_DAY_MS = 22 * 3_600_000;

function measure(text: ScheduleText): number {
  const schedule = validSchedule(text);
  return schedule === null ? Number.POSITIVE_INFINITY : shortestGap_ms(schedule);
}

function check(expectation: DeclaredExpectation, gapOf: (text: ScheduleText) => number): Problem[] {
  const { spec } = expectation;
  const grace_ms = duration(spec.grace);
  const early_ms = duration(spec.early);
  const schedule = scheduleOf(expectation);
  if (schedule !== null) {
    if (grace_ms + early_ms === 0 || (ONCE_A_DAY.test(schedule.cron) && grace_ms + early_ms <= LEAST_DAY_MS)) return [];
    const between = `two runs of "${schedule.cron.slice(0, 80)}" can be`;
    return tooLong(expectation, { grace_ms, early_ms }, gapOf(schedule), between);
  }
  const every_ms = duration(spec.every);
  return every_ms === 0 ? [] : tooLong(expectation, { grace_ms, early_ms: 0 }, every_ms, 'two reports are');
}

function tooLong(
  { document, path }: DeclaredExpectation,
  { grace_ms, early_ms }: { grace_ms: number; early_ms: number },
  gap_ms: number,
  between: string,
): Problem[] {
  const apart = `${between} ${formatDuration(gap_ms)} apart`;
  const problem = (key: string, message: string, most_ms: number): Problem =>
    document.at([...path, key], { code: 'grace_too_long', message, expected: most_ms === 0 ? `no ${key}` : `at most ${formatDuration(most_ms)}` });
  const alone = (key: string, length_ms: number): Problem[] =>
    length_ms > gap_ms ? [problem(key, `${key} is ${formatDuration(length_ms)}, and ${apart}`, gap_ms)] : [];
  const each = [...alone('grace', grace_ms), ...alone('early', early_ms)];
  if (each.length > 0 || grace_ms + early_ms <= gap_ms) return each;
  const sum = formatDuration(grace_ms + early_ms);
  return [problem('early', `grace and early are ${sum} together, and ${apart}: one report would count for both`, gap_ms - grace_ms)];
}

function duration(text: string | undefined): number {
  return (text === undefined ? null : parseDurationMs(text)) ?? 0;
}
