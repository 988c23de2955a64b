import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { formatTime } from '../../model/time.ts';
import type { Layout } from '../../store/layout.ts';

/**
 * When what lies under a path last changed, by the file system's own clock (`st_ctime`, inode(7)), which no ordinary program can set;
 * of what is not there, when the folder changed in which it should be. Null where nothing can be told.
 */
export function changedAt(layout: Layout, path: string): string | null {
  for (let place = path; ; place = dirname(place)) {
    try {
      const stat = lstatSync(layout.at(place), { throwIfNoEntry: false });
      if (stat) return formatTime(stat.ctimeMs);
    } catch {
      // A file stands where a folder should be: what lies above it can still tell.
    }
    if (place === '.') return null;
  }
}
