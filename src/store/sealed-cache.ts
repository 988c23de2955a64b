import { join } from 'node:path';
import { readCacheFile, writeCacheFile } from './cache-file.ts';
import { ClosedDays } from './closed-days.ts';
import { listAllDays } from './history.ts';
import type { Layout } from './layout.ts';

/** One thing that is remembered of sealed days. */
export interface SealedCache {
  name: string;
  format: number;
}

/** Whether so few days were sealed since that was remembered last. */
export function hasToReadAtMost(layout: Layout, { name, format }: SealedCache, days: number): boolean {
  const through = new ClosedDays(layout).sealedThrough();
  const known = read(fileOf(layout, name), format, through);
  return listAllDays(layout).filter((day) => day > known.through && day <= through).length <= days;
}

/**
 * What was found once of each sealed day is not looked for again, as nothing in it changes: `find` is asked for days that were
 * sealed since. A cache: it is made anew where it does not fit.
 */
export function ofSealedDays<T>(layout: Layout, { name, format }: SealedCache, find: (day: string) => readonly T[]): T[] {
  const through = new ClosedDays(layout).sealedThrough();
  if (through === '') return [];
  const path = fileOf(layout, name);
  const known = read<T>(path, format, through);
  if (known.through === through) return known.items;
  const fresh = listAllDays(layout).filter((day) => day > known.through && day <= through);
  const items = [...known.items, ...fresh.flatMap(find)];
  writeCacheFile(path, JSON.stringify({ format, through, items }));
  return items;
}

const fileOf = (layout: Layout, name: string): string => join(layout.cache, `${name}.json`);

function read<T>(path: string, format: number, sealedThrough: string): { through: string; items: T[] } {
  try {
    const parsed = JSON.parse(readCacheFile(path)) as { format: unknown; through: unknown; items: unknown };
    // Seals that were taken away may come again with other days.
    const fits = parsed.format === format && typeof parsed.through === 'string' && parsed.through <= sealedThrough && Array.isArray(parsed.items);
    if (fits) return { through: parsed.through as string, items: parsed.items as T[] };
  } catch {
    // None yet, or a damaged one.
  }
  return { through: '', items: [] };
}
