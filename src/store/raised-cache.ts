import { join } from 'node:path';
import { parseName } from '../model/names.ts';
import type { RaisedNotice } from '../model/snapshot.ts';
import { appendCacheFile, readCacheFile, removeCacheFile, writeCacheFile } from './cache-file.ts';
import { listFolder } from './folder.ts';

// What deduplication looks back on, so that a process that has just begun need not read every notice of the last hours: one line for each
// notice, in a file for each day. A notice never changes, so that a line stays true for as long as its file is listed.

/** Notices of a day by name, as they were read once; null for one that opens no window. */
export function readRaised(cache: string, day: string): Map<string, RaisedNotice | null> {
  const known = new Map<string, RaisedNotice | null>();
  try {
    for (const line of readCacheFile(fileOf(cache, day)).split('\n')) take(line, known);
  } catch {
    // Whatever is not remembered is read again.
  }
  return known;
}

function take(line: string, known: Map<string, RaisedNotice | null>): void {
  try {
    const values: unknown[] = JSON.parse(line);
    const [name, pack, rule, key] = values;
    const parsed = typeof name === 'string' ? parseName(name) : null;
    if (parsed === null || typeof name !== 'string') return;
    if (values.length === 1) known.set(name, null);
    else if (typeof pack === 'string' && typeof rule === 'string' && typeof key === 'string')
      known.set(name, { name, pack, rule, key, time_ms: parsed.time_ms });
  } catch {
    // Cut off, or somebody else's.
  }
}

/** Adds what was read from the notices themselves. */
export function addRaised(cache: string, day: string, notices: ReadonlyMap<string, RaisedNotice | null>): void {
  const lines = [...notices].map(([name, notice]) => `${JSON.stringify(notice === null ? [name] : [name, notice.pack, notice.rule, notice.key])}\n`);
  const file = fileOf(cache, day);
  // A line that is cut off ends with the next file only: every addition begins a line of its own.
  if (!appendCacheFile(file, `\n${lines.join('')}`)) writeCacheFile(file, lines.join(''));
}

/** Days that nobody looks back on any more. */
export function forgetRaisedBefore(cache: string, day: string): void {
  for (const other of listFolder(join(cache, 'raised'))) if (other < day) removeCacheFile(fileOf(cache, other));
}

const fileOf = (cache: string, day: string): string => join(cache, 'raised', day);
