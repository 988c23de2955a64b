import { join } from 'node:path';
import { STAGES } from '../model/artifacts.ts';
import { appendCacheFile, readCacheFile, removeCacheFile, writeCacheFile } from './cache-file.ts';

/**
 * What is remembered of a day between passes, so that an unchanged day costs five stats instead of five listings.
 * A cache and nothing more: it is thrown away whenever it does not fit, and every fact can be found without it.
 */
interface DayMemory {
  /**
   * When the day's folder in each stage changed, in milliseconds with fractions; 0 where there is none. The time of change and not
   * of modification: nobody can set it, so that a restored or copied folder is never taken for the one that was seen.
   */
  changeTimes: number[];
  /** Every event is decided, every notice is there and has its receipt. */
  settled: boolean;
  /** Where it is not settled: when its next step will be due, in milliseconds; null if only a change can bring one. */
  nextDue_ms: number | null;
}

export interface DayIndex {
  /** Digest of the catalog that `nextDue_ms` was found with. */
  catalog: string;
  days: Record<string, DayMemory>;
  /** When that was found, in milliseconds: what a clock that was ahead found to be due later may be due now. */
  at_ms?: number;
  /** When the watchdog will find something if nothing more is heard; null if nothing, undefined if it has not looked. */
  watchDue_ms?: number | null;
}

const FORMAT = 5;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** Beyond this there are no dates (ECMA-262, time values). */
const MAX_TIME_MS = 8.64e15;

export function emptyIndex(catalog: string): DayIndex {
  return { catalog, days: {} };
}

export function readDayIndex(cache: string, catalog: string): DayIndex {
  try {
    const parsed = JSON.parse(readCacheFile(join(cache, 'days.json')));
    if (parsed.format !== FORMAT || typeof parsed.catalog !== 'string') return emptyIndex(catalog);
    const days = Object.entries(parsed.days).filter((entry): entry is [string, DayMemory] => DAY.test(entry[0]) && isMemory(entry[1]));
    const watchDue = isDue(parsed.watchDue_ms) ? { watchDue_ms: parsed.watchDue_ms } : {};
    const at = isDue(parsed.at_ms) && parsed.at_ms !== null ? { at_ms: parsed.at_ms } : {};
    return { catalog: parsed.catalog, days: Object.fromEntries(days), ...watchDue, ...at };
  } catch {
    return emptyIndex(catalog);
  }
}

function isMemory(value: unknown): value is DayMemory {
  const { changeTimes, settled, nextDue_ms } = (value ?? {}) as Partial<Record<keyof DayMemory, unknown>>;
  return (
    Array.isArray(changeTimes) &&
    changeTimes.length === STAGES.length &&
    changeTimes.every((time) => typeof time === 'number') &&
    typeof settled === 'boolean' &&
    isDue(nextDue_ms)
  );
}

const isDue = (value: unknown): value is number | null => value === null || (typeof value === 'number' && Math.abs(value) <= MAX_TIME_MS);

export function writeDayIndex(cache: string, index: DayIndex): void {
  writeCacheFile(join(cache, 'days.json'), JSON.stringify({ format: FORMAT, ...index }));
}

/**
 * Events of a day whose notices were all seen in the queue; the decision of such a one need not be read again. Null if none is known, or
 * the queue holds fewer notices now than it did then: one of them is gone, and its decision knows which.
 */
export function readComplete(cache: string, day: string, queued: number): Set<string> | null {
  try {
    const lines = readCacheFile(join(cache, 'complete', day)).split('\n');
    const before = lines.filter((line) => line.startsWith(COUNT)).at(-1);
    return before === undefined || !(queued >= Number(before.slice(1))) ? null : new Set(lines);
  } catch {
    return null;
  }
}

/** Before the number of notices that were in the queue when the lines above were written. */
const COUNT = '=';

/** Whatever was remembered of the day before is forgotten. */
export function writeComplete(cache: string, day: string, complete: Iterable<string>, queued: number): void {
  writeCacheFile(join(cache, 'complete', day), linesOf(complete, queued));
}

/** Only where {@link readComplete} believed what is there. */
export function addComplete(cache: string, day: string, more: Iterable<string>, queued: number): void {
  const file = join(cache, 'complete', day);
  if (!appendCacheFile(file, linesOf(more, queued))) removeCacheFile(file);
}

const linesOf = (complete: Iterable<string>, queued: number): string => `${[...complete, `${COUNT}${queued}`].join('\n')}\n`;

/** The parts of an event's name that are always as long: time and hash. */
export function completeKey(event: string): string {
  return event.slice(0, 20) + event.slice(-12);
}
