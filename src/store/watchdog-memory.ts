import { join } from 'node:path';
import { sha256 } from '../model/hash.ts';
import { readCacheFile, writeCacheFile } from './cache-file.ts';
import type { HeardDays } from './heard.ts';

const FORMAT = 4;

/**
 * What the watchdog remembers between passes: which events it has taken in, and what follows from them (`state`, plain
 * data that only it understands). A cache and nothing more: without it, everything is found again from the events.
 */
export interface WatchdogMemory {
  days: HeardDays;
  state: Record<string, unknown>;
}

/** Null unless the file is, byte for byte, what was written: a memory that somebody has touched is worth nothing. */
export function readWatchdogMemory(cache: string, binding: string): WatchdogMemory | null {
  try {
    const text = readCacheFile(fileOf(cache, binding));
    const line = text.indexOf('\n');
    if (text.slice(0, line) !== sha256(text.slice(line + 1))) return null;
    const { format, days, state } = JSON.parse(text.slice(line + 1));
    return format === FORMAT && isRecord(days) && isRecord(state) ? { days: days as HeardDays, state } : null;
  } catch {
    return null;
  }
}

export function writeWatchdogMemory(cache: string, binding: string, { days, state }: WatchdogMemory): void {
  const text = JSON.stringify({ format: FORMAT, days, state });
  writeCacheFile(fileOf(cache, binding), `${sha256(text)}\n${text}`);
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Two deployments on one state may expect different things. */
const fileOf = (cache: string, binding: string): string => join(cache, `watchdog-${binding}`);
