import { lstatSync } from 'node:fs';
import { ClosedDays } from './closed-days.ts';
import type { DayIndex } from './day-index.ts';
import { dayTimes, listDays, sameTimes } from './days.ts';
import type { Layout } from './layout.ts';
import { sealName } from './seals.ts';

const DAY_MS = 86_400_000;

/**
 * The next day to be sealed: the first one without a seal, if it has been over for `after_ms` and everything in it was settled when
 * it changed last; null if there is none. Only the first can be, so that seals come in the order of days.
 */
export function firstToSeal(layout: Layout, index: DayIndex, after_ms: number, now_ms: number): string | null {
  const day = firstWithoutSeal(layout);
  return day !== null && endOf_ms(day) + after_ms <= now_ms && isQuiet(layout, index, day) ? day : null;
}

/** When the first day without a seal has been over for `after_ms`, in milliseconds; null if there is no such day. */
export function sealDue_ms(layout: Layout, after_ms: number): number | null {
  const day = firstWithoutSeal(layout);
  return day === null ? null : endOf_ms(day) + after_ms;
}

function firstWithoutSeal(layout: Layout): string | null {
  const sealed = new ClosedDays(layout).sealedThrough();
  return listDays(layout).find((day) => day > sealed) ?? null;
}

const endOf_ms = (day: string): number => Date.parse(`${day}T00:00:00.000Z`) + DAY_MS;

/** Settled, and as it was when that was found. */
export function isQuiet(layout: Layout, index: DayIndex, day: string): boolean {
  const memory = index.days[day];
  const times = memory?.settled ? dayTimes(layout, day, []) : null;
  return times !== null && sameTimes(times, memory?.changeTimes ?? []);
}

/** The newest sealed day, if nobody has signed its seal; it speaks for all before it. */
export function dayToSign(layout: Layout): string | null {
  const day = new ClosedDays(layout).sealedThrough();
  if (day === '') return null;
  return lstatSync(layout.at(`${sealName(day)}.sig`), { throwIfNoEntry: false }) ? null : day;
}
