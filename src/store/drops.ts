import type { Layout } from './layout.ts';
import { listFolder } from './survey.ts';

/** Names in the drop folder, but for those that begin with a dot: files that are still being written. */
export function waitingDrops(layout: Layout): string[] {
  return listFolder(layout.inbox)
    .filter((file) => !file.startsWith('.'))
    .sort();
}
