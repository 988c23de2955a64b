import { join } from 'node:path';
import { readCacheFile, writeCacheFile } from './cache-file.ts';
import { ClosedDays } from './closed-days.ts';
import { listAllDays } from './history.ts';
import type { Layout } from './layout.ts';

/**
 * What was found once of each sealed day is not looked for again, as nothing in it changes: `find` is asked for days that were
 * sealed since. A cache: it is made anew where it does not fit.
 */
export function ofSealedDays<T>(layout: Layout, name: string, format: number, find: (day: string) => readonly T[]): T[] {
  const through = new ClosedDays(layout).sealedThrough();
  if (through === '') return [];
  const path = join(layout.cache, `${name}.json`);
  const known = read<T>(path, format, through);
  if (known.through === through) return known.items;
  const fresh = listAllDays(layout).filter((day) => day > known.through && day <= through);
  const items = [...known.items, ...fresh.flatMap(find)];
  writeCacheFile(path, JSON.stringify({ format, through, items }));
  return items;
}

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
