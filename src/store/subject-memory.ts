import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { readCacheFile, writeCacheFile } from './cache-file.ts';
import { stateError } from './files.ts';
import type { Layout } from './layout.ts';

/** Records that were found good, by file: when they changed, and their size. */
export type GoodRecords = Record<string, string>;

/** Beyond this, looking at every record in every pass takes too long. */
export const MAX_REMEMBERED_RECORDS = 500;

/** Whether a record was changed, damaged or removed since they were all found good. */
export function subjectsWereTouched(layout: Layout): boolean {
  return Object.entries(readGoodRecords(layout)).some(([file, stamp]) => stampOf(layout, file) !== stamp);
}

/** Changes with every change of the file; empty if there is none. */
export function stampOf(layout: Layout, file: string): string {
  const path = join(layout.subjects, file);
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    return stat ? `${stat.ctimeMs} ${stat.size}` : '';
  } catch (error) {
    throw stateError('read', path, error);
  }
}

export function readGoodRecords(layout: Layout): GoodRecords {
  try {
    const parsed: unknown = JSON.parse(readCacheFile(memoryOf(layout)));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as GoodRecords) : {};
  } catch {
    return {};
  }
}

export function writeGoodRecords(layout: Layout, good: GoodRecords): void {
  writeCacheFile(memoryOf(layout), JSON.stringify(good));
}

const memoryOf = (layout: Layout): string => join(layout.cache, 'subjects.json');
