import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * What is remembered of a day between passes, so that an unchanged day costs five stats instead of five listings.
 * A cache and nothing more: it is thrown away whenever it does not fit, and every fact can be found without it.
 */
export interface DayMemory {
  /** Modification times of the day's folder in each stage, in nanoseconds; empty where there is none. */
  mtimes: string[];
  /** Every event is decided, every notice is there and has its receipt. */
  settled: boolean;
  /** Where it is not settled: when its next step will be due, in milliseconds; null if only a change can bring one. */
  nextDue_ms: number | null;
}

export interface DayIndex {
  /** Digest of the catalog that `nextDue_ms` was found with. */
  catalog: string;
  days: Record<string, DayMemory>;
}

const FORMAT = 1;

export function emptyIndex(catalog: string): DayIndex {
  return { catalog, days: {} };
}

export function readDayIndex(cache: string, catalog: string): DayIndex {
  try {
    const parsed = JSON.parse(readFileSync(join(cache, 'days.json'), 'utf8'));
    if (parsed.format !== FORMAT || typeof parsed.days !== 'object' || parsed.days === null) return emptyIndex(catalog);
    return { catalog: String(parsed.catalog), days: Object.assign(Object.create(null), parsed.days) };
  } catch {
    return emptyIndex(catalog);
  }
}

export function writeDayIndex(cache: string, index: DayIndex): void {
  writeCacheFile(join(cache, 'days.json'), JSON.stringify({ format: FORMAT, catalog: index.catalog, days: index.days }));
}

/** Events of a day whose notices were all seen in the queue; the decision of such a one need not be read again. */
export function readComplete(cache: string, day: string): Set<string> {
  try {
    return new Set(
      readFileSync(join(cache, 'complete', day), 'utf8')
        .split('\n')
        .filter(Boolean),
    );
  } catch {
    return new Set();
  }
}

export function writeComplete(cache: string, day: string, complete: ReadonlySet<string>): void {
  writeCacheFile(join(cache, 'complete', day), `${[...complete].join('\n')}\n`);
}

/** The parts of an event's name that are always as long: time and hash. */
export function completeKey(event: string): string {
  return event.slice(0, 20) + event.slice(-12);
}

/** A cache that cannot be written is no error: the next pass looks again. */
function writeCacheFile(path: string, text: string): void {
  const temporary = `${path}.${process.pid}`;
  const write = (): void => {
    writeFileSync(temporary, text, { mode: 0o600 });
    renameSync(temporary, path);
  };
  try {
    write();
  } catch {
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      write();
    } catch {
      // Slower next time, nothing else.
    }
  }
}
