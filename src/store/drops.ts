import { lstatSync } from 'node:fs';
import { stateError } from './files.ts';
import { listFolder } from './folder.ts';
import type { Layout } from './layout.ts';

/** Names in the drop folder, but for those that begin with a dot: files that are still being written. Behind a link lie other people's files: none. */
export function waitingDrops(layout: Layout): string[] {
  if (whyNoDrops(layout) !== null) return [];
  return listFolder(layout.inbox)
    .filter((file) => !file.startsWith('.'))
    .sort();
}

/** What stands where the drop folder should be, in words; null if nothing else does. Throws `state_io`. */
export function whyNoDrops({ inbox }: Layout): string | null {
  try {
    const stat = lstatSync(inbox, { throwIfNoEntry: false });
    if (!stat || stat.isDirectory()) return null;
    const what = stat.isSymbolicLink() ? 'a symbolic link, which is not followed,' : 'a file';
    return `nothing that is dropped is heard: ${what} stands where the folder ${inbox} should be`;
  } catch (error) {
    throw stateError('read', inbox, error);
  }
}
