import { join } from 'node:path';
import { readCacheFile, writeCacheFile } from './cache-file.ts';
import type { HeardDays } from './heard.ts';

const FORMAT = 2;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * What the watchdog remembers between passes: which events it has taken in, and what follows from them (`state`, plain
 * data that only it understands). A cache and nothing more: without it, everything is found again from the events.
 */
export interface WatchdogMemory {
  days: HeardDays;
  state: Record<string, unknown>;
}

export function readWatchdogMemory(cache: string, binding: string): WatchdogMemory | null {
  try {
    const { format, days, state } = JSON.parse(readCacheFile(fileOf(cache, binding)));
    const isWhole = format === FORMAT && isRecord(days) && isRecord(state);
    return isWhole && Object.entries(days).every(([day, heard]) => DAY.test(day) && isHeardDay(heard)) ? { days: days as HeardDays, state } : null;
  } catch {
    return null;
  }
}

export function writeWatchdogMemory(cache: string, binding: string, { days, state }: WatchdogMemory): void {
  writeCacheFile(fileOf(cache, binding), JSON.stringify({ format: FORMAT, days, state }));
}

function isHeardDay(value: unknown): boolean {
  const { changed_ms, seen } = (value ?? {}) as Record<string, unknown>;
  return typeof changed_ms === 'number' && (seen === null || typeof seen === 'string');
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Two deployments on one state may expect different things. */
const fileOf = (cache: string, binding: string): string => join(cache, `watchdog-${binding}.json`);
